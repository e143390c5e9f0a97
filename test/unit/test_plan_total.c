/* test_plan_total.c: the service as a whole against --max-total, and the mold against its own limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

#define CYCLE_MS 5000
#define LIMIT_MIB 1000

static void
set_total(struct rig *rig, uint64_t mib)
{
    rig->pool.total.known = true;
    rig->pool.total.bytes = mib * RIG_MIB;
    rig->pool.total.limit_bytes = LIMIT_MIB * RIG_MIB;
}

/* Fresh workers cost 40 MiB; now they take 100, 200 and 150. RSS stands the other way round. */
static int
set_up(void **state)
{
    static const unsigned uss[] = {100, 200, 150};
    static const unsigned rss[] = {900, 700, 800};
    static struct rig rig;

    rig_init(&rig, &rig_settings);
    rig_fill(&rig);
    for (unsigned i = 0; i < 3; i++) {
        struct worker *worker = rig.pool.slots[i].current;

        rig_fresh(worker, 500, 40);
        rig_rss(worker, rss[i]);
        rig_private(worker, uss[i] + 100, uss[i]);
    }
    *state = &rig;
    return 0;
}

static void
test_whose_end_gives_most_back_is_replaced(void **state)
{
    struct rig *rig = *state;
    struct worker *largest = rig->pool.slots[1].current;

    largest->finding = (struct policy_finding){.weight = POLICY_EXCEEDED};
    set_total(rig, 1001);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_RECYCLE)->worker, largest);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_TOTAL);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->finding.weight, POLICY_NO_LIMIT);
    assert_ptr_equal(rig_action(rig, ACTION_TOTAL_HIGH)->worker, largest);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
}

static void
test_where_two_are_allowed_the_next_one_follows(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.max_recycles = 2;
    set_total(rig, 950);
    rig_cycle(rig, CYCLE_MS);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_RECYCLE)->worker, rig->pool.slots[2].current);
}

static void
test_swap_is_given_back_too(void **state)
{
    struct rig *rig = *state;
    struct worker *swapped = rig->pool.slots[0].current;

    swapped->memory.swap_bytes = 101 * RIG_MIB;
    set_total(rig, 1001);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_RECYCLE)->worker, swapped);
}

/* Two fresh workers' room before the limit, but never more than a tenth of it. */
static void
test_it_acts_while_there_is_room_for_a_successor(void **state)
{
    static const struct {
        unsigned fresh_mib;
        unsigned total_mib;
        bool acts;
    } cases[] = {
        {40, 920, false}, {40, 921, true}, {50, 900, false}, {50, 901, true},
        {90, 900, false}, {90, 901, true}, {0, 1000, false}, {0, 1001, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig *rig;

        assert_int_equal(set_up((void **)&rig), 0);
        for (unsigned slot = 0; slot < 3; slot++) {
            rig_fresh(rig->pool.slots[slot].current, 0, cases[i].fresh_mib);
        }
        set_total(rig, cases[i].total_mib);
        rig_cycle(rig, CYCLE_MS);
        assert_int_equal(rig_count(rig, ACTION_RECYCLE), cases[i].acts);
        assert_int_equal(rig_tear_down((void **)&rig), 0);
    }
}

/* The sum of RSS is far above, the service is not. */
static void
test_fs_21_shared_pages_are_no_alarm(void **state)
{
    struct rig *rig = *state;

    set_total(rig, 600);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig->actions.count, 0);
}

/* Nobody's end gives back more than a fresh one takes: it is said once, and nobody is replaced in vain. */
static void
test_fs_27_nobody_is_replaced_in_vain(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 3; i++) {
        rig_private(rig->pool.slots[i].current, 100, 43);
    }
    set_total(rig, 1200);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_TOTAL_HIGH), 1);
    assert_null(rig_action(rig, ACTION_TOTAL_HIGH)->worker);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig->actions.count, 0);
    rig_private(rig->pool.slots[2].current, 100, 45);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_RECYCLE)->worker, rig->pool.slots[2].current);
}

static void
test_who_is_not_known_is_not_replaced(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 3; i++) {
        rig->pool.slots[i].current->memory.private_known = false;
    }
    set_total(rig, 1200);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
}

