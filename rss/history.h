/*
 * history.h: the last samples of one worker, and a thinned line of its whole life.
 *
 * Pure: literals in, literals out. `recent` is what "for N of M cycles" counts; `line` is what the
 * trend is drawn through: when it is full, every second point goes and the spacing doubles, so that
 * it covers any age.
 */
#ifndef SWARM_RSS_HISTORY_H
#define SWARM_RSS_HISTORY_H

#include "../master/util.h"

#define HISTORY_RECENT 32
#define HISTORY_LINE 64

/* One cycle's look at a worker. 0 bytes: not known. */
struct history_sample {
    int64_t at_ms;
    uint64_t rss_bytes;
    uint64_t pss_bytes;
    uint64_t uss_bytes;
    uint64_t jobs;    /* finished since its start */
    unsigned sharers; /* as policy_worker has it, at that moment; 0: as now */
};

struct history {
    struct history_sample recent[HISTORY_RECENT];
    unsigned recent_count; /* ever; the newest is recent[(recent_count - 1) % HISTORY_RECENT] */
    struct history_sample line[HISTORY_LINE];
    unsigned line_count;
    unsigned line_stride;  /* every so many samples one point; 0 counts as 1 */
    unsigned line_skipped; /* samples since the last point */
    uint64_t peak_rss_bytes;
    int64_t peak_ms;
};

/*
 * Adds a cycle's look. One whose RSS is not known stands in `recent` (a cycle passed, nothing was
 * seen), but makes no point of the line: the next known one does. It raises the peak as
 * history_note_peak does.
 */
void history_add(struct history *history, const struct history_sample *sample);

/* The sample `back` cycles ago (0: the newest); NULL if there is none. */
const struct history_sample *history_at(const struct history *history, unsigned back);

/* A peak seen between two cycles (by a glance). Of equal peaks the first one stands. */
void history_note_peak(struct history *history, uint64_t rss_bytes, int64_t at_ms);

/*
 * How a worker grows: RSS, which copy-on-write does not move, so that the pages that it un-shares
 * from the mold are no leak.
 *
 * Robust. The lower envelope (of each group of neighbouring points the lowest one) drops what comes
 * and goes between two collections of garbage; the median of the slopes between any two of its
 * points (Theil-Sen) drops outliers; Mann-Kendall's test drops what noise alone would show once in
 * a hundred plateaus. And the later half has to agree, and the smaller of the two slopes counts:
 * growth that comes to rest (caches, a heap that fills) and a single step are no leak. What does
 * not pass is known to be 0, not unknown. Growth that began late is therefore understated at first.
 */
struct trend {
    bool known;
    double bytes_per_hour; /* finite; below 0: it shrinks */
    bool per_job_known;
    double bytes_per_job; /* finite */
};

/*
 * What is passed over at the beginning of a worker's life, counted from `ready_ms`: it fills its
 * caches. Both have to be over; one that is slow to finish jobs has had its warm-up after
 * TREND_WARMUP_LONGEST_MS.
 */
#define TREND_WARMUP_MS 120000
#define TREND_WARMUP_JOBS 100
#define TREND_WARMUP_LONGEST_MS 1200000
/* Fewer points say nothing. */
#define TREND_POINTS_MIN 8

/*
 * Draws the trend through the line. `ready_ms`: when the worker was ready; NEVER_MS makes it not
 * known. Per job it is known with enough points between which jobs were finished; what lies before
 * a count that went backwards is left out. Allocates nothing; some microseconds.
 */
void trend_of(const struct history *history, int64_t ready_ms, struct trend *ret_trend);

/*
 * Milliseconds until `bound_bytes` is reached from `now_bytes` at that growth: 0 when it is reached
 * already, NEVER_MS when growth is not known or not above 0, or when there is no bound (0).
 */
int64_t trend_time_to_ms(const struct trend *trend, uint64_t now_bytes, uint64_t bound_bytes);

#endif
