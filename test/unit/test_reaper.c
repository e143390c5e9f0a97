/*
 * test_reaper.c: deaths told, groups ended, strangers swept, with real processes.
 *
 * This process is a subreaper, as the master is. Every process a test starts ends at the latest when the
 * test's end of the `life` pipe closes.
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
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop_until.h"
#include "master/reaper.h"

#define ID 77

struct fixture {
    struct ev_loop *loop;
    struct reaper *reaper;
    int life[2]; /* nothing is ever written to it */
    int voice
        [2]; /* what started processes write to; its end of file tells that all of them are dead */
    unsigned ends;
    struct process_end last;
    uint64_t last_id;
    int64_t told_ms;
    struct process *drop_in_end;
};

static void
on_end(void *context, uint64_t id, const struct process_end *end)
{
    struct fixture *fixture = context;

    fixture->ends++;
    fixture->last = *end;
    fixture->last_id = id;
    fixture->told_ms = util_now_ms();
    process_drop(fixture->drop_in_end);
}

static void
open_reaper(struct fixture *fixture)
{
    struct reaper_handlers handlers = {.context = fixture, .on_end = on_end};

    assert_int_equal(reaper_open(fixture->loop, &handlers, &fixture->reaper), 0);
}

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    *state = fixture;
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    if (pipe2(fixture->life, O_CLOEXEC) < 0 || pipe2(fixture->voice, O_CLOEXEC) < 0) {
        return -1;
    }
    open_reaper(fixture);
    return 0;
}

static bool
has_no_children(void *context)
{
    siginfo_t info;

    (void)context;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0) {
    }
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

/* The same, but without reaping anybody: that is left to the reaper. */
static bool
are_children_reaped(void *context)
{
    siginfo_t info;

    (void)context;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    bool are_gone;

    util_close(&fixture->life[0]);
    util_close(&fixture->life[1]);
    reaper_close(fixture->reaper);
    are_gone = loop_until(fixture->loop, has_no_children, NULL);
    util_close(&fixture->voice[0]);
    util_close(&fixture->voice[1]);
    ev_loop_destroy(fixture->loop);
    free(fixture);
    return are_gone ? 0 : -1;
}

