/* test_plan_spare.c: who takes whose place when spares stand at their gates, and when there are none for it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

#define CYCLE_MS 5000
#define SPARE 3 /* the position behind the three slots */

static struct slot *
slot_of(struct rig *rig, unsigned number)
{
    return &rig->pool.slots[number];
}

static struct worker *
current(struct rig *rig, unsigned number)
{
    return slot_of(rig, number)->current;
}

/* Whoever is on the way comes one step nearer to the gate. */
static void
step(struct rig *rig)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &rig->pool.workers, entry) {
        if (worker->state == WORKER_FORKING) {
            rig_hello(rig, worker);
        } else if (worker->state == WORKER_BOOTING) {
            rig_ready(rig, worker);
        }
    }
    rig_turn(rig, 1);
}

/* The slots fetch, and every spare is at its gate. */
static void
settle(struct rig *rig)
{
    rig_turn(rig, PLAN_SPARE_PAUSE_MS);
    for (unsigned i = 0; i < 40 && pool_spares(&rig->pool) < rig->pool.settings.spare; i++) {
        step(rig);
    }
    assert_int_equal(pool_spares(&rig->pool), rig->pool.settings.spare);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), rig->pool.settings.processes);
}

static int
set_up_with(void **state, unsigned spare)
{
    static struct rig rig;
    struct pool_settings settings = rig_settings;

    settings.spare = spare;
    rig_init(&rig, &settings);
    rig_fill(&rig);
    settle(&rig);
    *state = &rig;
    return 0;
}

static int
set_up(void **state)
{
    return set_up_with(state, 1);
}

static int
set_up_two(void **state)
{
    return set_up_with(state, 2);
}

static int
set_up_empty(void **state)
{
    static struct rig rig;
    struct pool_settings settings = rig_settings;

    settings.spare = 1;
    rig_init(&rig, &settings);
    *state = &rig;
    return 0;
}

static bool
stays(const struct worker *worker)
{
    return worker_is_living(worker) && !worker_is_leaving(worker);
}

/* Nobody who stays is on another position than it says, and no two positions have one index. */
static void
assert_in_order(struct rig *rig)
{
    unsigned positions = pool_positions(&rig->pool.settings);
    unsigned seen = 0;
    struct worker *worker;

    for (unsigned i = 0; i < positions; i++) {
        assert_true(slot_of(rig, i)->index < positions);
        assert_int_equal(seen & (1u << slot_of(rig, i)->index), 0);
        seen |= 1u << slot_of(rig, i)->index;
    }
    TAILQ_FOREACH (worker, &rig->pool.workers, entry) {
        assert_true(!stays(worker) || !slot_has_left(slot_of(rig, worker->slot), worker));
    }
    assert_true(pool_living(&rig->pool) <= positions + rig->pool.settings.surge);
}

static void
test_a_spare_boots_behind_the_slots_and_stays_at_its_gate(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 1);
    rig_mold_ready(rig);
    for (unsigned i = 0; i < 3; i++) {
        rig_turn(rig, 1);
        assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, i);
        rig_hello(rig, current(rig, i));
    }
    rig_ready(rig, current(rig, 0));
    rig_ready(rig, current(rig, 1));
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 2);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_ready(rig, current(rig, 2));
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
    settle(rig);
    assert_int_equal(current(rig, SPARE)->state, WORKER_WAITING);
    rig_turn(rig, 24 * 3600 * 1000);
    assert_int_equal(rig->actions.count, 0);
    assert_int_equal(rig->next_ms, NEVER_MS);
    assert_int_equal(slot_of(rig, SPARE)->index, SPARE);
}

static void
test_a_death_is_answered_in_the_same_turn(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    rig_kill(current(rig, 1), SIGKILL);
    rig_turn(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_RUN)->worker, spare);
    assert_ptr_equal(rig_action(rig, ACTION_MOVE)->worker, spare);
    assert_int_equal(rig_action(rig, ACTION_MOVE)->from, SPARE);
    assert_ptr_equal(current(rig, 1), spare);
    assert_int_equal(spare->slot, 1);
    assert_int_equal(spare->state, WORKER_READY);
    assert_int_equal(slot_of(rig, 1)->restarts, 1);
    assert_int_equal(slot_of(rig, 1)->index, SPARE);
    assert_int_equal(slot_of(rig, SPARE)->index, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig->next_ms, rig->now_ms + PLAN_SPARE_PAUSE_MS);
    rig_turn(rig, PLAN_SPARE_PAUSE_MS);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
    settle(rig);
    assert_in_order(rig);
}

