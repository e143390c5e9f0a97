/*
 * test_policy_look.c: when a reading of PSS and USS is worth its cost, when RSS is glanced at again, and the limit to
 * suggest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rss/policy.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define PAGE 4096
#define NOW_MS 1000000

/* A fresh worker of 640 MiB, 50 of them its own, 100 PSS; then faults for so many MiB. */
static const struct memory_figures fresh_worker = {
    .rss_known = true,
    .private_known = true,
    .stat_known = true,
    .rss_bytes = 640 * MIB,
    .pss_bytes = 100 * MIB,
    .uss_bytes = 50 * MIB,
    .minor_faults = 12800,
};

struct gate {
    enum policy_limit limit;
    uint64_t bound_mib;
    uint64_t rss_mib;    /* 0: not known */
    uint64_t fault_mib;  /* since fresh */
    int64_t read_ago_ms; /* -1: never */
    uint64_t read_uss_mib;
    unsigned sharers;
    bool has_no_fresh;
    bool has_no_stat;
    bool is_wanted;
};

static bool
wants(const struct gate *gate)
{
    struct policy_limits limits = {.cycles = 1, .window = 1};
    struct memory_figures now = {
        .rss_known = gate->rss_mib != 0,
        .private_known = gate->read_ago_ms >= 0,
        .stat_known = !gate->has_no_stat,
        .rss_bytes = gate->rss_mib * MIB,
        .pss_bytes = (gate->read_uss_mib + 50) * MIB,
        .uss_bytes = gate->read_uss_mib * MIB,
        .private_ms = NOW_MS - gate->read_ago_ms,
        .minor_faults = 12800 + gate->fault_mib * 256,
    };
    struct policy_worker worker = {
        .now_ms = NOW_MS,
        .now = &now,
        .fresh = gate->has_no_fresh ? NULL : &fresh_worker,
        .sharers = gate->sharers,
        .sharers_fresh = gate->sharers,
    };

    limits.bound[gate->limit] = gate->bound_mib * MIB;
    return policy_wants_rollup(&limits, &worker, PAGE, 1000);
}

