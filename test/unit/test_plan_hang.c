/* test_plan_hang.c: workers that do not go on: who counts as hanging, when it is told, what is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

#define CYCLE_MS 5000
#define HANG_MS 60000
#define JOB_MS 3600000

static int
set_up(void **state)
{
    static struct rig rig;

    rig_init(&rig, &rig_settings);
    rig_fill(&rig);
    rig.pool.settings.hang_timeout_ms = HANG_MS;
    rig.pool.settings.max_job_time_ms = JOB_MS;
    *state = &rig;
    return 0;
}

/* A worker whose signs of life are this old at the next cycle; 0: there never was one. */
static struct worker *
set_pulse(struct rig *rig, int64_t beat_age_ms, int64_t progress_age_ms, int64_t job_age_ms)
{
    struct worker *worker = rig->pool.slots[1].current;
    int64_t then_ms = rig->now_ms + CYCLE_MS;

    worker->figures.known = true;
    worker->pulse = (struct pulse){
        .beat_seen_ms = beat_age_ms != 0 ? then_ms - beat_age_ms : 0,
        .progress_seen_ms = progress_age_ms != 0 ? then_ms - progress_age_ms : 0,
        .oldest_job_ms = job_age_ms != 0 ? then_ms - job_age_ms : 0,
    };
    return worker;
}

static void
test_each_sign_has_its_time(void **state)
{
    static const struct {
        int64_t beat_ms;
        int64_t progress_ms;
        int64_t job_ms;
        enum hang hang;
        enum reason reason;
    } cases[] = {
        {1, 1, 1, HANG_NONE, REASON_NONE},
        {0, 0, 0, HANG_NONE, REASON_NONE},
        {HANG_MS - 1, HANG_MS - 1, JOB_MS - 1, HANG_NONE, REASON_NONE},
        {HANG_MS, 1, 1, HANG_NO_BEAT, REASON_HANG},
        {1, HANG_MS, 1, HANG_NO_PROGRESS, REASON_HANG},
        {1, 1, JOB_MS, HANG_JOB_TIME, REASON_JOB_TIME},
        {HANG_MS, HANG_MS, JOB_MS, HANG_NO_BEAT, REASON_HANG},
        {1, HANG_MS, JOB_MS, HANG_NO_PROGRESS, REASON_HANG},
    };
    struct rig *rig;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct worker *worker;

        assert_int_equal(set_up(state), 0);
        rig = *state;
        worker = set_pulse(rig, cases[i].beat_ms, cases[i].progress_ms, cases[i].job_ms);
        rig_cycle(rig, CYCLE_MS);
        assert_int_equal(worker->hang, cases[i].hang);
        assert_int_equal(rig_count(rig, ACTION_HANG), cases[i].hang != HANG_NONE);
        if (cases[i].hang != HANG_NONE) {
            assert_int_equal(rig_action(rig, ACTION_HANG)->reason, cases[i].reason);
        }
        assert_int_equal(rig_tear_down(state), 0);
    }
}

/* FS-11: its native thread beats on, but no Ruby code runs. */
static void
test_fs_11_a_beat_alone_is_no_life(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, 1, HANG_MS, 0);

    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(worker->hang, HANG_NO_PROGRESS);
    assert_int_equal(rig->pool.counters.hangs, 1);
    worker->pulse.beat_seen_ms = rig->now_ms + CYCLE_MS;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(worker->hang, HANG_NO_PROGRESS);
    assert_int_equal(rig_count(rig, ACTION_HANG), 0);
    assert_int_equal(rig->pool.counters.hangs, 1);
}

static void
test_without_a_timeout_nobody_hangs(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, 500000, 500000, 500000);

    rig->pool.settings.hang_timeout_ms = NEVER_MS;
    rig->pool.settings.max_job_time_ms = NEVER_MS;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(worker->hang, HANG_NONE);
    assert_int_equal(rig->actions.count, 0);
}

/* A board of garbage is no sign of anything (FS-13). */
static void
test_an_unknown_board_is_no_hang(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, HANG_MS, HANG_MS, JOB_MS);

    worker->figures.known = false;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(worker->hang, HANG_NONE);
}

static void
test_only_a_cycle_brings_new_signs(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, HANG_MS, 1, 0);

    rig_turn(rig, CYCLE_MS);
    assert_int_equal(worker->hang, HANG_NONE);
    rig_cycle(rig, 1);
    assert_int_equal(worker->hang, HANG_NO_BEAT);
    worker->pulse.beat_seen_ms = rig->now_ms;
    rig_turn(rig, 1);
    assert_int_equal(worker->hang, HANG_NO_BEAT);
    assert_int_equal(rig_count(rig, ACTION_HANG_OVER), 0);
}

static void
test_its_end_is_told_and_the_next_one_too(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, HANG_MS, 1, 0);

    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_HANG), 1);
    (void)set_pulse(rig, 1, 1, 0);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_HANG_OVER)->worker, worker);
    rig_cycle(rig, 1);
    assert_int_equal(rig->actions.count, 0);
    (void)set_pulse(rig, HANG_MS, 1, 0);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_HANG), 1);
    assert_int_equal(rig->pool.counters.hangs, 2);
}

static void
test_log_does_no_more_than_tell(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.hang_action = REMEDY_LOG;
    (void)set_pulse(rig, HANG_MS, 1, 0);
    rig_cycle(rig, CYCLE_MS);
    rig_cycle(rig, HANG_MS);
    assert_int_equal(rig->actions.count, 0);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
}

