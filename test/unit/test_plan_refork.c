/* test_plan_refork.c: when a worker becomes the next mold, which one, and how it goes well. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/plan_refork.h"
#include "refork_rig.h"

static void
test_it_waits_for_the_jobs(void **state)
{
    struct rig *rig = *state;

    refork_work(rig, 0, REFORK_JOBS - 1);
    rig_cycle(rig, 1);
    assert_int_equal(rig->actions.count, 0);
    refork_work(rig, 0, REFORK_JOBS);
    rig_turn(rig, 1);
    assert_int_equal(rig->actions.count, 0);
    rig_cycle(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_REFORK_BEGIN), 1);
}

static void
test_auto_waits_for_ever_more_jobs(void **state)
{
    struct rig *rig = *state;
    struct pool *pool = &rig->pool;

    pool->settings.refork_jobs = POOL_REFORK_AUTO;
    assert_int_equal(plan_refork_threshold(pool), POOL_REFORK_FIRST);
    pool->refork.done = 2;
    assert_int_equal(plan_refork_threshold(pool),
                     POOL_REFORK_FIRST * PLAN_REFORK_GROWTH * PLAN_REFORK_GROWTH);
    pool->refork.done = 4000000;
    assert_true(plan_refork_threshold(pool) == UINT64_MAX);
}

static void
test_without_the_option_nobody_is_chosen(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.refork_jobs = 0;
    refork_work(rig, 0, 1000000);
    rig_cycle(rig, 1);
    assert_int_equal(rig->actions.count, 0);
}

static void
assert_nobody(struct rig *rig)
{
    rig_cycle(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_REFORK_BEGIN), 0);
}

static void
test_it_begins_only_when_all_is_calm(void **state)
{
    struct rig *rig = *state;
    struct pool *pool = &rig->pool;

    refork_work(rig, 0, REFORK_JOBS);
    pool->mold->condemned = REASON_PROTOCOL;
    pool->slots[2].current->wanted = REASON_RECYCLE;
    assert_nobody(rig);
    pool->slots[2].current->wanted = REASON_NONE;
    rig_mold_ready(rig);
    pool->slots[0].current->generation = pool->mold->generation;
    pool->group.available_bytes = 10 * RIG_MIB;
    rig_fresh(refork_current(rig, 0), 0, 100);
    assert_nobody(rig);
    pool->group.available_bytes = 0;
    rig_cycle(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_REFORK_BEGIN), 1);
}

static void
test_a_quiet_service_begins_nothing(void **state)
{
    struct rig *rig = *state;

    refork_work(rig, 0, REFORK_JOBS);
    plan_order_quiet(&rig->pool);
    assert_nobody(rig);
}

/* Each time the one with the most jobs is not fit. */
static void
test_the_fittest_is_chosen(void **state)
{
    struct rig *rig = *state;
    struct worker *first = refork_current(rig, 0);

    refork_work(rig, 0, 5 * REFORK_JOBS);
    refork_work(rig, 1, 2 * REFORK_JOBS);
    refork_work(rig, 2, 1 * REFORK_JOBS);
    first->pulse.oldest_job_ms = rig->now_ms - PLAN_REFORK_JOB_MS;
    rig_cycle(rig, 1);
    assert_int_equal(refork_current(rig, 1)->wanted, REASON_REFORK);
    assert_int_equal(first->wanted, REASON_NONE);
}

static void
unfit_by(struct rig *rig, void (*make)(struct rig *rig, struct worker *worker))
{
    refork_work(rig, 0, 5 * REFORK_JOBS);
    make(rig, refork_current(rig, 0));
    for (unsigned i = 1; i < 3; i++) {
        refork_current(rig, i)->figures = (struct board_figures){.known = true};
    }
    assert_nobody(rig);
}

static void
make_hang(struct rig *rig, struct worker *worker)
{
    rig->pool.settings.hang_timeout_ms = 10;
    worker->pulse.beat_seen_ms = rig->now_ms - 100;
}

static void
make_stopped(struct rig *rig, struct worker *worker)
{
    (void)rig;
    worker->stopped = true;
}

static void
make_near(struct rig *rig, struct worker *worker)
{
    rig->pool.settings.limits.bound[POLICY_MAX_RSS] = 100 * RIG_MIB;
    rig_rss(worker, 95);
}

static void
make_old(struct rig *rig, struct worker *worker)
{
    (void)rig;
    worker->generation = 0;
}

static void
make_unlinked(struct rig *rig, struct worker *worker)
{
    worker->link_lost_ms = rig->now_ms;
}

static void
test_a_hanging_worker_is_not_chosen(void **state)
{
    unfit_by(*state, make_hang);
}

static void
test_a_stopped_worker_is_not_chosen(void **state)
{
    unfit_by(*state, make_stopped);
}

static void
test_a_worker_near_a_limit_is_not_chosen(void **state)
{
    unfit_by(*state, make_near);
}

