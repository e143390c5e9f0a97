/*
 * test_trend.c: series in, growth out. Each series is made of a shape, noise and spikes by a fixed generator, so a run
 * repeats to the bit.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rss/history.h"

#define MIB 1048576.0
#define CYCLE_MS 5000
#define READY_MS INT64_C(1000000)

/* 0 to 1 of Knuth's MMIX generator. */
static double
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

struct shape {
    double start_mib;
    double leak_mib; /* an hour */
    double rest_mib; /* reached with rest_minutes as the time constant */
    double rest_minutes;
    double step_mib;    /* at half of the time */
    double noise_mib;   /* up and down at most */
    double spike_mib;   /* what a garbage collection takes away again */
    double spike_share; /* of the samples */
    double jobs_a_minute;
    double minutes;
};

static double
mib_at(const struct shape *shape, double minute, uint64_t *random)
{
    double mib = shape->start_mib + shape->leak_mib * minute / 60;

    if (minute >= shape->minutes / 2) {
        mib += shape->step_mib;
    }
    mib += shape->noise_mib * (2 * next_random(random) - 1);
    if (next_random(random) < shape->spike_share) {
        mib += shape->spike_mib * next_random(random);
    }
    return mib;
}

/* Whole pages, as the kernel counts them. */
static void
make(struct history *history, const struct shape *shape, uint64_t seed)
{
    uint64_t random = seed;
    int64_t end_ms = (int64_t)(shape->minutes * 60000);
    double missing_mib = shape->rest_mib;

    *history = (struct history){0};
    for (int64_t at_ms = 0; at_ms <= end_ms; at_ms += CYCLE_MS) {
        double minute = (double)at_ms / 60000;
        double mib = mib_at(shape, minute, &random) + shape->rest_mib - missing_mib;
        uint64_t pages = (uint64_t)(mib * 256);

        history_add(history,
                    &(struct history_sample){.at_ms = READY_MS + at_ms,
                                             .rss_bytes = pages * 4096,
                                             .jobs = (uint64_t)(shape->jobs_a_minute * minute)});
        if (shape->rest_minutes > 0) {
            missing_mib *= 1 - CYCLE_MS / 60000.0 / shape->rest_minutes;
        }
    }
}

/* Growth in MiB an hour, for ten seeds each. */
static void
test_shapes(void **state)
{
    static const struct {
        const char *name;
        struct shape shape;
        double least;
        double most;
    } cases[] = {
        {"constant", {.start_mib = 300, .jobs_a_minute = 600, .minutes = 60}, 0, 0},
        {"slow leak",
         {.start_mib = 300, .leak_mib = 20, .jobs_a_minute = 60, .minutes = 60},
         19,
         21},
        {"fast leak",
         {.start_mib = 300, .leak_mib = 6000, .jobs_a_minute = 600, .minutes = 5},
         5900,
         6100},
        {"leak over a day",
         {.start_mib = 300, .leak_mib = 2, .jobs_a_minute = 9, .minutes = 1440},
         1.9,
         2.1},
        {"noisy leak",
         {.start_mib = 300, .leak_mib = 60, .noise_mib = 3, .jobs_a_minute = 60, .minutes = 60},
         45,
         66},
        {"leak below garbage",
         {.start_mib = 300,
          .leak_mib = 60,
          .spike_mib = 200,
          .spike_share = 0.5,
          .jobs_a_minute = 60,
          .minutes = 60},
         40,
         75},
        {"garbage",
         {.start_mib = 300,
          .spike_mib = 200,
          .spike_share = 0.3,
          .jobs_a_minute = 60,
          .minutes = 60},
         0,
         0},
        {"a step", {.start_mib = 300, .step_mib = 100, .jobs_a_minute = 60, .minutes = 60}, 0, 0},
        {"it shrinks",
         {.start_mib = 900, .leak_mib = -30, .jobs_a_minute = 60, .minutes = 60},
         -31,
         -29},
        {"caches that fill",
         {.start_mib = 300, .rest_mib = 200, .rest_minutes = 8, .jobs_a_minute = 60, .minutes = 60},
         0,
         12},
        {"caches that were filled",
         {.start_mib = 300,
          .rest_mib = 200,
          .rest_minutes = 3,
          .noise_mib = 1,
          .jobs_a_minute = 60,
          .minutes = 60},
         -1,
         1},
        {"a leak behind caches",
         {.start_mib = 300,
          .leak_mib = 100,
          .rest_mib = 100,
          .rest_minutes = 4,
          .jobs_a_minute = 60,
          .minutes = 60},
         95,
         110},
        {"figures of 9 TiB",
         {.start_mib = 9.0 * 1048576, .leak_mib = 20, .jobs_a_minute = 60, .minutes = 60},
         19,
         21},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (uint64_t seed = 1; seed <= 10; seed++) {
            struct history history;
            struct trend trend;

            make(&history, &cases[i].shape, seed);
            trend_of(&history, READY_MS, &trend);
            assert_true(trend.known);
            if (trend.bytes_per_hour < cases[i].least * MIB ||
                trend.bytes_per_hour > cases[i].most * MIB) {
                fail_msg("%s, seed %u: %.2f MiB an hour", cases[i].name, (unsigned)seed,
                         trend.bytes_per_hour / MIB);
            }
        }
    }
}

