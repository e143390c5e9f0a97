/*
 * test_policy_worst.c: limits that are not about one figure of one process: sharers, jobs and age with their jitter, and
 * which finding to act on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rss/policy.h"

#define MIB (UINT64_C(1) << 20)

static struct policy_finding
weigh(const struct policy_limits *limits, const struct policy_worker *worker,
      enum policy_limit limit)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT];

    policy_weigh(limits, worker, findings);
    return findings[limit];
}

/* FS-22: PSS as it would be with all sharers alive. USS is 100 MiB, the shared part what is left. */
static void
test_a_siblings_end_is_no_growth(void **state)
{
    static const struct {
        unsigned sharers;
        unsigned at_first;
        uint64_t pss_mib;
        uint64_t uss_mib;
        uint64_t value_mib;
    } cases[] = {
        {9, 9, 160, 100, 160},
        {3, 9, 280, 100, 160},
        {1, 9, 640, 100, 160},
        /* More of them than at first: it is compared as it is. */
        {12, 9, 145, 100, 145},
        /* Not known. */
        {0, 9, 280, 100, 280},
        {3, 0, 280, 100, 280},
        {3, 9, 280, 0, 280},
        /* A torn reading. */
        {3, 9, 90, 100, 90},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct memory_figures now = {.private_known = true,
                                     .pss_bytes = cases[i].pss_mib * MIB,
                                     .uss_bytes = cases[i].uss_mib * MIB};
        struct memory_figures fresh = {
            .private_known = true, .pss_bytes = 120 * MIB, .uss_bytes = 60 * MIB, .private_ms = -1};
        struct policy_limits limits = {.bound = {[POLICY_MAX_PSS] = 200 * MIB}};
        struct policy_worker worker = {.now = &now,
                                       .fresh = &fresh,
                                       .sharers = cases[i].sharers,
                                       .sharers_fresh = cases[i].at_first};
        struct policy_finding finding = weigh(&limits, &worker, POLICY_MAX_PSS);

        assert_int_equal(finding.value, cases[i].value_mib * MIB);
        assert_int_equal(finding.fresh,
                         (cases[i].sharers > 9 ? 60 + 60 * 9 / cases[i].sharers : 120) * MIB);
        assert_int_equal(finding.weight,
                         cases[i].value_mib > 200 ? POLICY_COUNTING : POLICY_WITHIN);
    }
}

/*
 * The first worker of a mold is at its gate while it shares with the mold alone: 50 MiB of its own, and half of 600. With its
 * siblings it has less, and the reading of then must neither end it nor make the limit hopeless.
 */