static void
test_a_worker_of_an_earlier_mold_is_not_chosen(void **state)
{
    unfit_by(*state, make_old);
}

static void
test_a_worker_without_its_link_is_not_chosen(void **state)
{
    unfit_by(*state, make_unlinked);
}

static void
test_a_whole_refork(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_prove(rig);

    assert_ptr_equal(rig->pool.mold, mold);
    assert_null(rig->pool.mold_before);
    for (unsigned round = 0; round < 2; round++) {
        rig_turn(rig, 1);
        refork_end(rig, rig_succeed(rig, refork_canary_slot(rig)));
        assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    }
    assert_int_equal(rig->pool.refork.done, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(refork_current(rig, i)->generation, mold->generation);
    }
    assert_int_equal(rig->pool.refork.stage, REFORK_NONE);
    assert_int_equal(rig->pool.refork.replaced, 3);
    assert_int_equal(rig->pool.counters.limit_recycles, 0);
}

static void
test_its_jobs_are_counted_once(void **state)
{
    struct rig *rig = *state;
    struct worker *chosen = refork_drain(rig);

    chosen->figures = (struct board_figures){.known = true, .quiet = true, .started = 7, .done = 7};
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_PROMOTE), 1);
    rig_turn(rig, 1);
    assert_int_equal(rig->pool.counters.jobs_done, 7);
    assert_int_equal(rig->pool.counters.deaths, 0);
}

static void
test_the_promoted_one_wins_over_a_mold_that_boots(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_ask(rig);

    rig->pool.mold->ending = (struct ending){.known = true, .signaled = true, .code = 9};
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 1);
    mold->state = MOLD_READY;
    rig_turn(rig, 1);
    assert_ptr_equal(rig->pool.mold, mold);
    assert_null(rig->pool.mold_before);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 1);
    assert_int_equal(rig_action(rig, ACTION_KILL_MOLD)->reason, REASON_REFORK);
}

static void
test_it_waits_for_the_answer_of_the_mold_in_service(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = refork_ask(rig);

    rig->pool.mold->request = 4711;
    rig->pool.mold->request_ms = rig->now_ms;
    mold->state = MOLD_READY;
    rig_turn(rig, 1);
    assert_ptr_not_equal(rig->pool.mold, mold);
    rig->pool.mold->request = 0;
    rig_turn(rig, 1);
    assert_ptr_equal(rig->pool.mold, mold);
}

static void
test_a_quiet_on_trial_holds_it_up(void **state)
{
    struct rig *rig = *state;

    (void)refork_put_on_trial(rig);
    refork_end(rig, rig_succeed(rig, refork_canary_slot(rig)));
    plan_order_quiet(&rig->pool);
    rig_turn(rig, PLAN_REFORK_TRIAL_MS);
    assert_int_equal(rig->pool.refork.stage, REFORK_CANARY);
    assert_non_null(rig->pool.mold_before);
}

static void
test_spares_of_the_mold_before_are_replaced_first(void **state)
{
    struct pool_settings settings = rig_settings;
    struct rig rig;

    (void)state;
    settings.refork_jobs = REFORK_JOBS;
    settings.spare = 1;
    refork_set_up_with(&rig, &settings);
    rig_turn(&rig, 1);
    rig_hello(&rig, rig.pool.slots[3].current);
    rig_turn(&rig, 1);
    rig_ready(&rig, rig.pool.slots[3].current);
    rig_turn(&rig, 1);
    assert_int_equal(pool_spares(&rig.pool), 1);
    rig.pool.refork.stage = REFORK_CANARY;
    rig.pool.mold->generation = 2;
    rig_turn(&rig, 1);
    assert_int_equal(rig_count(&rig, ACTION_KILL), 1);
    assert_int_equal(rig_action(&rig, ACTION_KILL)->reason, REASON_REFORK);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, refork_set_up, rig_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_waits_for_the_jobs),
        TEST(test_auto_waits_for_ever_more_jobs),
        TEST(test_without_the_option_nobody_is_chosen),
        TEST(test_it_begins_only_when_all_is_calm),
        TEST(test_a_quiet_service_begins_nothing),
        TEST(test_the_fittest_is_chosen),
        TEST(test_a_hanging_worker_is_not_chosen),
        TEST(test_a_stopped_worker_is_not_chosen),
        TEST(test_a_worker_near_a_limit_is_not_chosen),
        TEST(test_a_worker_of_an_earlier_mold_is_not_chosen),
        TEST(test_a_worker_without_its_link_is_not_chosen),
        TEST(test_a_whole_refork),
        TEST(test_its_jobs_are_counted_once),
        TEST(test_the_promoted_one_wins_over_a_mold_that_boots),
        TEST(test_it_waits_for_the_answer_of_the_mold_in_service),
        TEST(test_a_quiet_on_trial_holds_it_up),
        cmocka_unit_test(test_spares_of_the_mold_before_are_replaced_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
