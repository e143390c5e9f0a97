/* test_plan_rule.c: the operator's own rules within the plan: which figure each compares, when it acts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

#define CYCLE_MS 5000

static char first_name[] = "first";
static char second_name[] = "second";

/* Rules are given at the start: each worker has room for the state of each. */
static void
start(struct rig *rig, const struct rule *rules, unsigned count)
{
    struct pool_settings settings = rig_settings;

    settings.rules = rules;
    settings.rule_count = count;
    rig_init(rig, &settings);
    rig_fill(rig);
}

/* RSS above 800 MiB, at once. */
static struct rule
rule_on_rss(enum rule_action then)
{
    return (struct rule){
        .name = first_name,
        .subject = RULE_RSS,
        .comparison = RULE_ABOVE,
        .value = 800 * RIG_MIB,
        .cycles = 1,
        .window = 1,
        .then = then,
    };
}

/* Every figure is another one: RSS 900, PSS 800, USS 700, with children 1000 MiB; 55 % CPU; 7 jobs; ready for 90 s; a job of 20 s. */
static struct worker *
set_figures(struct rig *rig)
{
    struct worker *worker = rig->pool.slots[1].current;
    int64_t then_ms = rig->now_ms + CYCLE_MS;

    rig_rss(worker, 900);
    rig_private(worker, 800, 700);
    worker->offspring_known = true;
    worker->offspring_bytes = 100 * RIG_MIB;
    worker->cpu_known = true;
    worker->cpu_centi = 5500;
    worker->figures = (struct board_figures){.known = true, .done = 4, .failed = 3};
    worker->ready_ms = then_ms - 90000;
    worker->pulse.oldest_job_ms = then_ms - 20000;
    return worker;
}

static const uint64_t figures[RULE_SUBJECT_COUNT] = {
    [RULE_RSS] = 900 * RIG_MIB, [RULE_PSS] = 800 * RIG_MIB,
    [RULE_USS] = 700 * RIG_MIB, [RULE_TOTAL] = 1000 * RIG_MIB,
    [RULE_CPU] = 5500,          [RULE_JOBS] = 7,
    [RULE_AGE] = 90000,         [RULE_JOB_AGE] = 20000,
};

static unsigned
fires(enum rule_subject subject, uint64_t value, void (*forget)(struct worker *worker))
{
    const struct rule rule = {
        .name = first_name,
        .subject = subject,
        .comparison = RULE_AT_LEAST,
        .value = value,
        .cycles = 1,
        .window = 1,
        .then = RULE_DO_LOG,
    };
    struct rig rig;
    struct worker *worker;
    unsigned count;

    start(&rig, &rule, 1);
    worker = set_figures(&rig);
    if (forget != NULL) {
        forget(worker);
    }
    rig_cycle(&rig, CYCLE_MS);
    count = rig_count(&rig, ACTION_RULE_FIRED);
    if (count != 0) {
        assert_ptr_equal(rig_action(&rig, ACTION_RULE_FIRED)->worker, worker);
    }
    rig_done(&rig);
    return count;
}

static void
test_e1_each_subject_is_compared_with_its_own_figure(void **state)
{
    (void)state;
    for (unsigned subject = 0; subject < RULE_SUBJECT_COUNT; subject++) {
        assert_int_equal(fires(subject, figures[subject], NULL), 1);
        assert_int_equal(fires(subject, figures[subject] + 1, NULL), 0);
    }
}

static void
forget_all(struct worker *worker)
{
    worker->memory.rss_known = false;
    worker->memory.private_known = false;
    worker->offspring_known = false;
    worker->cpu_known = false;
    worker->figures.known = false;
}

static void
forget_offspring(struct worker *worker)
{
    worker->offspring_known = false;
}

static void
forget_rss(struct worker *worker)
{
    worker->memory.rss_known = false;
}

/* All but its age, which the master knows itself. */
static void
test_unknown_figures_fire_no_rule(void **state)
{
    (void)state;
    for (unsigned subject = 0; subject < RULE_SUBJECT_COUNT; subject++) {
        assert_int_equal(fires(subject, figures[subject], forget_all), subject == RULE_AGE);
    }
    assert_int_equal(fires(RULE_TOTAL, figures[RULE_RSS], forget_offspring), 0);
    assert_int_equal(fires(RULE_TOTAL, figures[RULE_RSS], forget_rss), 0);
}

static void
forget_job(struct worker *worker)
{
    worker->pulse.oldest_job_ms = 0;
}

static void
test_without_a_job_its_age_is_none(void **state)
{
    (void)state;
    assert_int_equal(fires(RULE_JOB_AGE, 1, forget_job), 0);
}

static void
test_it_is_told_once_until_it_recovers(void **state)
{
    static const struct {
        unsigned rss;
        unsigned fired;
        unsigned over;
    } cycles[] = {{900, 1, 0}, {900, 0, 0}, {700, 0, 1}, {700, 0, 0}, {900, 1, 0}};
    const struct rule rule = rule_on_rss(RULE_DO_LOG);
    struct rig rig;

    (void)state;
    start(&rig, &rule, 1);
    for (size_t i = 0; i < ARRAY_LEN(cycles); i++) {
        rig_rss(rig.pool.slots[0].current, cycles[i].rss);
        rig_cycle(&rig, CYCLE_MS);
        assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), cycles[i].fired);
        assert_int_equal(rig_count(&rig, ACTION_RULE_OVER), cycles[i].over);
        assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    }
    rig_done(&rig);
}