/* A plateau with noise is no leak: of 1500, few have any growth, and none a large one. */
static void
test_plateaus_give_few_false_alarms(void **state)
{
    static const double minutes[] = {5, 12, 30, 60, 240};
    static const double noises[] = {0.5, 5, 20};
    unsigned runs = 0;
    unsigned alarms = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(minutes) * ARRAY_LEN(noises) * 100; i++) {
        struct shape shape = {.start_mib = 400,
                              .noise_mib = noises[i % 3],
                              .spike_mib = 40,
                              .spike_share = 0.1,
                              .jobs_a_minute = 60,
                              .minutes = minutes[i / 3 % 5]};
        struct history history;
        struct trend trend;

        make(&history, &shape, 1000 + i);
        trend_of(&history, READY_MS, &trend);
        assert_true(trend.known);
        runs++;
        alarms += trend.bytes_per_hour > 0;
        /* What it says is never more than the noise itself, over the time that was looked at. */
        assert_true(fabs(trend.bytes_per_hour) <= 4 * shape.noise_mib * MIB * 60 / shape.minutes);
    }
    print_message("%u of %u plateaus are said to grow\n", alarms, runs);
    assert_true(alarms * 100 <= runs * 2);
}

static void
test_growth_by_jobs(void **state)
{
    static const struct {
        struct shape shape;
        double least; /* KiB a job */
        double most;
        bool is_known;
    } cases[] = {
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 60, .minutes = 60}, 16.5, 17.5, true},
        {{.start_mib = 300, .leak_mib = 300, .jobs_a_minute = 1, .minutes = 120}, 5000, 5200, true},
        {{.start_mib = 300, .jobs_a_minute = 600, .minutes = 60}, 0, 0, true},
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 0, .minutes = 60}, 0, 0, false},
        /* Three jobs in an hour say nothing. */
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 0.06, .minutes = 60}, 0, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct history history;
        struct trend trend;

        make(&history, &cases[i].shape, 7);
        trend_of(&history, READY_MS, &trend);
        assert_true(trend.known);
        assert_int_equal(trend.per_job_known, cases[i].is_known);
        assert_true(trend.bytes_per_job >= cases[i].least * 1024);
        assert_true(trend.bytes_per_job <= cases[i].most * 1024);
    }
}

/* One point each minute. */
static void
draw_line(struct history *history, const uint64_t *jobs, unsigned count)
{
    *history = (struct history){.line_count = count};
    for (unsigned i = 0; i < count; i++) {
        history->line[i] = (struct history_sample){
            .at_ms = READY_MS + TREND_WARMUP_LONGEST_MS + (int64_t)i * 60000,
            .rss_bytes = (UINT64_C(300) << 20) + ((uint64_t)i << 20),
            .jobs = jobs[i],
        };
    }
}

