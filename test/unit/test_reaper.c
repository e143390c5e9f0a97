/*
 * test_reaper.c: deaths told, with real processes.
 */
#include "reaper_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_an_exit_is_told_once_with_its_code(void **state)
{
    struct reaper_rig *rig = *state;
    pid_t pid = reaper_rig_start(rig, reaper_rig_leave_42);
    struct process *process = reaper_rig_adopt(rig, pid);

    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    loop_some_turns(rig->loop);
    assert_int_equal(rig->ends, 1);
    assert_int_equal(rig->last_id, REAPER_RIG_ID);
    assert_int_equal(rig->last.pid, pid);
    assert_false(rig->last.signaled);
    assert_int_equal(rig->last.code, 42);
    assert_int_equal(process_pid(process), pid);
    assert_true(process_is_over(process));
    assert_true(reaper_is_idle(rig->reaper));
    assert_int_equal(process_signal(process, SIGKILL), -ESRCH);
    assert_int_equal(process_signal_group(process, SIGKILL), -ESRCH);
    assert_int_equal(process_state(process), '?');
    process_drop(process);
}

#define EATEN_MIB 64

static void
eat(struct reaper_rig *rig)
{
    size_t size = (size_t)EATEN_MIB << 20;
    char *bytes = malloc(size);

    (void)rig;
    if (bytes == NULL) {
        _exit(99);
    }
    for (size_t at = 0; at < size; at += 4096) {
        ((volatile char *)bytes)[at] = 1;
    }
    free(bytes);
}

static void
eat_and_be_killed(struct reaper_rig *rig)
{
    eat(rig);
    raise(SIGKILL);
}

/* Its own peak is small; that of the child that it waited for is not. */
static void
wait_for_an_eater(struct reaper_rig *rig)
{
    pid_t pid = reaper_rig_start_in_child(rig, eat);

    waitpid(pid, NULL, 0);
}

static void
assert_peak_is_told(struct reaper_rig *rig, void (*run)(struct reaper_rig *rig))
{
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, run));

    rig->ends = 0;
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    /* The kernel counts RSS by CPU and adds it up roughly. */
    assert_true(rig->last.maxrss_kib >= (uint64_t)EATEN_MIB * 1024 / 2);
    assert_true(rig->last.maxrss_kib < (uint64_t)EATEN_MIB * 1024 * 16);
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
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_live));

    assert_false(reaper_is_idle(rig->reaper));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    assert_true(rig->last.signaled);
    assert_false(rig->last.core);
    assert_int_equal(rig->last.code, SIGKILL);
    process_drop(process);
}

/* FS-01. Not dumpable, so that no machine keeps a core of it. */
static void
crash(struct reaper_rig *rig)
{
    (void)rig;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void
test_fs01_a_crash_is_told(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, crash));

    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    assert_true(rig->last.signaled);
    assert_false(rig->last.core);
    assert_int_equal(rig->last.code, SIGSEGV);
    process_drop(process);
}

static void
test_a_zombie_can_be_adopted(void **state)
{
    struct reaper_rig *rig = *state;
    pid_t pid = reaper_rig_start(rig, reaper_rig_leave_42);
    struct process *process;

    reaper_rig_wait_dead(pid);
    process = reaper_rig_adopt(rig, pid);
    assert_int_equal(rig->ends, 0);
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    assert_int_equal(rig->last.code, 42);
    process_drop(process);
}

static void
test_what_is_no_child_is_refused(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process = NULL;
    struct process *again = NULL;
    pid_t pid = reaper_rig_start(rig, reaper_rig_leave_42);
    unsigned fds;

    process = reaper_rig_adopt(rig, pid);
    fds = loop_count_fds();
    assert_int_equal(reaper_adopt(rig->reaper, pid, REAPER_RIG_ID, &again), -EEXIST);
    assert_int_equal(reaper_adopt(rig->reaper, getpid(), REAPER_RIG_ID, &again), -ECHILD);
    assert_true(reaper_adopt(rig->reaper, 0, REAPER_RIG_ID, &again) < 0);
    assert_true(reaper_adopt(rig->reaper, -1, REAPER_RIG_ID, &again) < 0);
    assert_null(again);
    assert_int_equal(loop_count_fds(), fds);
    assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
    assert_true(reaper_adopt(rig->reaper, pid, REAPER_RIG_ID, &again) < 0);
    process_drop(process);
}

/* The middle of a double fork, which tells the pid of its child and waits to be ended. */
static void
be_middle(struct reaper_rig *rig)
{
    pid_t worker = reaper_rig_start_in_child(rig, reaper_rig_live);

    if (write(rig->voice[1], &worker, sizeof(worker)) != sizeof(worker)) {
        _exit(99);
    }
    reaper_rig_live(rig);
}

