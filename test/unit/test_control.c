/*
 * test_control.c: the server side of the control socket against good, slow, mad and foreign clients (FS-53).
 *
 * Clients are non-blocking descriptors of this process; the loop turns until a fact holds or 60 s are over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/control.h"

#define DEADLINE_MS 60000
#define HELD_MAX 8
#define CANNOT_BECOME 2

struct bench {
    char root[64];
    struct sockaddr_un address;
    struct ev_loop *loop;
    struct ev_timer tick;
    struct control *control;
    unsigned requests;
    uint64_t held[HELD_MAX]; /* clients of "hold" requests */
    unsigned held_count;
    uid_t uid; /* of the last request */
    pid_t pid;
};

/* A client and what it has read so far. */
struct peer {
    int fd;
    char text[1024];
    size_t length;
    bool is_over; /* end of file or a reset was read */
};

static void
on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
}

/* "echo" answers its arguments, "big" 8 MB, "hold" nothing for now. */
static void
on_request(void *context, const struct control_request *request)
{
    struct bench *bench = context;

    bench->requests++;
    bench->uid = request->uid;
    bench->pid = request->pid;
    if (strcmp(request->verb, "hold") == 0) {
        assert_true(bench->held_count < HELD_MAX);
        bench->held[bench->held_count++] = request->client;
    } else if (strcmp(request->verb, "big") == 0) {
        size_t length = (size_t)8 << 20;
        char *text = malloc(length + 1);

        assert_non_null(text);
        memset(text, 'x', length);
        text[length] = '\0';
        control_answer(bench->control, request->client,
                       json_pack("{s:b,s:s}", "ok", 1, "message", text));
        free(text);
    } else if (strcmp(request->verb, "echo") == 0) {
        control_answer(bench->control, request->client,
                       json_pack("{s:b,s:O}", "ok", 1, "arguments", request->arguments));
    } else {
        control_answer(bench->control, request->client,
                       control_error(64, "there is no verb %s", request->verb));
    }
}

static int
listen_at(struct bench *bench)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    bench->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(bench->address.sun_path, sizeof(bench->address.sun_path), "%s/s", bench->root);
    assert_int_equal(bind(fd, (const struct sockaddr *)&bench->address, sizeof(bench->address)), 0);
    assert_int_equal(listen(fd, 32), 0);
    return fd;
}

static int
set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    struct control_handlers handlers = {.context = bench, .on_request = on_request};

    assert_non_null(bench);
    snprintf(bench->root, sizeof(bench->root), "/tmp/test_control_XXXXXX");
    assert_non_null(mkdtemp(bench->root));
    bench->loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(bench->loop);
    ev_timer_init(&bench->tick, on_tick, 0.01, 0.01);
    ev_timer_start(bench->loop, &bench->tick);
    assert_int_equal(control_open(bench->loop, listen_at(bench), &handlers, &bench->control), 0);
    *state = bench;
    return 0;
}

static int
tear_down(void **state)
{
    struct bench *bench = *state;

    control_close(bench->control);
    ev_timer_stop(bench->loop, &bench->tick);
    ev_loop_destroy(bench->loop);
    unlink(bench->address.sun_path);
    rmdir(bench->root);
    free(bench);
    return 0;
}

static struct peer
join(const struct bench *bench)
{
    struct peer peer = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};

    assert_true(peer.fd >= 0);
    assert_int_equal(
        connect(peer.fd, (const struct sockaddr *)&bench->address, sizeof(bench->address)), 0);
    assert_int_equal(util_set_nonblock(peer.fd), 0);
    return peer;
}