/* In a started process: stays until the test ends or a signal comes. */
static void
live(struct fixture *fixture)
{
    char byte;

    util_close(&fixture->life[1]);
    util_close(&fixture->voice[0]);
    while (read(fixture->life[0], &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

static void
speak(struct fixture *fixture)
{
    if (write(fixture->voice[1], "x", 1) != 1) {
        _exit(99);
    }
}

/* In a started process: starts another. */
static pid_t
start_in_child(struct fixture *fixture, void (*run)(struct fixture *fixture))
{
    pid_t pid = fork();

    if (pid == 0) {
        run(fixture);
        _exit(0);
    }
    return pid;
}

static pid_t
start(struct fixture *fixture, void (*run)(struct fixture *fixture))
{
    pid_t pid = start_in_child(fixture, run);

    assert_true(pid > 0);
    return pid;
}

static struct process *
adopt(struct fixture *fixture, pid_t pid)
{
    struct process *process = NULL;

    assert_int_equal(reaper_adopt(fixture->reaper, pid, ID, &process), 0);
    assert_non_null(process);
    return process;
}

static bool
has_ended(void *context)
{
    return ((const struct fixture *)context)->ends > 0;
}

static bool
is_over(void *context)
{
    return process_is_over(context);
}

static bool
is_idle(void *context)
{
    return reaper_is_idle(context);
}

/* Waits for a byte of a started process; false at the end of file, that is, when all are dead. */
static bool
hear(struct fixture *fixture)
{
    struct pollfd voice = {.fd = fixture->voice[0], .events = POLLIN};
    char byte;

    assert_int_equal(poll(&voice, 1, LOOP_DEADLINE_MS), 1);
    return read(fixture->voice[0], &byte, 1) == 1;
}

/* Our own writing end must be closed before the end of file can be seen. */
static bool
is_silent(void *context)
{
    struct fixture *fixture = context;
    struct pollfd voice = {.fd = fixture->voice[0], .events = POLLIN};
    char byte;

    while (poll(&voice, 1, 0) == 1) {
        if (read(fixture->voice[0], &byte, 1) != 1) {
            return true;
        }
    }
    return false;
}

static void
leave_42(struct fixture *fixture)
{
    (void)fixture;
    _exit(42);
}

static void
wait_dead(pid_t pid)
{
    siginfo_t info;

    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void
test_an_exit_is_told_once_with_its_code(void **state)
{
    struct fixture *fixture = *state;
    pid_t pid = start(fixture, leave_42);
    struct process *process = adopt(fixture, pid);

    assert_true(loop_until(fixture->loop, has_ended, fixture));
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->ends, 1);
    assert_int_equal(fixture->last_id, ID);
    assert_int_equal(fixture->last.pid, pid);
    assert_false(fixture->last.signaled);
    assert_int_equal(fixture->last.code, 42);
    assert_int_equal(process_pid(process), pid);
    assert_true(process_is_over(process));
    assert_true(reaper_is_idle(fixture->reaper));
    assert_int_equal(process_signal(process, SIGKILL), -ESRCH);
    assert_int_equal(process_signal_group(process, SIGKILL), -ESRCH);
    assert_int_equal(process_state(process), '?');
    process_drop(process);
}

#define EATEN_MIB 64

static void
eat(struct fixture *fixture)
{
    size_t size = (size_t)EATEN_MIB << 20;
    char *bytes = malloc(size);

    (void)fixture;
    if (bytes == NULL) {
        _exit(99);
    }
    for (size_t at = 0; at < size; at += 4096) {
        ((volatile char *)bytes)[at] = 1;
    }
    free(bytes);
}

static void
eat_and_be_killed(struct fixture *fixture)
{
    eat(fixture);
    raise(SIGKILL);
}

/* Its own peak is small; that of the child that it waited for is not. */
static void
wait_for_an_eater(struct fixture *fixture)
{
    pid_t pid = start_in_child(fixture, eat);

    waitpid(pid, NULL, 0);
}

static void
assert_peak_is_told(struct fixture *fixture, void (*run)(struct fixture *fixture))
{
    struct process *process = adopt(fixture, start(fixture, run));

    fixture->ends = 0;
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    /* The kernel counts RSS by CPU and adds it up roughly. */
    assert_true(fixture->last.maxrss_kib >= (uint64_t)EATEN_MIB * 1024 / 2);
    assert_true(fixture->last.maxrss_kib < (uint64_t)EATEN_MIB * 1024 * 16);
    process_drop(process);
}

static void
test_the_peak_of_memory_is_told(void **state)
{
    assert_peak_is_told(*state, eat);
}

static void
test_the_peak_of_a_killed_process_is_told(void **state)
{
    assert_peak_is_told(*state, eat_and_be_killed);
}

static void
test_the_peak_counts_children_that_were_waited_for(void **state)
{
    assert_peak_is_told(*state, wait_for_an_eater);
}

static void
test_a_death_by_signal_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, live));

    assert_false(reaper_is_idle(fixture->reaper));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    assert_true(fixture->last.signaled);
    assert_false(fixture->last.core);
    assert_int_equal(fixture->last.code, SIGKILL);
    process_drop(process);
}

/* FS-01. Not dumpable, so that no machine keeps a core of it. */
static void
crash(struct fixture *fixture)
{
    (void)fixture;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void
test_fs01_a_crash_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, crash));

    assert_true(loop_until(fixture->loop, has_ended, fixture));
    assert_true(fixture->last.signaled);
    assert_false(fixture->last.core);
    assert_int_equal(fixture->last.code, SIGSEGV);
    process_drop(process);
}