/* What lies before a count that went backwards is left out; then too little may be left. */
static void
test_jobs_that_go_backwards(void **state)
{
    static const uint64_t early[] = {900, 950, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    static const uint64_t late[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 1, 11};
    static const uint64_t garbage[] = {10, UINT64_MAX, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
    static const uint64_t garbage_last[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, UINT64_MAX};
    struct history history;
    struct trend trend;

    (void)state;
    draw_line(&history, early, ARRAY_LEN(early));
    trend_of(&history, READY_MS, &trend);
    assert_true(trend.per_job_known);
    assert_float_equal(trend.bytes_per_job, MIB / 10, 1);
    draw_line(&history, late, ARRAY_LEN(late));
    trend_of(&history, READY_MS, &trend);
    assert_true(trend.known);
    assert_false(trend.per_job_known);
    draw_line(&history, garbage, ARRAY_LEN(garbage));
    trend_of(&history, READY_MS, &trend);
    assert_true(trend.per_job_known);
    assert_float_equal(trend.bytes_per_job, MIB / 10, 1);
    draw_line(&history, garbage_last, ARRAY_LEN(garbage_last));
    trend_of(&history, READY_MS, &trend);
    assert_true(isfinite(trend.bytes_per_job));
    assert_true(isfinite(trend.bytes_per_hour));
}

/* Times that stand still or go backwards make no points, and nothing infinite. */
static void
test_times_that_do_not_advance(void **state)
{
    static const uint64_t jobs[HISTORY_LINE];
    struct history history;
    struct trend trend;

    (void)state;
    draw_line(&history, jobs, 20);
    for (unsigned i = 0; i < 20; i++) {
        history.line[i].at_ms = READY_MS + 5 * TREND_WARMUP_LONGEST_MS - (int64_t)(i / 2) * 1000;
        history.line[i].rss_bytes = i % 2 == 0 ? 1 : UINT64_MAX;
    }
    trend_of(&history, READY_MS, &trend);
    assert_false(trend.known);
    assert_true(isfinite(trend.bytes_per_hour));
    assert_false(trend.per_job_known);
}

/* The steepest line there can be is finite, and so is what follows from it. */
static void
test_extremes_stay_finite(void **state)
{
    struct history history = {.line_count = 16};
    struct trend trend;

    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        history.line[i] = (struct history_sample){
            .at_ms = i + 1, .rss_bytes = (UINT64_MAX / 16) * (i + 1), .jobs = UINT64_MAX - 16 + i};
    }
    trend_of(&history, INT64_MIN, &trend);
    assert_true(trend.known);
    assert_true(trend.per_job_known);
    assert_true(isfinite(trend.bytes_per_hour) && trend.bytes_per_hour > 0);
    assert_true(isfinite(trend.bytes_per_job) && trend.bytes_per_job > 0);
    assert_true(trend_time_to_ms(&trend, 1, UINT64_MAX) >= 0);
}

static void
test_the_warm_up_is_passed_over(void **state)
{
    static const struct {
        struct shape shape;
        bool is_known;
    } cases[] = {
        /* Two minutes, and eight cycles behind them. */
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 600, .minutes = 2}, false},
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 600, .minutes = 2.5}, false},
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 600, .minutes = 3}, true},
        /* The hundredth job comes after ten minutes. */
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 10, .minutes = 10}, false},
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 10, .minutes = 20}, true},
        /* Long jobs: after twenty minutes their number does not matter. */
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 0.1, .minutes = 20}, false},
        {{.start_mib = 300, .leak_mib = 60, .jobs_a_minute = 0.1, .minutes = 40}, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct history history;
        struct trend trend;

        make(&history, &cases[i].shape, 3);
        trend_of(&history, READY_MS, &trend);
        assert_int_equal(trend.known, cases[i].is_known);
        assert_true(trend.known ? trend.bytes_per_hour > 50 * MIB : trend.bytes_per_hour == 0);
        trend_of(&history, NEVER_MS, &trend);
        assert_false(trend.known);
        assert_false(trend.per_job_known);
    }
}

static void
test_time_to_a_bound(void **state)
{
    static const struct {
        struct trend trend;
        uint64_t now;
        uint64_t bound;
        int64_t ms;
    } cases[] = {
        {{.known = true, .bytes_per_hour = 3600000}, 1000, 61000, 60000},
        {{.known = true, .bytes_per_hour = 3600000}, 1000, 1000, 0},
        {{.known = true, .bytes_per_hour = 3600000}, 2000, 1000, 0},
        {{.known = true, .bytes_per_hour = 3600000}, 2000, 0, NEVER_MS},
        {{.known = false, .bytes_per_hour = 3600000}, 1000, 61000, NEVER_MS},
        {{.known = true, .bytes_per_hour = 0}, 1000, 61000, NEVER_MS},
        {{.known = true, .bytes_per_hour = 0}, 2000, 1000, NEVER_MS},
        {{.known = true, .bytes_per_hour = -5}, 1000, 61000, NEVER_MS},
        {{.known = true, .bytes_per_hour = NAN}, 1000, 61000, NEVER_MS},
        {{.known = true, .bytes_per_hour = INFINITY}, 1000, 61000, 0},
        {{.known = true, .bytes_per_hour = 1e-300}, 0, UINT64_MAX, NEVER_MS},
        {{.known = true, .bytes_per_hour = 1}, 0, UINT64_MAX, NEVER_MS},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(trend_time_to_ms(&cases[i].trend, cases[i].now, cases[i].bound),
                         cases[i].ms);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_plateaus_give_few_false_alarms),
        cmocka_unit_test(test_growth_by_jobs),
        cmocka_unit_test(test_jobs_that_go_backwards),
        cmocka_unit_test(test_times_that_do_not_advance),
        cmocka_unit_test(test_extremes_stay_finite),
        cmocka_unit_test(test_the_warm_up_is_passed_over),
        cmocka_unit_test(test_time_to_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
