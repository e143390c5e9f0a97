/*
 * control.c: see control.h.
 *
 * Owns the listening socket and its clients. Everything is non-blocking and bounded: clients, bytes
 * of a request, seconds to write it, seconds to read the answer. Must not know what a verb does.
 *
 * A client goes reading → waiting → writing → gone. While it waits, the service works on its
 * request, without a deadline of ours; a client that hangs up meanwhile is dropped.
 */
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exit_code.h"
#include "log.h"

#define CLIENT_TIMEOUT_S 10.0
#define ACCEPT_PAUSE_S 1.0
#define ERROR_TEXT_SIZE 512

enum client_state { CLIENT_GONE, CLIENT_READING, CLIENT_WAITING, CLIENT_WRITING };

struct control_client {
    enum client_state state;
    struct control *control;
    uint64_t number;
    int fd;
    struct ucred peer;
    struct ev_io io;
    struct ev_timer timer;
    char *text; /* the request while it is read, the answer while it is written; owned */
    size_t length;
    size_t sent;
};

struct control {
    struct ev_loop *loop;
    struct control_handlers handlers;
    int fd;
    struct ev_io io;
    struct ev_timer pause;
    uint64_t last_number;
    struct control_client clients[CONTROL_CLIENTS_MAX];
};

json_t *
control_error(int exit_code, const char *format, ...)
{
    char text[ERROR_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    /* A text that came from a client may have been cut within a character: "s" would refuse it. */
    while (text[0] != '\0') {
        json_t *error = json_pack("{s:b,s:s,s:i}", "ok", 0, "error", text, "code", exit_code);

        if (error != NULL) {
            return error;
        }
        text[strlen(text) - 1] = '\0';
    }
    return json_pack("{s:b,s:s,s:i}", "ok", 0, "error", "failed", "code", exit_code);
}

static void
drop_client(struct control_client *client)
{
    struct ev_loop *loop = client->control->loop;

    if (client->state == CLIENT_GONE) {
        return;
    }
    ev_io_stop(loop, &client->io);
    ev_timer_stop(loop, &client->timer);
    util_close(&client->fd);
    free(client->text);
    client->text = NULL;
    client->state = CLIENT_GONE;
}

static void
log_refused(const struct ucred *peer, const char *reason)
{
    struct log_line line;

    log_begin(&line, EVENT_CLIENT_REFUSED);
    log_number(&line, "uid", (int64_t)peer->uid);
    log_number(&line, "pid", (int64_t)peer->pid);
    log_text(&line, "reason", reason);
    log_end(&line);
}

static void
watch_for(struct control_client *client, int events)
{
    struct ev_loop *loop = client->control->loop;

    ev_io_stop(loop, &client->io);
    if (events != 0) {
        ev_io_set(&client->io, client->fd, events);
        ev_io_start(loop, &client->io);
    }
}

/* Sends what the kernel takes now. Drops the client when all went out or nobody is there any more.
 */
static void
write_answer(struct control_client *client)
{
    while (client->sent < client->length) {
        ssize_t sent = send(client->fd, client->text + client->sent, client->length - client->sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && errno == EAGAIN) {
            return;
        }
        if (sent < 0) {
            break;
        }
        client->sent += (size_t)sent;
    }
    drop_client(client);
}

/* Takes the answer's text, which may be NULL without memory, and lets the client go once it has it.
 */
static void
answer_client(struct control_client *client, char *take_text)
{
    free(client->text);
    client->text = take_text;
    if (take_text == NULL) {
        drop_client(client);
        return;
    }
    client->state = CLIENT_WRITING;
    client->length = strlen(take_text);
    client->sent = 0;
    ev_timer_again(client->control->loop, &client->timer);
    watch_for(client, EV_WRITE);
    write_answer(client);
}

/* One line of JSON, malloc'd, or NULL. */
static char *
line_of(json_t *take_answer)
{
    char *text = json_dumps(take_answer, JSON_COMPACT | JSON_REAL_PRECISION(12));
    size_t length = text == NULL ? 0 : strlen(text);
    char *line = text == NULL ? NULL : realloc(text, length + 2);

    json_decref(take_answer);
    if (line == NULL) {
        free(text);
        return NULL;
    }
    memcpy(line + length, "\n", 2);
    return line;
}

static void
refuse_client(struct control_client *client, int code, const char *reason)
{
    log_refused(&client->peer, reason);
    answer_client(client, line_of(control_error(code, "%s", reason)));
}

/* Hands a well-formed request on; refuses another. */
static void
take_line(struct control_client *client, size_t length)
{
    const struct control_handlers *handlers = &client->control->handlers;
    struct control_request request = {
        .client = client->number, .uid = client->peer.uid, .pid = client->peer.pid};
    const char *reason = NULL;
    json_t *root = control_request_parse(client->text, length, &request, &reason);

    if (root == NULL) {
        refuse_client(client, EXIT_CODE_USAGE, reason);
        return;
    }
    client->state = CLIENT_WAITING;
    ev_timer_stop(client->control->loop, &client->timer);
    handlers->on_request(handlers->context, &request);
    json_decref(root);
}

static void
read_request(struct control_client *client)
{
    ssize_t got = recv(client->fd, client->text + client->length, CONTROL_LINE_MAX - client->length,
                       MSG_DONTWAIT);
    char *end;

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    /* A line without its end was never a request. */
    if (got <= 0) {
        drop_client(client);
        return;
    }
    end = memchr(client->text + client->length, '\n', (size_t)got);
    client->length += (size_t)got;
    if (end != NULL) {
        take_line(client, (size_t)(end - client->text));
    } else if (client->length == CONTROL_LINE_MAX) {
        refuse_client(client, EXIT_CODE_USAGE, "the request is longer than 4096 bytes");
    }
}

/*
 * Readable while it waits: it hung up, closed its writing half (which stays readable for ever), or
 * says more than it should. Only the first ends it; to the others nobody listens any more.
 */
static void
check_waiting(struct control_client *client)
{
    struct pollfd look = {.fd = client->fd};

    if (poll(&look, 1, 0) > 0 && (look.revents & (POLLHUP | POLLERR)) != 0) {
        drop_client(client);
    } else {
        watch_for(client, 0);
    }
}

static void
on_client(struct ev_loop *loop, struct ev_io *io, int events)
{
    struct control_client *client = io->data;

    (void)loop;
    (void)events;
    switch (client->state) {
    case CLIENT_GONE:
        break;
    case CLIENT_READING:
        read_request(client);
        break;
    case CLIENT_WAITING:
        check_waiting(client);
        break;
    case CLIENT_WRITING:
        write_answer(client);
        break;
    }
}

static void
on_client_timeout(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    struct control_client *client = timer->data;

    (void)loop;
    (void)events;
    log_refused(&client->peer, client->state == CLIENT_READING ? "it sent no request in 10 s"
                                                               : "it read no answer in 10 s");
    drop_client(client);
}

static void
start_client(struct control_client *client, int take_fd, const struct ucred *peer)
{
    struct ev_loop *loop = client->control->loop;

    client->state = CLIENT_READING;
    client->fd = take_fd;
    client->peer = *peer;
    client->number = ++client->control->last_number;
    client->length = 0;
    ev_io_init(&client->io, on_client, take_fd, EV_READ);
    client->io.data = client;
    ev_io_start(loop, &client->io);
    ev_init(&client->timer, on_client_timeout);
    /* After a late wake-up what has arrived is read before anybody is called too slow. */
    ev_set_priority(&client->timer, EV_MINPRI);
    client->timer.repeat = CLIENT_TIMEOUT_S;
    client->timer.data = client;
    ev_timer_again(loop, &client->timer);
}

static struct control_client *
find_room(struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].state == CLIENT_GONE) {
            return &control->clients[i];
        }
    }
    return NULL;
}

