/* test_plan_memory.c: limits of one worker: who is replaced, who is ended, who is left alone. Facts in, actions out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/plan_turn.h"
#include "pool_rig.h"

#define CYCLE_MS 5000

static struct worker *
worker_of(struct rig *rig, unsigned slot)
{
    return rig->pool.slots[slot].current;
}

static void
set_limit(struct rig *rig, enum policy_limit limit, uint64_t bound)
{
    rig->pool.settings.limits.bound[limit] = bound;
}

static void
assert_nothing_is_replaced(const struct rig *rig)
{
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    assert_int_equal(rig_count(rig, ACTION_TERM), 0);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

/* Of each figure 900, of jobs 90 done and 10 failed, an age of 900 s. */
static const struct {
    enum policy_limit limit;
    uint64_t bound;
    enum reason reason;
} crossed[] = {
    {POLICY_MAX_RSS, 899 * RIG_MIB, REASON_RSS},
    {POLICY_MAX_PSS, 799 * RIG_MIB, REASON_PSS},
    {POLICY_MAX_USS, 699 * RIG_MIB, REASON_USS},
    {POLICY_MAX_JOBS, 100, REASON_JOBS},
    {POLICY_MAX_AGE, 900000, REASON_AGE},
    {POLICY_KILL_RSS, 899 * RIG_MIB, REASON_KILL_RSS},
    {POLICY_KILL_PSS, 799 * RIG_MIB, REASON_KILL_PSS},
    {POLICY_KILL_USS, 699 * RIG_MIB, REASON_KILL_USS},
};

static struct worker *
grow_first(struct rig *rig)
{
    struct worker *worker = worker_of(rig, 0);

    rig_rss(worker, 900);
    rig_private(worker, 800, 700);
    worker->figures = (struct board_figures){.known = true, .done = 90, .failed = 10};
    worker->ready_ms = rig->now_ms + CYCLE_MS - 900000;
    return worker;
}

static void
cross(enum policy_limit limit, uint64_t bound, enum reason reason)
{
    struct rig rig;
    struct worker *worker;

    rig_init(&rig, &rig_settings);
    rig_fill(&rig);
    worker = grow_first(&rig);
    set_limit(&rig, limit, bound);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 1);
    assert_ptr_equal(rig_action(&rig, ACTION_RECYCLE)->worker, worker);
    assert_int_equal(rig_action(&rig, ACTION_RECYCLE)->reason, reason);
    assert_int_equal(rig_action(&rig, ACTION_RECYCLE)->finding.limit, limit);
    assert_int_equal(rig_action(&rig, ACTION_RECYCLE)->finding.weight, POLICY_EXCEEDED);
    assert_int_equal(worker->finding.limit, limit);
    /* Graceful or hard, the next one starts in the same turn. */
    assert_int_equal(rig_count(&rig, ACTION_SPAWN), 1);
    assert_int_equal(worker->state, policy_is_hard(limit) ? WORKER_DRAINING : WORKER_READY);
    assert_int_equal(rig_count(&rig, ACTION_TERM), policy_is_hard(limit));
    assert_int_equal(rig.pool.counters.hard_kills, policy_is_hard(limit));
    assert_int_equal(rig.pool.counters.limit_recycles, !policy_is_hard(limit));
    rig_done(&rig);
}

static void
test_each_limit_acts_with_its_own_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(crossed); i++) {
        cross(crossed[i].limit, crossed[i].bound, crossed[i].reason);
    }
}