/* A signal ends it, and the kernel has not taken it apart yet. */
static void
test_a_spare_runs_while_the_kernel_takes_the_dead_apart(void **state)
{
    struct rig *rig = *state;
    struct worker *dying = current(rig, 1);
    struct worker *spare = current(rig, SPARE);

    dying->is_dying = true;
    rig_turn(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_RUN)->worker, spare);
    assert_ptr_equal(current(rig, 1), spare);
    assert_int_equal(dying->state, WORKER_KILLED);
    assert_int_equal(dying->reason, REASON_CRASHED);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    assert_int_equal(slot_of(rig, 1)->restarts, 1);
    assert_int_equal(slot_of(rig, 1)->backoff.failures, 1);
    assert_in_order(rig);
    rig_kill(dying, SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_WORKER_GONE)->reason, REASON_CRASHED);
    assert_ptr_equal(current(rig, 1), spare);
    assert_int_equal(slot_of(rig, 1)->restarts, 1);
    assert_int_equal(rig->pool.counters.deaths, 1);
}

/* Nobody would be any earlier: its death is awaited as ever. */
static void
test_without_a_spare_a_death_is_awaited(void **state)
{
    struct rig *rig = *state;

    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    current(rig, 1)->is_dying = true;
    rig_turn(rig, 1);
    assert_int_equal(current(rig, 1)->state, WORKER_READY);
    assert_int_equal(rig->actions.count, 0);
    rig_kill(current(rig, 1), SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_WORKER_GONE), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

/* In a crash loop the wait is no shorter for it. */
static void
test_one_that_dies_again_waits_for_its_back_off(void **state)
{
    struct rig *rig = *state;

    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1);
    settle(rig);
    current(rig, 1)->is_dying = true;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
    assert_int_equal(rig_action(rig, ACTION_SLOT_BACKOFF)->span_ms, 1500);
    assert_null(current(rig, 1));
}

static void
test_indices_go_round_and_stay_apart(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 20; i++) {
        rig_kill(current(rig, i % 3), SIGKILL);
        rig_turn(rig, 61000);
        assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
        assert_in_order(rig);
        settle(rig);
        assert_in_order(rig);
    }
}

static void
test_a_recycle_is_answered_at_once(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);
    struct worker *old = current(rig, 0);

    assert_int_equal(plan_order_recycle(&rig->pool, 0), 0);
    rig_turn(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_RUN)->worker, spare);
    assert_ptr_equal(rig_action(rig, ACTION_QUIET)->worker, old);
    assert_ptr_equal(current(rig, 0), spare);
    assert_null(slot_of(rig, 0)->successor);
    assert_int_equal(rig->pool.counters.recycles, 1);
    assert_int_equal(slot_of(rig, 0)->recycles, 1);
    assert_in_order(rig);
    rig_turn(rig, PLAN_SPARE_PAUSE_MS);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
}

/* The surge is the bound of those who are replaced at once, with spares or without. */
static void
test_spares_do_not_widen_the_surge(void **state)
{
    struct rig *rig = *state;
    struct worker *first = current(rig, 0);

    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(plan_order_recycle(&rig->pool, i), 0);
    }
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_QUIET), 1);
    settle(rig);
    assert_int_equal(pool_spares(&rig->pool), 2);
    assert_int_equal(pool_living(&rig->pool), 6);
    rig_turn(rig, 1);
    assert_int_equal(rig->actions.count, 0);
    rig_exit(first, 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_QUIET), 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
    assert_in_order(rig);
}

static void
test_one_that_still_boots_becomes_the_spare(void **state)
{
    struct rig *rig = *state;
    struct worker *booting;
    struct worker *spare;

    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    rig_turn(rig, PLAN_SPARE_PAUSE_MS);
    spare = current(rig, SPARE);
    rig_hello(rig, spare);
    rig_kill(current(rig, 1), SIGKILL);
    rig_turn(rig, 1);
    booting = current(rig, 1);
    assert_int_equal(booting->state, WORKER_FORKING);
    rig_ready(rig, spare);
    rig_turn(rig, 1);
    assert_ptr_equal(current(rig, 1), spare);
    assert_ptr_equal(current(rig, SPARE), booting);
    assert_int_equal(booting->slot, SPARE);
    assert_int_equal(rig_count(rig, ACTION_MOVE), 2);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    assert_in_order(rig);
    settle(rig);
    assert_int_equal(pool_living(&rig->pool), 4);
}

