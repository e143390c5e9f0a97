/* wire.c: the table of messages, its packing and its checking, and one packet in and out. */
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define WIRE_MAGIC 0x5257u /* "WR" */

struct wire_head {
    uint16_t magic;
    uint8_t version;
    uint8_t type;
    uint32_t length; /* of the whole packet */
};

enum wire_kind { WIRE_U32, WIRE_U64, WIRE_TEXT };

struct wire_field {
    enum wire_kind kind;
    size_t offset;
    size_t size; /* of a text's array, its end included */
};

struct wire_shape {
    const char *name;
    const struct wire_field *fields;
    size_t count;
};

#define NUMBER(kind, message, field)                                                               \
    {                                                                                              \
        WIRE_##kind, offsetof(struct wire_message, message.field), 0                               \
    }
#define TEXT(message, field)                                                                       \
    {                                                                                              \
        WIRE_TEXT, offsetof(struct wire_message, message.field),                                   \
            sizeof(((struct wire_message *)0)->message.field)                                      \
    }

static const struct wire_field step_fields[] = {
    TEXT(step, name),
    NUMBER(U32, step, took_ms),
};

/* Serves MOLD_READY and READY: both members of the union are the same struct at the same place. */
static const struct wire_field facts_fields[] = {
    TEXT(mold_ready, ruby),
    TEXT(mold_ready, sidekiq),
    TEXT(mold_ready, rails),
    TEXT(mold_ready, tag),
    TEXT(mold_ready, environment),
    TEXT(mold_ready, queues),
    TEXT(mold_ready, redis),
    NUMBER(U32, mold_ready, concurrency),
    NUMBER(U32, mold_ready, timeout_ms),
    NUMBER(U32, mold_ready, boot_ms),
    TEXT(mold_ready, threads),
    TEXT(mold_ready, sockets),
    TEXT(mold_ready, identities),
    TEXT(mold_ready, allocator),
    TEXT(mold_ready, hooks),
    TEXT(mold_ready, bundler),
    TEXT(mold_ready, redis_version),
    TEXT(mold_ready, redis_policy),
    TEXT(mold_ready, redis_error),
    NUMBER(U32, mold_ready, redis_us),
};

static const struct wire_field spawn_fields[] = {
    NUMBER(U64, spawn, request),
    NUMBER(U32, spawn, slot),
    NUMBER(U32, spawn, index),
    NUMBER(U32, spawn, generation),
};

static const struct wire_field spawned_fields[] = {
    NUMBER(U64, spawned, request),
    NUMBER(U32, spawned, pid),
};

static const struct wire_field failed_fields[] = {
    NUMBER(U64, failed, request),
    NUMBER(U32, failed, error),
};

static const struct wire_field failure_fields[] = {
    TEXT(failure, stage), TEXT(failure, kind),   TEXT(failure, text),
    TEXT(failure, place), TEXT(failure, frames), NUMBER(U32, failure, exit_code),
};

static const struct wire_field hello_fields[] = {NUMBER(U64, hello, request)};
static const struct wire_field promote_fields[] = {NUMBER(U32, promote, generation)};
static const struct wire_field trace_fields[] = {TEXT(trace, text)};

#define SHAPE(text, list)                                                                          \
    {                                                                                              \
        text, list, ARRAY_LEN(list)                                                                \
    }

static const struct wire_shape shapes[WIRE_TYPE_END] = {
    [WIRE_STEP] = SHAPE("step", step_fields),
    [WIRE_MOLD_READY] = SHAPE("mold_ready", facts_fields),
    [WIRE_SPAWN] = SHAPE("spawn", spawn_fields),
    [WIRE_SPAWNED] = SHAPE("spawned", spawned_fields),
    [WIRE_FAILED] = SHAPE("failed", failed_fields),
    [WIRE_FAILURE] = SHAPE("failure", failure_fields),
    [WIRE_HELLO] = SHAPE("hello", hello_fields),
    [WIRE_GO] = {"go", NULL, 0},
    [WIRE_READY] = SHAPE("ready", facts_fields),
    [WIRE_RUN] = {"run", NULL, 0},
    [WIRE_STOPPING] = {"stopping", NULL, 0},
    [WIRE_ASK_TRACE] = {"ask_trace", NULL, 0},
    [WIRE_TRACE] = SHAPE("trace", trace_fields),
    [WIRE_PROMOTE] = SHAPE("promote", promote_fields),
};