/* Told first, then its successor; no figure of a limit stands in its line. */
static void
test_recycle_readies_a_successor_once(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, 1, HANG_MS, 0);

    rig->pool.settings.hang_action = REMEDY_RECYCLE;
    worker->finding = (struct policy_finding){.weight = POLICY_EXCEEDED};
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig->actions.list[0].kind, ACTION_HANG);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_HANG);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->finding.weight, POLICY_NO_LIMIT);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    rig_cycle(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    assert_ptr_equal(rig_succeed(rig, 1), worker);
    assert_int_equal(worker->reason, REASON_HANG);
}

static void
test_a_job_that_is_too_old_has_its_own_remedy(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, 1, 1, JOB_MS);

    rig->pool.settings.hang_action = REMEDY_LOG;
    rig->pool.settings.job_time_action = REMEDY_RECYCLE;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(worker->wanted, REASON_JOB_TIME);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_JOB_TIME);
}

/* The dump of its threads has its time first, then TERM, then KILL at --kill-grace. */
static void
test_fs_11_kill_waits_for_the_dump(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = set_pulse(rig, 1, HANG_MS, 0);

    rig->pool.settings.hang_action = REMEDY_KILL;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_TERM), 0);
    assert_int_equal(rig->next_ms, rig->now_ms + PLAN_TRACE_MS);
    rig_turn(rig, PLAN_TRACE_MS - 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_TERM)->reason, REASON_HANG);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(rig->pool.counters.hard_kills, 1);
    rig_turn(rig, rig_settings.kill_grace_ms - 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    rig_turn(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_KILL)->worker, worker);
    assert_int_equal(rig->pool.counters.hard_kills, 1);
}

static void
test_one_that_goes_on_meanwhile_is_spared(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.hang_action = REMEDY_KILL;
    (void)set_pulse(rig, HANG_MS, 1, 0);
    rig_cycle(rig, CYCLE_MS);
    (void)set_pulse(rig, 1, 1, 0);
    rig_cycle(rig, PLAN_TRACE_MS);
    rig_turn(rig, HANG_MS);
    assert_int_equal(rig->actions.count, 0);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
}

/* One that drains fetches nothing, but may hang as well. */
static void
test_a_quieted_worker_may_hang(void **state)
{
    struct rig *rig = *state;
    struct worker *worker;

    rig->pool.settings.hang_action = REMEDY_KILL;
    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    worker = set_pulse(rig, HANG_MS, 1, 0);
    rig_cycle(rig, CYCLE_MS);
    rig_turn(rig, PLAN_TRACE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_TERM)->worker, worker);
}

static void
test_while_it_stops_nobody_hangs(void **state)
{
    struct rig *rig = *state;

    (void)plan_order_stop(&rig->pool, false, rig->now_ms);
    (void)set_pulse(rig, HANG_MS, HANG_MS, JOB_MS);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_HANG), 0);
}

static struct worker *
stop_first(struct rig *rig)
{
    struct worker *worker = set_pulse(rig, HANG_MS, HANG_MS, JOB_MS);

    rig->pool.settings.hang_action = REMEDY_KILL;
    worker->stopped = true;
    worker->pulse.stopped_ms = rig->now_ms;
    return worker;
}

static void
test_fs_08_a_stopped_worker_hangs_for_nobody(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = stop_first(rig);

    rig_cycle(rig, CYCLE_MS);
    rig_cycle(rig, 10 * HANG_MS);
    assert_int_equal(worker->hang, HANG_NONE);
    assert_int_equal(worker->state, WORKER_READY);
    assert_int_equal(rig->next_ms, NEVER_MS);
}

/* Not for a hang: its jobs had no time yet, so KILL comes at Sidekiq's -t and the margin, as ever. */
static void
test_fs_08_its_time_is_configured(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = stop_first(rig);

    rig->pool.settings.stopped_timeout_ms = 30000;
    rig_turn(rig, 29999);
    assert_int_equal(rig_count(rig, ACTION_TERM), 0);
    assert_int_equal(rig->next_ms, rig->now_ms + 1);
    rig_turn(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_TERM)->worker, worker);
    assert_int_equal(rig_action(rig, ACTION_TERM)->reason, REASON_STOPPED);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    rig_turn(rig, rig->pool.timeout_ms + PLAN_STOP_MARGIN_MS - 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_KILL)->reason, REASON_STOPPED);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_sign_has_its_time),
        CASE(test_fs_11_a_beat_alone_is_no_life),
        CASE(test_without_a_timeout_nobody_hangs),
        CASE(test_an_unknown_board_is_no_hang),
        CASE(test_only_a_cycle_brings_new_signs),
        CASE(test_its_end_is_told_and_the_next_one_too),
        CASE(test_log_does_no_more_than_tell),
        CASE(test_recycle_readies_a_successor_once),
        CASE(test_a_job_that_is_too_old_has_its_own_remedy),
        CASE(test_fs_11_kill_waits_for_the_dump),
        CASE(test_one_that_goes_on_meanwhile_is_spared),
        CASE(test_a_quieted_worker_may_hang),
        CASE(test_while_it_stops_nobody_hangs),
        CASE(test_fs_08_a_stopped_worker_hangs_for_nobody),
        CASE(test_fs_08_its_time_is_configured),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