static void
test_a_zombie_can_be_adopted(void **state)
{
    struct fixture *fixture = *state;
    pid_t pid = start(fixture, leave_42);
    struct process *process;

    wait_dead(pid);
    process = adopt(fixture, pid);
    assert_int_equal(fixture->ends, 0);
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    assert_int_equal(fixture->last.code, 42);
    process_drop(process);
}

static void
test_what_is_no_child_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = NULL;
    struct process *again = NULL;
    pid_t pid = start(fixture, leave_42);
    unsigned fds;

    process = adopt(fixture, pid);
    fds = loop_count_fds();
    assert_int_equal(reaper_adopt(fixture->reaper, pid, ID, &again), -EEXIST);
    assert_int_equal(reaper_adopt(fixture->reaper, getpid(), ID, &again), -ECHILD);
    assert_true(reaper_adopt(fixture->reaper, 0, ID, &again) < 0);
    assert_true(reaper_adopt(fixture->reaper, -1, ID, &again) < 0);
    assert_null(again);
    assert_int_equal(loop_count_fds(), fds);
    assert_true(loop_until(fixture->loop, is_over, process));
    assert_true(reaper_adopt(fixture->reaper, pid, ID, &again) < 0);
    process_drop(process);
}

/* The middle of a double fork, which tells the pid of its child and waits to be ended. */
static void
be_middle(struct fixture *fixture)
{
    pid_t worker = start_in_child(fixture, live);

    if (write(fixture->voice[1], &worker, sizeof(worker)) != sizeof(worker)) {
        _exit(99);
    }
    live(fixture);
}

static void
test_a_grandchild_is_ours_when_its_parent_is_gone(void **state)
{
    struct fixture *fixture = *state;
    struct process *middle = adopt(fixture, start(fixture, be_middle));
    struct process *worker = NULL;
    pid_t pid;

    assert_int_equal(read(fixture->voice[0], &pid, sizeof(pid)), sizeof(pid));
    assert_int_equal(reaper_adopt(fixture->reaper, pid, ID, &worker), -ECHILD);
    assert_int_equal(process_signal(middle, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_over, middle));
    worker = adopt(fixture, pid);
    assert_int_equal(process_signal(worker, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_over, worker));
    assert_int_equal(fixture->ends, 2);
    process_drop(middle);
    process_drop(worker);
}

static bool
is_stopped(void *context)
{
    return process_state(context) == 'T';
}

static void
test_fs08_a_stop_is_no_death(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, live));

    assert_int_equal(process_signal(process, SIGSTOP), 0);
    assert_true(loop_until(fixture->loop, is_stopped, process));
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->ends, 0);
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    process_drop(process);
}

static void
speak_and_live(struct fixture *fixture)
{
    speak(fixture);
    live(fixture);
}

static void
defy_term(struct fixture *fixture)
{
    signal(SIGTERM, SIG_IGN);
    speak(fixture);
    live(fixture);
}

/* A worker whose job started a program; each stays. */
static void
lead_obedient(struct fixture *fixture)
{
    setpgid(0, 0);
    start_in_child(fixture, speak_and_live);
    live(fixture);
}

static void
lead_defiant(struct fixture *fixture)
{
    setpgid(0, 0);
    start_in_child(fixture, defy_term);
    live(fixture);
}

static void
test_fs12_a_group_gets_term(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, lead_obedient));

    util_close(&fixture->voice[1]);
    assert_true(hear(fixture));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_silent, fixture));
    assert_true(loop_until(fixture->loop, is_over, process));
    assert_int_equal(fixture->ends, 1);
    assert_true(loop_until(fixture->loop, has_no_children, NULL));
    process_drop(process);
}

