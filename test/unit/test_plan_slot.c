/* test_plan_slot.c: slots where memory is short, after OOM kills, and where trying again does not help. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

/* Fresh workers cost 100 MiB. */
static int
set_up(void **state)
{
    static struct rig rig;

    rig_init(&rig, &rig_settings);
    rig_fill(&rig);
    for (unsigned i = 0; i < 3; i++) {
        rig_fresh(rig.pool.slots[i].current, 0, 100);
    }
    *state = &rig;
    return 0;
}

static void
set_room(struct rig *rig, uint64_t mib)
{
    rig->pool.group.available_bytes = mib * RIG_MIB;
}

static void
run_out_of_memory(struct worker *worker)
{
    rig_kill(worker, SIGKILL);
    worker->oom_evidence = true;
}

/* The one that starts now is ready, and fetches. */
static void
make_ready(struct rig *rig, unsigned slot)
{
    struct worker *worker = rig->pool.slots[slot].current;

    assert_non_null(worker);
    rig_hello(rig, worker);
    rig_turn(rig, 1);
    rig_ready(rig, worker);
    rig_turn(rig, 1);
    assert_int_equal(worker->state, WORKER_READY);
}

static void
test_fs_03_after_an_oom_kill_a_start_waits_for_memory(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 99);
    run_out_of_memory(rig->pool.slots[1].current);
    rig_turn(rig, 1);
    assert_int_equal(rig->pool.counters.ooms, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig_count(rig, ACTION_OOM_WAIT), 1);
    assert_int_equal(rig->next_ms, rig->now_ms + PLAN_OOM_LOOK_MS);
    rig_turn(rig, PLAN_OOM_LOOK_MS);
    assert_int_equal(rig->actions.count, 0);
    set_room(rig, 100);
    rig_turn(rig, PLAN_OOM_LOOK_MS);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    set_room(rig, 99);
    run_out_of_memory(rig->pool.slots[1].current);
    rig->pool.mold->request = 0;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_OOM_WAIT), 1);
    set_room(rig, 100);
    rig_turn(rig, PLAN_OOM_LOOK_MS);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    make_ready(rig, 1);
    rig_turn(rig, 1);
    assert_false(rig->pool.oom_wait);
}

static void
test_fs_03_its_patience_ends(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 1);
    run_out_of_memory(rig->pool.slots[1].current);
    rig_turn(rig, 1);
    rig_turn(rig, PLAN_OOM_PATIENCE_MS - 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig->next_ms, rig->now_ms + 1);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_fs_03_starts_go_one_at_a_time(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 5000);
    run_out_of_memory(rig->pool.slots[0].current);
    run_out_of_memory(rig->pool.slots[1].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    rig_hello(rig, rig->pool.slots[0].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_ready(rig, rig->pool.slots[0].current);
    rig_turn(rig, 1);
    rig_turn(rig, 1);
    assert_int_equal(rig->pool.slots[0].current->state, WORKER_READY);
    assert_non_null(rig->pool.slots[1].current);
    make_ready(rig, 1);
    rig_turn(rig, 1);
    assert_false(rig->pool.oom_wait);
}

/* A successor that was booted early stands at its gate for a while: it takes no more memory. */
static void
test_fs_03_one_that_waits_at_its_gate_starts_no_more(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[0];

    set_room(rig, 5000);
    slot->current->is_expected = true;
    slot->current->expected_ms = rig->now_ms;
    rig_turn(rig, 1);
    rig_hello(rig, slot->successor);
    rig_turn(rig, 1);
    rig_ready(rig, slot->successor);
    rig_turn(rig, 1);
    assert_int_equal(slot->successor->state, WORKER_WAITING);
    run_out_of_memory(rig->pool.slots[1].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

/* Nobody is left to tell what a fresh worker costs. */
static void
test_fs_03_what_a_worker_costs_outlives_the_workers(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 50);
    for (unsigned i = 0; i < 3; i++) {
        run_out_of_memory(rig->pool.slots[i].current);
    }
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_OOM_WAIT), 1);
    rig_turn(rig, PLAN_OOM_LOOK_MS);
    assert_true(TAILQ_EMPTY(&rig->pool.workers));
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    set_room(rig, 150);
    rig_turn(rig, PLAN_OOM_LOOK_MS);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

/* The machine's fault, not the code's. */
static void
test_fs_03_an_oom_kill_costs_no_back_off(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 5000);
    for (unsigned i = 0; i < 5; i++) {
        run_out_of_memory(rig->pool.slots[1].current);
        rig_turn(rig, 1);
        assert_int_equal(rig_count(rig, ACTION_SLOT_BACKOFF), 0);
        assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
        make_ready(rig, 1);
    }
}

static void
test_another_death_does_not_wait_for_memory(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 1);
    rig_kill(rig->pool.slots[1].current, SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(rig_count(rig, ACTION_OOM_WAIT), 0);
}

