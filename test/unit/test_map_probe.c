/*
 * test_map_probe.c: the measuring program cow-probe: its figures, who stands while it reads, who goes on again.
 */
#include "machine_rig.h"

#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/exit_code.h"
#include "rss/proc.h"

#define OWN_BYTES ((size_t)8 << 20)
#define OWN_KIB (8 << 10)
#define WORD_SIZE 16

static bool
touch_own(const void *context)
{
    (void)context;
    return machine_touch(OWN_BYTES) != NULL;
}

static pid_t
start_child(void)
{
    return machine_child(touch_own, NULL);
}

static pid_t
start_probe(const char *const *words, int output)
{
    const char *arguments[16] = {SWARM_COW_PROBE};
    pid_t child = fork();

    assert_true(child >= 0);
    if (child != 0) {
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < ARRAY_LEN(arguments) - 2 && words[i] != NULL; i++) {
        arguments[i + 1] = words[i];
    }
    dup2(output, STDOUT_FILENO);
    /* execv takes words that it does not change. */
    execv(SWARM_COW_PROBE, (char **)(uintptr_t)arguments);
    _exit(127);
}

/* Runs it. Returns its exit code, and its answer, or NULL where it printed no JSON. */
static int
run_probe(const char *const *words, json_t **ret_answer)
{
    int ends[2];
    int status;
    pid_t child;
    FILE *output;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    child = start_probe(words, ends[1]);
    close(ends[1]);
    output = fdopen(ends[0], "r");
    assert_non_null(output);
    *ret_answer = json_loadf(output, 0, NULL);
    fclose(output);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const char *
word_of(pid_t pid, char to[WORD_SIZE])
{
    snprintf(to, WORD_SIZE, "%d", (int)pid);
    return to;
}

static char
state_of(pid_t pid)
{
    struct proc_stat stat;

    return (char)(proc_read_stat("/proc", pid, &stat) == 0 ? stat.state : '?');
}

static bool
stands(void *context)
{
    return state_of(*(pid_t *)context) == 'T';
}

static bool
goes_on(void *context)
{
    return state_of(*(pid_t *)context) == 'S';
}

static bool
is_uninterruptible(void *context)
{
    return state_of(*(pid_t *)context) == 'D';
}

static json_int_t
figure(const json_t *answer, size_t index, const char *name)
{
    const json_t *process = json_array_get(json_object_get(answer, "processes"), index);
    const json_t *value = json_object_get(process, name);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static json_int_t
sum_of(const json_t *answer, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(answer, "sum"), name));
}

static void
assert_figures(const json_t *answer, size_t index, pid_t pid)
{
    const json_t *process = json_array_get(json_object_get(answer, "processes"), index);
    const json_t *malloced = json_object_get(
        json_object_get(json_object_get(process, "kinds"), "malloc"), "private_kib");

    assert_int_equal(figure(answer, index, "pid"), pid);
    assert_true(figure(answer, index, "uss_kib") >= OWN_KIB);
    assert_true(figure(answer, index, "pss_kib") >= figure(answer, index, "uss_kib"));
    assert_true(figure(answer, index, "rss_kib") >= figure(answer, index, "pss_kib"));
    assert_true(figure(answer, index, "minor_faults") >= (json_int_t)(OWN_BYTES / 4096 / 16));
    assert_true(figure(answer, index, "page_tables_kib") > 0);
    assert_int_equal(figure(answer, index, "threads"), 1);
    assert_true(figure(answer, index, "cpu_ms") >= 0);
    assert_true(figure(answer, index, "major_faults") >= 0);
    assert_true(json_is_integer(malloced) && json_integer_value(malloced) >= OWN_KIB);
}