static void
test_the_first_worker_of_a_mold(void **state)
{
    static const struct {
        unsigned sharers;
        unsigned sharers_read;
        int64_t read_ms;
        uint64_t pss_mib;
        uint64_t value_mib;
        uint64_t fresh_mib;
        enum policy_weight weight;
        unsigned whole;
    } cases[] = {
        /* Still alone with the mold, and nothing is known of siblings: such a limit would be hopeless. */
        {2, 0, 100, 350, 350, 350, POLICY_HOPELESS, 0},
        /* They are to come, or have been there (FS-22). */
        {2, 0, 100, 350, 110, 110, POLICY_WITHIN, 10},
        {2, 2, 900, 350, 110, 110, POLICY_WITHIN, 10},
        {2, 2, 900, 1400, 320, 110, POLICY_EXCEEDED, 10},
        /* Siblings are there, but the reading is that of the gate, or of soon after. */
        {10, 0, 100, 350, 110, 110, POLICY_WITHIN, 0},
        {10, 3, 200, 250, 110, 110, POLICY_WITHIN, 0},
        /* Read again: as it is. */
        {10, 0, 900, 110, 110, 110, POLICY_WITHIN, 0},
        {10, 10, 900, 310, 310, 110, POLICY_EXCEEDED, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct memory_figures fresh = {.private_known = true,
                                       .pss_bytes = 350 * MIB,
                                       .uss_bytes = 50 * MIB,
                                       .private_ms = 100};
        struct memory_figures now = {.private_known = true,
                                     .pss_bytes = cases[i].pss_mib * MIB,
                                     .uss_bytes = 50 * MIB,
                                     .private_ms = cases[i].read_ms};
        struct policy_limits limits = {.bound = {[POLICY_KILL_PSS] = 300 * MIB}};
        struct policy_worker worker = {.now = &now,
                                       .fresh = &fresh,
                                       .sharers = cases[i].sharers,
                                       .sharers_fresh = 2,
                                       .sharers_whole = cases[i].whole,
                                       .sharers_read = cases[i].sharers_read};
        struct policy_finding finding = weigh(&limits, &worker, POLICY_KILL_PSS);

        assert_int_equal(finding.value, cases[i].value_mib * MIB);
        assert_int_equal(finding.fresh, cases[i].fresh_mib * MIB);
        assert_int_equal(finding.weight, cases[i].weight);
    }
}

/* Each sample is divided among the sharers of its own time. */
static void
test_samples_before_a_siblings_end(void **state)
{
    struct history history = {0};
    struct memory_figures now = {
        .private_known = true, .pss_bytes = 280 * MIB, .uss_bytes = 100 * MIB};
    struct policy_worker worker = {
        .now = &now, .history = &history, .sharers = 3, .sharers_fresh = 9};
    struct policy_limits limits = {
        .bound = {[POLICY_MAX_PSS] = 150 * MIB}, .cycles = 2, .window = 2};
    struct history_sample sample = {.pss_bytes = 140 * MIB, .uss_bytes = 80 * MIB, .sharers = 9};
    struct policy_finding finding;

    (void)state;
    history_add(&history, &sample);
    sample = (struct history_sample){.pss_bytes = 280 * MIB, .uss_bytes = 100 * MIB};
    history_add(&history, &sample);
    finding = weigh(&limits, &worker, POLICY_MAX_PSS);
    assert_int_equal(finding.value, 160 * MIB);
    assert_int_equal(finding.above, 1);
    assert_int_equal(finding.seen, 2);
    assert_int_equal(finding.weight, POLICY_COUNTING);
}

static void
test_jobs_and_age_are_over_when_reached(void **state)
{
    static const struct {
        uint64_t jobs;
        int64_t now_ms;
        int64_t ready_ms;
        enum policy_weight by_jobs;
        enum policy_weight by_age;
    } cases[] = {
        {0, 1000, 1000, POLICY_WITHIN, POLICY_WITHIN},
        {8, 9000, 1000, POLICY_WITHIN, POLICY_WITHIN},
        {9, 9999, 1000, POLICY_EXCEEDED, POLICY_WITHIN},
        {UINT64_MAX, 11000, 1000, POLICY_EXCEEDED, POLICY_EXCEEDED},
        {0, INT64_MAX, INT64_MIN, POLICY_WITHIN, POLICY_EXCEEDED},
        /* Not ready yet. */
        {0, 11000, NEVER_MS, POLICY_WITHIN, POLICY_WITHIN},
    };
    /* So small that a tenth of it is nothing; the age may be drawn down to 9000. */
    struct policy_limits limits = {.bound = {[POLICY_MAX_JOBS] = 9, [POLICY_MAX_AGE] = 10000},
                                   .grace_ms = 1000000};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct policy_worker worker = {.now_ms = cases[i].now_ms,
                                       .ready_ms = cases[i].ready_ms,
                                       .jobs = cases[i].jobs,
                                       .seed = 3};
        struct policy_finding by_age = weigh(&limits, &worker, POLICY_MAX_AGE);

        assert_int_equal(weigh(&limits, &worker, POLICY_MAX_JOBS).weight, cases[i].by_jobs);
        assert_in_range(by_age.bound, 9000, 10000);
        assert_int_equal(by_age.weight, cases[i].by_age);
    }
}

/* FS-19: ten workers that began together leave in ten different moments, and each draw stays what it is. */
static void
test_jitter(void **state)
{
    struct policy_limits limits = {
        .bound = {[POLICY_MAX_JOBS] = 1000, [POLICY_MAX_AGE] = 3600000, [POLICY_MAX_RSS] = 1000}};
    unsigned tenths[10] = {0};
    unsigned alike = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct policy_worker worker = {.seed = seed};
        uint64_t jobs = weigh(&limits, &worker, POLICY_MAX_JOBS).bound;
        uint64_t age = weigh(&limits, &worker, POLICY_MAX_AGE).bound;

        assert_in_range(jobs, 900, 1000);
        assert_in_range(age, 3240000, 3600000);
        assert_int_equal(weigh(&limits, &worker, POLICY_MAX_JOBS).bound, jobs);
        assert_int_equal(weigh(&limits, &worker, POLICY_MAX_RSS).bound, 1000);
        tenths[(3600000 - age) * 10 / 360001]++;
        worker.seed = seed + 1;
        alike += weigh(&limits, &worker, POLICY_MAX_JOBS).bound == jobs;
    }
    for (size_t i = 0; i < ARRAY_LEN(tenths); i++) {
        assert_in_range(tenths[i], 60, 140);
    }
    assert_true(alike < 40);
}

