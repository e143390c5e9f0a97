/*
 * client.c: see client.h.
 *
 * Owns the printing: the answer for a person or for a program, and the sentence for each way in which asking fails.
 * Must not know what a verb does, nor link anything of the service.
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client_ask.h"
#include "exit_code.h"
#include "status_classes.h"
#include "status_table.h"
#include "status_view.h"

#define WIDTH_MAX 1000

int
client_fail_connect(const char *path, int error)
{
    fprintf(stderr,
            "swarm: no swarm runs here (socket %s: %s); is it the right folder, or is --control "
            "missing?\n",
            path, error == -ENOENT ? "no such file" : strerror(-error));
    return EXIT_CODE_UNAVAILABLE;
}

int
client_fail_talk(const char *path, int error)
{
    switch (error) {
    case -ETIMEDOUT:
        fprintf(stderr, "swarm: the service did not answer within %d s (socket %s)\n",
                CLIENT_ASK_TIMEOUT_MS / 1000, path);
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

/* Texts of the answer go to a terminal: control characters in them must not, but for a line's end. */
static void
print_plain(FILE *to, const char *text)
{
    char *plain = strdup(text);

    if (plain == NULL) {
        return;
    }
    status_text_plain(plain, strlen(text) + 1, text);
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == '\n') {
            plain[i] = '\n';
        }
    }
    fputs(plain, to);
    free(plain);
}

int
client_fail_answer(const json_t *answer)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    json_int_t code = json_integer_value(json_object_get(answer, "code"));

    fputs("swarm: ", stderr);
    print_plain(stderr, error != NULL ? error : "the service refused without a reason");
    fputc('\n', stderr);
    return code >= 1 && code <= 255 ? (int)code : EXIT_CODE_INTERNAL;
}

size_t
client_width(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0) {
        return STATUS_TABLE_WIDTH;
    }
    return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

static void
print_json(json_t *value)
{
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(12) | JSON_ENCODE_ANY);

    if (text != NULL) {
        puts(text);
    }
    free(text);
}

static void
print_page(char *take_page)
{
    fputs(take_page != NULL ? take_page : "swarm: out of memory\n",
          take_page != NULL ? stdout : stderr);
    free(take_page);
}

/* What was printed must have arrived. Returns the exit code. */
static int
flush(void)
{
    if (fflush(stdout) != 0) {
        fprintf(stderr, "swarm: cannot write the answer: %s\n", strerror(errno));
        return EXIT_CODE_INTERNAL;
    }
    return EXIT_CODE_OK;
}

int
client_print_json(json_t *take_value)
{
    bool is_there = take_value != NULL;

    if (is_there) {
        print_json(take_value);
        json_decref(take_value);
    } else {
        print_page(NULL);
    }
    return is_there ? flush() : EXIT_CODE_INTERNAL;
}

int
client_print_page(char *take_page)
{
    bool is_there = take_page != NULL;

    print_page(take_page);
    return is_there ? flush() : EXIT_CODE_INTERNAL;
}

static void
print_lines(const json_t *lines)
{
    json_t *line;
    size_t i;

    json_array_foreach(lines, i, line)
    {
        const char *text = json_string_value(line);

        print_plain(stdout, text != NULL ? text : "");
        putchar('\n');
    }
}

static void
print_for_program(const struct client_order *order, json_t *answer)
{
    json_t *classes = json_object_get(answer, "classes");

    if (order->classes) {
        print_json(classes != NULL ? classes : json_null());
        return;
    }
    json_object_del(answer, "ok");
    print_json(answer);
}

static void
print_answer(const struct client_order *order, json_t *answer)
{
    const char *message = json_string_value(json_object_get(answer, "message"));
    const json_t *lines = json_object_get(answer, "lines");

    if (order->json) {
        print_for_program(order, answer);
    } else if (order->classes) {
        print_page(status_classes(answer, client_width()));
    } else if (strcmp(order->verb, "status") == 0) {
        print_page(status_view_at(answer, client_width()));
    } else if (json_is_array(lines)) {
        print_lines(lines);
    } else if (message != NULL) {
        print_plain(stdout, message);
        putchar('\n');
    }
}

int
client_wait(struct client_ask *ask, json_t **ret_answer)
{
    for (;;) {
        int64_t now_ms = util_now_ms();
        int error = client_ask_step(ask, now_ms, ret_answer);
        int64_t wait_ms = client_ask_deadline_ms(ask, now_ms) - now_ms;
        struct pollfd look = {.fd = client_ask_fd(ask), .events = client_ask_events(ask)};

        if (error != -EAGAIN) {
            return error;
        }
        if (poll(&look, 1, wait_ms > 0 ? (int)wait_ms : 0) < 0 && errno != EINTR) {
            return -errno;
        }
    }
}

int
client_question(const char *path, const char *verb, char *const *arguments, json_t **ret_answer)
{
    struct client_ask *ask;
    json_t *answer = NULL;
    int error = client_ask_open(path, verb, arguments, util_now_ms(), &ask);

    if (error == -EILSEQ || error == -ENOMEM) {
        fputs("swarm: an argument is not UTF-8, or memory is out\n", stderr);
        return EXIT_CODE_USAGE;
    }
    if (error < 0) {
        return client_fail_connect(path, error);
    }
    error = client_wait(ask, &answer);
    client_ask_close(ask);
    if (error < 0) {
        return client_fail_talk(path, error);
    }
    if (!json_is_true(json_object_get(answer, "ok"))) {
        int code = client_fail_answer(answer);

        json_decref(answer);
        return code;
    }
    *ret_answer = answer;
    return EXIT_CODE_OK;
}

int
client_run(const struct client_order *order)
{
    json_t *answer;
    int code = client_question(order->path, order->verb, order->arguments, &answer);

    if (code == EXIT_CODE_OK) {
        print_answer(order, answer);
        json_decref(answer);
        code = flush();
    }
    return code;
}
