/*
 * board_reader.c: see board_reader.h.
 *
 * Owns the checks of a board. Must not write to it.
 */
#include "board_reader.h"

/* No worker lives to see a counter or a clock of milliseconds above this (8,900 years of beats). */
#define NUMBER_MAX (UINT64_C(1) << 48)

/* More threads than any Sidekiq runs: the bound while the concurrency is not known. */
#define THREADS_MAX 65536u

/*
 * The counters are not one snapshot: several threads write them while we read. What is counted as
 * finished may be ahead of what we saw started by a few jobs, never by many.
 */
#define SLACK_JOBS 1024u

static uint64_t
load64(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static uint32_t
load32(const uint32_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static bool
has_head(const struct board *board)
{
    return load32(&board->magic) == BOARD_MAGIC && load32(&board->version) == BOARD_VERSION;
}

static bool
is_plausible(const struct board_figures *figures, unsigned threads_max)
{
    unsigned busy_max = threads_max > 0 ? threads_max : THREADS_MAX;

    return figures->beat_ms >= 0 && (uint64_t)figures->beat_ms <= NUMBER_MAX &&
           figures->started <= NUMBER_MAX && figures->done <= NUMBER_MAX &&
           figures->failed <= NUMBER_MAX &&
           figures->done + figures->failed <= figures->started + SLACK_JOBS &&
           figures->busy <= busy_max && figures->busy <= figures->started + SLACK_JOBS;
}

void
board_read(const struct board *board, unsigned threads_max, struct board_figures *ret_figures)
{
    struct board_figures figures = {.known = true};
    uint32_t quiet;

    *ret_figures = (struct board_figures){.known = false};
    if (!has_head(board)) {
        return;
    }
    /* Ends before starts, so that a job that comes and goes meanwhile makes no end without a start.
     */
    figures.done = load64(&board->done);
    figures.failed = load64(&board->failed);
    figures.started = load64(&board->started);
    figures.beat_ms = (int64_t)load64(&board->beat_ms);
    figures.busy = load32(&board->busy);
    quiet = load32(&board->quiet);
    figures.quiet = quiet == 1;
    if (quiet <= 1 && is_plausible(&figures, threads_max)) {
        *ret_figures = figures;
    }
}
