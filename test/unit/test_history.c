/* test_history.c: which samples are kept, at which spacing, and the peak. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rss/history.h"

#define CYCLE_MS 5000

static void
add(struct history *history, unsigned number, uint64_t rss_bytes)
{
    history_add(history, &(struct history_sample){.at_ms = (int64_t)number * CYCLE_MS,
                                                  .rss_bytes = rss_bytes,
                                                  .jobs = number});
}

static void
fill(struct history *history, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        add(history, i, 1000 + i);
    }
}

static void
test_an_empty_one_has_no_sample(void **state)
{
    struct history history = {0};

    (void)state;
    assert_null(history_at(&history, 0));
    assert_null(history_at(&history, UINT_MAX));
    assert_int_equal(history.peak_rss_bytes, 0);
}

static void
test_the_newest_is_0_cycles_ago(void **state)
{
    static const struct {
        unsigned added;
        unsigned back;
        int newest; /* number of the sample; -1: none */
    } cases[] = {
        {1, 0, 0},    {1, 1, -1},    {5, 0, 4},    {5, 4, 0},    {5, 5, -1},
        {32, 31, 0},  {32, 32, -1},  {33, 0, 32},  {33, 31, 1},  {33, 32, -1},
        {100, 0, 99}, {100, 31, 68}, {64, 31, 32}, {64, 33, -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct history history = {0};
        const struct history_sample *sample;

        fill(&history, cases[i].added);
        sample = history_at(&history, cases[i].back);
        if (cases[i].newest < 0) {
            assert_null(sample);
            continue;
        }
        assert_non_null(sample);
        assert_int_equal(sample->jobs, cases[i].newest);
    }
}

static void
test_a_count_that_wraps_loses_nothing(void **state)
{
    struct history history = {0};

    (void)state;
    fill(&history, HISTORY_RECENT);
    history.recent_count = UINT_MAX - UINT_MAX % HISTORY_RECENT;
    for (unsigned i = 0; i < HISTORY_RECENT + 3; i++) {
        add(&history, 500 + i, 7);
        assert_int_equal(history_at(&history, 0)->jobs, 500 + i);
        assert_non_null(history_at(&history, HISTORY_RECENT - 1));
    }
    assert_int_equal(history_at(&history, HISTORY_RECENT - 1)->jobs, 503);
}

static void
test_the_line_covers_any_age(void **state)
{
    static const struct {
        unsigned added;
        unsigned count;
        unsigned stride;
    } cases[] = {
        {1, 1, 1},    {64, 64, 1},  {65, 33, 2},    {66, 33, 2},      {67, 34, 2},
        {128, 64, 2}, {129, 33, 4}, {1025, 33, 32}, {20000, 40, 512},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct history history = {0};

        fill(&history, cases[i].added);
        assert_int_equal(history.line_count, cases[i].count);
        assert_int_equal(history.line_stride == 0 ? 1 : history.line_stride, cases[i].stride);
        for (unsigned point = 0; point < history.line_count; point++) {
            assert_int_equal(history.line[point].jobs, point * cases[i].stride);
        }
    }
}

static void
test_unknown_samples_are_in_the_ring_but_not_in_the_line(void **state)
{
    struct history history = {0};

    (void)state;
    add(&history, 0, 0);
    assert_int_equal(history.line_count, 0);
    add(&history, 1, 100);
    add(&history, 2, 0);
    assert_int_equal(history_at(&history, 0)->rss_bytes, 0);
    assert_int_equal(history.line_count, 1);
    assert_int_equal(history.line[0].jobs, 1);
}

/* With a spacing of 4, a point that could not be seen is made by the next sample that can. */
static void
test_a_hole_in_the_line_is_closed_at_once(void **state)
{
    struct history history = {0};

    (void)state;
    fill(&history, 129);
    assert_int_equal(history.line_stride, 4);
    for (unsigned i = 129; i < 139; i++) {
        add(&history, i, 0);
    }
    assert_int_equal(history.line_count, 33);
    add(&history, 139, 5);
    add(&history, 140, 5);
    assert_int_equal(history.line_count, 34);
    assert_int_equal(history.line[33].jobs, 139);
    add(&history, 141, 5);
    add(&history, 142, 5);
    assert_int_equal(history.line_count, 34);
    add(&history, 143, 5);
    assert_int_equal(history.line_count, 35);
    assert_int_equal(history.line[34].jobs, 143);
}

/* FS-17: what a glance saw between two cycles is not lost. */
static void
test_the_first_of_equal_peaks_stands(void **state)
{
    struct history history = {0};

    (void)state;
    add(&history, 1, 500);
    history_note_peak(&history, 900, 7000);
    add(&history, 2, 600);
    add(&history, 3, 900);
    history_note_peak(&history, 0, 8000);
    assert_int_equal(history.peak_rss_bytes, 900);
    assert_int_equal(history.peak_ms, 7000);
    add(&history, 4, 901);
    assert_int_equal(history.peak_rss_bytes, 901);
    assert_int_equal(history.peak_ms, 4 * CYCLE_MS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_one_has_no_sample),
        cmocka_unit_test(test_the_newest_is_0_cycles_ago),
        cmocka_unit_test(test_a_count_that_wraps_loses_nothing),
        cmocka_unit_test(test_the_line_covers_any_age),
        cmocka_unit_test(test_unknown_samples_are_in_the_ring_but_not_in_the_line),
        cmocka_unit_test(test_a_hole_in_the_line_is_closed_at_once),
        cmocka_unit_test(test_the_first_of_equal_peaks_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
