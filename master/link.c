/* link.c: see link.h. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Packets taken at one wake-up, so that a peer that talks without end starves nobody. */
#define PACKETS_PER_TURN 32
/* Packets taken by link_drain: more than the socket of a dead peer can hold. */
#define PACKETS_PER_DRAIN 1024

/* What waits until the peer reads. Rare, and freed as soon as it is sent. */
struct letter {
    struct wire_message message;
    int fds[WIRE_FDS_MAX];
    unsigned fd_count;
};

struct link {
    struct ev_loop *loop;
    struct link_handlers handlers;
    uint64_t id;
    int fd;
    ev_io readable;
    ev_io writable;
    struct letter *queue[LINK_QUEUE_MAX]; /* oldest first */
    unsigned queue_length;
    unsigned depth; /* of handlers that run now */
    int doom;       /* the error that the loop will end it with; 0: none */
    bool is_dead;
    bool is_closed;
};

int
link_pair(int *ret_ours, int *ret_theirs)
{
    int ends[2];
    int error;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    error = util_set_nonblock(ends[0]);
    if (error == 0) {
        error = wire_ask_credentials(ends[0]);
    }
    if (error != 0) {
        util_close(&ends[0]);
        util_close(&ends[1]);
        return error;
    }
    *ret_ours = ends[0];
    *ret_theirs = ends[1];
    return 0;
}

static void
letter_free(struct letter *letter)
{
    for (unsigned i = 0; i < letter->fd_count; i++) {
        util_close(&letter->fds[i]);
    }
    free(letter);
}

static int
letter_new(const struct wire_message *message, const int *fds, unsigned fd_count,
           struct letter **ret_letter)
{
    struct letter *letter = calloc(1, sizeof(*letter));
    int error;

    if (letter == NULL) {
        return -ENOMEM;
    }
    letter->message = *message;
    for (unsigned i = 0; i < fd_count; i++) {
        letter->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
        if (letter->fds[i] < 0) {
            error = -errno;
            letter_free(letter);
            return error;
        }
        letter->fd_count++;
    }
    *ret_letter = letter;
    return 0;
}

static void
drop_queue(struct link *link)
{
    ev_io_stop(link->loop, &link->writable);
    for (unsigned i = 0; i < link->queue_length; i++) {
        letter_free(link->queue[i]);
    }
    link->queue_length = 0;
}

static void
stop(struct link *link)
{
    link->is_dead = true;
    ev_io_stop(link->loop, &link->readable);
    drop_queue(link);
}

static void
link_free(struct link *link)
{
    stop(link);
    util_close(&link->fd);
    free(link);
}

/* Each handler runs between these two; the link may be gone after leave(). */
static void
enter(struct link *link)
{
    link->depth++;
}

static void
leave(struct link *link)
{
    link->depth--;
    if (link->depth == 0 && link->is_closed) {
        link_free(link);
    }
}

static void
end(struct link *link, int error)
{
    stop(link);
    link->handlers.on_end(link->handlers.context, link->id, error);
}

static void
hand_on(struct link *link, const struct wire_message *message, struct wire_extra *extra)
{
    link->handlers.on_message(link->handlers.context, link->id, message, extra);
    for (unsigned i = 0; i < extra->fd_count; i++) {
        util_close(&extra->fds[i]);
    }
}

/*
 * Takes one packet. Returns false when nothing more is to be taken now. ECONNRESET says that the
 * peer closed without reading all of ours; what it had sent before still waits behind that error
 * (unix_release_sock in net/unix/af_unix.c), and the end of file behind that.
 */
static bool
take_packet(struct link *link)
{
    struct wire_message message;
    struct wire_extra extra;
    int got = wire_receive(link->fd, &message, &extra);

    switch (got) {
    case 1:
        hand_on(link, &message, &extra);
        return true;
    case -EBADMSG:
        link->handlers.on_garbage(link->handlers.context, link->id, extra.pid);
        return true;
    case -ECONNRESET:
        return true;
    case -EAGAIN:
        return false;
    default:
        end(link, got);
        return false;
    }
}

static void
take_packets(struct link *link, unsigned most)
{
    for (unsigned i = 0; i < most && !link->is_dead && !link->is_closed; i++) {
        if (!take_packet(link)) {
            return;
        }
    }
}

static void
on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct link *link = watcher->data;

    (void)loop;
    (void)events;
    enter(link);
    if (link->doom != 0) {
        end(link, link->doom);
    } else {
        take_packets(link, PACKETS_PER_TURN);
    }
    leave(link);
}

/* Returns false when the peer takes no more for now; a link that is broken is told by the reading
 * side. */
static bool
send_oldest(struct link *link)
{
    struct letter *letter = link->queue[0];
    int error = wire_send(link->fd, &letter->message, letter->fds, letter->fd_count);

    if (error == -EAGAIN) {
        return false;
    }
    if (error != 0) {
        drop_queue(link);
        return false;
    }
    letter_free(letter);
    link->queue_length--;
    for (unsigned i = 0; i < link->queue_length; i++) {
        link->queue[i] = link->queue[i + 1];
    }
    return true;
}

static void
on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct link *link = watcher->data;

    (void)events;
    while (link->queue_length > 0 && send_oldest(link)) {
    }
    if (link->queue_length == 0) {
        ev_io_stop(loop, watcher);
    }
}

int
link_open(struct ev_loop *loop, int take_fd, uint64_t id, const struct link_handlers *handlers,
          struct link **ret_link)
{
    struct link *link = calloc(1, sizeof(*link));

    if (link == NULL) {
        util_close(&take_fd);
        return -ENOMEM;
    }
    link->loop = loop;
    link->handlers = *handlers;
    link->id = id;
    link->fd = take_fd;
    ev_io_init(&link->readable, on_readable, take_fd, EV_READ);
    ev_io_init(&link->writable, on_writable, take_fd, EV_WRITE);
    link->readable.data = link->writable.data = link;
    ev_io_start(loop, &link->readable);
    *ret_link = link;
    return 0;
}

/* The caller may stand anywhere, so that its owner is told by the loop, later in this turn. */
static int
doom(struct link *link, int error)
{
    link->doom = error;
    drop_queue(link);
    ev_feed_event(link->loop, &link->readable, EV_READ);
    return error;
}

static int
enqueue(struct link *link, const struct wire_message *message, const int *fds, unsigned fd_count)
{
    int error;

    if (link->queue_length == LINK_QUEUE_MAX) {
        return doom(link, -ENOBUFS);
    }
    error = letter_new(message, fds, fd_count, &link->queue[link->queue_length]);
    if (error != 0) {
        return error;
    }
    link->queue_length++;
    ev_io_start(link->loop, &link->writable);
    return 0;
}

int
link_send(struct link *link, const struct wire_message *message, const int *fds, unsigned fd_count)
{
    int error = -EAGAIN;

    if (link->is_dead || link->is_closed || link->doom != 0) {
        return -EPIPE;
    }
    if (fd_count > WIRE_FDS_MAX) {
        return -EINVAL;
    }
    if (link->queue_length == 0) {
        error = wire_send(link->fd, message, fds, fd_count);
    }
    return error == -EAGAIN ? enqueue(link, message, fds, fd_count) : error;
}

void
link_drain(struct link *link)
{
    if (link == NULL || link->is_dead || link->is_closed) {
        return;
    }
    enter(link);
    take_packets(link, PACKETS_PER_DRAIN);
    leave(link);
}

void
link_close(struct link *link)
{
    if (link == NULL) {
        return;
    }
    link->is_closed = true;
    stop(link);
    if (link->depth == 0) {
        link_free(link);
    }
}
