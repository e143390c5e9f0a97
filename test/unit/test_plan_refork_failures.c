/* test_plan_refork_failures.c: what may go wrong in a re-fork, and that it costs nothing. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/plan_refork.h"
#include "refork_rig.h"

static void
assert_failed(const struct rig *rig, enum refork_stage stage, enum reason reason)
{
    const struct action *action = rig_action(rig, ACTION_REFORK_FAILED);

    assert_non_null(action);
    assert_int_equal(action->stage, stage);
    assert_int_equal(action->reason, reason);
    assert_int_equal(rig->pool.refork.stage, REFORK_NONE);
    assert_true(plan_refork_threshold(&rig->pool) >= 2 * REFORK_JOBS);
    assert_int_equal(rig->pool.mold->generation, 1);
    assert_null(rig->pool.mold_before);
}

static void
test_a_worker_that_is_never_idle_is_ended_as_ever(void **state)
{
    struct rig *rig = *state;
    struct worker *chosen = refork_drain(rig);

    chosen->figures = (struct board_figures){.known = true, .quiet = true, .busy = 1};
    rig_turn(rig, rig_settings.drain_timeout_ms);
    assert_int_equal(rig_count(rig, ACTION_TERM), 1);
    assert_failed(rig, REFORK_DRAIN, REASON_DRAIN_TIMEOUT);
}

static void
test_a_chosen_worker_that_dies_is_a_recycle_that_ended(void **state)
{
    struct rig *rig = *state;

    rig_kill(refork_drain(rig), SIGSEGV);
    rig_turn(rig, 1);
    assert_failed(rig, REFORK_DRAIN, REASON_CRASHED);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    assert_int_equal(rig->pool.slots[1].restarts, 0);
}

static void
test_a_quiet_service_promotes_nobody(void **state)
{
    struct rig *rig = *state;
    struct worker *chosen = refork_drain(rig);

    plan_order_quiet(&rig->pool);
    rig_idle(chosen);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_PROMOTE), 0);
    assert_int_equal(chosen->state, WORKER_DRAINING);
    assert_int_equal(rig->pool.refork.stage, REFORK_NONE);
}

static void
test_a_service_without_memory_for_a_successor_keeps_the_worker(void **state)
{
    struct rig *rig = *state;
    struct worker *chosen = refork_current(rig, 1);

    refork_work(rig, 1, REFORK_JOBS);
    rig->pool.mold->request = 999;
    rig->pool.mold->request_ms = rig->now_ms;
    rig_cycle(rig, 1);
    assert_int_equal(rig->pool.refork.stage, REFORK_DRAIN);
    rig->pool.group.available_bytes = 10 * RIG_MIB;
    rig_fresh(chosen, 0, 100);
    rig->pool.mold->request = 0;
    rig_turn(rig, 1);
    assert_failed(rig, REFORK_DRAIN, REASON_TOTAL);
    assert_int_equal(chosen->state, WORKER_READY);
    assert_int_equal(chosen->wanted, REASON_NONE);
}

static void
test_a_promoted_one_that_refuses_leaves_the_mold_where_it_is(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_ask(rig);

    mold->said_failure = true;
    mold->ending = (struct ending){.known = true, .code = 1};
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_MOLD_GONE), 1);
    assert_failed(rig, REFORK_PROMOTE, REASON_FAILED);
}

static void
test_a_promoted_one_that_never_answers_is_asked_where_it_is_and_killed(void **state)
{
    struct rig *rig = *state;

    (void)refork_ask(rig);
    rig_turn(rig, rig_settings.boot_timeout_ms);
    assert_int_equal(rig_count(rig, ACTION_TRACE_MOLD), 1);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 0);
    rig_turn(rig, PLAN_TRACE_MS);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 1);
    assert_failed(rig, REFORK_PROMOTE, REASON_BOOT_TIMEOUT);
}

static void
test_a_promoted_one_that_lies_is_killed(void **state)
{
    struct rig *rig = *state;

    refork_ask(rig)->condemned = REASON_PROTOCOL;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 1);
    assert_failed(rig, REFORK_PROMOTE, REASON_PROTOCOL);
}

static void
test_a_stop_ends_all_molds(void **state)
{
    struct rig *rig = *state;

    (void)refork_ask(rig);
    (void)plan_order_stop(&rig->pool, false, rig->now_ms);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 2);
    assert_int_equal(rig_count(rig, ACTION_REFORK_FAILED), 0);
}

static void
test_a_stop_on_trial_ends_all_molds(void **state)
{
    struct rig *rig = *state;

    (void)refork_put_on_trial(rig);
    (void)plan_order_stop(&rig->pool, false, rig->now_ms);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 2);
    assert_null(rig->pool.mold);
    assert_null(rig->pool.mold_before);
}

static void
test_a_promoted_mold_that_dies_on_trial_gives_way_to_the_one_before(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_put_on_trial(rig);

    mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGKILL};
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 0);
    assert_failed(rig, REFORK_CANARY, REASON_CRASHED);
    assert_int_equal(rig->pool.mold->state, MOLD_READY);
}

static void
test_a_promoted_mold_that_hangs_in_a_spawn_gives_way(void **state)
{
    struct rig *rig = *state;

    (void)refork_put_on_trial(rig);
    assert_non_null(rig->pool.slots[refork_canary_slot(rig)].successor);
    rig_turn(rig, rig_settings.spawn_timeout_ms);
    assert_failed(rig, REFORK_CANARY, REASON_SPAWN_TIMEOUT);
}

static void
test_fs_35_workers_that_die_disprove_a_promoted_mold(void **state)
{
    struct rig *rig = *state;
    unsigned slot;

    (void)refork_put_on_trial(rig);
    slot = refork_canary_slot(rig);
    for (unsigned i = 1; i <= PLAN_REFORK_FAILURES; i++) {
        struct worker *worker = rig->pool.slots[slot].successor;

        assert_non_null(worker);
        assert_int_equal(worker->generation, 2);
        rig_hello(rig, worker);
        rig_kill(worker, SIGSEGV);
        rig_turn(rig, 1);
        assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
        assert_int_equal(rig->pool.refork.stage,
                         i < PLAN_REFORK_FAILURES ? REFORK_CANARY : REFORK_NONE);
        if (i < PLAN_REFORK_FAILURES) {
            rig_turn(rig, BACKOFF_LAST_MS);
        }
    }
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 1);
    assert_failed(rig, REFORK_CANARY, REASON_CRASHED);
}

static void
test_what_a_failed_mold_brought_forth_is_replaced(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_put_on_trial(rig);
    unsigned slot = refork_canary_slot(rig);

    refork_end(rig, rig_succeed(rig, slot));
    assert_int_equal(refork_current(rig, slot)->generation, 2);
    mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGSEGV};
    rig_turn(rig, 1);
    assert_failed(rig, REFORK_CANARY, REASON_CRASHED);
    assert_int_equal(refork_current(rig, slot)->wanted, REASON_REFORK);
    refork_end(rig, rig_succeed(rig, slot));
    assert_int_equal(refork_current(rig, slot)->generation, 1);
}

static void
test_a_mold_that_dies_while_it_stands_by_is_only_told(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_put_on_trial(rig);

    rig->pool.mold_before->ending = (struct ending){.known = true, .signaled = true, .code = 9};
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_MOLD_GONE), 1);
    assert_null(rig->pool.mold_before);
    assert_ptr_equal(rig->pool.mold, mold);
    assert_int_equal(rig->pool.refork.stage, REFORK_CANARY);
}

static void
test_a_death_after_the_proof_is_that_of_any_mold(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_prove(rig);

    mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGKILL};
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_REFORK_FAILED)->stage, REFORK_REPLACE);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 1);
}

static void
test_fs_37_a_mold_is_not_replaced_for_its_size_meanwhile(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_put_on_trial(rig);

    rig->pool.settings.max_mold_rss_bytes = 100 * RIG_MIB;
    mold->fresh_rss_bytes = 90 * RIG_MIB;
    mold->memory = (struct memory_figures){.rss_known = true, .rss_bytes = 200 * RIG_MIB};
    rig_cycle(rig, 1);
    assert_ptr_equal(rig->pool.mold, mold);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, refork_set_up, rig_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_worker_that_is_never_idle_is_ended_as_ever),
        TEST(test_a_chosen_worker_that_dies_is_a_recycle_that_ended),
        TEST(test_a_quiet_service_promotes_nobody),
        TEST(test_a_service_without_memory_for_a_successor_keeps_the_worker),
        TEST(test_a_promoted_one_that_refuses_leaves_the_mold_where_it_is),
        TEST(test_a_promoted_one_that_never_answers_is_asked_where_it_is_and_killed),
        TEST(test_a_promoted_one_that_lies_is_killed),
        TEST(test_a_stop_ends_all_molds),
        TEST(test_a_stop_on_trial_ends_all_molds),
        TEST(test_a_promoted_mold_that_dies_on_trial_gives_way_to_the_one_before),
        TEST(test_a_promoted_mold_that_hangs_in_a_spawn_gives_way),
        TEST(test_fs_35_workers_that_die_disprove_a_promoted_mold),
        TEST(test_what_a_failed_mold_brought_forth_is_replaced),
        TEST(test_a_mold_that_dies_while_it_stands_by_is_only_told),
        TEST(test_a_death_after_the_proof_is_that_of_any_mold),
        TEST(test_fs_37_a_mold_is_not_replaced_for_its_size_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