static void
test_an_unknown_total_and_no_limit_do_nothing(void **state)
{
    struct rig *rig = *state;

    set_total(rig, 1200);
    rig->pool.total.known = false;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig->actions.count, 0);
    set_total(rig, 1200);
    rig->pool.total.limit_bytes = 0;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig->actions.count, 0);
    set_total(rig, 1200);
    rig_glance(rig, 1);
    assert_int_equal(rig->actions.count, 0);
}

static void
test_so_many_of_the_last_cycles_have_to_be_above(void **state)
{
    static const unsigned total[] = {1001, 900, 1001, 900, 1001, 1001};
    struct rig *rig = *state;

    rig->pool.settings.limits.cycles = 3;
    rig->pool.settings.limits.window = 4;
    for (size_t i = 0; i < ARRAY_LEN(total); i++) {
        set_total(rig, total[i]);
        rig_cycle(rig, CYCLE_MS);
        assert_int_equal(rig_count(rig, ACTION_RECYCLE), i == ARRAY_LEN(total) - 1);
    }
}

/* What was above for long enough, but is not now, needs nothing. */
static void
test_only_a_total_that_is_above_now_acts(void **state)
{
    struct rig *rig = *state;

    rig->pool.total.above = 1;
    rig->pool.settings.limits.window = 4;
    set_total(rig, 900);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig->actions.count, 0);
}

static void
test_b8_under_pressure_one_cycle_is_enough(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.limits.cycles = 3;
    rig->pool.settings.limits.window = 4;
    rig->pool.pressed_until_ms = rig->now_ms + CYCLE_MS + 1;
    set_total(rig, 1001);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 1);
}

static void
test_it_is_told_again_when_it_was_below(void **state)
{
    static const struct {
        unsigned total_mib;
        unsigned told;
    } cycles[] = {{1001, 1}, {1001, 0}, {900, 0}, {1001, 1}};
    struct rig *rig = *state;

    for (size_t i = 0; i < ARRAY_LEN(cycles); i++) {
        set_total(rig, cycles[i].total_mib);
        rig_cycle(rig, CYCLE_MS);
        assert_int_equal(rig_count(rig, ACTION_TOTAL_HIGH), cycles[i].told);
    }
}

static void
test_dry_run_says_whom_and_replaces_nobody(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.dry_run = true;
    set_total(rig, 1001);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_TOTAL_HIGH)->worker, rig->pool.slots[1].current);
    assert_int_equal(rig->actions.count, 1);
}

static void
test_fs_19_a_limit_and_the_total_are_one_budget(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.limits.bound[POLICY_MAX_RSS] = 850 * RIG_MIB;
    set_total(rig, 1001);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 1);
    assert_int_equal(rig_action(rig, ACTION_RECYCLE)->reason, REASON_RSS);
}

static void
test_while_quiet_the_total_rests(void **state)
{
    struct rig *rig = *state;

    plan_order_quiet(&rig->pool);
    set_total(rig, 1001);
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_RECYCLE), 0);
    assert_int_equal(rig_count(rig, ACTION_TOTAL_HIGH), 0);
}

static struct mold *
grow_mold(struct rig *rig)
{
    struct mold *mold = rig->pool.mold;

    rig->pool.settings.max_mold_rss_bytes = 300 * RIG_MIB;
    mold->memory.rss_known = true;
    mold->memory.rss_bytes = 301 * RIG_MIB;
    mold->fresh_rss_bytes = 300 * RIG_MIB;
    return mold;
}

static void
test_fs_37_a_mold_that_grew_is_replaced_between_spawns(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = grow_mold(rig);

    mold->since_ms -= 60000;
    rig_turn(rig, 1);
    assert_int_equal(rig->actions.count, 0);
    rig_cycle(rig, CYCLE_MS);
    assert_ptr_equal(rig_action(rig, ACTION_KILL_MOLD)->mold, mold);
    assert_int_equal(rig_action(rig, ACTION_KILL_MOLD)->reason, REASON_MOLD_RSS);
    assert_int_equal(rig_count(rig, ACTION_START_MOLD), 1);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
}

