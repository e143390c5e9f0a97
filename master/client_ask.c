/*
 * client_ask.c: see client_ask.h.
 *
 * A question goes connecting → writing → reading. Only the first waits without a descriptor: Linux does not tell when a
 * full queue of a unix socket has room again (af_unix.c), so it is tried anew.
 */
#include "client_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define ANSWER_ROOM ((size_t)64 * 1024)
#define CONNECT_PAUSE_MS 20

struct client_ask {
    struct sockaddr_un address;
    int fd;
    bool is_connected;
    int64_t deadline_ms;
    char *line; /* the request */
    size_t line_length;
    size_t sent;
    char *text; /* the answer so far */
    size_t length;
    size_t room;
};

/* The arguments as JSON, or NULL when one is not UTF-8. */
static json_t *
argument_array(char *const *arguments)
{
    json_t *array = json_array();

    for (; arguments != NULL && *arguments != NULL; arguments++) {
        if (json_array_append_new(array, json_string(*arguments)) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* {"verb":…,"arguments":[…]} and a line's end, malloc'd, or NULL. */
static char *
request_line(const char *verb, char *const *arguments)
{
    json_t *array = argument_array(arguments);
    json_t *root = array == NULL ? NULL : json_pack("{s:s,s:o}", "verb", verb, "arguments", array);
    char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);
    char *line = NULL;

    if (text != NULL && asprintf(&line, "%s\n", text) < 0) {
        line = NULL;
    }
    free(text);
    json_decref(root);
    return line;
}

/* Returns 0 when it is connected, or will be tried again; else -errno. */
static int
try_connect(struct client_ask *ask)
{
    if (connect(ask->fd, (const struct sockaddr *)&ask->address, sizeof(ask->address)) == 0) {
        ask->is_connected = true;
        return 0;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int
client_ask_open(const char *path, const char *verb, char *const *arguments, int64_t now_ms,
                struct client_ask **ret_ask)
{
    struct client_ask *ask = calloc(1, sizeof(*ask));
    int error = 0;

    if (ask == NULL) {
        return -ENOMEM;
    }
    ask->address.sun_family = AF_UNIX;
    ask->deadline_ms = now_ms + CLIENT_ASK_TIMEOUT_MS;
    ask->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ask->line = request_line(verb, arguments);
    if (ask->fd < 0) {
        error = -errno;
    } else if (!util_copy_text(ask->address.sun_path, sizeof(ask->address.sun_path), path)) {
        error = -ENAMETOOLONG;
    } else if (ask->line == NULL) {
        error = -EILSEQ;
    } else {
        ask->line_length = strlen(ask->line);
        error = try_connect(ask);
    }
    if (error < 0) {
        client_ask_close(ask);
        return error;
    }
    *ret_ask = ask;
    return 0;
}

void
client_ask_close(struct client_ask *ask)
{
    if (ask != NULL) {
        util_close(&ask->fd);
        free(ask->line);
        free(ask->text);
        free(ask);
    }
}

int
client_ask_fd(const struct client_ask *ask)
{
    return ask->is_connected ? ask->fd : -1;
}

short
client_ask_events(const struct client_ask *ask)
{
    return ask->sent < ask->line_length ? POLLOUT | POLLIN : POLLIN;
}

int64_t
client_ask_deadline_ms(const struct client_ask *ask, int64_t now_ms)
{
    int64_t again_ms = now_ms + CONNECT_PAUSE_MS;

    return ask->is_connected || again_ms > ask->deadline_ms ? ask->deadline_ms : again_ms;
}

/* A service that refuses us may close before it read all: its answer is still there to be read. */
static int
write_some(struct client_ask *ask)
{
    while (ask->sent < ask->line_length) {
        ssize_t took =
            send(ask->fd, ask->line + ask->sent, ask->line_length - ask->sent, MSG_NOSIGNAL);

        if (took >= 0) {
            ask->sent += (size_t)took;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            ask->sent = ask->line_length;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

static int
make_room(struct client_ask *ask)
{
    size_t room = ask->room == 0 ? ANSWER_ROOM : ask->room * 2;
    char *text;

    if (ask->length < ask->room) {
        return 0;
    }
    if (room > ANSWER_MAX) {
        return -EMSGSIZE;
    }
    text = realloc(ask->text, room);
    if (text == NULL) {
        return -ENOMEM;
    }
    ask->text = text;
    ask->room = room;
    return 0;
}

/* Returns how many bytes came; 0 at the end, or -errno. */
static ssize_t
read_some(struct client_ask *ask)
{
    ssize_t got;
    int error = make_room(ask);

    if (error < 0) {
        return error;
    }
    got = recv(ask->fd, ask->text + ask->length, ask->room - ask->length, MSG_DONTWAIT);
    if (got < 0) {
        /* The service closed while bytes of ours were unread: the end, as far as we care. */
        return errno == ECONNRESET ? 0 : errno == EINTR ? -EAGAIN : -errno;
    }
    return got;
}

static int
decode(const char *text, size_t length, json_t **ret_answer)
{
    json_t *root = json_loadb(text, length, 0, NULL);

    if (!json_is_boolean(json_object_get(root, "ok"))) {
        json_decref(root);
        return -EBADMSG;
    }
    *ret_answer = root;
    return 0;
}

/* Reads one line. */
static int
read_answer(struct client_ask *ask, json_t **ret_answer)
{
    for (;;) {
        ssize_t got = read_some(ask);
        const char *end;

        if (got <= 0) {
            return got == 0 ? -ENODATA : (int)got;
        }
        end = memchr(ask->text + ask->length, '\n', (size_t)got);
        ask->length += (size_t)got;
        if (end != NULL) {
            return decode(ask->text, (size_t)(end - ask->text), ret_answer);
        }
    }
}

int
client_ask_step(struct client_ask *ask, int64_t now_ms, json_t **ret_answer)
{
    int error = ask->is_connected ? 0 : try_connect(ask);

    if (error == 0 && !ask->is_connected) {
        error = -EAGAIN;
    }
    if (error == 0) {
        error = write_some(ask);
    }
    /* A service that does not take the request may have answered already. */
    if (error == 0 || (error == -EAGAIN && ask->is_connected)) {
        error = read_answer(ask, ret_answer);
    }
    return error == -EAGAIN && now_ms >= ask->deadline_ms ? -ETIMEDOUT : error;
}