static void
say(const struct peer *peer, const char *text)
{
    assert_int_equal(send(peer->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static struct peer
ask(const struct bench *bench, const char *text)
{
    struct peer peer = join(bench);

    say(&peer, text);
    return peer;
}

/* Reads what is there; what does not fit is counted in `length` alone. */
static void
hear(struct peer *peer)
{
    static char rest[65536];

    while (!peer->is_over) {
        bool fits = peer->length < sizeof(peer->text) - 1;
        ssize_t got = fits ? recv(peer->fd, peer->text + peer->length,
                                  sizeof(peer->text) - 1 - peer->length, MSG_DONTWAIT)
                           : recv(peer->fd, rest, sizeof(rest), MSG_DONTWAIT);

        if (got < 0 && errno == EAGAIN) {
            return;
        }
        peer->is_over = got <= 0;
        peer->length += got > 0 ? (size_t)got : 0;
    }
}

static void
turn(struct bench *bench, int64_t deadline_ms)
{
    if (util_now_ms() > deadline_ms) {
        fail_msg("it did not happen within %d s", DEADLINE_MS / 1000);
    }
    ev_run(bench->loop, EVRUN_ONCE);
}

static void
wait_over(struct bench *bench, struct peer *peer)
{
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;

    for (hear(peer); !peer->is_over; hear(peer)) {
        turn(bench, deadline_ms);
    }
}

static void
wait_requests(struct bench *bench, unsigned count)
{
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;

    while (bench->requests < count) {
        turn(bench, deadline_ms);
    }
}

/* Waits for the end of the connection and checks all that was said. */
static void
assert_answer(struct bench *bench, struct peer peer, const char *expected)
{
    wait_over(bench, &peer);
    close(peer.fd);
    assert_string_equal(peer.text, expected);
}

static void
assert_error(struct bench *bench, struct peer peer, const char *part)
{
    wait_over(bench, &peer);
    close(peer.fd);
    if (strncmp(peer.text, "{\"ok\":false,\"error\":\"", 21) != 0 ||
        strstr(peer.text, part) == NULL || peer.text[peer.length - 1] != '\n') {
        fail_msg("no such error: %s", peer.text);
    }
}

static void
test_answers(void **state)
{
    struct bench *bench = *state;

    assert_answer(bench, ask(bench, "{\"verb\":\"echo\",\"arguments\":[\"3\",\"ä\"]}\n"),
                  "{\"ok\":true,\"arguments\":[\"3\",\"ä\"]}\n");
    assert_int_equal(bench->uid, geteuid());
    assert_int_equal(bench->pid, getpid());
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\",\"more\":{\"later\":1}}\r\n"),
                  "{\"ok\":true,\"arguments\":[]}\n");
    assert_answer(bench, ask(bench, "{\"verb\":\"dance\"}\n"),
                  "{\"ok\":false,\"error\":\"there is no verb dance\",\"code\":64}\n");
    assert_int_equal(bench->requests, 4);
}

static void
test_two_clients_and_a_line_in_pieces(void **state)
{
    struct bench *bench = *state;
    struct peer slow = ask(bench, "{\"verb\":\"ec");

    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    say(&slow, "ho\",\"argu");
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    say(&slow, "ments\":[\"x\"]}\n");
    assert_answer(bench, slow, "{\"ok\":true,\"arguments\":[\"x\"]}\n");
}

static void
test_what_is_no_request(void **state)
{
    static const char *const lines[] = {
        "\n",
        "hello\n",
        "{\n",
        "[]\n",
        "7\n",
        "{}\n",
        "{\"verb\":7}\n",
        "{\"verb\":null}\n",
        "{\"verb\":\"a\",\"verb\":\"b\"}\n",
        "{\"verb\":\"echo\",\"arguments\":\"x\"}\n",
        "{\"verb\":\"echo\",\"arguments\":[7]}\n",
        "{\"verb\":\"echo\",\"arguments\":[\"x\",null]}\n",
        "{\"verb\":\"\\u0000\"}\n",
        "{\"verb\":\"\xff\xfe\"}\n",
        "{\"verb\":\"echo\"} trailing\n",
        "GET /status HTTP/1.1\r\n",
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        assert_error(bench, ask(bench, lines[i]), "\"code\":64");
    }
    assert_int_equal(bench->requests, 0);
}

static void
test_deep_nesting(void **state)
{
    struct bench *bench = *state;
    char text[CONTROL_LINE_MAX];

    memset(text, '[', sizeof(text));
    text[sizeof(text) - 2] = '\n';
    text[sizeof(text) - 1] = '\0';
    assert_error(bench, ask(bench, text), "\"code\":64");
}

/* Pushes 10 MB, as much at a time as the kernel takes, and turns the loop in between. */
static void
push_much(struct bench *bench, struct peer *peer)
{
    static char block[65536];
    size_t pushed = 0;
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;

    memset(block, 'x', sizeof(block));
    while (pushed < (size_t)10 << 20) {
        ssize_t took = send(peer->fd, block, sizeof(block), MSG_NOSIGNAL | MSG_DONTWAIT);

        if (took < 0 && errno != EAGAIN) {
            return;
        }
        pushed += took > 0 ? (size_t)took : 0;
        turn(bench, deadline_ms);
    }
    fail_msg("10 MB were taken");
}

static void
test_ten_megabytes_in_a_line(void **state)
{
    struct bench *bench = *state;
    struct peer peer = join(bench);

    push_much(bench, &peer);
    assert_error(bench, peer, "longer than 4096 bytes");
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
}

/* A line as long as is allowed, its end included. */
static void
test_longest_line(void **state)
{
    struct bench *bench = *state;
    char text[CONTROL_LINE_MAX + 2];
    int length = snprintf(text, sizeof(text), "{\"verb\":\"echo\"%*s}\n",
                          CONTROL_LINE_MAX - (int)strlen("{\"verb\":\"echo\"}\n"), "");

    assert_int_equal(length, CONTROL_LINE_MAX);
    assert_answer(bench, ask(bench, text), "{\"ok\":true,\"arguments\":[]}\n");
    snprintf(text, sizeof(text), "{\"verb\":\"echo\"%*s}\n",
             CONTROL_LINE_MAX + 1 - (int)strlen("{\"verb\":\"echo\"}\n"), "");
    assert_error(bench, ask(bench, text), "longer than 4096 bytes");
}

static void
test_answer_later(void **state)
{
    struct bench *bench = *state;
    struct peer first = ask(bench, "{\"verb\":\"hold\"}\n");
    struct peer second;

    wait_requests(bench, 1);
    second = ask(bench, "{\"verb\":\"hold\"}\n");
    /* Closing its writing half is no farewell. */
    assert_int_equal(shutdown(second.fd, SHUT_WR), 0);
    wait_requests(bench, 2);
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    control_answer(bench->control, bench->held[1], json_pack("{s:b,s:i}", "ok", 1, "n", 2));
    control_answer(bench->control, bench->held[0], json_pack("{s:b,s:i}", "ok", 1, "n", 1));
    assert_answer(bench, first, "{\"ok\":true,\"n\":1}\n");
    assert_answer(bench, second, "{\"ok\":true,\"n\":2}\n");
    /* Twice, or for a client that never was: no error. */
    control_answer(bench->control, bench->held[1], json_object());
    control_answer(bench->control, 4711, json_object());
}

static void
test_client_that_leaves(void **state)
{
    struct bench *bench = *state;
    struct peer peer;

    peer = ask(bench, "{\"verb\":\"hold\"}\n");
    wait_requests(bench, 1);
    close(peer.fd);
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    control_answer(bench->control, bench->held[0], json_pack("{s:b}", "ok", 1));
    peer = ask(bench, "{\"verb\":\"ec");
    close(peer.fd);
    close(join(bench).fd);
    peer = ask(bench, "{\"verb\":\"big\"}\n");
    wait_requests(bench, 3);
    close(peer.fd);
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
}

/* What comes behind the line is not listened to, and does no harm. */
static void
test_talks_on(void **state)
{
    struct bench *bench = *state;
    struct peer peer = ask(bench, "{\"verb\":\"hold\"}\n{\"verb\":\"echo\"}\n");

    wait_requests(bench, 1);
    say(&peer, "and more\n");
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    assert_int_equal(bench->requests, 2);
    control_answer(bench->control, bench->held[0], json_pack("{s:b}", "ok", 1));
    assert_answer(bench, peer, "{\"ok\":true}\n");
}

static void
test_large_answer(void **state)
{
    struct bench *bench = *state;
    struct peer peer = ask(bench, "{\"verb\":\"big\"}\n");

    wait_over(bench, &peer);
    assert_int_equal(peer.length, ((size_t)8 << 20) + strlen("{\"ok\":true,\"message\":\"\"}\n"));
    close(peer.fd);
}

/* Turns until the server has closed, without reading what it sent. */
static void
wait_hung_up(struct bench *bench, const struct peer *peer)
{
    struct pollfd look = {.fd = peer->fd};
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;

    while (poll(&look, 1, 0) == 0) {
        turn(bench, deadline_ms);
    }
    assert_true(look.revents & POLLHUP);
}

/* Whoever says nothing, half a line, or does not read, is dropped after 10 s, while others are served. */
static void
test_slow_clients_are_dropped(void **state)
{
    struct bench *bench = *state;
    int64_t start_ms = util_now_ms();
    struct peer silent = join(bench);
    struct peer half = ask(bench, "{\"verb\":\"ec");
    struct peer deaf = ask(bench, "{\"verb\":\"big\"}\n");

    wait_requests(bench, 1);
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    wait_hung_up(bench, &silent);
    assert_true(util_now_ms() - start_ms >= 9000);
    wait_hung_up(bench, &half);
    wait_hung_up(bench, &deaf);
    hear(&silent);
    hear(&half);
    assert_int_equal(silent.length + half.length, 0);
    /* Its answer ends in the middle. */
    hear(&deaf);
    assert_true(deaf.is_over && deaf.length > 0 && deaf.length < (size_t)8 << 20);
    close(silent.fd);
    close(half.fd);
    close(deaf.fd);
}

static void
test_too_many_clients(void **state)
{
    struct bench *bench = *state;
    struct peer crowd[CONTROL_CLIENTS_MAX];

    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        crowd[i] = join(bench);
    }
    assert_error(bench, join(bench), "too many clients at once");
    say(&crowd[7], "{\"verb\":\"echo\"}\n");
    assert_answer(bench, crowd[7], "{\"ok\":true,\"arguments\":[]}\n");
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (i != 7) {
            close(crowd[i].fd);
        }
    }
    assert_answer(bench, ask(bench, "{\"verb\":\"echo\"}\n"), "{\"ok\":true,\"arguments\":[]}\n");
}