static void
test_at_the_bound_memory_is_within(void **state)
{
    struct rig *rig = *state;

    (void)grow_first(rig);
    set_limit(rig, POLICY_MAX_RSS, 900 * RIG_MIB);
    set_limit(rig, POLICY_KILL_USS, 700 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
}

static void
test_fs_16_the_successor_is_ready_first_then_the_old_one_drains(void **state)
{
    struct rig *rig = *state;
    struct worker *old = grow_first(rig);

    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(old->wanted, REASON_RSS);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    assert_ptr_equal(rig_succeed(rig, 0), old);
    assert_ptr_equal(rig_action(rig, ACTION_QUIET)->worker, old);
    assert_int_equal(old->reason, REASON_RSS);
    assert_int_equal(rig->pool.slots[0].last_reason, REASON_RSS);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    assert_int_equal(rig->pool.counters.recycles, 1);
}

static void
test_fs_16_so_many_of_the_last_cycles_have_to_be_above(void **state)
{
    static const unsigned rss[] = {900, 700, 900, 700, 700, 900, 900, 900};
    static const unsigned recycles[] = {0, 0, 0, 0, 0, 0, 0, 1};
    struct rig *rig = *state;

    rig->pool.settings.limits.cycles = 3;
    rig->pool.settings.limits.window = 4;
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    for (size_t i = 0; i < ARRAY_LEN(rss); i++) {
        rig_rss(worker_of(rig, 0), rss[i]);
        rig_cycle(rig, CYCLE_MS);
        assert_int_equal(rig_count(rig, ACTION_RECYCLE), recycles[i]);
    }
}

static void
test_fs_17_a_spike_shorter_than_the_rule_is_only_remembered(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = worker_of(rig, 0);

    rig->pool.settings.limits.cycles = 2;
    rig->pool.settings.limits.window = 2;
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    rig_rss(worker, 2000);
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
    rig_rss(worker, 700);
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
    assert_int_equal(worker->history.peak_rss_bytes, 2000 * RIG_MIB);
}

static void
test_b8_under_pressure_one_cycle_is_enough(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.limits.cycles = 3;
    rig->pool.settings.limits.window = 3;
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    rig_rss(worker_of(rig, 0), 900);
    rig->pool.pressed_until_ms = rig->now_ms + CYCLE_MS;
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
    rig->pool.pressed_until_ms = rig->now_ms + CYCLE_MS + 1;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 1);
}

/* Judged whenever memory was looked at, and only then. */
static void
test_fs_18_a_glance_is_enough_for_a_hard_limit(void **state)
{
    struct rig *rig = *state;

    (void)grow_first(rig);
    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 0);
    rig_glance(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 1);
}

static void
test_a_glance_replaces_nobody_gracefully(void **state)
{
    struct rig *rig = *state;

    (void)grow_first(rig);
    rig_cycle(rig, CYCLE_MS);
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    rig_glance(rig, 1);
    assert_nothing_is_replaced(rig);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 1);
}

static void
test_fs_18_kill_comes_at_the_grace_and_not_earlier(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = grow_first(rig);

    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig->pool.settings.kill_grace_ms = 3000;
    rig_glance(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_TERM)->reason, REASON_KILL_RSS);
    assert_int_equal(rig->next_ms, rig->now_ms + 3000);
    rig_turn(rig, 2999);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_KILL)->reason, REASON_KILL_RSS);
    rig_kill(worker, 9);
    rig_turn(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_WORKER_GONE)->reason, REASON_KILL_RSS);
    assert_int_equal(rig->pool.counters.deaths, 0);
    assert_int_equal(rig->pool.slots[0].restarts, 0);
}

/* A stop in the meantime gives it no more time, and a hurried one less. */
static void
test_fs_18_a_stop_does_not_lengthen_the_grace(void **state)
{
    struct rig *rig = *state;

    (void)grow_first(rig);
    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig->pool.settings.kill_grace_ms = 20000;
    rig_glance(rig, 1);
    (void)plan_order_stop(&rig->pool, true, rig->now_ms);
    rig_turn(rig, 19999);
    assert_int_equal(rig_count(rig, ACTION_KILL), 0);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL), 1);
}

static void
test_a_hurried_stop_shortens_the_grace(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = grow_first(rig);

    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig->pool.settings.kill_grace_ms = 20000;
    rig_glance(rig, 1);
    (void)plan_order_stop(&rig->pool, true, rig->now_ms);
    (void)plan_order_stop(&rig->pool, true, rig->now_ms);
    assert_int_equal(plan_kill_at_ms(&rig->pool, worker), rig->now_ms + PLAN_HURRY_MS);
}