/* Says why, if the kernel takes it at once, and closes. */
static void
turn_away(int take_fd, const struct ucred *peer, const char *reason)
{
    char *line = line_of(control_error(EXIT_CODE_UNAVAILABLE, "%s", reason));

    log_refused(peer, reason);
    if (line != NULL) {
        (void)!send(take_fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    free(line);
    util_close(&take_fd);
}

static void
admit(struct control *control, int take_fd)
{
    struct control_client *client = find_room(control);
    struct ucred peer = {.pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1};
    socklen_t size = sizeof(peer);

    if (getsockopt(take_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
        (peer.uid != geteuid() && peer.uid != 0)) {
        turn_away(take_fd, &peer, "this service belongs to another user");
        return;
    }
    if (client == NULL) {
        turn_away(take_fd, &peer, "too many clients at once; try again in a moment");
        return;
    }
    client->text = malloc(CONTROL_LINE_MAX);
    if (client->text == NULL) {
        turn_away(take_fd, &peer, "the service is out of memory");
        return;
    }
    start_client(client, take_fd, &peer);
}

/*
 * Without descriptors the connection stays in the queue and the socket readable: rest for a second
 * instead of spinning on it (FS-42).
 */
static void
rest(struct control *control, int error)
{
    struct log_line line;

    log_begin(&line, EVENT_INTERNAL);
    log_text(&line, "what", "accept");
    log_say(&line, "a client of the control socket has to wait: %s; trying again in 1 s",
            strerror(error));
    log_end(&line);
    ev_io_stop(control->loop, &control->io);
    ev_timer_again(control->loop, &control->pause);
}

static void
on_connection(struct ev_loop *loop, struct ev_io *io, int events)
{
    struct control *control = io->data;
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)loop;
    (void)events;
    if (fd >= 0) {
        admit(control, fd);
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        rest(control, errno);
    }
}

static void
on_rested(struct ev_loop *loop, struct ev_timer *pause, int events)
{
    struct control *control = pause->data;

    (void)events;
    ev_timer_stop(loop, pause);
    ev_io_start(loop, &control->io);
}

int
control_open(struct ev_loop *loop, int take_fd, const struct control_handlers *handlers,
             struct control **ret_control)
{
    struct control *control = calloc(1, sizeof(*control));

    if (control == NULL) {
        util_close(&take_fd);
        return -ENOMEM;
    }
    control->loop = loop;
    control->handlers = *handlers;
    control->fd = take_fd;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        control->clients[i].control = control;
        control->clients[i].fd = -1;
    }
    ev_init(&control->pause, on_rested);
    control->pause.repeat = ACCEPT_PAUSE_S;
    control->pause.data = control;
    ev_io_init(&control->io, on_connection, take_fd, EV_READ);
    control->io.data = control;
    ev_io_start(loop, &control->io);
    *ret_control = control;
    return 0;
}

void
control_close(struct control *control)
{
    if (control == NULL) {
        return;
    }
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        drop_client(&control->clients[i]);
    }
    ev_io_stop(control->loop, &control->io);
    ev_timer_stop(control->loop, &control->pause);
    util_close(&control->fd);
    free(control);
}

void
control_answer(struct control *control, uint64_t client, json_t *take_answer)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct control_client *candidate = &control->clients[i];

        if (candidate->state == CLIENT_WAITING && candidate->number == client) {
            answer_client(candidate, line_of(take_answer));
            return;
        }
    }
    json_decref(take_answer);
}