/* FS-42: without descriptors it rests instead of spinning, and serves the client afterwards. */
static void
test_no_descriptor_left(void **state)
{
    struct bench *bench = *state;
    struct peer peer = ask(bench, "{\"verb\":\"echo\"}\n");
    struct rlimit before, none;
    int next = dup(peer.fd);
    unsigned turns = ev_iteration(bench->loop);
    int64_t start_ms = util_now_ms();

    assert_true(next >= 0);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = (rlim_t)next;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    while (util_now_ms() - start_ms < 300) {
        ev_run(bench->loop, EVRUN_ONCE);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    /* The tick turns the loop every 10 ms; a spinning one would have turned thousands of times. */
    assert_true(ev_iteration(bench->loop) - turns < 100);
    assert_int_equal(bench->requests, 0);
    assert_answer(bench, peer, "{\"ok\":true,\"arguments\":[]}\n");
}

/* Connects as `uid`, sends a request and exits with 0 if the answer has `part`. */
static _Noreturn void
be_foreign_client(const struct bench *bench, uid_t uid, const char *part)
{
    char text[512] = "";
    size_t length = 0;
    ssize_t got;
    int fd;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0) {
        _exit(CANNOT_BECOME);
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&bench->address, sizeof(bench->address)) < 0) {
        _exit(3);
    }
    /* It may have been turned away already. */
    (void)!send(fd, "{\"verb\":\"echo\"}\n", 16, MSG_NOSIGNAL);
    while (length < sizeof(text) - 1 &&
           (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0) {
        length += (size_t)got;
    }
    _exit(strstr(text, part) != NULL ? 0 : 4);
}

