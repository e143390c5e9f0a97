/*
 * test_reaper_group.c: groups ended and strangers swept, with real processes.
 */
#include "reaper_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void
speak_and_live(struct reaper_rig *rig)
{
    reaper_rig_speak(rig);
    reaper_rig_live(rig);
}

static void
defy_term(struct reaper_rig *rig)
{
    signal(SIGTERM, SIG_IGN);
    reaper_rig_speak(rig);
    reaper_rig_live(rig);
}

/* A worker whose job started a program; each stays. */
static void
lead_obedient(struct reaper_rig *rig)
{
    setpgid(0, 0);
    reaper_rig_start_in_child(rig, speak_and_live);
    reaper_rig_live(rig);
}

static void
lead_defiant(struct reaper_rig *rig)
{
    setpgid(0, 0);
    reaper_rig_start_in_child(rig, defy_term);
    reaper_rig_live(rig);
}

static void
test_fs12_a_group_gets_term(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, lead_obedient));

    util_close(&rig->voice[1]);
    assert_true(reaper_rig_hear(rig));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_silent, rig));
    assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
    assert_int_equal(rig->ends, 1);
    assert_true(loop_until(rig->loop, loop_has_no_children, NULL));
    process_drop(process);
}

static void
test_fs12_a_group_that_stays_gets_kill(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, lead_defiant));

    util_close(&rig->voice[1]);
    assert_true(reaper_rig_hear(rig));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    assert_false(process_is_over(process));
    assert_false(reaper_is_idle(rig->reaper));
    assert_int_equal(process_state(process), 'Z');
    assert_int_equal(process_signal(process, 0), -ESRCH);
    assert_int_equal(process_signal_group(process, 0), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_silent, rig));
    assert_true(util_now_ms() - rig->told_ms >= REAPER_GROUP_GRACE_MS);
    assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
    assert_int_equal(process_signal_group(process, SIGKILL), -ESRCH);
    assert_int_equal(rig->ends, 1);
    process_drop(process);
    assert_true(loop_until(rig->loop, loop_has_no_children, NULL));
}

static void
test_the_owner_may_end_the_group_sooner(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, lead_defiant));

    util_close(&rig->voice[1]);
    assert_true(reaper_rig_hear(rig));
    assert_int_equal(process_signal_group(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_silent, rig));
    assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
    process_drop(process);
}

static void
test_a_pinned_zombie_holds_up_nobody_for_long(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *pinned = reaper_rig_adopt(rig, reaper_rig_start(rig, lead_defiant));
    struct process *other;

    util_close(&rig->voice[1]);
    assert_true(reaper_rig_hear(rig));
    assert_int_equal(process_signal(pinned, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    reaper_rig_start(rig, reaper_rig_leave_42);
    other = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_leave_42));
    assert_true(loop_until(rig->loop, reaper_rig_is_over, other));
    process_drop(pinned);
    process_drop(other);
    assert_true(loop_until(rig->loop, reaper_rig_is_idle, rig->reaper));
    assert_true(loop_until(rig->loop, reaper_rig_is_silent, rig));
    assert_true(loop_until(rig->loop, loop_has_no_children, NULL));
    assert_int_equal(rig->ends, 2);
}

static void
test_a_process_in_our_own_group_costs_nobody_else(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *sibling = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_live));
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_leave_42));

    assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
    loop_some_turns(rig->loop);
    assert_int_equal(rig->ends, 1);
    assert_int_equal(process_signal(sibling, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_over, sibling));
    process_drop(process);
    process_drop(sibling);
}

static void
test_close_kills_a_group_that_waits(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, lead_defiant));

    util_close(&rig->voice[1]);
    assert_true(reaper_rig_hear(rig));
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_has_ended, rig));
    reaper_close(rig->reaper);
    rig->reaper = NULL;
    assert_true(loop_until(rig->loop, reaper_rig_is_silent, rig));
}

#define STORM 1000

static void
start_storm(struct reaper_rig *rig)
{
    for (int i = 0; i < STORM; i++) {
        pid_t pid = reaper_rig_start_in_child(rig, reaper_rig_leave_42);

        if (pid < 0) {
            _exit(1);
        }
    }
}

static bool
are_strangers_gone(void *context)
{
    struct reaper_rig *rig = context;
    siginfo_t info = {.si_pid = 0};

    return reaper_rig_is_silent(rig) && reaper_signal_strangers(rig->reaper, 0) == 0 &&
           waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static void
test_fs50_a_storm_of_strangers_is_reaped(void **state)
{
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_live));
    pid_t pid;

    /* Only the storm holds the voice: the one that stays had it before. */
    util_close(&rig->voice[0]);
    util_close(&rig->voice[1]);
    assert_int_equal(pipe2(rig->voice, O_CLOEXEC), 0);
    pid = reaper_rig_start(rig, start_storm);
    util_close(&rig->voice[1]);
    reaper_rig_wait_dead(pid);
    assert_true(loop_until(rig->loop, are_strangers_gone, rig));
    assert_int_equal(rig->ends, 0);
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
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
    struct reaper_rig *rig = *state;
    struct process *process = reaper_rig_adopt(rig, reaper_rig_start(rig, reaper_rig_live));

    strangers[0] = reaper_rig_start(rig, reaper_rig_live);
    strangers[1] = reaper_rig_start(rig, reaper_rig_live);
    assert_int_equal(reaper_signal_strangers(rig->reaper, SIGKILL), 2);
    assert_true(loop_until(rig->loop, are_strangers_reaped, NULL));
    assert_int_equal(rig->ends, 0);
    assert_int_equal(process_signal(process, SIGKILL), 0);
    assert_true(loop_until(rig->loop, reaper_rig_is_over, process));
    process_drop(process);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        REAPER_CASE(test_fs12_a_group_gets_term),
        REAPER_CASE(test_fs12_a_group_that_stays_gets_kill),
        REAPER_CASE(test_the_owner_may_end_the_group_sooner),
        REAPER_CASE(test_a_pinned_zombie_holds_up_nobody_for_long),
        REAPER_CASE(test_a_process_in_our_own_group_costs_nobody_else),
        REAPER_CASE(test_close_kills_a_group_that_waits),
        REAPER_CASE(test_fs50_a_storm_of_strangers_is_reaped),
        REAPER_CASE(test_strangers_are_signalled),
    };

    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