/* So does a successor: the old one goes on meanwhile, and its death changes nothing. */
static void
test_a_successor_that_still_boots_becomes_the_spare(void **state)
{
    struct rig *rig = *state;
    struct worker *old = current(rig, 1);
    struct worker *successor;
    struct worker *spare;

    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    rig_turn(rig, PLAN_SPARE_PAUSE_MS);
    spare = current(rig, SPARE);
    rig_hello(rig, spare);
    assert_int_equal(plan_order_recycle(&rig->pool, 1), 0);
    rig_turn(rig, 1);
    successor = slot_of(rig, 1)->successor;
    assert_non_null(successor);
    rig_ready(rig, spare);
    rig_turn(rig, 1);
    assert_ptr_equal(current(rig, 1), spare);
    assert_ptr_equal(current(rig, SPARE), successor);
    assert_null(slot_of(rig, 1)->successor);
    assert_ptr_equal(rig_action(rig, ACTION_QUIET)->worker, old);
    assert_in_order(rig);
}

static void
test_a_worker_above_a_hard_limit_is_followed_at_once(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    rig->pool.settings.limits.bound[POLICY_KILL_RSS] = 100 * RIG_MIB;
    rig_rss(current(rig, 2), 101);
    rig_glance(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 1);
    assert_ptr_equal(rig_action(rig, ACTION_RUN)->worker, spare);
    assert_ptr_equal(current(rig, 2), spare);
    assert_in_order(rig);
}

/* A crash loop does not eat spares: the slot's back-off holds as it does without. */
static void
test_the_back_off_of_a_slot_holds(void **state)
{
    struct rig *rig = *state;

    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1);
    settle(rig);
    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_SLOT_BACKOFF)->span_ms, 1500);
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
    assert_null(current(rig, 1));
    rig_turn(rig, 1499);
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
    assert_int_equal(rig->next_ms, rig->now_ms + 1);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
}

/* What it waited at its gate is no health. */
static void
test_a_spare_that_waited_long_has_no_health_of_it(void **state)
{
    struct rig *rig = *state;

    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1);
    settle(rig);
    rig_turn(rig, 3600 * 1000);
    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SLOT_BACKOFF), 0);
    assert_int_equal(current(rig, 1)->ready_ms, rig->now_ms);
    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1000);
    assert_int_equal(rig_count(rig, ACTION_SLOT_BACKOFF), 1);
}

static void
test_give_up_is_not_put_off(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.give_up_restarts = 2;
    rig->pool.settings.give_up_cycles = 5;
    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1);
    settle(rig);
    rig_kill(current(rig, 1), SIGSEGV);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SLOT_GIVEN_UP), 1);
    rig_turn(rig, 3600 * 1000);
    assert_null(current(rig, 1));
    assert_int_equal(pool_spares(&rig->pool), 1);
    assert_true(plan_order_retry(&rig->pool, 1));
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
}

static void
test_spares_that_fail_back_off_and_give_up_nobody(void **state)
{
    static const int64_t waits[] = {1500, 2250, 3375};
    struct rig *rig = *state;

    rig->pool.settings.give_up_restarts = 2;
    rig->pool.settings.give_up_cycles = 1000;
    rig_kill(current(rig, SPARE), SIGSEGV);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
    for (unsigned i = 0; i < 3; i++) {
        rig_hello(rig, current(rig, SPARE));
        rig_kill(current(rig, SPARE), SIGSEGV);
        rig_turn(rig, 1);
        assert_int_equal(rig_action(rig, ACTION_SLOT_BACKOFF)->span_ms, waits[i]);
        rig_turn(rig, waits[i]);
        assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
    }
    assert_int_equal(rig_count(rig, ACTION_SLOT_GIVEN_UP), 0);
    assert_int_equal(slot_of(rig, SPARE)->restarts, 0);
    assert_int_equal(rig->pool.stop.stage, STOP_NONE);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
}