static void
test_the_gate(void **state)
{
    static const struct gate gates[] = {
        /* RSS far below: whatever else is known. */
        {POLICY_MAX_USS, 1000, 700, 9000, -1, 0, 5, .is_wanted = false},
        {POLICY_KILL_PSS, 1000, 700, 9000, 999999, 60, 5, .is_wanted = false},
        /* RSS is not known: the limit may be exceeded. */
        {POLICY_MAX_USS, 1000, 0, 9000, 5000, 60, 5, .is_wanted = true},
        /* Far above in RSS, far below in what was un-shared; then near. */
        {POLICY_MAX_USS, 300, 700, 100, 5000, 60, 5, .is_wanted = false},
        {POLICY_MAX_USS, 300, 700, 189, 5000, 60, 5, .is_wanted = false},
        {POLICY_MAX_USS, 300, 700, 190, 5000, 60, 5, .is_wanted = true},
        {POLICY_KILL_USS, 300, 700, 190, 5000, 60, 5, .is_wanted = true},
        /* PSS has its share of the others' pages besides: 50 MiB. */
        {POLICY_MAX_PSS, 300, 700, 139, 5000, 60, 5, .is_wanted = false},
        {POLICY_MAX_PSS, 300, 700, 140, 5000, 60, 5, .is_wanted = true},
        /* Too young a reading. */
        {POLICY_MAX_USS, 300, 700, 900, 999, 280, 5, .is_wanted = false},
        {POLICY_MAX_USS, 300, 700, 900, 1000, 280, 5, .is_wanted = true},
        {POLICY_MAX_USS, 300, 700, 900, 0, 280, 5, .is_wanted = false},
        /* None at all, and an old one. */
        {POLICY_MAX_USS, 300, 700, 1, -1, 0, 5, .is_wanted = true},
        {POLICY_MAX_USS, 300, 700, 1, POLICY_STALE_MS - 1, 60, 5, .is_wanted = false},
        {POLICY_MAX_USS, 300, 700, 1, POLICY_STALE_MS, 60, 5, .is_wanted = true},
        /* Huge pages: RSS grew by 200 MiB with few faults. */
        {POLICY_MAX_USS, 300, 840, 1, 5000, 60, 5, .is_wanted = true},
        /* A reading that refutes the estimate; nobody to share with; faults not known. */
        {POLICY_MAX_USS, 300, 700, 10, 5000, 130, 5, .is_wanted = true},
        {POLICY_MAX_USS, 300, 700, 10, 5000, 60, 1, .is_wanted = true},
        {POLICY_MAX_USS, 300, 700, 10, 5000, 60, 5, .has_no_stat = true, .is_wanted = true},
        /* Without a fresh reading all faults count: 50 MiB before, so 190 are 240. */
        {POLICY_MAX_USS, 300, 700, 189, 5000, 60, 5, .has_no_fresh = true, .is_wanted = false},
        {POLICY_MAX_USS, 300, 700, 190, 5000, 60, 5, .has_no_fresh = true, .is_wanted = true},
        /* Faults that went backwards are no estimate. */
        {POLICY_MAX_USS, 300, 700, (uint64_t)-20, 5000, 10, 5, .is_wanted = true},
        /* More faults than bytes can be counted. */
        {POLICY_MAX_USS, 300, 700, UINT64_MAX / 1024, 5000, 60, 5, .is_wanted = true},
        /* RSS itself, jobs and no limit at all never need it. */
        {POLICY_MAX_RSS, 300, 700, 900, 5000, 60, 5, .is_wanted = false},
        {POLICY_KILL_RSS, 300, 700, 900, 5000, 60, 5, .is_wanted = false},
        {POLICY_MAX_JOBS, 300, 700, 900, 5000, 60, 5, .is_wanted = false},
        {POLICY_MAX_USS, 0, 700, 900, 5000, 60, 5, .is_wanted = false},
    };
    struct policy_limits limits = {.bound = {[POLICY_MAX_USS] = 1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(gates); i++) {
        if (wants(&gates[i]) != gates[i].is_wanted) {
            fail_msg("gate %zu", i);
        }
    }
    assert_false(policy_wants_rollup(&limits, &(struct policy_worker){0}, PAGE, 0));
}

struct pace {
    struct policy_limits limits;
    struct memory_figures before;
    struct memory_figures now;
    int64_t slow_ms;
    int64_t pace_ms;
};

#define RSS(at_ms, mib)                                                                            \
    {                                                                                              \
        .rss_known = true, .rss_ms = (at_ms), .rss_bytes = (mib)*MIB                               \
    }
#define USS(at_ms, mib, read_ms, uss_mib)                                                          \
    {                                                                                              \
        .rss_known = true, .rss_ms = (at_ms), .rss_bytes = (mib)*MIB, .private_known = true,       \
        .private_ms = (read_ms), .uss_bytes = (uss_mib)*MIB                                        \
    }
#define KILL_RSS(mib)                                                                              \
    {                                                                                              \
        .bound = { [POLICY_KILL_RSS] = (mib)*MIB }                                                 \
    }
#define MAX_USS(mib)                                                                               \
    {                                                                                              \
        .bound = { [POLICY_MAX_USS] = (mib)*MIB }                                                  \
    }

static void
test_the_pace(void **state)
{
    static const struct pace cases[] = {
        /* 100 MiB in half a second: half of the time that is left. */
        {KILL_RSS(2000), RSS(0, 300), RSS(500, 400), 500, 500},
        {KILL_RSS(500), RSS(0, 300), RSS(500, 400), 500, 250},
        {KILL_RSS(440), RSS(0, 300), RSS(500, 400), 500, 100},
        {KILL_RSS(401), RSS(0, 300), RSS(500, 400), 500, POLICY_FAST_MS},
        {KILL_RSS(400), RSS(0, 300), RSS(500, 400), 500, POLICY_FAST_MS},
        /* Above already: it was judged. */
        {KILL_RSS(399), RSS(0, 300), RSS(500, 400), 500, 500},
        /* The nearest limit that is not above. */
        {{.bound = {[POLICY_MAX_RSS] = 350 * MIB, [POLICY_KILL_RSS] = 440 * MIB}},
         RSS(0, 300),
         RSS(500, 400),
         500,
         100},
        {{.bound = {[POLICY_MAX_RSS] = 440 * MIB, [POLICY_KILL_RSS] = 900 * MIB}},
         RSS(0, 300),
         RSS(500, 400),
         500,
         100},
        /* No growth, no limit, nothing to compare, a clock that stands. */
        {KILL_RSS(401), RSS(0, 400), RSS(500, 400), 500, 500},
        {KILL_RSS(401), RSS(0, 401), RSS(500, 400), 500, 500},
        {{.cycles = 1}, RSS(0, 300), RSS(500, 400), 500, 500},
        {{.bound = {[POLICY_MAX_JOBS] = 401 * MIB}}, RSS(0, 300), RSS(500, 400), 500, 500},
        {KILL_RSS(401), {.rss_ms = 0}, RSS(500, 400), 500, 500},
        {KILL_RSS(401), RSS(0, 300), {.rss_ms = 500}, 500, 500},
        {KILL_RSS(401), RSS(500, 300), RSS(500, 400), 500, 500},
        {KILL_RSS(401), RSS(900, 300), RSS(500, 400), 500, 500},
        /* Never slower than slow_ms. */
        {KILL_RSS(401), RSS(0, 300), RSS(500, 400), 50, 50},
        {KILL_RSS(401), RSS(0, 300), RSS(500, 400), 20, 20},
        {KILL_RSS(460), RSS(0, 300), RSS(500, 400), 60, 60},
        /* USS is older than the glances: what RSS grew counts for it, too. */
        {MAX_USS(300), USS(0, 600, 0, 100), USS(500, 700, 500, 260), 500, 100},
        {MAX_USS(300), USS(0, 600, 0, 100), USS(500, 700, 0, 160), 500, 100},
        {MAX_USS(300), USS(0, 600, 0, 100), USS(500, 700, 0, 250), 500, POLICY_FAST_MS},
        /* Not known: RSS is its upper bound; above that nothing is known. */
        {MAX_USS(440), RSS(0, 300), RSS(500, 400), 500, 100},
        {MAX_USS(300), RSS(0, 300), RSS(500, 400), 500, 500},
        /* Figures of whole machines. */
        {{.bound = {[POLICY_KILL_RSS] = UINT64_MAX}},
         {.rss_known = true},
         {.rss_known = true, .rss_ms = 1, .rss_bytes = UINT64_MAX},
         500,
         POLICY_FAST_MS},
        {{.bound = {[POLICY_KILL_RSS] = UINT64_MAX}},
         {.rss_known = true},
         {.rss_known = true, .rss_ms = INT64_MAX, .rss_bytes = 1},
         500,
         500},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct policy_worker worker = {.now = &cases[i].now};
        int64_t pace_ms =
            policy_pace_ms(&cases[i].limits, &worker, &cases[i].before, cases[i].slow_ms);

        if (pace_ms != cases[i].pace_ms) {
            fail_msg("case %zu: %lld ms", i, (long long)pace_ms);
        }
    }
    assert_int_equal(policy_pace_ms(&cases[0].limits, &(struct policy_worker){0}, NULL, 500), 500);
}

/* What RSS is at a moment: flat, then `rate` bytes a millisecond from `start_ms` on. */
static uint64_t
grown_at(int64_t at_ms, int64_t start_ms, uint64_t rate)
{
    return 300 * MIB + (at_ms > start_ms ? (uint64_t)(at_ms - start_ms) * rate : 0);
}

/* Glance by glance until the limit is seen exceeded. Returns RSS then. */
static uint64_t
glance_until_exceeded(uint64_t bound, int64_t start_ms, uint64_t rate, unsigned *ret_glances)
{
    struct policy_limits limits = {.bound = {[POLICY_KILL_RSS] = bound}};
    struct memory_figures fresh = RSS(0, 300);
    struct memory_figures before = {0};
    struct memory_figures now = RSS(0, 300);
    struct policy_worker worker = {.now = &now, .fresh = &fresh};

    for (*ret_glances = 1; *ret_glances < 10000; (*ret_glances)++) {
        struct policy_finding findings[POLICY_LIMIT_COUNT];
        int64_t pace_ms;

        policy_weigh(&limits, &worker, findings);
        if (policy_worst(findings) != NULL) {
            return now.rss_bytes;
        }
        pace_ms = policy_pace_ms(&limits, &worker, &before, 500);
        assert_in_range(pace_ms, POLICY_FAST_MS, 500);
        before = now;
        now.rss_ms += pace_ms;
        now.rss_bytes = grown_at(now.rss_ms, start_ms, rate);
        worker.now_ms = now.rss_ms;
    }
    return 0;
}

/*
 * FS-18: a worker that grows by 1 GB a second. However its beginning lies between two glances, no more than half a second's
 * growth is above the limit; where growth was seen before, no more than that of the fast pace.
 */
static void
test_a_gigabyte_a_second(void **state)
{
    const uint64_t rate = GIB / 1000;
    unsigned glances;

    (void)state;
    for (int64_t start_ms = 10000; start_ms < 10500; start_ms += 7) {
        for (uint64_t bound = 310 * MIB; bound < 8 * GIB; bound += 90 * MIB) {
            uint64_t seen = glance_until_exceeded(bound, start_ms, rate, &glances);

            assert_true(seen > bound);
            assert_true(seen - bound <= rate * 500);
            /* Two glances into the growth, and the last ones were fast. */
            if (bound > 300 * MIB + rate * 1000) {
                assert_true(seen - bound <= rate * POLICY_FAST_MS);
            }
            /* With headroom they are rare: 500 ms apart, then a handful. */
            assert_true(glances <= 21 + 1 + bound / (rate * 500) + 12);
        }
    }
}

static void
test_the_suggestion(void **state)
{
    static const struct {
        uint64_t bound_mib;
        uint64_t rss_mib;
        uint64_t uss_mib;
        uint64_t uss_suggested_mib;
    } cases[] = {
        /* Limit 600M, a fresh worker is 640M, of which 590M are shared with the mold. */
        {600, 640, 50, 300},
        {600, 640, 60, 300},
        {600, 640, 61, 350},
        /* What the limit left for growth, where that is more. */
        {1000, 500, 100, 600},
        /* No better than the limit itself, or no room. */
        {600, 640, 340, 0},
        {600, 640, 600, 0},
        {600, 640, 640, 0},
        {600, 640, 311, 0},
        {600, 640, 310, 550},
        {50, 64, 5, 0},
        {100, 164, 5, 50},
        {0, 640, 50, 0},
        {600, 640, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct memory_figures fresh = {.rss_known = true,
                                       .private_known = true,
                                       .rss_bytes = cases[i].rss_mib * MIB,
                                       .uss_bytes = cases[i].uss_mib * MIB};
        uint64_t suggested = policy_suggest_uss(cases[i].bound_mib * MIB, &fresh);

        if (suggested != cases[i].uss_suggested_mib * MIB) {
            fail_msg("case %zu: %u MiB", i, (unsigned)(suggested / MIB));
        }
        fresh.private_known = false;
        assert_int_equal(policy_suggest_uss(cases[i].bound_mib * MIB, &fresh), 0);
    }
    assert_int_equal(policy_suggest_uss(600 * MIB, NULL), 0);
}

static void
test_a_suggestion_is_below_the_limit_and_above_what_a_fresh_one_has(void **state)
{
    struct memory_figures fresh = {.private_known = true};

    (void)state;
    for (unsigned bits = 1; bits < 64; bits++) {
        for (unsigned part = 0; part < 12; part++) {
            uint64_t bound = (UINT64_C(1) << bits) + ((UINT64_C(1) << bits) - 1);
            uint64_t suggested;

            fresh.uss_bytes = bound / 12 * part;
            suggested = policy_suggest_uss(bound, &fresh);
            assert_true(suggested == 0 || (suggested < bound && suggested > fresh.uss_bytes));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_gate),
        cmocka_unit_test(test_the_pace),
        cmocka_unit_test(test_a_gigabyte_a_second),
        cmocka_unit_test(test_the_suggestion),
        cmocka_unit_test(test_a_suggestion_is_below_the_limit_and_above_what_a_fresh_one_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