static void
test_fs12_a_group_that_stays_gets_kill(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, lead_defiant));

    util_close(&fixture->voice[1]);
    assert_true(hear(fixture));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    assert_false(process_is_over(process));
    assert_false(reaper_is_idle(fixture->reaper));
    assert_int_equal(process_state(process), 'Z');
    assert_int_equal(process_signal(process, 0), -ESRCH);
    assert_int_equal(process_signal_group(process, 0), 0);
    assert_true(loop_until(fixture->loop, is_silent, fixture));
    assert_true(util_now_ms() - fixture->told_ms >= REAPER_GROUP_GRACE_MS);
    assert_true(loop_until(fixture->loop, is_over, process));
    assert_int_equal(process_signal_group(process, SIGKILL), -ESRCH);
    assert_int_equal(fixture->ends, 1);
    process_drop(process);
    assert_true(loop_until(fixture->loop, has_no_children, NULL));
}

static void
test_the_owner_may_end_the_group_sooner(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, lead_defiant));

    util_close(&fixture->voice[1]);
    assert_true(hear(fixture));
    assert_int_equal(process_signal_group(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_silent, fixture));
    assert_true(loop_until(fixture->loop, is_over, process));
    process_drop(process);
}

static void
test_a_pinned_zombie_holds_up_nobody_for_long(void **state)
{
    struct fixture *fixture = *state;
    struct process *pinned = adopt(fixture, start(fixture, lead_defiant));
    struct process *other;

    util_close(&fixture->voice[1]);
    assert_true(hear(fixture));
    assert_int_equal(process_signal(pinned, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    start(fixture, leave_42);
    other = adopt(fixture, start(fixture, leave_42));
    assert_true(loop_until(fixture->loop, is_over, other));
    process_drop(pinned);
    process_drop(other);
    assert_true(loop_until(fixture->loop, is_idle, fixture->reaper));
    assert_true(loop_until(fixture->loop, is_silent, fixture));
    assert_true(loop_until(fixture->loop, are_children_reaped, NULL));
    assert_int_equal(fixture->ends, 2);
}

static void
test_a_process_in_our_own_group_costs_nobody_else(void **state)
{
    struct fixture *fixture = *state;
    struct process *sibling = adopt(fixture, start(fixture, live));
    struct process *process = adopt(fixture, start(fixture, leave_42));

    assert_true(loop_until(fixture->loop, is_over, process));
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->ends, 1);
    assert_int_equal(process_signal(sibling, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_over, sibling));
    process_drop(process);
    process_drop(sibling);
}

static void
test_a_process_may_be_dropped_in_its_end(void **state)
{
    struct fixture *fixture = *state;

    fixture->drop_in_end = adopt(fixture, start(fixture, leave_42));
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    assert_true(loop_until(fixture->loop, is_idle, fixture->reaper));
    assert_int_equal(fixture->ends, 1);
}

static void
test_a_dropped_process_is_reaped_untold(void **state)
{
    struct fixture *fixture = *state;
    pid_t pid = start(fixture, live);

    process_drop(adopt(fixture, pid));
    process_drop(NULL);
    assert_false(reaper_is_idle(fixture->reaper));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_idle, fixture->reaper));
    assert_int_equal(fixture->ends, 0);
}

#define STORM 1000

static void
start_storm(struct fixture *fixture)
{
    for (int i = 0; i < STORM; i++) {
        pid_t pid = start_in_child(fixture, leave_42);

        if (pid < 0) {
            _exit(1);
        }
    }
}

static bool
are_strangers_gone(void *context)
{
    struct fixture *fixture = context;
    siginfo_t info = {.si_pid = 0};

    return is_silent(fixture) && reaper_signal_strangers(fixture->reaper, 0) == 0 &&
           waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static void
test_fs50_a_storm_of_strangers_is_reaped(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, live));
    pid_t pid;

    /* Only the storm holds the voice: the one that stays had it before. */
    util_close(&fixture->voice[0]);
    util_close(&fixture->voice[1]);
    assert_int_equal(pipe2(fixture->voice, O_CLOEXEC), 0);
    pid = start(fixture, start_storm);
    util_close(&fixture->voice[1]);
    wait_dead(pid);
    assert_true(loop_until(fixture->loop, are_strangers_gone, fixture));
    assert_int_equal(fixture->ends, 0);
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_over, process));
    process_drop(process);
}

