/* test_plan_early.c: what the trend moves: who is replaced early in a crowd, whose successor is booted before it is wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

#define CYCLE_MS 5000
#define CYCLES 80
#define LIMIT_MIB 1000

static void
set_figures(struct rig *rig, unsigned slot, uint64_t rss_mib)
{
    struct worker *worker = rig->pool.slots[slot].current;

    rig_rss(worker, rss_mib);
    worker->figures.known = true;
    worker->figures.done += 10;
}

/* Each worker grows by so many MiB a cycle, and is that large in the end. The limit comes only then. */
static void
grow(struct rig *rig, const unsigned growth_mib[3], const unsigned last_mib[3])
{
    rig_init(rig, &rig_settings);
    rig_fill(rig);
    for (unsigned cycle = CYCLES; cycle > 1; cycle--) {
        for (unsigned slot = 0; slot < 3; slot++) {
            set_figures(rig, slot, last_mib[slot] - growth_mib[slot] * (cycle - 1));
        }
        rig_cycle(rig, CYCLE_MS);
    }
    rig->pool.settings.limits.bound[POLICY_MAX_RSS] = LIMIT_MIB * RIG_MIB;
    for (unsigned slot = 0; slot < 3; slot++) {
        set_figures(rig, slot, last_mib[slot]);
    }
}

static const unsigned slow[3] = {1, 1, 1};

/* 60, 50 and 90 MiB to go at 1 MiB in 5 s, two of them within ten minutes and a tenth of the limit. */
static void
test_of_a_crowd_the_first_is_replaced_early(void **state)
{
    static const unsigned last[3] = {940, 950, 910};
    struct rig rig;

    (void)state;
    grow(&rig, slow, last);
    rig_cycle(&rig, CYCLE_MS);
    assert_ptr_equal(rig_action(&rig, ACTION_RECYCLE)->worker, rig.pool.slots[1].current);
    assert_int_equal(rig_action(&rig, ACTION_RECYCLE)->reason, REASON_RSS);
    assert_int_equal(rig_action(&rig, ACTION_RECYCLE)->finding.weight, POLICY_WITHIN);
    assert_int_equal(rig_count(&rig, ACTION_SPAWN), 1);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
}

/* Who would be alone at its limit is replaced there and not before; nor where as many may leave at once. */
static void
test_without_a_crowd_nobody_is_replaced_early(void **state)
{
    static const unsigned alone[3] = {400, 950, 899};
    static const unsigned crowd[3] = {940, 950, 910};
    struct rig rig;

    (void)state;
    grow(&rig, slow, alone);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
    grow(&rig, slow, crowd);
    rig.pool.settings.max_recycles = 3;
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
}

static void
test_without_growth_nobody_is_replaced_early(void **state)
{
    static const unsigned none[3] = {0, 0, 0};
    static const unsigned last[3] = {990, 991, 992};
    struct rig rig;

    (void)state;
    grow(&rig, none, last);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig.actions.count, 0);
    rig_done(&rig);
}

static void
test_early_means_nothing_in_a_dry_run_or_while_quiet(void **state)
{
    static const unsigned last[3] = {940, 950, 910};
    struct rig rig;

    (void)state;
    grow(&rig, slow, last);
    rig.pool.settings.dry_run = true;
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig.actions.count, 0);
    rig.pool.settings.dry_run = false;
    plan_order_quiet(&rig.pool);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
}

/* One of them will be at its limit within two cycles: 2 MiB at 5 MiB a cycle. */
static struct worker *
grow_near(struct rig *rig)
{
    static const unsigned growth[3] = {5, 1, 1};
    static const unsigned last[3] = {998, 500, 500};

    grow(rig, growth, last);
    rig_cycle(rig, CYCLE_MS);
    return rig->pool.slots[0].current;
}

static void
boot_successor(struct rig *rig)
{
    rig_hello(rig, rig->pool.slots[0].successor);
    rig_turn(rig, 1);
    rig_ready(rig, rig->pool.slots[0].successor);
    rig_turn(rig, 1);
}

static void
test_a_successor_is_booted_before_it_is_wanted(void **state)
{
    struct rig rig;
    struct worker *old;

    (void)state;
    old = grow_near(&rig);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    assert_int_equal(rig_count(&rig, ACTION_SPAWN), 1);
    boot_successor(&rig);
    assert_int_equal(rig_count(&rig, ACTION_RUN), 0);
    assert_int_equal(old->state, WORKER_READY);
    rig_rss(old, 1001);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RUN), 1);
    assert_ptr_equal(rig_action(&rig, ACTION_QUIET)->worker, old);
    assert_int_equal(old->reason, REASON_RSS);
    rig_done(&rig);
}

static void
test_a_successor_that_is_not_needed_is_ended(void **state)
{
    struct rig rig;
    struct worker *old, *successor;

    (void)state;
    old = grow_near(&rig);
    boot_successor(&rig);
    successor = rig.pool.slots[0].successor;
    rig_turn(&rig, old->expected_ms + PLAN_EXPECT_MS - 1 - rig.now_ms);
    assert_int_equal(rig_count(&rig, ACTION_KILL), 0);
    assert_int_equal(rig.next_ms, rig.now_ms + 1);
    rig_turn(&rig, 1);
    assert_ptr_equal(rig_action(&rig, ACTION_KILL)->worker, successor);
    assert_null(rig.pool.slots[0].successor);
    assert_int_equal(old->state, WORKER_READY);
    rig_kill(successor, 9);
    rig_turn(&rig, 1);
    assert_int_equal(rig.pool.counters.deaths, 0);
    assert_int_equal(rig_count(&rig, ACTION_SPAWN), 0);
    assert_int_equal(rig_count(&rig, ACTION_SLOT_BACKOFF), 0);
    rig_done(&rig);
}

/* Nobody drains first for what may never come. */
static void
test_without_memory_for_two_nobody_is_expected(void **state)
{
    static const unsigned growth[3] = {5, 1, 1};
    static const unsigned last[3] = {998, 500, 500};
    struct rig rig;

    (void)state;
    grow(&rig, growth, last);
    rig_fresh(rig.pool.slots[0].current, 500, 100);
    rig.pool.group.available_bytes = 99 * RIG_MIB;
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig.actions.count, 0);
    rig_done(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_a_crowd_the_first_is_replaced_early),
        cmocka_unit_test(test_without_a_crowd_nobody_is_replaced_early),
        cmocka_unit_test(test_without_growth_nobody_is_replaced_early),
        cmocka_unit_test(test_early_means_nothing_in_a_dry_run_or_while_quiet),
        cmocka_unit_test(test_a_successor_is_booted_before_it_is_wanted),
        cmocka_unit_test(test_a_successor_that_is_not_needed_is_ended),
        cmocka_unit_test(test_without_memory_for_two_nobody_is_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