static void
test_each_rule_and_each_worker_has_its_own_state(void **state)
{
    struct rule rules[] = {rule_on_rss(RULE_DO_EXEC), rule_on_rss(RULE_DO_EXEC)};
    struct rig rig;

    (void)state;
    rules[1].name = second_name;
    rules[1].value = 950 * RIG_MIB;
    start(&rig, rules, 2);
    rig_rss(rig.pool.slots[0].current, 900);
    rig_rss(rig.pool.slots[1].current, 900);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 2);
    rig_rss(rig.pool.slots[1].current, 960);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 1);
    assert_int_equal(rig_action(&rig, ACTION_RULE_FIRED)->rule, 1);
    assert_ptr_equal(rig_action(&rig, ACTION_RULE_FIRED)->worker, rig.pool.slots[1].current);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
}

static void
test_e1_recycle_replaces_with_the_rules_name(void **state)
{
    const struct rule rules[] = {rule_on_rss(RULE_DO_LOG), rule_on_rss(RULE_DO_RECYCLE)};
    struct rig rig;
    struct worker *worker;

    (void)state;
    start(&rig, rules, 2);
    rig.pool.settings.max_recycles = 3;
    worker = rig.pool.slots[2].current;
    worker->finding = (struct policy_finding){.weight = POLICY_EXCEEDED};
    rig_rss(worker, 900);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_action(&rig, ACTION_RECYCLE)->reason, REASON_RULE);
    assert_int_equal(rig_action(&rig, ACTION_RECYCLE)->finding.weight, POLICY_NO_LIMIT);
    assert_int_equal(worker->rule, 1);
    assert_int_equal(rig_count(&rig, ACTION_SPAWN), 1);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    assert_ptr_equal(rig_succeed(&rig, 2), worker);
    assert_int_equal(worker->reason, REASON_RULE);
    rig_done(&rig);
}

/* It fired while others were being replaced: it is told then, and acts when it may. */
static void
test_fs_19_recycles_of_rules_wait_for_their_turn(void **state)
{
    const struct rule rule = rule_on_rss(RULE_DO_RECYCLE);
    struct rig rig;
    struct worker *first;

    (void)state;
    start(&rig, &rule, 1);
    first = rig.pool.slots[0].current;
    rig_rss(first, 900);
    rig_rss(rig.pool.slots[1].current, 900);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 2);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 1);
    (void)rig_succeed(&rig, 0);
    rig_exit(first, 0);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 0);
    assert_ptr_equal(rig_action(&rig, ACTION_RECYCLE)->worker, rig.pool.slots[1].current);
    rig_done(&rig);
}

static void
test_one_that_recovered_meanwhile_is_not_replaced(void **state)
{
    const struct rule rule = rule_on_rss(RULE_DO_RECYCLE);
    struct rig rig;

    (void)state;
    start(&rig, &rule, 1);
    rig.pool.settings.max_recycles = 0;
    rig_rss(rig.pool.slots[0].current, 900);
    rig_cycle(&rig, CYCLE_MS);
    rig.pool.settings.max_recycles = 1;
    rig_rss(rig.pool.slots[0].current, 700);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RULE_OVER), 1);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
}

static void
test_dry_run_tells_and_replaces_nobody(void **state)
{
    const struct rule rule = rule_on_rss(RULE_DO_RECYCLE);
    struct rig rig;

    (void)state;
    start(&rig, &rule, 1);
    rig.pool.settings.dry_run = true;
    rig_rss(rig.pool.slots[0].current, 900);
    rig_cycle(&rig, CYCLE_MS);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 1);
    assert_int_equal(rig_count(&rig, ACTION_RECYCLE), 0);
    rig_done(&rig);
}

/* Only who fetches, and only when there is a new sample of it: a cycle is counted once. */
static void
test_who_is_judged_and_when(void **state)
{
    const struct rule rule = rule_on_rss(RULE_DO_LOG);
    struct rig rig;

    (void)state;
    start(&rig, &rule, 1);
    rig_rss(rig.pool.slots[0].current, 900);
    rig_glance(&rig, 1);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 0);
    rig.pool.slots[0].current->state = WORKER_QUIETING;
    rig_cycle(&rig, 1);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 0);
    rig.pool.slots[0].current->state = WORKER_READY;
    rig_cycle(&rig, 1);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 1);
    rig_done(&rig);
}

static void
test_while_quiet_or_stopping_rules_rest(void **state)
{
    const struct rule rule = rule_on_rss(RULE_DO_LOG);
    struct rig rig;

    (void)state;
    start(&rig, &rule, 1);
    rig_rss(rig.pool.slots[0].current, 900);
    plan_order_quiet(&rig.pool);
    rig_cycle(&rig, 1);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 0);
    rig_done(&rig);
    start(&rig, &rule, 1);
    rig_rss(rig.pool.slots[0].current, 900);
    (void)plan_order_stop(&rig.pool, false, rig.now_ms);
    rig_cycle(&rig, 1);
    assert_int_equal(rig_count(&rig, ACTION_RULE_FIRED), 0);
    rig_done(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_e1_each_subject_is_compared_with_its_own_figure),
        cmocka_unit_test(test_unknown_figures_fire_no_rule),
        cmocka_unit_test(test_without_a_job_its_age_is_none),
        cmocka_unit_test(test_it_is_told_once_until_it_recovers),
        cmocka_unit_test(test_each_rule_and_each_worker_has_its_own_state),
        cmocka_unit_test(test_e1_recycle_replaces_with_the_rules_name),
        cmocka_unit_test(test_fs_19_recycles_of_rules_wait_for_their_turn),
        cmocka_unit_test(test_one_that_recovered_meanwhile_is_not_replaced),
        cmocka_unit_test(test_dry_run_tells_and_replaces_nobody),
        cmocka_unit_test(test_who_is_judged_and_when),
        cmocka_unit_test(test_while_quiet_or_stopping_rules_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