/* Alive or dead: kill(2) finds both, as long as nobody has reaped them. */
static pid_t strangers[2];

static bool
are_strangers_reaped(void *context)
{
    (void)context;
    return kill(strangers[0], 0) < 0 && kill(strangers[1], 0) < 0;
}

static void
test_strangers_are_signalled(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, live));

    strangers[0] = start(fixture, live);
    strangers[1] = start(fixture, live);
    assert_int_equal(reaper_signal_strangers(fixture->reaper, SIGKILL), 2);
    assert_true(loop_until(fixture->loop, are_strangers_reaped, NULL));
    assert_int_equal(fixture->ends, 0);
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, is_over, process));
    process_drop(process);
}

static void
test_an_ignored_sigchld_costs_no_status(void **state)
{
    struct fixture *fixture = *state;
    struct process *process;

    reaper_close(fixture->reaper);
    signal(SIGCHLD, SIG_IGN);
    open_reaper(fixture);
    process = adopt(fixture, start(fixture, leave_42));
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    assert_int_equal(fixture->last.code, 42);
    process_drop(process);
}

static void
test_close_reaps_the_dead_and_forgets_the_living(void **state)
{
    struct fixture *fixture = *state;
    pid_t dead = start(fixture, leave_42);
    pid_t stranger = start(fixture, leave_42);
    pid_t living = start(fixture, live);
    sigset_t mask;
    siginfo_t info;

    adopt(fixture, dead);
    adopt(fixture, living);
    wait_dead(dead);
    wait_dead(stranger);
    reaper_close(fixture->reaper);
    fixture->reaper = NULL;
    assert_int_equal(waitid(P_PID, (id_t)dead, &info, WEXITED | WNOHANG), -1);
    assert_int_equal(waitid(P_PID, (id_t)stranger, &info, WEXITED | WNOHANG), -1);
    assert_int_equal(kill(living, 0), 0);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    assert_false(sigismember(&mask, SIGCHLD));
    assert_int_equal(fixture->ends, 0);
}

static void
test_close_kills_a_group_that_waits(void **state)
{
    struct fixture *fixture = *state;
    struct process *process = adopt(fixture, start(fixture, lead_defiant));

    util_close(&fixture->voice[1]);
    assert_true(hear(fixture));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(fixture->loop, has_ended, fixture));
    reaper_close(fixture->reaper);
    fixture->reaper = NULL;
    assert_true(loop_until(fixture->loop, is_silent, fixture));
}

static void
test_no_descriptor_is_leaked(void **state)
{
    struct fixture *fixture = *state;
    unsigned fds = loop_count_fds();

    for (int i = 0; i < 20; i++) {
        struct process *process = adopt(fixture, start(fixture, leave_42));

        assert_true(loop_until(fixture->loop, is_over, process));
        process_drop(process);
    }
    /* The loop opens its own descriptors at its first turn. */
    assert_in_range(loop_count_fds(), fds, fds + 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_exit_is_told_once_with_its_code, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_peak_of_memory_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_peak_of_a_killed_process_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_peak_counts_children_that_were_waited_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_death_by_signal_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fs01_a_crash_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_zombie_can_be_adopted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_child_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_grandchild_is_ours_when_its_parent_is_gone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_fs08_a_stop_is_no_death, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fs12_a_group_gets_term, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fs12_a_group_that_stays_gets_kill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_owner_may_end_the_group_sooner, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_pinned_zombie_holds_up_nobody_for_long, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_process_in_our_own_group_costs_nobody_else, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_process_may_be_dropped_in_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_dropped_process_is_reaped_untold, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fs50_a_storm_of_strangers_is_reaped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strangers_are_signalled, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_ignored_sigchld_costs_no_status, setup, teardown),
        cmocka_unit_test_setup_teardown(test_close_reaps_the_dead_and_forgets_the_living, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_close_kills_a_group_that_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_descriptor_is_leaked, setup, teardown),
    };

    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