static void
test_figures(void **state)
{
    pid_t first = start_child(), second = start_child();
    char words[2][WORD_SIZE];
    const char *const line[] = {
        "--still", "--map", word_of(first, words[0]), word_of(second, words[1]), words[0], NULL};
    json_t *answer;
    int code = run_probe(line, &answer);
    bool go_on = machine_until(goes_on, &first) && machine_until(goes_on, &second);

    (void)state;
    machine_end(first);
    machine_end(second);
    assert_int_equal(code, EXIT_CODE_OK);
    assert_true(go_on);
    assert_non_null(answer);
    assert_int_equal(json_array_size(json_object_get(answer, "processes")), 2);
    assert_int_equal(json_array_size(json_object_get(answer, "gone")), 0);
    assert_figures(answer, 0, first);
    assert_figures(answer, 1, second);
    assert_int_equal(sum_of(answer, "rss_kib"),
                     figure(answer, 0, "rss_kib") + figure(answer, 1, "rss_kib"));
    assert_int_equal(sum_of(answer, "threads"), 2);
    json_decref(answer);
}

/* Without words there is no map; who stood before stands after. */
static void
test_one_that_stood_before(void **state)
{
    pid_t child = start_child();
    char words[1][WORD_SIZE];
    const char *const line[] = {"--still", word_of(child, words[0]), NULL};
    json_t *answer;
    bool stood, stays;
    int code;

    (void)state;
    kill(child, SIGSTOP);
    stood = machine_until(stands, &child);
    code = run_probe(line, &answer);
    stays = stands(&child);
    machine_end(child);
    assert_true(stood && stays);
    assert_int_equal(code, EXIT_CODE_OK);
    assert_non_null(answer);
    assert_true(figure(answer, 0, "uss_kib") >= OWN_KIB);
    assert_null(json_object_get(json_array_get(json_object_get(answer, "processes"), 0), "kinds"));
    json_decref(answer);
}

static void
test_gone(void **state)
{
    pid_t living = start_child(), dead = start_child(), reaped = start_child();
    char words[3][WORD_SIZE];
    const char *const line[] = {"--still", word_of(living, words[0]), word_of(dead, words[1]),
                                word_of(reaped, words[2]), NULL};
    siginfo_t info;
    const json_t *gone;
    json_t *answer;
    int code;

    (void)state;
    machine_end(reaped);
    kill(dead, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)dead, &info, WEXITED | WNOWAIT), 0);
    code = run_probe(line, &answer);
    assert_int_equal(waitpid(dead, NULL, 0), dead);
    machine_end(living);
    assert_int_equal(code, EXIT_CODE_OK);
    assert_non_null(answer);
    assert_int_equal(json_array_size(json_object_get(answer, "processes")), 1);
    assert_int_equal(figure(answer, 0, "pid"), living);
    gone = json_object_get(answer, "gone");
    assert_int_equal(json_array_size(gone), 2);
    assert_int_equal(json_integer_value(json_array_get(gone, 0)), dead);
    assert_int_equal(json_integer_value(json_array_get(gone, 1)), reaped);
    json_decref(answer);
}

static void
test_usage(void **state)
{
    static const char *const lines[][3] = {
        {NULL},       {"--still", NULL},   {"x", NULL},           {"0", NULL},
        {"-1", NULL}, {"--no", "1", NULL}, {"99999999999", NULL},
    };
    json_t *answer;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        assert_int_equal(run_probe(lines[i], &answer), EXIT_CODE_USAGE);
        assert_null(answer);
    }
}

static void
wait_for_ever(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        pause();
    }
}

/* A process that cannot stop: it waits for a child's exec as after vfork, uninterruptibly. */
static pid_t
start_unstoppable(void)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child != 0) {
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (syscall(SYS_clone, CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
        wait_for_ever();
    }
    _exit(0);
}

/* Ended while it waits for all to stand, it lets go of those that do. */
static void
test_ended_by_a_signal(void **state)
{
    pid_t child = start_child(), unstoppable = start_unstoppable(), probe;
    char words[2][WORD_SIZE];
    const char *const line[] = {"--still", word_of(child, words[0]), word_of(unstoppable, words[1]),
                                NULL};
    bool stood, go_on;
    int status = 0;

    (void)state;
    assert_true(machine_until(is_uninterruptible, &unstoppable));
    probe = start_probe(line, STDERR_FILENO);
    stood = machine_until(stands, &child);
    kill(probe, SIGTERM);
    assert_int_equal(waitpid(probe, &status, 0), probe);
    go_on = machine_until(goes_on, &child);
    machine_end(child);
    machine_end(unstoppable);
    assert_true(stood);
    assert_true(go_on);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_one_that_stood_before),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_ended_by_a_signal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
