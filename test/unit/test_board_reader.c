/*
 * test_board_reader.c: boards of healthy, dying and mad workers (FS-13).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "master/board_reader.h"

static const struct board healthy = {
    .magic = BOARD_MAGIC,
    .version = BOARD_VERSION,
    .beat_ms = 123456,
    .started = 1000,
    .done = 980,
    .failed = 15,
    .busy = 5,
    .quiet = 0,
};

static bool
is_known(const struct board *board, unsigned threads_max)
{
    struct board_figures figures;

    board_read(board, threads_max, &figures);
    return figures.known;
}

static void
test_healthy(void **state)
{
    struct board_figures figures;

    (void)state;
    board_read(&healthy, 10, &figures);
    assert_true(figures.known);
    assert_int_equal(figures.beat_ms, 123456);
    assert_int_equal(figures.started, 1000);
    assert_int_equal(figures.done, 980);
    assert_int_equal(figures.failed, 15);
    assert_int_equal(figures.busy, 5);
    assert_false(figures.quiet);
}

static void
test_quiet(void **state)
{
    struct board board = healthy;
    struct board_figures figures;

    (void)state;
    board.quiet = 1;
    board_read(&board, 10, &figures);
    assert_true(figures.known);
    assert_true(figures.quiet);
    board.quiet = 2;
    assert_false(is_known(&board, 10));
}

static void
test_fresh_and_foreign(void **state)
{
    struct board board = {.magic = 0};

    (void)state;
    assert_false(is_known(&board, 10));
    board.magic = BOARD_MAGIC;
    assert_false(is_known(&board, 10));
    board.version = BOARD_VERSION + 1;
    assert_false(is_known(&board, 10));
    board.version = BOARD_VERSION;
    assert_true(is_known(&board, 10));
}

static void
test_more_jobs_than_threads(void **state)
{
    struct board board = healthy;

    (void)state;
    assert_true(is_known(&board, 5));
    assert_false(is_known(&board, 4));
    assert_true(is_known(&board, 0));
    board.busy = UINT32_MAX;
    assert_false(is_known(&board, 0));
}

/* Several threads count while we read: a few jobs of difference are no madness, many are. */
static void
test_counters_that_disagree(void **state)
{
    struct board board = healthy;

    (void)state;
    board.done = 1010;
    assert_true(is_known(&board, 10));
    board.done = 100000;
    assert_false(is_known(&board, 10));
    board.started = 200000;
    assert_true(is_known(&board, 10));
}

static void
test_wild_numbers(void **state)
{
    struct board board = healthy;

    (void)state;
    board.started = UINT64_MAX;
    assert_false(is_known(&board, 10));
    board.started = UINT64_C(1) << 40;
    assert_true(is_known(&board, 10));
    board.done = UINT64_MAX;
    board.failed = 2;
    assert_false(is_known(&board, 10));
    board = healthy;
    board.beat_ms = UINT64_MAX;
    assert_false(is_known(&board, 10));
    board.beat_ms = UINT64_C(1) << 60;
    assert_false(is_known(&board, 10));
}

static void
test_unknown_is_zero(void **state)
{
    struct board board;
    struct board_figures figures;
    const struct board_figures nothing = {.known = false};

    (void)state;
    memset(&board, 0xA5, sizeof(board));
    memset(&figures, 0x5A, sizeof(figures));
    board_read(&board, 10, &figures);
    assert_false(figures.known);
    assert_int_equal(figures.beat_ms, nothing.beat_ms);
    assert_int_equal(figures.started, 0);
    assert_int_equal(figures.done, 0);
    assert_int_equal(figures.failed, 0);
    assert_int_equal(figures.busy, 0);
    assert_false(figures.quiet);
}

/* Any byte changed to anything: either unknown, or within the bounds that are promised. */
static void
test_every_byte_damaged(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(struct board); at++) {
        for (unsigned value = 0; value < 256; value++) {
            struct board board = healthy;
            struct board_figures figures;

            ((unsigned char *)&board)[at] = (unsigned char)value;
            board_read(&board, 10, &figures);
            assert_true(figures.busy <= 10);
            assert_true(figures.beat_ms >= 0);
            assert_true(figures.done + figures.failed <= figures.started + 1024);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_healthy),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_fresh_and_foreign),
        cmocka_unit_test(test_more_jobs_than_threads),
        cmocka_unit_test(test_counters_that_disagree),
        cmocka_unit_test(test_wild_numbers),
        cmocka_unit_test(test_unknown_is_zero),
        cmocka_unit_test(test_every_byte_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