/* A place in a packet that is being written or read. */
struct cursor {
    char *at;
    size_t left;
};

static const struct wire_shape *
find_shape(unsigned type)
{
    return type < WIRE_TYPE_END && shapes[type].name != NULL ? &shapes[type] : NULL;
}

const char *
wire_type_name(enum wire_type type)
{
    const struct wire_shape *shape = find_shape((unsigned)type);

    return shape != NULL ? shape->name : "unknown";
}

bool
wire_failure_ends_nothing(const struct wire_failure *failure)
{
    return strcmp(failure->stage, WIRE_STAGE_WARMUP_JOB) == 0;
}

static bool
put(struct cursor *cursor, const void *from, size_t size)
{
    if (size > cursor->left) {
        return false;
    }
    memcpy(cursor->at, from, size);
    cursor->at += size;
    cursor->left -= size;
    return true;
}

static bool
put_field(struct cursor *cursor, const struct wire_field *field, const char *from)
{
    uint32_t length;

    switch (field->kind) {
    case WIRE_U32:
        return put(cursor, from, sizeof(uint32_t));
    case WIRE_U64:
        return put(cursor, from, sizeof(uint64_t));
    case WIRE_TEXT:
        length = (uint32_t)strnlen(from, field->size - 1);
        return put(cursor, &length, sizeof(length)) && put(cursor, from, length);
    }
    return false;
}

ssize_t
wire_encode(const struct wire_message *message, void *to, size_t size)
{
    const struct wire_shape *shape = find_shape((unsigned)message->type);
    struct wire_head head = {.magic = WIRE_MAGIC, .version = WIRE_VERSION};
    struct cursor cursor = {.at = to, .left = size};

    if (shape == NULL) {
        return -EINVAL;
    }
    if (!put(&cursor, &head, sizeof(head))) {
        return -EMSGSIZE;
    }
    for (size_t i = 0; i < shape->count; i++) {
        if (!put_field(&cursor, &shape->fields[i],
                       (const char *)message + shape->fields[i].offset)) {
            return -EMSGSIZE;
        }
    }
    head.type = (uint8_t)message->type;
    head.length = (uint32_t)(size - cursor.left);
    memcpy(to, &head, sizeof(head));
    return (ssize_t)head.length;
}

static bool
take(struct cursor *cursor, void *to, size_t size)
{
    if (size > cursor->left) {
        return false;
    }
    memcpy(to, cursor->at, size);
    cursor->at += size;
    cursor->left -= size;
    return true;
}

static bool
take_text(struct cursor *cursor, char *to, size_t size)
{
    uint32_t length;

    if (!take(cursor, &length, sizeof(length)) || length >= size || !take(cursor, to, length)) {
        return false;
    }
    to[length] = '\0';
    return memchr(to, '\0', length) == NULL;
}

static bool
take_field(struct cursor *cursor, const struct wire_field *field, char *to)
{
    switch (field->kind) {
    case WIRE_U32:
        return take(cursor, to, sizeof(uint32_t));
    case WIRE_U64:
        return take(cursor, to, sizeof(uint64_t));
    case WIRE_TEXT:
        return take_text(cursor, to, field->size);
    }
    return false;
}

static const struct wire_shape *
check_head(struct cursor *cursor, size_t length, struct wire_head *ret_head)
{
    if (!take(cursor, ret_head, sizeof(*ret_head)) || ret_head->magic != WIRE_MAGIC ||
        ret_head->version != WIRE_VERSION || ret_head->length != length) {
        return NULL;
    }
    return find_shape(ret_head->type);
}