/* Whoever is on the way says hello and leaves with an error. */
static void
fail_all(struct rig *rig)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &rig->pool.workers, entry) {
        if (worker->state == WORKER_FORKING) {
            rig_hello(rig, worker);
            rig_exit(worker, 1);
        }
    }
}

/* Nobody was ever ready: the verdict is of the slots, whatever the spare does. */
static void
test_the_verdict_is_of_the_slots(void **state)
{
    struct rig *rig = *state;

    rig_turn(rig, 1);
    rig_mold_ready(rig);
    for (unsigned round = 0; round < 40 && rig->pool.stop.stage == STOP_NONE; round++) {
        rig_turn(rig, 31000);
        fail_all(rig);
    }
    assert_int_equal(rig->pool.stop.stage, STOP_GRACEFUL);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(slot_of(rig, i)->backoff.failures >= POOL_VERDICT_FAILURES);
    }
}

static void
test_a_quiet_service_keeps_its_spares_and_fills_nothing(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_QUIET), 3);
    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
    assert_int_equal(spare->state, WORKER_WAITING);
    plan_order_resume(&rig->pool);
    rig_turn(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_RUN)->worker, spare);
    assert_ptr_equal(current(rig, 0), spare);
    assert_in_order(rig);
}

static void
test_a_quiet_service_forks_no_spare(void **state)
{
    struct rig *rig = *state;

    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    rig_kill(current(rig, SPARE), SIGKILL);
    rig_turn(rig, 1);
    rig_turn(rig, 3600 * 1000);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

static void
test_a_stop_kills_spares_at_once(void **state)
{
    struct rig *rig = *state;

    (void)plan_order_stop(&rig->pool, false, rig->now_ms);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 3);
    assert_ptr_equal(rig_action(rig, ACTION_KILL)->worker, current(rig, SPARE));
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
}

/* FS-03: the kernel killed somebody. The spare has its memory already; the next one waits longest of all. */
static void
test_fs_03_after_an_oom_kill_the_spare_runs_and_no_other_is_forked(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 4; i++) {
        rig_fresh(current(rig, i), 0, 100);
    }
    rig->pool.group.available_bytes = 99 * RIG_MIB;
    rig_kill(current(rig, 0), SIGKILL);
    current(rig, 0)->oom_evidence = true;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig_count(rig, ACTION_OOM_WAIT), 0);
    rig->pool.group.available_bytes = 5000 * RIG_MIB;
    rig_turn(rig, PLAN_OOM_PATIENCE_MS - 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
}

static void
test_without_memory_no_spare_is_forked(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 4; i++) {
        rig_fresh(current(rig, i), 0, 100);
    }
    rig->pool.group.available_bytes = 99 * RIG_MIB;
    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_turn(rig, PLAN_SPARE_PAUSE_MS);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig->pool.group.available_bytes = 100 * RIG_MIB;
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
}

static void
test_under_pressure_no_spare_is_forked(void **state)
{
    struct rig *rig = *state;

    rig->pool.pressed_until_ms = rig->now_ms + 10000;
    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_turn(rig, 9999);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
}

static void
set_total(struct rig *rig, uint64_t mib)
{
    rig->pool.total.known = true;
    rig->pool.total.bytes = mib * RIG_MIB;
    rig->pool.total.limit_bytes = 1000 * RIG_MIB;
}

/* Fresh workers cost 40 MiB; those of slots take so much now. */
static void
weigh(struct rig *rig, uint64_t uss_mib)
{
    for (unsigned i = 0; i < 4; i++) {
        rig_fresh(current(rig, i), 500, 40);
        rig_private(current(rig, i), uss_mib, i < 3 ? uss_mib : 40);
    }
}

static void
test_above_the_total_a_spare_replaces_the_largest(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    weigh(rig, 200);
    set_total(rig, 950);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_TOTAL);
    assert_ptr_equal(rig_action(rig, ACTION_RUN)->worker, spare);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
}

/* Nobody is worth replacing: the spare goes, and comes back when it need not go again. */
static void
test_above_the_total_a_spare_that_helps_nobody_is_ended(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    weigh(rig, 41);
    set_total(rig, 921);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_KILL)->worker, spare);
    assert_int_equal(rig_action(rig, ACTION_KILL)->reason, REASON_TOTAL);
    rig_kill(spare, SIGKILL);
    set_total(rig, 881);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig_count(rig, ACTION_SLOT_BACKOFF), 0);
    set_total(rig, 880);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
}

