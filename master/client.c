/*
 * client.c: see client.h.
 *
 * Owns one connection, from connect to the printed answer, and the sentence for each way in which
 * it fails. Must not know what a verb does, nor link anything of the service.
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "exit_code.h"
#include "status_view.h"

#define ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define ANSWER_ROOM ((size_t)64 * 1024)
#define TIMEOUT_MS 30000

struct answer {
    char *text;
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
request_line(const struct client_order *order)
{
    json_t *arguments = argument_array(order->arguments);
    json_t *root = arguments == NULL
                       ? NULL
                       : json_pack("{s:s,s:o}", "verb", order->verb, "arguments", arguments);
    char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);
    char *line = NULL;

    if (text != NULL && asprintf(&line, "%s\n", text) < 0) {
        line = NULL;
    }
    free(text);
    json_decref(root);
    return line;
}

/* Returns a connected descriptor or -errno. */
static int
connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    /* Linux lets a connect to a full queue wait for SO_SNDTIMEO (unix(7), af_unix.c). */
    struct timeval limit = {.tv_sec = TIMEOUT_MS / 1000};
    int fd, error;

    if (!util_copy_text(address.sun_path, sizeof(address.sun_path), path)) {
        return -ENAMETOOLONG;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        error = -errno;
        util_close(&fd);
        return error;
    }
    return fd;
}

/* A service that refuses us may close before it read all: its answer is still there to be read. */
static int
send_line(int fd, const char *line)
{
    size_t length = strlen(line);

    for (size_t sent = 0; sent < length;) {
        ssize_t took = send(fd, line + sent, length - sent, MSG_NOSIGNAL);

        if (took < 0 && errno != EINTR) {
            return errno == EPIPE || errno == ECONNRESET ? 0 : -errno;
        }
        sent += took > 0 ? (size_t)took : 0;
    }
    return 0;
}

static int
make_room(struct answer *answer)
{
    size_t room = answer->room == 0 ? ANSWER_ROOM : answer->room * 2;
    char *text;

    if (answer->length < answer->room) {
        return 0;
    }
    if (room > ANSWER_MAX) {
        return -EMSGSIZE;
    }
    text = realloc(answer->text, room);
    if (text == NULL) {
        return -ENOMEM;
    }
    answer->text = text;
    answer->room = room;
    return 0;
}

/* Waits for more. Returns 0, -ETIMEDOUT or -errno. */
static int
wait_readable(int fd, int64_t deadline_ms)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    int64_t left_ms = deadline_ms - util_now_ms();
    int ready = left_ms <= 0 ? 0 : poll(&look, 1, (int)left_ms);

    if (ready < 0 && errno != EINTR) {
        return -errno;
    }
    return left_ms <= 0 ? -ETIMEDOUT : 0;
}

/* Returns the bytes of one more read, 0 at the end, -EAGAIN to be called again, or -errno. */
static ssize_t
read_some(int fd, struct answer *answer, int64_t deadline_ms)
{
    ssize_t got;
    int error = make_room(answer);

    if (error == 0) {
        error = wait_readable(fd, deadline_ms);
    }
    if (error < 0) {
        return error;
    }
    got = recv(fd, answer->text + answer->length, answer->room - answer->length, MSG_DONTWAIT);
    if (got < 0) {
        /* The service closed while bytes of ours were unread: the end, as far as we care. */
        return errno == ECONNRESET ? 0 : errno == EINTR ? -EAGAIN : -errno;
    }
    return got;
}

/* Reads one line. Returns 0, -ENODATA when the service left without an answer, or -errno. */
static int
read_line(int fd, struct answer *answer)
{
    int64_t deadline_ms = util_now_ms() + TIMEOUT_MS;

    for (;;) {
        ssize_t got = read_some(fd, answer, deadline_ms);
        size_t before = answer->length;
        const char *end;

        if (got == -EAGAIN) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? -ENODATA : (int)got;
        }
        answer->length += (size_t)got;
        end = memchr(answer->text + before, '\n', (size_t)got);
        if (end != NULL) {
            answer->length = (size_t)(end - answer->text);
            return 0;
        }
    }
}