int
wire_decode(const void *packet, size_t length, struct wire_message *ret_message)
{
    struct cursor cursor = {.at = (char *)(uintptr_t)packet, .left = length};
    struct wire_head head;
    const struct wire_shape *shape = check_head(&cursor, length, &head);
    struct wire_message message;

    if (shape == NULL) {
        return -EBADMSG;
    }
    memset(&message, 0, sizeof(message));
    for (size_t i = 0; i < shape->count; i++) {
        if (!take_field(&cursor, &shape->fields[i], (char *)&message + shape->fields[i].offset)) {
            return -EBADMSG;
        }
    }
    if (cursor.left != 0) {
        return -EBADMSG;
    }
    message.type = (enum wire_type)head.type;
    *ret_message = message;
    return 0;
}

/* Room for the control messages of one packet, aligned as cmsg(3) wants it. */
union control_room {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX) + CMSG_SPACE(sizeof(struct ucred))];
};

static void
attach_fds(struct msghdr *packet, union control_room *room, const int *fds, unsigned fd_count)
{
    struct cmsghdr *control;

    if (fd_count == 0) {
        return;
    }
    memset(room, 0, sizeof(*room));
    packet->msg_control = room->bytes;
    packet->msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
    control = CMSG_FIRSTHDR(packet);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
    memcpy(CMSG_DATA(control), fds, sizeof(int) * fd_count);
}

int
wire_send(int fd, const struct wire_message *message, const int *fds, unsigned fd_count)
{
    char bytes[WIRE_PACKET_MAX];
    union control_room room;
    struct iovec part = {.iov_base = bytes};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t length = wire_encode(message, bytes, sizeof(bytes));

    if (length < 0) {
        return (int)length;
    }
    if (fd_count > WIRE_FDS_MAX) {
        return -EINVAL;
    }
    part.iov_len = (size_t)length;
    attach_fds(&packet, &room, fds, fd_count);
    while (sendmsg(fd, &packet, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

static void
take_fds(const struct cmsghdr *control, struct wire_extra *extra)
{
    size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    for (size_t i = 0; i < count; i++) {
        int fd;

        memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(fd));
        if (extra->fd_count < WIRE_FDS_MAX) {
            extra->fds[extra->fd_count++] = fd;
        } else {
            util_close(&fd);
        }
    }
}

static void
take_controls(struct msghdr *packet, struct wire_extra *ret_extra)
{
    struct cmsghdr *control;

    *ret_extra = (struct wire_extra){.fds = {-1, -1}};
    for (control = CMSG_FIRSTHDR(packet); control != NULL; control = CMSG_NXTHDR(packet, control)) {
        if (control->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (control->cmsg_type == SCM_RIGHTS) {
            take_fds(control, ret_extra);
        } else if (control->cmsg_type == SCM_CREDENTIALS) {
            struct ucred sender;

            memcpy(&sender, CMSG_DATA(control), sizeof(sender));
            ret_extra->pid = sender.pid;
        }
    }
}

static void
drop_fds(struct wire_extra *extra)
{
    for (unsigned i = 0; i < extra->fd_count; i++) {
        util_close(&extra->fds[i]);
    }
    extra->fd_count = 0;
}

int
wire_receive(int fd, struct wire_message *ret_message, struct wire_extra *ret_extra)
{
    char bytes[WIRE_PACKET_MAX];
    union control_room room;
    struct iovec part = {.iov_base = bytes, .iov_len = sizeof(bytes)};
    struct msghdr packet = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = room.bytes,
        .msg_controllen = sizeof(room.bytes),
    };
    struct wire_extra extra;
    ssize_t got;
    int error;

    do {
        got = recvmsg(fd, &packet, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return -errno;
    }
    take_controls(&packet, &extra);
    if (got == 0) {
        /* An empty packet reads like the end of file; nobody of ours sends one, so either way it ends. */
        drop_fds(&extra);
        return 0;
    }
    error = (packet.msg_flags & MSG_TRUNC) != 0 ? -EBADMSG
                                                : wire_decode(bytes, (size_t)got, ret_message);
    if (error != 0 || ret_extra == NULL) {
        drop_fds(&extra);
    }
    if (ret_extra != NULL) {
        /* The sender's pid is told even of a bad packet: whoever sent it is to be named. */
        *ret_extra = extra;
    }
    return error != 0 ? error : 1;
}

int
wire_ask_credentials(int fd)
{
    int on = 1;

    return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ? -errno : 0;
}