static int
wait_child(struct bench *bench, pid_t child)
{
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;
    int status = -1;

    while (waitpid(child, &status, WNOHANG) != child) {
        turn(bench, deadline_ms);
    }
    return status;
}

static void
test_another_user_is_refused(void **state)
{
    struct bench *bench = *state;
    pid_t child;
    int status;

    if (geteuid() != 0) {
        print_message("skipped: only root can become another user\n");
        skip();
    }
    assert_int_equal(chmod(bench->root, 0755), 0);
    assert_int_equal(chmod(bench->address.sun_path, 0666), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        be_foreign_client(bench, 65534, "this service belongs to another user");
    }
    status = wait_child(bench, child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_BECOME) {
        print_message("skipped: this root may not become another user\n");
        skip();
    }
    assert_int_equal(status, 0);
    assert_int_equal(bench->requests, 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        be_foreign_client(bench, 0, "\"ok\":true");
    }
    assert_int_equal(wait_child(bench, child), 0);
    assert_int_equal(bench->requests, 1);
    assert_int_equal(bench->pid, child);
}

static void
test_close_with_clients(void **state)
{
    struct bench *bench = *state;
    struct peer reading = ask(bench, "{\"verb\":\"ec");
    struct peer waiting = ask(bench, "{\"verb\":\"hold\"}\n");

    wait_requests(bench, 1);
    control_close(bench->control);
    bench->control = NULL;
    wait_over(bench, &reading);
    wait_over(bench, &waiting);
    close(reading.fd);
    close(waiting.fd);
}

static void
test_error_of_any_text(void **state)
{
    json_t *error = control_error(70, "%s", "\xff bad");

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(error, "code")), 70);
    assert_string_equal(json_string_value(json_object_get(error, "error")), "failed");
    json_decref(error);
    error = control_error(64, "%0600d", 7);
    assert_true(strlen(json_string_value(json_object_get(error, "error"))) > 400);
    json_decref(error);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_answers),
        CASE(test_two_clients_and_a_line_in_pieces),
        CASE(test_what_is_no_request),
        CASE(test_deep_nesting),
        CASE(test_ten_megabytes_in_a_line),
        CASE(test_longest_line),
        CASE(test_answer_later),
        CASE(test_client_that_leaves),
        CASE(test_talks_on),
        CASE(test_large_answer),
        CASE(test_slow_clients_are_dropped),
        CASE(test_too_many_clients),
        CASE(test_no_descriptor_left),
        CASE(test_another_user_is_refused),
        CASE(test_close_with_clients),
        cmocka_unit_test(test_error_of_any_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
