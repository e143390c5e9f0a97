/* test_plan.c: filling slots, replacing workers, memory. Facts in, actions out. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

static void
test_a_mold_first_then_one_request_at_a_time(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 0);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_hello(rig, rig->pool.slots[0].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_GO), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_a_worker_passes_the_gate_only_when_ready(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 0);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    rig_hello(rig, rig->pool.slots[0].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
    rig_ready(rig, rig->pool.slots[0].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
    assert_int_equal(rig->pool.slots[0].current->state, WORKER_READY);
}

static void
test_without_preloading_every_slot_starts_at_once(void **state)
{
    struct pool_settings settings = rig_settings;
    struct rig rig;

    (void)state;
    settings.prefork = false;
    rig_init(&rig, &settings);
    rig_turn(&rig, 0);
    assert_int_equal(rig_count(&rig, ACTION_START_MOLD), 0);
    assert_int_equal(rig_count(&rig, ACTION_LAUNCH), 3);
    rig_done(&rig);
}

static void
test_fs_47_nothing_is_started_while_orphans_work(void **state)
{
    struct rig *rig = *state;

    rig->pool.is_held = true;
    rig->pool.settings.prefork = false;
    rig_turn(rig, 0);
    assert_int_equal(rig->actions.count, 0);
    rig->pool.settings.prefork = true;
    rig_turn(rig, 0);
    assert_int_equal(rig->actions.count, 0);
    assert_int_equal(rig->next_ms, rig->now_ms + PLAN_ORPHANS_LOOK_MS);
    rig->pool.is_held = false;
    rig_turn(rig, PLAN_ORPHANS_LOOK_MS);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 1);
}

static void
test_a_full_service_sleeps(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    rig_turn(rig, 1);
    assert_int_equal(rig->actions.count, 0);
    assert_int_equal(rig->next_ms, NEVER_MS);
}

static void
test_fs_02_the_first_crash_is_replaced_at_once(void **state)
{
    struct rig *rig = *state;
    struct worker *sibling;

    rig_fill(rig);
    sibling = rig->pool.slots[0].current;
    rig->pool.slots[1].current->figures = (struct board_figures){.known = true, .done = 7};
    rig_kill(rig->pool.slots[1].current, SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_WORKER_GONE)->reason, REASON_CRASHED);
    assert_int_equal(rig->pool.counters.jobs_done, 7);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_ptr_equal(rig->pool.slots[0].current, sibling);
    assert_int_equal(rig->pool.slots[1].restarts, 1);
}

static void
test_a_second_crash_within_a_minute_waits(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    rig_kill(rig->pool.slots[1].current, SIGSEGV);
    rig_fill(rig);
    rig_kill(rig->pool.slots[1].current, SIGSEGV);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig_action(rig, ACTION_SLOT_BACKOFF)->span_ms, 1500);
    assert_int_equal(rig->next_ms, rig->now_ms + 1500);
    rig_turn(rig, 1500);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_fs_04_an_unasked_exit_waits_for_the_floor(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    rig_exit(rig->pool.slots[2].current, 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_WORKER_GONE)->reason, REASON_EXITED);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig->next_ms, rig->now_ms + PLAN_EXIT_FLOOR_MS);
    rig_turn(rig, PLAN_EXIT_FLOOR_MS);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_fs_05_failing_boots_back_off_and_others_work_on(void **state)
{
    static const int64_t waits[] = {1000, 1500, 2250};
    struct rig *rig = *state;

    rig_fill(rig);
    rig_kill(rig->pool.slots[1].current, SIGKILL);
    rig_turn(rig, 1);
    rig->pool.slots[1].backoff = (struct backoff){0};
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        struct worker *worker = rig->pool.slots[1].current;

        rig_hello(rig, worker);
        worker->said_failure = true;
        rig_exit(worker, 1);
        rig_turn(rig, 1);
        assert_int_equal(rig_action(rig, ACTION_WORKER_GONE)->reason, REASON_FAILED);
        assert_int_equal(rig_action(rig, ACTION_SLOT_BACKOFF)->span_ms, waits[i]);
        assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 2);
        rig_turn(rig, waits[i]);
        assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    }
}

static void
test_when_nothing_ever_boots_it_gives_up(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 0);
    rig_mold_ready(rig);
    for (unsigned i = 0; i < 2000 && rig->pool.stop.stage == STOP_NONE; i++) {
        struct worker *worker;

        rig_turn(rig, 100);
        TAILQ_FOREACH (worker, &rig->pool.workers, entry) {
            if (worker->state == WORKER_FORKING) {
                rig_hello(rig, worker);
                rig_exit(worker, 1);
            }
        }
    }
    assert_int_equal(rig->pool.stop.exit_code, 75);
    assert_int_equal(rig_count(rig, ACTION_GIVE_UP), 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(rig->pool.slots[i].backoff.failures >= POOL_VERDICT_FAILURES);
    }
}

static void
test_fs_06_a_hanging_boot_is_asked_and_killed(void **state)
{
    struct rig *rig = *state;
    struct worker *worker;

    rig_turn(rig, 0);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    worker = rig->pool.slots[0].current;
    rig_hello(rig, worker);
    rig_turn(rig, 1);
    rig_turn(rig, rig_settings.boot_timeout_ms);
    assert_int_equal(rig_count(rig, ACTION_TRACE), 1);
    assert_int_equal(worker->state, WORKER_BOOTING);
    worker->traced = true;
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_KILL)->reason, REASON_BOOT_TIMEOUT);
    assert_int_equal(worker->state, WORKER_KILLED);
}

static void
test_fs_30_a_request_lost_with_its_mold_is_asked_again_at_once(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 0);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    rig->pool.mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGKILL};
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_DROP)->reason, REASON_MOLD_LOST);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 1);
    assert_int_equal(rig->pool.slots[0].backoff.failures, 0);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_fs_31_a_mold_that_does_not_answer_is_killed_and_the_slot_asked_again(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 0);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    rig_turn(rig, rig_settings.spawn_timeout_ms);
    assert_int_equal(rig_action(rig, ACTION_KILL_MOLD)->reason, REASON_SPAWN_TIMEOUT);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 1);
    assert_int_equal(rig_action(rig, ACTION_DROP)->reason, REASON_SPAWN_TIMEOUT);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_a_recycle_readies_the_successor_first(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];
    struct worker *old;

    rig_fill(rig);
    old = slot->current;
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(old->state, WORKER_READY);
    rig_hello(rig, slot->successor);
    rig_turn(rig, 1);
    rig_ready(rig, slot->successor);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
    assert_ptr_equal(rig_action(rig, ACTION_QUIET)->worker, old);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    assert_int_equal(slot->recycles, 1);
    rig_idle(old);
    rig_turn(rig, PLAN_DRAIN_LOOK_MS);
    assert_ptr_equal(rig_action(rig, ACTION_TERM)->worker, old);
    rig_exit(old, 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_WORKER_GONE)->reason, REASON_RECYCLE);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

static void
test_fs_28_a_successor_that_fails_leaves_the_old_one_in_service(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];
    struct worker *old;

    rig_fill(rig);
    old = slot->current;
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    rig_hello(rig, slot->successor);
    rig_exit(slot->successor, 1);
    rig_turn(rig, 1);
    assert_ptr_equal(slot->current, old);
    assert_int_equal(old->state, WORKER_READY);
    assert_null(slot->successor);
    assert_int_equal(rig_action(rig, ACTION_SLOT_BACKOFF)->span_ms, 1000);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_turn(rig, 1000);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_a_recycle_dies_with_its_worker(void **state)
{
    struct rig *rig = *state;
    struct worker *fresh;

    rig_fill(rig);
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_kill(rig->pool.slots[1].current, SIGKILL);
    rig_fill(rig);
    fresh = rig->pool.slots[1].current;
    rig_turn(rig, 1);
    assert_int_equal(fresh->wanted, REASON_NONE);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

static void
test_a_successor_takes_the_place_of_one_that_dies_meanwhile(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];
    struct worker *successor;

    rig_fill(rig);
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    successor = slot->successor;
    rig_kill(slot->current, SIGKILL);
    rig_turn(rig, 1);
    assert_ptr_equal(slot->current, successor);
    assert_null(slot->successor);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

static void
test_only_the_surge_is_replaced_at_once(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(plan_order_recycle(&rig->pool, i), 0);
    }
    rig_turn(rig, 1);
    rig->pool.mold->request = 0;
    rig_turn(rig, 1);
    assert_int_equal(pool_living(&rig->pool), 4);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

static void
test_orders_that_cannot_be_carried_out(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(plan_order_recycle(&rig->pool, 3), -ENOENT);
    assert_int_equal(plan_order_recycle(&rig->pool, 0), -EAGAIN);
}

static void
test_a_drain_ends_at_its_deadline_with_term_and_then_kill(void **state)
{
    struct rig *rig = *state;
    struct worker *old;

    rig_fill(rig);
    old = rig->pool.slots[0].current;
    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    plan_order_resume(&rig->pool);
    rig_turn(rig, 1);
    old->figures = (struct board_figures){.known = true, .quiet = true, .busy = 1};
    rig_turn(rig, rig_settings.drain_timeout_ms);
    assert_int_equal(old->state, WORKER_DRAINING);
    rig_turn(rig, rig->pool.timeout_ms + PLAN_STOP_MARGIN_MS - 1);
    assert_int_equal(old->state, WORKER_DRAINING);
    rig_turn(rig, 1);
    assert_int_equal(old->state, WORKER_KILLED);
}

static void
test_quiet_is_sticky_and_resume_replaces(void **state)
{
    struct rig *rig = *state;

    rig_fill(rig);
    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_QUIET), 3);
    rig_kill(rig->pool.slots[0].current, SIGKILL);
    rig_turn(rig, 60000);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_QUIETING), 2);
    plan_order_resume(&rig->pool);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_true(pool_living(&rig->pool) <= 4);
}

/* A worker that is stopped when quiet comes loses its TSTP when it is continued. */
static void
test_a4_quiet_is_asked_for_until_it_was_heard(void **state)
{
    struct rig *rig = *state;
    struct worker *deaf;

    rig_fill(rig);
    deaf = rig->pool.slots[0].current;
    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    for (unsigned i = 0; i < 3; i++) {
        rig_idle(rig->pool.slots[i].current);
    }
    deaf->figures.quiet = false;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_QUIET_AGAIN), 0);
    rig_turn(rig, PLAN_QUIET_AGAIN_MS);
    assert_int_equal(rig_count(rig, ACTION_QUIET_AGAIN), 1);
    assert_ptr_equal(rig_action(rig, ACTION_QUIET_AGAIN)->worker, deaf);
    rig_idle(deaf);
    rig_turn(rig, PLAN_QUIET_AGAIN_MS);
    assert_int_equal(rig->actions.count, 0);
    assert_int_equal(rig->next_ms, NEVER_MS);
}