static void
test_in_a_dry_run_no_spare_is_ended(void **state)
{
    struct rig *rig = *state;

    weigh(rig, 41);
    rig->pool.settings.dry_run = true;
    set_total(rig, 2000);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
}

/* No limit of a worker's is a spare's: it works nothing and grows by nothing. */
static void
test_a_spare_is_weighed_by_no_limit(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    rig->pool.settings.limits.bound[POLICY_MAX_RSS] = 100 * RIG_MIB;
    rig->pool.settings.limits.bound[POLICY_MAX_AGE] = 1000;
    rig->pool.settings.hang_timeout_ms = 5000;
    for (unsigned i = 0; i < 3; i++) {
        current(rig, i)->wanted = REASON_RECYCLE;
        slot_of(rig, i)->successor_backoff.retry_ms = NEVER_MS;
    }
    rig->pool.settings.surge = 0;
    rig_rss(spare, 500);
    rig_cycle(rig, 24 * 3600 * 1000);
    assert_int_equal(spare->wanted, REASON_NONE);
    assert_int_equal(spare->state, WORKER_WAITING);
}

/* Its age begins when it fetches, else a spare that waited for hours would be replaced by the next. */
static void
test_age_begins_at_the_gate(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.limits.bound[POLICY_MAX_AGE] = 24 * 3600 * 1000;
    rig_turn(rig, 25 * 3600 * 1000);
    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(current(rig, 0)->wanted, REASON_NONE);
    assert_int_equal(current(rig, 0)->state, WORKER_READY);
}

/* Who is stopped, or has lost its link, would not fetch. */
static void
test_only_a_spare_that_would_fetch_is_taken(void **state)
{
    struct rig *rig = *state;
    struct worker *stopped = current(rig, SPARE);
    struct worker *fit = current(rig, SPARE + 1);

    stopped->stopped = true;
    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    assert_ptr_equal(current(rig, 0), fit);
    settle(rig);
    stopped->stopped = false;
    stopped->link_lost_ms = rig->now_ms;
    rig_kill(current(rig, 1), SIGKILL);
    rig_turn(rig, 1);
    assert_ptr_not_equal(current(rig, 1), stopped);
    rig_turn(rig, PLAN_LINK_SETTLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_KILL)->worker, stopped);
    assert_int_equal(rig_action(rig, ACTION_KILL)->reason, REASON_LINK_LOST);
}

static void
test_two_spares_answer_two_deaths(void **state)
{
    struct rig *rig = *state;

    rig_kill(current(rig, 0), SIGKILL);
    rig_kill(current(rig, 2), SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RUN), 2);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    assert_in_order(rig);
    settle(rig);
    assert_in_order(rig);
}

/* Re-fork wants what came from the mold before replaced: a spare holds no job, so it is simply ended. */
static void
test_a_spare_that_is_wanted_away_is_ended_and_forked_anew(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    spare->wanted = REASON_REFORK;
    rig_turn(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_KILL)->worker, spare);
    assert_int_equal(rig_action(rig, ACTION_KILL)->reason, REASON_REFORK);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
    rig_kill(spare, SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SLOT_BACKOFF), 0);
    settle(rig);
    assert_int_equal(slot_of(rig, SPARE)->backoff.failures, 0);
}

/* FS-29: a spare is of use just when nothing can be forked. */
static void
test_fs_29_without_a_mold_a_spare_takes_the_place(void **state)
{
    struct rig *rig = *state;
    struct worker *spare = current(rig, SPARE);

    rig->pool.mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGKILL};
    rig_turn(rig, 1);
    rig_kill(current(rig, 0), SIGKILL);
    rig_turn(rig, 1);
    assert_ptr_equal(current(rig, 0), spare);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    rig_mold_ready(rig);
    rig_turn(rig, PLAN_SPARE_PAUSE_MS);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
    assert_int_equal(current(rig, SPARE)->generation, 2);
}