/* One that is ended while its successor is on its way needs no other. */
static void
test_a_hard_end_hands_the_slot_to_the_successor(void **state)
{
    struct rig *rig = *state;
    struct slot *slot = &rig->pool.slots[0];
    struct worker *old = worker_of(rig, 0), *successor;

    assert_int_equal(plan_order_recycle(&rig->pool, 0), 0);
    rig_turn(rig, 1);
    successor = slot->successor;
    rig_rss(old, 900);
    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig_glance(rig, 1);
    assert_int_equal(old->state, WORKER_DRAINING);
    assert_ptr_equal(slot->current, successor);
    assert_null(slot->successor);
    assert_int_equal(slot->last_reason, REASON_KILL_RSS);
    assert_int_equal(slot->recycles, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
}

/* FS-26: it holds a job, fetches nothing, and grows on: the hard limit ends it before its drain's deadline. */
static void
test_fs_26_a_draining_worker_is_held_to_the_hard_limit(void **state)
{
    struct rig *rig = *state;
    struct worker *old = grow_first(rig);

    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    set_limit(rig, POLICY_KILL_RSS, 1000 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    (void)rig_succeed(rig, 0);
    assert_int_equal(old->state, WORKER_QUIETING);
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
    rig_rss(old, 1001);
    rig_glance(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_TERM)->worker, old);
    assert_int_equal(old->state, WORKER_DRAINING);
    assert_int_equal(plan_kill_at_ms(&rig->pool, old), rig->now_ms + 5000);
    /* The slot has its new worker already. */
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    assert_int_equal(rig->pool.slots[0].recycles, 1);
}

static void
test_fs_19_the_largest_above_the_limit_alone_is_replaced(void **state)
{
    struct rig *rig = *state;
    struct worker *largest = worker_of(rig, 1);

    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    rig_rss(worker_of(rig, 0), 850);
    rig_rss(largest, 950);
    rig_rss(worker_of(rig, 2), 900);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 1);
    assert_ptr_equal(rig_action(rig, ACTION_RECYCLE)->worker, largest);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    (void)rig_succeed(rig, 1);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    rig_exit(largest, 0);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 1);
    assert_ptr_equal(rig_action(rig, ACTION_RECYCLE)->worker, worker_of(rig, 2));
}

static void
test_fs_19_two_at_a_time_where_two_are_allowed(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.max_recycles = 2;
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    for (unsigned i = 0; i < 3; i++) {
        rig_rss(worker_of(rig, i), 900 + i);
    }
    rig_cycle(rig, CYCLE_MS);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(worker_of(rig, 2)->wanted, REASON_RSS);
    assert_int_equal(worker_of(rig, 1)->wanted, REASON_RSS);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    assert_int_equal(worker_of(rig, 0)->wanted, REASON_NONE);
}

/* 900 of 800 MiB is less than 150 of 100 jobs. */
static void
test_fs_19_limits_of_different_kinds_compare_by_their_excess(void **state)
{
    struct rig *rig = *state;

    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    set_limit(rig, POLICY_MAX_JOBS, 100);
    rig_rss(worker_of(rig, 0), 900);
    worker_of(rig, 2)->figures = (struct board_figures){.known = true, .done = 150};
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_RECYCLE)->worker, worker_of(rig, 2));
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_JOBS);
}

static void
test_fs_19_slots_have_shares_of_their_own_of_the_jitter(void **state)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT];
    struct rig *rig = *state;
    uint64_t bounds[3];

    set_limit(rig, POLICY_MAX_JOBS, 1000000);
    for (unsigned i = 0; i < 3; i++) {
        plan_weigh(&rig->pool, worker_of(rig, i), rig->now_ms, findings);
        bounds[i] = findings[POLICY_MAX_JOBS].bound;
        assert_in_range(bounds[i], 900000, 1000000);
    }
    assert_int_not_equal(bounds[0], bounds[1]);
    assert_int_not_equal(bounds[1], bounds[2]);
}