static int
fail_connect(const char *path, int error)
{
    fprintf(stderr,
            "swarm: no swarm runs here (socket %s: %s); is it the right folder, or is --control "
            "missing?\n",
            path, error == -ENOENT ? "no such file" : strerror(-error));
    return EXIT_CODE_UNAVAILABLE;
}

static int
fail_talk(const char *path, int error)
{
    switch (error) {
    case -ETIMEDOUT:
    case -EAGAIN:
        fprintf(stderr, "swarm: the service did not answer within 30 s (socket %s)\n", path);
        break;
    case -ENODATA:
        fprintf(stderr, "swarm: the service closed the connection without an answer (socket %s)\n",
                path);
        break;
    case -EBADMSG:
        fprintf(stderr, "swarm: the answer is not swarm's (socket %s)\n", path);
        break;
    default:
        fprintf(stderr, "swarm: asking the service failed: %s (socket %s)\n", strerror(-error),
                path);
        break;
    }
    return EXIT_CODE_INTERNAL;
}

/* Texts of the answer go to a terminal: control characters in them must not. */
static void
print_plain(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        fputc((byte < ' ' && byte != '\n') || byte == 0x7F ? '?' : byte, to);
    }
}

static int
print_error(const json_t *answer)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    json_int_t code = json_integer_value(json_object_get(answer, "code"));

    fputs("swarm: ", stderr);
    print_plain(stderr, error != NULL ? error : "the service refused without a reason");
    fputc('\n', stderr);
    return code >= 1 && code <= 255 ? (int)code : EXIT_CODE_INTERNAL;
}

static void
print_json(json_t *answer)
{
    char *text;

    json_object_del(answer, "ok");
    text = json_dumps(answer, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    if (text != NULL) {
        puts(text);
    }
    free(text);
}

static void
print_answer(const struct client_order *order, json_t *answer)
{
    const char *message = json_string_value(json_object_get(answer, "message"));

    if (order->json) {
        print_json(answer);
    } else if (strcmp(order->verb, "status") == 0) {
        char *table = status_view(answer);

        fputs(table != NULL ? table : "swarm: out of memory\n", table != NULL ? stdout : stderr);
        free(table);
    } else if (message != NULL) {
        print_plain(stdout, message);
        putchar('\n');
    }
}

static int
finish(const struct client_order *order, const struct answer *answer)
{
    json_t *root = json_loadb(answer->text, answer->length, 0, NULL);
    const json_t *ok = json_object_get(root, "ok");
    int code = EXIT_CODE_OK;

    if (!json_is_boolean(ok)) {
        code = fail_talk(order->path, -EBADMSG);
    } else if (json_is_true(ok)) {
        print_answer(order, root);
        if (fflush(stdout) != 0) {
            fprintf(stderr, "swarm: cannot write the answer: %s\n", strerror(errno));
            code = EXIT_CODE_INTERNAL;
        }
    } else {
        code = print_error(root);
    }
    json_decref(root);
    return code;
}

static int
talk(int fd, const struct client_order *order)
{
    struct answer answer = {.text = NULL};
    char *line = request_line(order);
    int error, code;

    if (line == NULL) {
        fputs("swarm: an argument is not UTF-8, or memory is out\n", stderr);
        return EXIT_CODE_USAGE;
    }
    error = send_line(fd, line);
    if (error == 0) {
        error = read_line(fd, &answer);
    }
    code = error < 0 ? fail_talk(order->path, error) : finish(order, &answer);
    free(line);
    free(answer.text);
    return code;
}

int
client_run(const struct client_order *order)
{
    int fd = connect_to(order->path);
    int code;

    if (fd < 0) {
        return fail_connect(order->path, fd);
    }
    code = talk(fd, order);
    util_close(&fd);
    return code;
}