static void
test_the_worst(void **state)
{
    static const struct {
        struct policy_finding findings[POLICY_LIMIT_COUNT];
        int worst; /* -1: none */
    } cases[] = {
        {{{.weight = POLICY_NO_LIMIT}}, -1},
        {{{POLICY_MAX_RSS, POLICY_COUNTING, 100, 900, 0, 1, 1},
          {POLICY_MAX_PSS, POLICY_HOPELESS, 100, 900, 100, 1, 1},
          {POLICY_MAX_USS, POLICY_IN_GRACE, 100, 900, 0, 1, 1},
          {POLICY_MAX_JOBS, POLICY_NOT_KNOWN, 100, 900, 0, 1, 1}},
         -1},
        {{{POLICY_MAX_RSS, POLICY_EXCEEDED, 1000, 1100, 0, 1, 1},
          {POLICY_MAX_USS, POLICY_EXCEEDED, 100, 120, 0, 1, 1},
          {POLICY_MAX_JOBS, POLICY_EXCEEDED, 50, 55, 0, 1, 1}},
         1},
        {{{POLICY_MAX_RSS, POLICY_EXCEEDED, 100, 900, 0, 1, 1},
          {POLICY_KILL_USS, POLICY_EXCEEDED, 100, 101, 0, 1, 1},
          {POLICY_MAX_AGE, POLICY_EXCEEDED, 100, 5000, 0, 1, 1},
          {POLICY_KILL_RSS, POLICY_EXCEEDED, 100, 103, 0, 1, 1}},
         3},
        /* Of equals the first. */
        {{{POLICY_MAX_AGE, POLICY_EXCEEDED, 100, 100, 0, 1, 1},
          {POLICY_MAX_JOBS, POLICY_EXCEEDED, 7, 7, 0, 1, 1}},
         0},
        {{{POLICY_MAX_RSS, POLICY_EXCEEDED, UINT64_MAX - 5, UINT64_MAX, 0, 1, 1},
          {POLICY_MAX_JOBS, POLICY_EXCEEDED, 1, UINT64_MAX, 0, 1, 1}},
         1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct policy_finding *worst = policy_worst(cases[i].findings);

        if (cases[i].worst < 0) {
            assert_null(worst);
        } else {
            assert_ptr_equal(worst, &cases[i].findings[cases[i].worst]);
        }
    }
}

/* Nothing is known of a worker, and every limit is set. */
static void
test_nothing_known(void **state)
{
    struct policy_limits limits = {.cycles = 1, .window = 1};
    struct policy_worker worker = {.is_pressed = true};
    struct policy_finding findings[POLICY_LIMIT_COUNT];

    (void)state;
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        limits.bound[i] = 1;
    }
    policy_weigh(&limits, &worker, findings);
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        assert_int_equal(findings[i].weight,
                         policy_is_memory(i) ? POLICY_NOT_KNOWN : POLICY_WITHIN);
    }
    assert_null(policy_worst(findings));
}

static void
test_the_limits_themselves(void **state)
{
    static const struct {
        const char *name;
        bool is_memory;
        bool is_hard;
    } limits[POLICY_LIMIT_COUNT] = {
        {"max-rss", true, false},   {"max-pss", true, false},  {"max-uss", true, false},
        {"max-jobs", false, false}, {"max-age", false, false}, {"kill-rss", true, true},
        {"kill-pss", true, true},   {"kill-uss", true, true},
    };

    (void)state;
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        assert_string_equal(policy_limit_name(i), limits[i].name);
        assert_int_equal(policy_is_memory(i), limits[i].is_memory);
        assert_int_equal(policy_is_hard(i), limits[i].is_hard);
    }
    assert_string_equal(policy_limit_name(POLICY_LIMIT_COUNT), "?");
    assert_false(policy_is_memory(POLICY_LIMIT_COUNT));
    assert_false(policy_is_hard(POLICY_LIMIT_COUNT));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_siblings_end_is_no_growth),
        cmocka_unit_test(test_the_first_worker_of_a_mold),
        cmocka_unit_test(test_samples_before_a_siblings_end),
        cmocka_unit_test(test_jobs_and_age_are_over_when_reached),
        cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_the_worst),
        cmocka_unit_test(test_nothing_known),
        cmocka_unit_test(test_the_limits_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