/* Who counts as being replaced: one that is wanted gone, one that leaves; not one that the kernel cannot end. */
static void
test_fs_26_who_drains_counts_until_it_is_gone(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = worker_of(rig, 0);

    assert_true(plan_may_recycle(&rig->pool));
    worker->wanted = REASON_RECYCLE;
    assert_false(plan_may_recycle(&rig->pool));
    worker->wanted = REASON_NONE;
    worker->state = WORKER_QUIETING;
    worker->reason = REASON_RSS;
    assert_false(plan_may_recycle(&rig->pool));
    worker->reason = REASON_QUIET;
    assert_true(plan_may_recycle(&rig->pool));
    worker->state = WORKER_DRAINING;
    assert_false(plan_may_recycle(&rig->pool));
    worker->state = WORKER_KILLED;
    assert_false(plan_may_recycle(&rig->pool));
    worker->stuck_ms = 1;
    assert_true(plan_may_recycle(&rig->pool));
    worker->wanted = REASON_RSS;
    assert_true(plan_may_recycle(&rig->pool));
    worker->wanted = REASON_NONE;
    worker->stuck_ms = 0;
    worker->state = WORKER_READY;
    worker->reason = REASON_NONE;
}

/* Two limits, each told of once in the service's life; nobody is replaced for either. */
static void
test_fs_20_a_limit_below_a_fresh_worker_is_said_once(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 3; i++) {
        rig_fresh(worker_of(rig, i), 620, 300);
        rig_rss(worker_of(rig, i), 900);
        rig_private(worker_of(rig, i), 500, 400);
    }
    set_limit(rig, POLICY_MAX_RSS, 600 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_LIMIT_TOO_LOW), 1);
    assert_int_equal(rig_action(rig, ACTION_LIMIT_TOO_LOW)->finding.limit, POLICY_MAX_RSS);
    assert_int_equal(rig_action(rig, ACTION_LIMIT_TOO_LOW)->finding.fresh, 620 * RIG_MIB);
    assert_nothing_is_replaced(rig);
    set_limit(rig, POLICY_KILL_USS, 250 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_LIMIT_TOO_LOW), 1);
    assert_int_equal(rig_action(rig, ACTION_LIMIT_TOO_LOW)->finding.limit, POLICY_KILL_USS);
    assert_nothing_is_replaced(rig);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_LIMIT_TOO_LOW), 0);
    assert_nothing_is_replaced(rig);
}

static void
test_fs_20_a_young_worker_is_spared(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = worker_of(rig, 0);

    rig->pool.settings.limits.grace_ms = 10000;
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    rig_rss(worker, 900);
    rig_cycle(rig, worker->ready_ms + 9999 - rig->now_ms);
    assert_nothing_is_replaced(rig);
    rig_cycle(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 1);
}

/* 100 of its own and 400 shared among four were 200; two siblings are gone now, so it is 300. */
static void
test_fs_22_a_siblings_end_is_no_growth(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = worker_of(rig, 0);

    set_limit(rig, POLICY_MAX_PSS, 250 * RIG_MIB);
    rig_rss(worker, 500);
    rig_private(worker, 300, 100);
    worker->sharers_fresh = 4;
    worker->sharers_read = 2;
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
    set_limit(rig, POLICY_KILL_PSS, 250 * RIG_MIB);
    rig_glance(rig, 1);
    assert_nothing_is_replaced(rig);
    set_limit(rig, POLICY_KILL_PSS, 0);
    rig_private(worker, 300, 250);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_PSS);
}

static void
test_fs_23_unknown_figures_replace_nobody(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = grow_first(rig);

    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    set_limit(rig, POLICY_KILL_USS, 600 * RIG_MIB);
    set_limit(rig, POLICY_MAX_JOBS, 100);
    worker->memory.rss_known = false;
    worker->memory.private_known = false;
    worker->figures.known = false;
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
    assert_int_equal(rig_count(rig, ACTION_LIMIT_TOO_LOW), 0);
}

static void
test_one_that_is_being_replaced_is_not_replaced_again(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.max_recycles = 3;
    (void)grow_first(rig);
    assert_int_equal(plan_order_recycle(&rig->pool, 0), 0);
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    assert_int_equal(worker_of(rig, 0)->wanted, REASON_RECYCLE);
}

