/*
 * history.h: the last samples of one worker, and a thinned line of its whole life.
 *
 * Pure: literals in, literals out. `recent` is what "for N of M cycles" counts; `line` is what the trend is drawn
 * through: when it is full, every second point goes and the spacing doubles, so that it covers any age.
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
    uint64_t jobs; /* finished since its start */
};

struct history {
    struct history_sample recent[HISTORY_RECENT];
    unsigned recent_count; /* ever added; the newest is recent[(recent_count - 1) % HISTORY_RECENT] */
    struct history_sample line[HISTORY_LINE];
    unsigned line_count;
    unsigned line_stride; /* every so many samples one point; 0 counts as 1 */
    unsigned line_skipped;
    uint64_t peak_rss_bytes;
    int64_t peak_ms;
};

void history_add(struct history *history, const struct history_sample *sample);

/* The sample `back` cycles ago (0: the newest); NULL if there is none. */
const struct history_sample *history_at(const struct history *history, unsigned back);

/* A peak seen between two cycles (by a glance). */
void history_note_peak(struct history *history, uint64_t rss_bytes, int64_t at_ms);

/* How a worker grows. Robust: the median of slopes over the lower envelope of the line, after its warm-up. */
struct trend {
    bool known;
    double bytes_per_hour;
    bool per_job_known;
    double bytes_per_job;
};

/* What is passed over at the beginning of a worker's life, counted from `ready_ms`: it fills its caches. */
#define TREND_WARMUP_MS 120000
#define TREND_WARMUP_JOBS 100
/* Fewer points say nothing. */
#define TREND_POINTS_MIN 8

void trend_of(const struct history *history, int64_t ready_ms, struct trend *ret_trend);

/* Milliseconds until `bound_bytes` is reached from `now_bytes` at that growth; NEVER_MS when it is not known or not growing. */
int64_t trend_time_to_ms(const struct trend *trend, uint64_t now_bytes, uint64_t bound_bytes);

#endif
