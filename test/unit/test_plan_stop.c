/* test_plan_stop.c: the end of the service, step by step. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

static void
stop(struct rig *rig, bool is_person)
{
    (void)plan_order_stop(&rig->pool, is_person, rig->now_ms);
}

static void
end_mold(struct rig *rig)
{
    struct mold *mold;

    TAILQ_FOREACH (mold, &rig->pool.molds, entry) {
        mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGKILL};
    }
}

static void
test_workers_get_term_and_the_mold_kill(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    stop(rig, false);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 3);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    end_mold(rig);
    for (unsigned i = 0; i < 3; i++) {
        rig_exit(rig->pool.slots[i].current, 0);
    }
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_WORKER_GONE), 3);
    assert_int_equal(rig_count(rig, ACTION_LEAVE), 1);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 0);
    assert_int_equal(rig->pool.stop.exit_code, 0);
}

static void
test_fs_38_what_holds_no_job_is_killed_at_once(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 0);
    stop(rig, false);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 1);
    end_mold(rig);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_LEAVE), 1);
}

static void
test_fs_09_kill_comes_at_timeout_and_margin(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    rig->pool.timeout_ms = 8000;
    stop(rig, false);
    rig_turn(rig, 1);
    assert_int_equal(rig->next_ms, rig->now_ms + PLAN_STUCK_MS);
    end_mold(rig);
    rig_turn(rig, 8000 + PLAN_STOP_MARGIN_MS - 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 3);
}

static void
test_fs_51_a_repeated_term_is_the_same_order(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    stop(rig, false);
    rig_turn(rig, PLAN_SAME_ORDER_MS - 1);
    stop(rig, false);
    assert_int_equal(rig->pool.stop.stage, STOP_GRACEFUL);
    rig_turn(rig, 1);
    stop(rig, false);
    assert_int_equal(rig->pool.stop.stage, STOP_HURRIED);
}

static void
test_fs_51_a_second_int_hurries_and_a_third_kills(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    stop(rig, true);
    rig_turn(rig, 1);
    stop(rig, true);
    assert_int_equal(rig->pool.stop.stage, STOP_HURRIED);
    rig_turn(rig, PLAN_HURRY_MS - 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    stop(rig, true);
    rig_turn(rig, 0);
    assert_int_equal(rig_count(rig, ACTION_KILL), 3);
}

static void
test_a_hurried_stop_kills_after_five_seconds(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    stop(rig, true);
    rig_turn(rig, 1);
    stop(rig, true);
    rig_turn(rig, PLAN_HURRY_MS);
    assert_int_equal(rig_count(rig, ACTION_KILL), 3);
}

static void
test_f8_a_platforms_limit_comes_before_sidekiqs_timeout(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.stop_limit_ms = 28000;
    rig_fill(rig);
    stop(rig, false);
    rig_turn(rig, 1);
    rig_turn(rig, 27998);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 3);
}

static void
test_nothing_is_replaced_while_it_stops(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    assert_int_equal(plan_order_recycle(&rig->pool, 0), 0);
    stop(rig, false);
    rig_turn(rig, 1);
    rig_kill(rig->pool.slots[1].current, SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

static void
test_a_stuck_worker_does_not_hold_the_end(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    stop(rig, true);
    stop(rig, true);
    stop(rig, true);
    rig_turn(rig, 1);
    end_mold(rig);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_LEAVE), 0);
    rig_turn(rig, PLAN_STUCK_MS);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_LEAVE), 1);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_workers_get_term_and_the_mold_kill),
        CASE(test_fs_38_what_holds_no_job_is_killed_at_once),
        CASE(test_fs_09_kill_comes_at_timeout_and_margin),
        CASE(test_fs_51_a_repeated_term_is_the_same_order),
        CASE(test_fs_51_a_second_int_hurries_and_a_third_kills),
        CASE(test_a_hurried_stop_kills_after_five_seconds),
        CASE(test_f8_a_platforms_limit_comes_before_sidekiqs_timeout),
        CASE(test_nothing_is_replaced_while_it_stops),
        CASE(test_a_stuck_worker_does_not_hold_the_end),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
