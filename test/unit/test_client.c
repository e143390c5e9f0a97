/*
 * test_client.c: what a person sees of a verb, and with which code it ends.
 *
 * The client runs in a child whose output goes to files; this process is the service.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/client.h"
#include "master/control.h"

#define DEADLINE_MS 60000
#define OUTPUT_SIZE 65536

struct bench {
    char root[64];
    char path[80];
    char out[80];
    char err[80];
    struct ev_loop *loop;
    struct ev_timer tick;
    struct control *control;
    char output[OUTPUT_SIZE];
    char errors[OUTPUT_SIZE];
};

static void
on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
}

static json_t *
answer_of(const char *verb, json_t *arguments)
{
    if (strcmp(verb, "status") == 0) {
        return json_pack("{s:b,s:s,s:i,s:{s:i}}", "ok", 1, "version", "0.1.0", "pid", 7, "totals",
                         "ready", 4);
    }
    if (strcmp(verb, "recycle") == 0) {
        return json_pack("{s:b,s:s,s:O}", "ok", 1, "message", "slot 3 is being replaced\x1b[2J",
                         "arguments", arguments);
    }
    if (strcmp(verb, "silent") == 0) {
        return json_pack("{s:b}", "ok", 1);
    }
    if (strcmp(verb, "strange") == 0) {
        return json_pack("{s:s}", "ok", "perhaps");
    }
    if (strcmp(verb, "wild") == 0) {
        return json_pack("{s:b,s:i}", "ok", 0, "code", 4711);
    }
    return control_error(64, "there is no verb \"%s\"", verb);
}

static void
on_request(void *context, const struct control_request *request)
{
    struct bench *bench = context;

    control_answer(bench->control, request->client, answer_of(request->verb, request->arguments));
}

static int
set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    snprintf(bench->root, sizeof(bench->root), "/tmp/test_client_XXXXXX");
    assert_non_null(mkdtemp(bench->root));
    snprintf(bench->path, sizeof(bench->path), "%s/s", bench->root);
    snprintf(bench->out, sizeof(bench->out), "%s/out", bench->root);
    snprintf(bench->err, sizeof(bench->err), "%s/err", bench->root);
    bench->loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(bench->loop);
    ev_timer_init(&bench->tick, on_tick, 0.01, 0.01);
    ev_timer_start(bench->loop, &bench->tick);
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
    unlink(bench->path);
    unlink(bench->out);
    unlink(bench->err);
    rmdir(bench->root);
    free(bench);
    return 0;
}

/* A socket at the bench's path; nobody accepts before serve() or a test of its own does. */
static int
listen_there(const struct bench *bench)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    util_copy_text(address.sun_path, sizeof(address.sun_path), bench->path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void
serve(struct bench *bench)
{
    struct control_handlers handlers = {.context = bench, .on_request = on_request};

    assert_int_equal(control_open(bench->loop, listen_there(bench), &handlers, &bench->control), 0);
}

static pid_t
start_client(const struct bench *bench, const struct client_order *order)
{
    pid_t child;

    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int code;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (freopen(bench->out, "w", stdout) == NULL || freopen(bench->err, "w", stderr) == NULL) {
            _exit(99);
        }
        code = client_run(order);
        fflush(NULL);
        _exit(code);
    }
    return child;
}

/* Serves the client until it ends. Returns its wait status. */
static int
wait_client(struct bench *bench, pid_t child)
{
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;
    int status = -1;

    while (waitpid(child, &status, WNOHANG) != child) {
        if (util_now_ms() > deadline_ms) {
            fail_msg("the client did not end within %d s", DEADLINE_MS / 1000);
        }
        ev_run(bench->loop, EVRUN_ONCE);
    }
    return status;
}

/* Waits for the client, keeps what it printed and returns its exit code. */
static int
finish_client(struct bench *bench, pid_t child)
{
    int status = wait_client(bench, child);

    assert_true(WIFEXITED(status));
    assert_true(util_read_file(bench->out, bench->output, OUTPUT_SIZE) >= 0);
    assert_true(util_read_file(bench->err, bench->errors, OUTPUT_SIZE) >= 0);
    return WEXITSTATUS(status);
}

static int
run(struct bench *bench, const char *verb, char *const *arguments, bool json)
{
    struct client_order order = {
        .path = bench->path, .verb = verb, .arguments = arguments, .json = json};

    return finish_client(bench, start_client(bench, &order));
}

static void
assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" is missing in: %s", part, text);
    }
}

static void
test_no_service(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(run(bench, "status", NULL, false), 69);
    assert_string_equal(bench->output, "");
    assert_has(bench->errors, "swarm: no swarm runs here (socket /tmp/test_client_");
    assert_has(bench->errors, ": no such file)");
    assert_true(strchr(bench->errors, '\n') == bench->errors + strlen(bench->errors) - 1);
    close(listen_there(bench));
    assert_int_equal(run(bench, "status", NULL, false), 69);
    assert_has(bench->errors, ": Connection refused)");
}