static void
test_one_that_boots_while_quiet_waits_at_its_gate(void **state)
{
    struct rig *rig = *state;
    struct worker *worker;

    rig_turn(rig, 0);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    worker = rig->pool.slots[0].current;
    rig_hello(rig, worker);
    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_GO), 1);
    rig_ready(rig, worker);
    rig_turn(rig, 1);
    assert_int_equal(worker->state, WORKER_WAITING);
    plan_order_resume(&rig->pool);
    rig_turn(rig, 1);
    assert_int_equal(worker->state, WORKER_READY);
}

static void
test_fs_10_a_stuck_worker_is_given_up(void **state)
{
    struct rig *rig = *state;
    struct worker *stuck;

    rig_fill(rig);
    stuck = rig->pool.slots[0].current;
    stuck->condemned = REASON_PROTOCOL;
    rig_turn(rig, 1);
    assert_int_equal(stuck->state, WORKER_KILLED);
    rig_turn(rig, PLAN_STUCK_MS);
    assert_int_equal(rig_count(rig, ACTION_STUCK), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_ptr_not_equal(rig->pool.slots[0].current, stuck);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_mold_first_then_one_request_at_a_time),
        CASE(test_a_worker_passes_the_gate_only_when_ready),
        CASE(test_without_preloading_every_slot_starts_at_once),
        CASE(test_fs_47_nothing_is_started_while_orphans_work),
        CASE(test_a_full_service_sleeps),
        CASE(test_fs_02_the_first_crash_is_replaced_at_once),
        CASE(test_a_second_crash_within_a_minute_waits),
        CASE(test_fs_04_an_unasked_exit_waits_for_the_floor),
        CASE(test_fs_05_failing_boots_back_off_and_others_work_on),
        CASE(test_when_nothing_ever_boots_it_gives_up),
        CASE(test_fs_06_a_hanging_boot_is_asked_and_killed),
        CASE(test_fs_30_a_request_lost_with_its_mold_is_asked_again_at_once),
        CASE(test_fs_31_a_mold_that_does_not_answer_is_killed_and_the_slot_asked_again),
        CASE(test_a_recycle_readies_the_successor_first),
        CASE(test_fs_28_a_successor_that_fails_leaves_the_old_one_in_service),
        CASE(test_a_recycle_dies_with_its_worker),
        CASE(test_a_successor_takes_the_place_of_one_that_dies_meanwhile),
        CASE(test_only_the_surge_is_replaced_at_once),
        CASE(test_orders_that_cannot_be_carried_out),
        CASE(test_a_drain_ends_at_its_deadline_with_term_and_then_kill),
        CASE(test_quiet_is_sticky_and_resume_replaces),
        CASE(test_a4_quiet_is_asked_for_until_it_was_heard),
        CASE(test_one_that_boots_while_quiet_waits_at_its_gate),
        CASE(test_fs_10_a_stuck_worker_is_given_up),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