static void
test_a_grandchild_is_ours_when_its_parent_is_gone(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *middle = reaper_rig_adopt(rig, reaper_rig_start(rig, be_middle));
    struct process *worker = NULL;
    pid_t pid;

    assert_int_equal(read(rig->voice[0], &pid, sizeof(pid)), sizeof(pid));
    assert_int_equal(reaper_adopt(rig->reaper, pid, REAPER_RIG_ID, &worker), -ECHILD);
    assert_int_equal(process_signal(middle, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_over, middle));
    worker = reaper_rig_adopt(rig, pid);
    assert_int_equal(process_signal(worker, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_over, worker));
    assert_int_equal(rig->ends, 2);
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
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_live));

    assert_int_equal(process_signal(process, SIGSTOP), 0);
    assert_true(loop_until(rig->loop, is_stopped, process));
    loop_some_turns(rig->loop);
    assert_int_equal(rig->ends, 0);
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    process_drop(process);
}

static void
test_a_process_may_be_dropped_in_its_end(void **state)
{
    struct reaper_rig *rig = *state;

    rig->drop_in_end = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_leave_42));
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    assert_true(loop_until(rig->loop, reaper_rig_is_idle, rig->reaper));
    assert_int_equal(rig->ends, 1);
}

static void
test_a_dropped_process_is_reaped_untold(void **state)
{
    struct reaper_rig *rig = *state;
    pid_t pid = reaper_rig_start(rig, reaper_rig_live);

    process_drop(reaper_rig_adopt(rig, pid));
    process_drop(NULL);
    assert_false(reaper_is_idle(rig->reaper));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_idle, rig->reaper));
    assert_int_equal(rig->ends, 0);
}

static void
test_an_ignored_sigchld_costs_no_status(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process;

    reaper_close(rig->reaper);
    signal(SIGCHLD, SIG_IGN);
    reaper_rig_open(rig);
    process = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_leave_42));
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    assert_int_equal(rig->last.code, 42);
    process_drop(process);
}

static void
test_close_reaps_the_dead_and_forgets_the_living(void **state)
{
    struct reaper_rig *rig = *state;
    pid_t dead = reaper_rig_start(rig, reaper_rig_leave_42);
    pid_t stranger = reaper_rig_start(rig, reaper_rig_leave_42);
    pid_t living = reaper_rig_start(rig, reaper_rig_live);
    sigset_t mask;
    siginfo_t info;

    reaper_rig_adopt(rig, dead);
    reaper_rig_adopt(rig, living);
    reaper_rig_wait_dead(dead);
    reaper_rig_wait_dead(stranger);
    reaper_close(rig->reaper);
    rig->reaper = NULL;
    assert_int_equal(waitid(P_PID, (id_t)dead, &info, WEXITED | WNOHANG), -1);
    assert_int_equal(waitid(P_PID, (id_t)stranger, &info, WEXITED | WNOHANG), -1);
    assert_int_equal(kill(living, 0), 0);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    assert_false(sigismember(&mask, SIGCHLD));
    assert_int_equal(rig->ends, 0);
}

static void
test_no_descriptor_is_leaked(void **state)
{
    struct reaper_rig *rig = *state;
    unsigned fds = loop_count_fds();

    for (int i = 0; i < 20; i++) {
        struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_leave_42));

        assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
        process_drop(process);
    }
    /* The loop opens its own descriptors at its first turn. */
    assert_in_range(loop_count_fds(), fds, fds + 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        REAPER_CASE(test_an_exit_is_told_once_with_its_code),
        REAPER_CASE(test_the_peak_of_memory_is_told),
        REAPER_CASE(test_the_peak_of_a_killed_process_is_told),
        REAPER_CASE(test_the_peak_counts_children_that_were_waited_for),
        REAPER_CASE(test_a_death_by_signal_is_told),
        REAPER_CASE(test_fs01_a_crash_is_told),
        REAPER_CASE(test_a_zombie_can_be_adopted),
        REAPER_CASE(test_what_is_no_child_is_refused),
        REAPER_CASE(test_a_grandchild_is_ours_when_its_parent_is_gone),
        REAPER_CASE(test_fs08_a_stop_is_no_death),
        REAPER_CASE(test_a_process_may_be_dropped_in_its_end),
        REAPER_CASE(test_a_dropped_process_is_reaped_untold),
        REAPER_CASE(test_an_ignored_sigchld_costs_no_status),
        REAPER_CASE(test_close_reaps_the_dead_and_forgets_the_living),
        REAPER_CASE(test_no_descriptor_is_leaked),
    };

    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
