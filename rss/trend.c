/*
 * trend.c: how a worker grows, see history.h.
 *
 * Owns the line that is drawn through the points. Must not read a clock, allocate or judge.
 */
#include "history.h"

/* So many neighbours make a group of the envelope, where enough groups remain. */
#define GROUP_MAX 5
/*
 * The envelope has TREND_POINTS_MIN groups at least, and fewer than twice as many until groups
 * have GROUP_MAX points.
 */
#define ENVELOPE_MAX (2 * TREND_POINTS_MIN - 1)
#define PAIRS_MAX (ENVELOPE_MAX * (ENVELOPE_MAX - 1) / 2)

_Static_assert(HISTORY_LINE / GROUP_MAX <= ENVELOPE_MAX, "a whole line has room in the envelope");

/*
 * What growth has to exceed in Mann-Kendall's test: one plateau in a hundred does by chance; and
 * in its later half.
 */
#define Z_WHOLE 2.33
#define Z_LATE 1.0

#define MS_PER_HOUR 3600000.0
/* 2^63: the first double that is no int64_t. */
#define INT64_END 9223372036854775808.0

struct point {
    double x; /* milliseconds or jobs, from the first point on */
    double y; /* bytes */
};

struct series {
    struct point points[HISTORY_LINE];
    unsigned count;
};

static bool
is_warm(const struct history_sample *sample, int64_t ready_ms)
{
    if (sample->at_ms < util_after_ms(ready_ms, TREND_WARMUP_MS)) {
        return false;
    }
    return sample->jobs >= TREND_WARMUP_JOBS ||
           sample->at_ms >= util_after_ms(ready_ms, TREND_WARMUP_LONGEST_MS);
}

/* Each has known bytes: history_add makes no point of others. */
static void
series_over_time(const struct history *history, int64_t ready_ms, struct series *ret_series)
{
    const struct history_sample *first = NULL;
    int64_t last_ms = 0;

    ret_series->count = 0;
    for (unsigned i = 0; i < history->line_count; i++) {
        const struct history_sample *sample = &history->line[i];

        if (!is_warm(sample, ready_ms) || (first != NULL && sample->at_ms <= last_ms)) {
            continue;
        }
        if (first == NULL) {
            first = sample;
        }
        last_ms = sample->at_ms;
        ret_series->points[ret_series->count++] = (struct point){
            .x = (double)last_ms - (double)first->at_ms,
            .y = (double)sample->rss_bytes,
        };
    }
}

/* Points between which no job was finished are one, the lowest of them. */
static void
series_over_jobs(const struct history *history, int64_t ready_ms, struct series *ret_series)
{
    uint64_t first = 0;
    uint64_t last = 0;

    ret_series->count = 0;
    for (unsigned i = 0; i < history->line_count; i++) {
        const struct history_sample *sample = &history->line[i];
        double bytes = (double)sample->rss_bytes;

        if (!is_warm(sample, ready_ms)) {
            continue;
        }
        if (ret_series->count == 0 || sample->jobs < last) {
            ret_series->count = 0;
            first = sample->jobs;
        } else if (sample->jobs == last) {
            struct point *same = &ret_series->points[ret_series->count - 1];

            same->y = bytes < same->y ? bytes : same->y;
            continue;
        }
        last = sample->jobs;
        ret_series->points[ret_series->count++] =
            (struct point){.x = (double)(last - first), .y = bytes};
    }
}

/* Of each group of neighbours the lowest, in place. */
static void
lower_envelope(struct series *series)
{
    unsigned size = series->count / TREND_POINTS_MIN;
    unsigned groups = series->count / (size < GROUP_MAX ? size : GROUP_MAX);

    for (unsigned group = 0; group < groups; group++) {
        unsigned i = group * series->count / groups;
        unsigned end = (group + 1) * series->count / groups;
        struct point lowest = series->points[i];

        for (i++; i < end; i++) {
            lowest = series->points[i].y < lowest.y ? series->points[i] : lowest;
        }
        series->points[group] = lowest;
    }
    series->count = groups;
}

/*
 * Mann-Kendall's test without the correction for ties, which only makes it stricter: 1 for growth,
 * -1 for shrinking, 0 for neither.
 */
static int
direction(const struct point *points, unsigned count, double z_min)
{
    double n = count;
    double excess;
    int rises = 0;

    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = i + 1; j < count; j++) {
            rises += (points[j].y > points[i].y) - (points[j].y < points[i].y);
        }
    }
    excess = (rises < 0 ? -rises : rises) - 1;
    if (excess <= 0 || excess * excess * 18 <= z_min * z_min * n * (n - 1) * (2 * n + 5)) {
        return 0;
    }
    return rises < 0 ? -1 : 1;
}

/* Puts `value` in its place among `count` sorted ones. */
static void
insert_sorted(double *values, unsigned count, double value)
{
    while (count > 0 && values[count - 1] > value) {
        values[count] = values[count - 1];
        count--;
    }
    values[count] = value;
}

/* Theil-Sen. `x` rises from point to point; fewer than two points have no slope. */
static double
median_slope(const struct point *points, unsigned count)
{
    double slopes[PAIRS_MAX];
    unsigned pairs = 0;

    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = i + 1; j < count; j++) {
            double slope = (points[j].y - points[i].y) / (points[j].x - points[i].x);

            insert_sorted(slopes, pairs, slope);
            pairs++;
        }
    }
    if (pairs == 0) {
        return 0;
    }
    return (slopes[(pairs - 1) / 2] + slopes[pairs / 2]) / 2;
}

/* Growth for each unit of x. False: too few points. */
static bool
growth(struct series *series, double *ret_growth)
{
    const struct point *late;
    unsigned late_count;
    int way;
    double whole_slope;
    double late_slope;

    if (series->count < TREND_POINTS_MIN) {
        return false;
    }
    lower_envelope(series);
    late_count = (series->count + 1) / 2;
    late = &series->points[series->count - late_count];
    *ret_growth = 0;
    way = direction(series->points, series->count, Z_WHOLE);
    if (way == 0 || direction(late, late_count, Z_LATE) != way) {
        return true;
    }
    whole_slope = median_slope(series->points, series->count) * way;
    late_slope = median_slope(late, late_count) * way;
    if (whole_slope > 0 && late_slope > 0) {
        *ret_growth = (whole_slope < late_slope ? whole_slope : late_slope) * way;
    }
    return true;
}

void
trend_of(const struct history *history, int64_t ready_ms, struct trend *ret_trend)
{
    struct trend trend = {0};
    struct series series;

    series_over_time(history, ready_ms, &series);
    trend.known = growth(&series, &trend.bytes_per_hour);
    trend.bytes_per_hour *= MS_PER_HOUR;
    series_over_jobs(history, ready_ms, &series);
    trend.per_job_known = growth(&series, &trend.bytes_per_job);
    *ret_trend = trend;
}

int64_t
trend_time_to_ms(const struct trend *trend, uint64_t now_bytes, uint64_t bound_bytes)
{
    double left_ms;

    if (!trend->known || bound_bytes == 0 || !(trend->bytes_per_hour > 0)) {
        return NEVER_MS;
    }
    if (now_bytes >= bound_bytes) {
        return 0;
    }
    left_ms = (double)(bound_bytes - now_bytes) / trend->bytes_per_hour * MS_PER_HOUR;
    return left_ms < INT64_END ? (int64_t)left_ms : NEVER_MS;
}
