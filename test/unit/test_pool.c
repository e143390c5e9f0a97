/* test_pool.c: what the pool tells of memory: room, a worker's cost, who shares a mold's pages, what has to be watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

static void
test_room_is_the_least_of_machine_container_and_total(void **state)
{
    static const struct {
        struct group_figures group;
        struct pool_total total;
        uint64_t room;
    } cases[] = {
        {{0}, {0}, UINT64_MAX},
        {{.available_bytes = 500}, {0}, 500},
        {{.limit_bytes = 1000}, {0}, UINT64_MAX},
        {{.limit_bytes = 1000, .used_known = true, .used_bytes = 400}, {0}, 600},
        /* FS-27: the kernel gives page cache up where somebody needs memory. */
        {{.limit_bytes = 1000, .used_known = true, .used_bytes = 900, .cache_bytes = 300},
         {0},
         400},
        {{.limit_bytes = 1000, .used_known = true, .used_bytes = 200, .cache_bytes = 300},
         {0},
         1000},
        {{.limit_bytes = 1000, .used_known = true, .used_bytes = 1200}, {0}, 0},
        {{.used_known = true, .used_bytes = 400}, {0}, UINT64_MAX},
        {{.available_bytes = 500, .limit_bytes = 1000, .used_known = true, .used_bytes = 600},
         {0},
         400},
        {{.available_bytes = 500, .limit_bytes = 1000, .used_known = true, .used_bytes = 300},
         {0},
         500},
        {{.available_bytes = 500}, {.known = true, .bytes = 700, .limit_bytes = 900}, 200},
        {{.available_bytes = 100}, {.known = true, .bytes = 700, .limit_bytes = 900}, 100},
        {{.available_bytes = 500}, {.known = true, .bytes = 950, .limit_bytes = 900}, 0},
        {{.available_bytes = 500}, {.bytes = 700, .limit_bytes = 900}, 500},
        {{.available_bytes = 500}, {.known = true, .bytes = 700}, 500},
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        rig->pool.group = cases[i].group;
        rig->pool.total = cases[i].total;
        assert_int_equal(pool_room(&rig->pool), cases[i].room);
    }
}

static void
test_a_fresh_worker_costs_what_it_does_not_share(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(pool_worker_cost(&rig->pool), 0);
    rig_fresh(rig->pool.slots[0].current, 500, 40);
    rig_fresh(rig->pool.slots[1].current, 400, 60);
    rig_fresh(rig->pool.slots[2].current, 900, 0);
    assert_int_equal(pool_worker_cost(&rig->pool), 60 * RIG_MIB);
}

/* Without a mold nothing is shared: RSS stands for it until USS is known. */
static void
test_without_a_mold_its_rss_is_its_cost(void **state)
{
    struct rig *rig = *state;

    rig->pool.settings.prefork = false;
    rig_fresh(rig->pool.slots[0].current, 500, 0);
    assert_int_equal(pool_worker_cost(&rig->pool), 500 * RIG_MIB);
    rig_fresh(rig->pool.slots[0].current, 500, 450);
    assert_int_equal(pool_worker_cost(&rig->pool), 450 * RIG_MIB);
}

static void
test_the_last_cost_is_remembered(void **state)
{
    struct rig *rig = *state;

    rig_fresh(rig->pool.slots[0].current, 500, 40);
    pool_remove_worker(&rig->pool, rig->pool.slots[1].current);
    assert_int_equal(rig->pool.last_cost_bytes, 0);
    pool_remove_worker(&rig->pool, rig->pool.slots[0].current);
    assert_int_equal(pool_worker_cost(&rig->pool), 40 * RIG_MIB);
    rig_fresh(rig->pool.slots[2].current, 500, 30);
    assert_int_equal(pool_worker_cost(&rig->pool), 30 * RIG_MIB);
}

/* FS-22: a mold and its living workers, none of another generation. */
static void
test_fs_22_sharers_are_the_mold_and_its_living_workers(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = rig->pool.slots[0].current;
    unsigned generation = worker->generation;

    assert_int_equal(pool_sharers(&rig->pool, generation), 4);
    assert_int_equal(pool_sharers(&rig->pool, generation + 1), 0);
    worker->pid = 0;
    assert_int_equal(pool_sharers(&rig->pool, generation), 3);
    worker->pid = 4711;
    worker->state = WORKER_DRAINING;
    assert_int_equal(pool_sharers(&rig->pool, generation), 4);
    worker->state = WORKER_KILLED;
    assert_int_equal(pool_sharers(&rig->pool, generation), 3);
    worker->state = WORKER_READY;
    worker->generation++;
    assert_int_equal(pool_sharers(&rig->pool, generation), 3);
    assert_int_equal(pool_sharers(&rig->pool, generation + 1), 1);
    rig->pool.mold->state = MOLD_LEAVING;
    assert_int_equal(pool_sharers(&rig->pool, generation), 2);
    rig->pool.mold->state = MOLD_STARTING;
    assert_int_equal(pool_sharers(&rig->pool, generation), 3);
}

static void
test_each_setting_is_watched_for(void **state)
{
    struct pool_settings settings = rig_settings;

    (void)state;
    assert_false(pool_is_watching(&settings));
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        settings = rig_settings;
        settings.limits.bound[i] = 1;
        assert_true(pool_is_watching(&settings));
    }
    settings = rig_settings;
    settings.max_total_bytes = POOL_TOTAL_AUTO;
    assert_true(pool_is_watching(&settings));
    settings = rig_settings;
    settings.max_mold_rss_bytes = 1;
    assert_true(pool_is_watching(&settings));
    settings = rig_settings;
    settings.rule_count = 1;
    assert_true(pool_is_watching(&settings));
    settings = rig_settings;
    settings.hang_timeout_ms = 60000;
    assert_true(pool_is_watching(&settings));
    settings = rig_settings;
    settings.max_job_time_ms = 60000;
    assert_true(pool_is_watching(&settings));
    settings = rig_settings;
    settings.stopped_timeout_ms = 0;
    assert_true(pool_is_watching(&settings));
}

static void
test_what_needs_pss_or_uss(void **state)
{
    static const bool needs[POLICY_LIMIT_COUNT] = {
        [POLICY_MAX_PSS] = true,
        [POLICY_MAX_USS] = true,
        [POLICY_KILL_PSS] = true,
        [POLICY_KILL_USS] = true,
    };
    struct rule rule = {0};
    struct pool_settings settings = rig_settings;

    (void)state;
    assert_false(pool_needs_private(&settings));
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        settings = rig_settings;
        settings.limits.bound[i] = 1;
        assert_int_equal(pool_needs_private(&settings), needs[i]);
    }
    settings = rig_settings;
    settings.max_total_bytes = 1;
    assert_true(pool_needs_private(&settings));
    settings = rig_settings;
    settings.rules = &rule;
    settings.rule_count = 1;
    for (unsigned i = 0; i < RULE_SUBJECT_COUNT; i++) {
        rule.subject = i;
        assert_int_equal(pool_needs_private(&settings), i == RULE_PSS || i == RULE_USS);
    }
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_set_up_filled, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_room_is_the_least_of_machine_container_and_total),
        CASE(test_a_fresh_worker_costs_what_it_does_not_share),
        CASE(test_without_a_mold_its_rss_is_its_cost),
        CASE(test_the_last_cost_is_remembered),
        CASE(test_fs_22_sharers_are_the_mold_and_its_living_workers),
        cmocka_unit_test(test_each_setting_is_watched_for),
        cmocka_unit_test(test_what_needs_pss_or_uss),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