static void
leave_mold(struct rig *rig)
{
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 0);
}

static void
test_fs_37_a_mold_stays_where_its_end_would_not_help(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = grow_mold(rig);

    mold->memory.rss_bytes = 300 * RIG_MIB;
    leave_mold(rig);
    mold->memory.rss_bytes = 301 * RIG_MIB;
    mold->memory.rss_known = false;
    leave_mold(rig);
    mold->memory.rss_known = true;
    mold->fresh_rss_bytes = 301 * RIG_MIB;
    leave_mold(rig);
    mold->fresh_rss_bytes = 0;
    leave_mold(rig);
    mold->fresh_rss_bytes = 200 * RIG_MIB;
    rig->pool.settings.max_mold_rss_bytes = 0;
    leave_mold(rig);
    rig->pool.settings.max_mold_rss_bytes = 300 * RIG_MIB;
    rig->pool.settings.dry_run = true;
    leave_mold(rig);
    rig->pool.settings.dry_run = false;
    rig_cycle(rig, CYCLE_MS);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 1);
}

static void
test_fs_37_a_mold_stays_while_somebody_is_born(void **state)
{
    struct rig *rig = *state;
    struct mold *mold = grow_mold(rig);

    mold->request = 4711;
    mold->request_ms = rig->now_ms + CYCLE_MS;
    leave_mold(rig);
    mold->request = 0;
    assert_int_equal(plan_order_recycle(&rig->pool, 0), 0);
    rig_turn(rig, 1);
    rig_hello(rig, rig->pool.slots[0].successor);
    leave_mold(rig);
    plan_order_quiet(&rig->pool);
    leave_mold(rig);
}

static void
test_fs_37_a_mold_stays_while_quiet(void **state)
{
    struct rig *rig = *state;

    (void)grow_mold(rig);
    plan_order_quiet(&rig->pool);
    leave_mold(rig);
}

/* As many live as should, but one of them only boots. */
static void
test_fs_37_a_mold_stays_while_a_slot_is_filled(void **state)
{
    struct rig *rig = *state;

    rig_kill(rig->pool.slots[0].current, 9);
    rig_turn(rig, 1);
    rig_hello(rig, rig->pool.slots[0].current);
    (void)grow_mold(rig);
    leave_mold(rig);
}

/* With a slot empty every hand is needed. */
static void
test_fs_37_a_mold_stays_while_a_slot_is_empty(void **state)
{
    struct rig *rig = *state;

    (void)grow_mold(rig);
    rig_exit(rig->pool.slots[0].current, 0);
    rig_turn(rig, 1);
    assert_null(rig->pool.slots[0].current);
    rig_cycle(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_KILL_MOLD), 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_whose_end_gives_most_back_is_replaced),
        CASE(test_where_two_are_allowed_the_next_one_follows),
        CASE(test_swap_is_given_back_too),
        cmocka_unit_test(test_it_acts_while_there_is_room_for_a_successor),
        CASE(test_fs_21_shared_pages_are_no_alarm),
        CASE(test_fs_27_nobody_is_replaced_in_vain),
        CASE(test_who_is_not_known_is_not_replaced),
        CASE(test_an_unknown_total_and_no_limit_do_nothing),
        CASE(test_so_many_of_the_last_cycles_have_to_be_above),
        CASE(test_only_a_total_that_is_above_now_acts),
        CASE(test_b8_under_pressure_one_cycle_is_enough),
        CASE(test_it_is_told_again_when_it_was_below),
        CASE(test_dry_run_says_whom_and_replaces_nobody),
        CASE(test_fs_19_a_limit_and_the_total_are_one_budget),
        CASE(test_while_quiet_the_total_rests),
        CASE(test_fs_37_a_mold_that_grew_is_replaced_between_spawns),
        CASE(test_fs_37_a_mold_stays_where_its_end_would_not_help),
        CASE(test_fs_37_a_mold_stays_while_somebody_is_born),
        CASE(test_fs_37_a_mold_stays_while_quiet),
        CASE(test_fs_37_a_mold_stays_while_a_slot_is_filled),
        CASE(test_fs_37_a_mold_stays_while_a_slot_is_empty),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