static void
test_with_memory_for_two_the_successor_comes_first(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 100);
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(rig_count(rig, ACTION_DRAIN_FIRST), 0);
}

/* What is not known keeps nobody from the better way. */
static void
test_with_an_unknown_cost_the_successor_comes_first(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 1);
    for (unsigned i = 0; i < 3; i++) {
        rig->pool.slots[i].current->fresh.private_known = false;
    }
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
test_without_memory_for_two_the_old_one_drains_first(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];
    struct worker *old = slot->current;

    set_room(rig, 99);
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_DRAIN_FIRST)->reason, REASON_RECYCLE);
    assert_ptr_equal(rig_action(rig, ACTION_QUIET)->worker, old);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_true(old->drains_first);
    assert_int_equal(slot->recycles, 1);
    assert_int_equal(rig->next_ms, rig->now_ms + PLAN_DRAIN_LOOK_MS);
    rig_idle(old);
    rig_turn(rig, PLAN_DRAIN_LOOK_MS);
    assert_int_equal(rig_count(rig, ACTION_TERM), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_exit(old, 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_WORKER_GONE)->reason, REASON_RECYCLE);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(rig_count(rig, ACTION_SLOT_BACKOFF), 0);
    assert_int_equal(slot->restarts, 0);
    assert_int_equal(slot->recycles, 1);
    assert_int_equal(slot->last_reason, REASON_RECYCLE);
}

/* `swarm recycle all` must not empty the service. */
static void
test_only_one_drains_first_at_a_time(void **state)
{
    struct rig *rig = *state;
    struct worker *first = rig->pool.slots[0].current;

    set_room(rig, 99);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(plan_order_recycle(&rig->pool, i), 0);
    }
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_DRAIN_FIRST), 1);
    rig_turn(rig, 1);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 2);
    rig_exit(first, 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(rig_count(rig, ACTION_DRAIN_FIRST), 0);
    rig_hello(rig, rig->pool.slots[0].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_DRAIN_FIRST), 0);
    rig_ready(rig, rig->pool.slots[0].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_DRAIN_FIRST), 1);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 2);
}

/* Where one drained first for want of memory and the kernel was faster, the next start waits, too. */
static void
test_fs_03_one_that_drains_first_may_be_killed_for_memory(void **state)
{
    struct rig *rig = *state;

    set_room(rig, 99);
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    run_out_of_memory(rig->pool.slots[1].current);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_OOM_WAIT), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

/* FS-28: the old one stays while its successor is the kernel's victim. */
static void
test_fs_28_a_successor_killed_for_memory_backs_off(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];
    struct worker *old = slot->current;

    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    rig_hello(rig, slot->successor);
    run_out_of_memory(slot->successor);
    rig_turn(rig, 1);
    assert_ptr_equal(slot->current, old);
    assert_int_equal(old->state, WORKER_READY);
    assert_int_equal(rig_action(rig, ACTION_SLOT_BACKOFF)->span_ms, 1000);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(slot->restarts, 0);
}

/* What it costs fresh is read at the gate, before its first job. */
static void
test_nobody_fetches_before_it_is_weighed(void **state)
{
    struct rig *rig = *state;
    struct worker *worker;

    rig_kill(rig->pool.slots[1].current, SIGKILL);
    rig_turn(rig, 1);
    worker = rig->pool.slots[1].current;
    rig_hello(rig, worker);
    rig_turn(rig, 1);
    rig_ready(rig, worker);
    worker->is_weighed = false;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
    worker->is_weighed = true;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
}

/* Three within five cycles of five seconds. */
static void
give_up_after_three(struct rig *rig)
{
    rig->pool.settings.give_up_restarts = 3;
    rig->pool.settings.give_up_cycles = 5;
}

/* Its worker dies, and the next one is ready; returns whether the slot was given up. */
static bool
restart(struct rig *rig, unsigned slot, int64_t span_ms)
{
    bool is_given_up;

    rig_kill(rig->pool.slots[slot].current, SIGSEGV);
    rig_turn(rig, span_ms);
    is_given_up = rig_count(rig, ACTION_SLOT_GIVEN_UP) != 0;
    rig->pool.slots[slot].backoff = (struct backoff){0};
    if (!is_given_up) {
        rig_fill(rig);
    }
    return is_given_up;
}

static void
test_e3_a_slot_that_restarts_too_often_is_given_up(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];

    give_up_after_three(rig);
    assert_false(restart(rig, 1, 1));
    assert_false(restart(rig, 1, 1));
    slot->backoff.failures = 1;
    rig_kill(slot->current, SIGSEGV);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SLOT_GIVEN_UP), 1);
    assert_int_equal(rig_count(rig, ACTION_SLOT_BACKOFF), 0);
    rig_turn(rig, 3600 * 1000);
    assert_int_equal(rig->actions.count, 0);
    assert_int_equal(rig->next_ms, NEVER_MS);
    assert_null(slot->current);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 2);
    assert_int_equal(rig->pool.stop.stage, STOP_NONE);
    rig_kill(rig->pool.slots[0].current, SIGSEGV);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, 0);
}