/* FS-30: the request for a spare is asked again of the next mold, as any other. */
static void
test_fs_30_a_spare_lost_with_its_mold_is_asked_for_again(void **state)
{
    struct rig *rig = *state;

    rig_kill(current(rig, SPARE), SIGKILL);
    rig_turn(rig, 1);
    assert_int_equal(current(rig, SPARE)->state, WORKER_FORKING);
    rig->pool.mold->ending = (struct ending){.known = true, .signaled = true, .code = SIGKILL};
    rig_turn(rig, 1);
    rig_turn(rig, 1);
    rig_mold_ready(rig);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, SPARE);
    assert_true(current(rig, SPARE)->replayed);
}

/* FS-37: a mold is replaced between spawns; spares at their gates are none, one that boots is. */
static void
test_fs_37_a_large_mold_is_replaced_beside_spares(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = rig->pool.mold;

    rig->pool.settings.max_mold_rss_bytes = 200 * RIG_MIB;
    mold->fresh_rss_bytes = 100 * RIG_MIB;
    mold->memory.rss_known = true;
    mold->memory.rss_bytes = 201 * RIG_MIB;
    rig_kill(current(rig, SPARE), SIGKILL);
    rig_turn(rig, 1);
    rig_hello(rig, current(rig, SPARE));
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 0);
    rig_ready(rig, current(rig, SPARE));
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_action(rig, ACTION_KILL_MOLD)->reason, REASON_MOLD_RSS);
}

/* With a spare at hand nobody's successor need be booted before it is wanted. */
static void
test_with_a_spare_no_successor_is_booted_early(void **state)
{
    struct rig *rig = *state;

    current(rig, 0)->is_expected = true;
    current(rig, 0)->expected_ms = rig->now_ms;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig_count(rig, ACTION_RUN), 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
#define CASE_TWO(test) cmocka_unit_test_setup_teardown(test, set_up_two, rig_tear_down)
#define CASE_EMPTY(test) cmocka_unit_test_setup_teardown(test, set_up_empty, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE_EMPTY(test_a_spare_boots_behind_the_slots_and_stays_at_its_gate),
        CASE(test_a_death_is_answered_in_the_same_turn),
        CASE(test_a_spare_runs_while_the_kernel_takes_the_dead_apart),
        CASE(test_without_a_spare_a_death_is_awaited),
        CASE(test_one_that_dies_again_waits_for_its_back_off),
        CASE(test_indices_go_round_and_stay_apart),
        CASE(test_a_recycle_is_answered_at_once),
        CASE_TWO(test_spares_do_not_widen_the_surge),
        CASE(test_one_that_still_boots_becomes_the_spare),
        CASE(test_a_successor_that_still_boots_becomes_the_spare),
        CASE(test_a_worker_above_a_hard_limit_is_followed_at_once),
        CASE(test_the_back_off_of_a_slot_holds),
        CASE(test_a_spare_that_waited_long_has_no_health_of_it),
        CASE(test_give_up_is_not_put_off),
        CASE(test_spares_that_fail_back_off_and_give_up_nobody),
        CASE_EMPTY(test_the_verdict_is_of_the_slots),
        CASE(test_a_quiet_service_keeps_its_spares_and_fills_nothing),
        CASE(test_a_quiet_service_forks_no_spare),
        CASE(test_a_stop_kills_spares_at_once),
        CASE(test_fs_03_after_an_oom_kill_the_spare_runs_and_no_other_is_forked),
        CASE(test_without_memory_no_spare_is_forked),
        CASE(test_under_pressure_no_spare_is_forked),
        CASE(test_above_the_total_a_spare_replaces_the_largest),
        CASE(test_above_the_total_a_spare_that_helps_nobody_is_ended),
        CASE(test_in_a_dry_run_no_spare_is_ended),
        CASE(test_a_spare_is_weighed_by_no_limit),
        CASE(test_age_begins_at_the_gate),
        CASE_TWO(test_only_a_spare_that_would_fetch_is_taken),
        CASE_TWO(test_two_spares_answer_two_deaths),
        CASE(test_a_spare_that_is_wanted_away_is_ended_and_forked_anew),
        CASE(test_fs_29_without_a_mold_a_spare_takes_the_place),
        CASE(test_fs_30_a_spare_lost_with_its_mold_is_asked_for_again),
        CASE(test_fs_37_a_large_mold_is_replaced_beside_spares),
        CASE(test_with_a_spare_no_successor_is_booted_early),
    };
#undef CASE
#undef CASE_TWO
#undef CASE_EMPTY

    return cmocka_run_group_tests(tests, NULL, NULL);
}