static void
test_dry_run_says_it_once_and_does_nothing(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.dry_run = true;
    (void)grow_first(rig);
    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_WOULD_RECYCLE), 1);
    assert_int_equal(rig_action(rig, ACTION_WOULD_RECYCLE)->reason, REASON_KILL_RSS);
    assert_int_equal(rig_action(rig, ACTION_WOULD_RECYCLE)->finding.limit, POLICY_KILL_RSS);
    assert_nothing_is_replaced(rig);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_WOULD_RECYCLE), 0);
    rig_rss(worker_of(rig, 0), 700);
    rig_cycle(rig, CYCLE_MS);
    rig_rss(worker_of(rig, 0), 900);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_WOULD_RECYCLE), 1);
    assert_nothing_is_replaced(rig);
}

static void
test_dry_run_says_graceful_limits_too(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.dry_run = true;
    (void)grow_first(rig);
    set_limit(rig, POLICY_MAX_USS, 600 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_action(rig, ACTION_WOULD_RECYCLE)->reason, REASON_USS);
    assert_nothing_is_replaced(rig);
    assert_int_equal(worker_of(rig, 0)->wanted, REASON_NONE);
}

/* TERM it had for another reason; the hard limit only hurries it. */
static void
test_fs_18_one_that_was_told_to_leave_is_hurried(void **state)
{
    struct rig *rig = *state;
    struct worker *old = grow_first(rig);

    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    set_limit(rig, POLICY_KILL_RSS, 1000 * RIG_MIB);
    rig_cycle(rig, CYCLE_MS);
    (void)rig_succeed(rig, 0);
    rig_idle(old);
    rig_turn(rig, 1);
    assert_int_equal(old->state, WORKER_DRAINING);
    rig_glance(rig, 1000);
    assert_int_equal(rig->actions.count, 0);
    rig_rss(old, 1001);
    rig_glance(rig, 1);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_KILL_RSS);
    assert_int_equal(rig_count(rig, ACTION_TERM), 0);
    assert_int_equal(rig->next_ms, rig->now_ms + 5000);
    rig_glance(rig, 4999);
    assert_int_equal(rig->actions.count, 0);
    rig_glance(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_KILL)->worker, old);
    assert_int_equal(rig->pool.counters.hard_kills, 1);
}

static void
test_fs_18_a_hard_limit_gives_no_more_time(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = grow_first(rig);
    int64_t term_ms;

    worker->wanted = REASON_RECYCLE;
    rig_turn(rig, 1);
    (void)rig_succeed(rig, 0);
    rig_idle(worker);
    rig_turn(rig, 1);
    term_ms = rig->now_ms;
    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig_glance(rig, rig->pool.timeout_ms + PLAN_STOP_MARGIN_MS - 1000);
    assert_true(worker->is_hard);
    assert_int_equal(plan_kill_at_ms(&rig->pool, worker),
                     term_ms + rig->pool.timeout_ms + PLAN_STOP_MARGIN_MS);
}

static void
test_fs_18_while_quiet_hard_limits_hold(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = grow_first(rig);

    plan_order_quiet(&rig->pool);
    rig_turn(rig, 1);
    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    rig_glance(rig, 1);
    assert_ptr_equal(rig_action(rig, ACTION_TERM)->worker, worker);
    assert_int_equal(worker->reason, REASON_KILL_RSS);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 0);
    plan_order_resume(&rig->pool);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_int_equal(rig_action(rig, ACTION_SPAWN)->worker->slot, 0);
}

static void
test_while_it_stops_limits_rest(void **state)
{
    struct rig *rig = *state;

    (void)grow_first(rig);
    set_limit(rig, POLICY_KILL_RSS, 800 * RIG_MIB);
    (void)plan_order_stop(&rig->pool, false, rig->now_ms);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    assert_int_equal(rig->pool.counters.hard_kills, 0);
}

static void
test_while_quiet_nobody_is_replaced(void **state)
{
    struct rig *rig = *state;

    (void)grow_first(rig);
    set_limit(rig, POLICY_MAX_RSS, 800 * RIG_MIB);
    plan_order_quiet(&rig->pool);
    rig_cycle(rig, CYCLE_MS);
    assert_nothing_is_replaced(rig);
    assert_int_equal(rig->pool.counters.limit_recycles, 0);
}