static void
test_e3_restarts_that_lie_apart_are_none_of_it(void **state)
{
    struct rig *rig = *state;
    int64_t first_ms;

    give_up_after_three(rig);
    assert_false(restart(rig, 1, 1));
    first_ms = rig->pool.slots[1].restarted_ms[0];
    assert_false(restart(rig, 1, 20000));
    assert_false(restart(rig, 1, first_ms + 25001 - rig->now_ms));
    /* The second one is near enough to the fourth. */
    assert_true(restart(rig, 1, 1));
}

static void
test_e3_at_the_end_of_the_window_it_counts(void **state)
{
    struct rig *rig = *state;
    int64_t first_ms;

    give_up_after_three(rig);
    assert_false(restart(rig, 1, 1));
    first_ms = rig->pool.slots[1].restarted_ms[0];
    assert_false(restart(rig, 1, 1));
    assert_true(restart(rig, 1, first_ms + 25000 - rig->now_ms));
}

static void
test_e3_without_a_number_no_slot_is_given_up(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 2 * SLOT_RESTARTS; i++) {
        assert_false(restart(rig, 1, 1));
    }
    assert_int_equal(rig->pool.slots[1].restarts, 2 * SLOT_RESTARTS);
}

static void
test_e3_the_most_that_can_be_counted(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.give_up_restarts = SLOT_RESTARTS;
    rig->pool.settings.give_up_cycles = 1000;
    for (unsigned i = 1; i < SLOT_RESTARTS; i++) {
        assert_false(restart(rig, 1, 1));
    }
    assert_true(restart(rig, 1, 1));
}

static void
test_e3_an_operator_has_it_tried_again(void **state)
{
    struct rig *rig = *state;

    give_up_after_three(rig);
    assert_false(plan_order_retry(&rig->pool, 1));
    assert_false(plan_order_retry(&rig->pool, 3));
    while (!restart(rig, 1, 1)) {
    }
    assert_true(plan_order_retry(&rig->pool, 1));
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    rig_fill(rig);
    /* What was before does not count. */
    assert_false(restart(rig, 1, 1));
    assert_false(restart(rig, 1, 1));
    assert_true(restart(rig, 1, 1));
}

/* FS-41: no process for want of processes; the slot's code never ran. */
static void
test_fs_41_what_fork_cannot_do_gives_no_slot_up(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];

    give_up_after_three(rig);
    assert_false(restart(rig, 1, 1));
    rig_kill(slot->current, SIGSEGV);
    for (unsigned i = 0; i < 10; i++) {
        rig_turn(rig, 1);
        assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
        slot->current->condemned = REASON_SPAWN_FAILED;
        rig->pool.mold->request = 0;
    }
    assert_false(slot->given_up);
}

/* FS-29: so with molds that die over it. */
static void
test_fs_29_a_request_lost_with_its_mold_gives_no_slot_up(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[1];

    rig->pool.settings.give_up_restarts = 2;
    rig->pool.settings.give_up_cycles = 5;
    rig_kill(slot->current, SIGSEGV);
    rig_turn(rig, 1);
    rig->pool.mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGKILL};
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_DROP)->reason, REASON_MOLD_LOST);
    assert_false(slot->given_up);
    rig_fill(rig);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_fs_03_after_an_oom_kill_a_start_waits_for_memory),
        CASE(test_fs_03_its_patience_ends),
        CASE(test_fs_03_starts_go_one_at_a_time),
        CASE(test_fs_03_one_that_waits_at_its_gate_starts_no_more),
        CASE(test_fs_03_what_a_worker_costs_outlives_the_workers),
        CASE(test_fs_03_an_oom_kill_costs_no_back_off),
        CASE(test_another_death_does_not_wait_for_memory),
        CASE(test_with_memory_for_two_the_successor_comes_first),
        CASE(test_with_an_unknown_cost_the_successor_comes_first),
        CASE(test_without_memory_for_two_the_old_one_drains_first),
        CASE(test_only_one_drains_first_at_a_time),
        CASE(test_fs_03_one_that_drains_first_may_be_killed_for_memory),
        CASE(test_fs_28_a_successor_killed_for_memory_backs_off),
        CASE(test_nobody_fetches_before_it_is_weighed),
        CASE(test_e3_a_slot_that_restarts_too_often_is_given_up),
        CASE(test_e3_restarts_that_lie_apart_are_none_of_it),
        CASE(test_e3_at_the_end_of_the_window_it_counts),
        CASE(test_e3_without_a_number_no_slot_is_given_up),
        CASE(test_e3_the_most_that_can_be_counted),
        CASE(test_e3_an_operator_has_it_tried_again),
        CASE(test_fs_41_what_fork_cannot_do_gives_no_slot_up),
        CASE(test_fs_29_a_request_lost_with_its_mold_gives_no_slot_up),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