static void
test_path_that_is_too_long(void **state)
{
    struct bench *bench = *state;
    char path[200];
    struct client_order order = {.path = path, .verb = "status"};

    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(finish_client(bench, start_client(bench, &order)), 69);
    assert_has(bench->errors, "File name too long");
}

static void
test_status(void **state)
{
    struct bench *bench = *state;

    serve(bench);
    assert_int_equal(run(bench, "status", NULL, false), 0);
    assert_has(bench->output, "swarm   0.1.0  pid 7  up -");
    assert_has(bench->output, "now     4 of - ready");
    assert_string_equal(bench->errors, "");
    assert_int_equal(run(bench, "status", NULL, true), 0);
    assert_string_equal(bench->output, "{\n  \"version\": \"0.1.0\",\n  \"pid\": 7,\n"
                                       "  \"totals\": {\n    \"ready\": 4\n  }\n}\n");
}

static void
test_other_verbs(void **state)
{
    static char first[] = "3", second[] = "größe \"x\"";
    static char *const arguments[] = {first, second, NULL};
    struct bench *bench = *state;

    serve(bench);
    assert_int_equal(run(bench, "recycle", arguments, false), 0);
    assert_string_equal(bench->output, "slot 3 is being replaced?[2J\n");
    assert_int_equal(run(bench, "recycle", arguments, true), 0);
    assert_has(bench->output, "\"größe \\\"x\\\"\"");
    assert_int_equal(run(bench, "silent", NULL, false), 0);
    assert_string_equal(bench->output, "");
    assert_string_equal(bench->errors, "");
}

static void
test_refusals(void **state)
{
    struct bench *bench = *state;

    serve(bench);
    assert_int_equal(run(bench, "dance", NULL, false), 64);
    assert_string_equal(bench->errors, "swarm: there is no verb \"dance\"\n");
    assert_string_equal(bench->output, "");
    assert_int_equal(run(bench, "dance", NULL, true), 64);
    assert_int_equal(run(bench, "wild", NULL, false), 70);
    assert_has(bench->errors, "the service refused without a reason");
    assert_int_equal(run(bench, "strange", NULL, false), 70);
    assert_has(bench->errors, "the answer is not swarm's");
}

static void
test_bad_arguments(void **state)
{
    static char latin[] = "gr\xf6\xdf"
                          "e";
    static char huge[CONTROL_LINE_MAX + 1];
    static char *const not_utf8[] = {latin, NULL};
    static char *const too_long[] = {huge, NULL};
    struct bench *bench = *state;

    serve(bench);
    assert_int_equal(run(bench, "recycle", not_utf8, false), 64);
    assert_has(bench->errors, "not UTF-8");
    memset(huge, 'x', sizeof(huge) - 1);
    assert_int_equal(run(bench, "recycle", too_long, false), 64);
    assert_has(bench->errors, "longer than 4096 bytes");
}

/* Accepts one client by hand, says `text` and closes. Returns the client's exit code. */
static int
run_against(struct bench *bench, int listener, const char *text)
{
    struct client_order order = {.path = bench->path, .verb = "status"};
    pid_t child = start_client(bench, &order);
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0) {
        assert_true(util_now_ms() < deadline_ms);
        ev_run(bench->loop, EVRUN_ONCE);
    }
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    close(fd);
    return finish_client(bench, child);
}

static void
test_service_that_leaves_or_babbles(void **state)
{
    struct bench *bench = *state;
    int listener = listen_there(bench);

    assert_int_equal(run_against(bench, listener, ""), 70);
    assert_has(bench->errors, "closed the connection without an answer");
    assert_int_equal(run_against(bench, listener, "{\"ok\":true"), 70);
    assert_has(bench->errors, "closed the connection without an answer");
    assert_int_equal(run_against(bench, listener, "SSH-2.0-OpenSSH\r\n"), 70);
    assert_has(bench->errors, "the answer is not swarm's");
    assert_int_equal(run_against(bench, listener, "\n"), 70);
    assert_has(bench->errors, "the answer is not swarm's");
    assert_int_equal(run_against(bench, listener, "{\"ok\":true}\nmore"), 0);
    close(listener);
}

/* An answer of more than 16 MB is not swallowed. */
static void
test_endless_answer(void **state)
{
    static char block[65536];
    struct bench *bench = *state;
    struct client_order order = {.path = bench->path, .verb = "status"};
    int listener = listen_there(bench);
    pid_t child = start_client(bench, &order);
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0) {
        assert_true(util_now_ms() < deadline_ms);
        ev_run(bench->loop, EVRUN_ONCE);
    }
    memset(block, 'x', sizeof(block));
    while (send(fd, block, sizeof(block), MSG_NOSIGNAL) > 0) {
        assert_true(util_now_ms() < deadline_ms);
    }
    assert_int_equal(finish_client(bench, child), 70);
    assert_has(bench->errors, "asking the service failed: Message too long");
    close(fd);
    close(listener);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_no_service),
        CASE(test_path_that_is_too_long),
        CASE(test_status),
        CASE(test_other_verbs),
        CASE(test_refusals),
        CASE(test_bad_arguments),
        CASE(test_service_that_leaves_or_babbles),
        CASE(test_endless_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