/* What workers share when they begin is read soon, but nobody is in a hurry for it. */
static void
test_first_readings_wake_the_service_at_their_own_pace(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = rig->pool.slots[0].current;

    rig_turn(rig, 1000);
    assert_true(rig->next_ms > rig->now_ms + 1000);
    worker->since_ms = rig->now_ms;
    worker->wants_first = true;
    rig_turn(rig, 1);
    assert_int_equal(rig->next_ms, worker->since_ms + WORKER_FIRST_AFTER_MS);
    /* After a long reading everybody is left alone. */
    rig->pool.next_rollup_ms = rig->now_ms + 400;
    rig_turn(rig, 1);
    assert_int_equal(rig->next_ms, rig->pool.next_rollup_ms);
    /* It may not be read now, whatever the cause: nothing spins. */
    rig_turn(rig, 1000);
    assert_true(rig->next_ms > rig->now_ms && rig->next_ms <= rig->now_ms + 100);
    worker->wants_first = false;
    rig_turn(rig, 1);
    assert_true(rig->next_ms > rig->now_ms + 1000);
}

static void
test_a_first_reading_is_due_at_the_gate_and_after_it_alone(void **state)
{
    struct worker worker = {.wants_first = true, .since_ms = 1000};

    (void)state;
    for (enum worker_state at = WORKER_FORKING; at <= WORKER_GONE; at++) {
        bool is_due = at >= WORKER_WAITING && at < WORKER_KILLED;

        worker.state = at;
        assert_true(worker_first_due_ms(&worker) ==
                    (is_due ? 1000 + WORKER_FIRST_AFTER_MS : NEVER_MS));
    }
    worker.state = WORKER_READY;
    worker.wants_first = false;
    assert_true(worker_first_due_ms(&worker) == NEVER_MS);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_set_up_filled, rig_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_limit_acts_with_its_own_reason),
        CASE(test_at_the_bound_memory_is_within),
        CASE(test_fs_16_the_successor_is_ready_first_then_the_old_one_drains),
        CASE(test_fs_16_so_many_of_the_last_cycles_have_to_be_above),
        CASE(test_fs_17_a_spike_shorter_than_the_rule_is_only_remembered),
        CASE(test_b8_under_pressure_one_cycle_is_enough),
        CASE(test_fs_18_a_glance_is_enough_for_a_hard_limit),
        CASE(test_a_glance_replaces_nobody_gracefully),
        CASE(test_fs_18_kill_comes_at_the_grace_and_not_earlier),
        CASE(test_fs_18_a_stop_does_not_lengthen_the_grace),
        CASE(test_a_hurried_stop_shortens_the_grace),
        CASE(test_a_hard_end_hands_the_slot_to_the_successor),
        CASE(test_fs_26_a_draining_worker_is_held_to_the_hard_limit),
        CASE(test_fs_19_the_largest_above_the_limit_alone_is_replaced),
        CASE(test_fs_19_two_at_a_time_where_two_are_allowed),
        CASE(test_fs_19_limits_of_different_kinds_compare_by_their_excess),
        CASE(test_fs_19_slots_have_shares_of_their_own_of_the_jitter),
        CASE(test_fs_26_who_drains_counts_until_it_is_gone),
        CASE(test_fs_20_a_limit_below_a_fresh_worker_is_said_once),
        CASE(test_fs_20_a_young_worker_is_spared),
        CASE(test_fs_22_a_siblings_end_is_no_growth),
        CASE(test_fs_23_unknown_figures_replace_nobody),
        CASE(test_one_that_is_being_replaced_is_not_replaced_again),
        CASE(test_dry_run_says_it_once_and_does_nothing),
        CASE(test_dry_run_says_graceful_limits_too),
        CASE(test_fs_18_one_that_was_told_to_leave_is_hurried),
        CASE(test_fs_18_a_hard_limit_gives_no_more_time),
        CASE(test_fs_18_while_quiet_hard_limits_hold),
        CASE(test_while_it_stops_limits_rest),
        CASE(test_while_quiet_nobody_is_replaced),
        CASE(test_first_readings_wake_the_service_at_their_own_pace),
        CASE(test_a_first_reading_is_due_at_the_gate_and_after_it_alone),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
