/*
 * policy_look.c: when a look at a worker is worth its cost, see policy.h.
 *
 * Owns the gate before PSS and USS, and the pace of glances at RSS. Must not measure,
 * remember or act.
 */
#include "policy.h"

/* From here on a figure is near its bound. */
static uint64_t
near_of(uint64_t bound)
{
    return bound - bound / 5;
}

static bool
is_private(enum policy_limit limit)
{
    return policy_is_memory(limit) && limit != POLICY_MAX_RSS && limit != POLICY_KILL_RSS;
}

static uint64_t
sum_of(uint64_t one, uint64_t other)
{
    return one > UINT64_MAX - other ? UINT64_MAX : one + other;
}

static uint64_t
more_than(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/*
 * The faults since `fresh`, with its USS as the base, where both are known; else all there were.
 * False: it is no estimate.
 */
static bool
faults_since_base(const struct policy_worker *worker, uint64_t *ret_faults, uint64_t *ret_base)
{
    const struct memory_figures *now = worker->now;
    const struct memory_figures *fresh = worker->fresh;

    if (!now->stat_known || worker->sharers == 1) {
        return false;
    }
    *ret_faults = now->minor_faults;
    *ret_base = 0;
    if (fresh != NULL && fresh->stat_known && fresh->private_known) {
        if (now->minor_faults < fresh->minor_faults) {
            return false;
        }
        *ret_faults = now->minor_faults - fresh->minor_faults;
        *ret_base = fresh->uss_bytes;
    }
    return true;
}

/* USS is at most this; UINT64_MAX where nothing but RSS says so. */
static uint64_t
most_uss(const struct policy_worker *worker, uint64_t page_bytes)
{
    const struct memory_figures *now = worker->now;
    const struct memory_figures *fresh = worker->fresh;
    uint64_t base;
    uint64_t faults;
    uint64_t grown;

    if (!faults_since_base(worker, &faults, &base) ||
        __builtin_mul_overflow(faults, page_bytes, &grown)) {
        return UINT64_MAX;
    }
    if (fresh != NULL && fresh->rss_known && now->rss_known &&
        more_than(now->rss_bytes, fresh->rss_bytes) > grown) {
        grown = more_than(now->rss_bytes, fresh->rss_bytes);
    }
    if (now->private_known && now->uss_bytes > sum_of(base, grown)) {
        return UINT64_MAX;
    }
    return sum_of(base, grown);
}

/* The same for PSS: the share in the pages of others was read once, and changes slowly. */
static uint64_t
most_pss(const struct policy_worker *worker, uint64_t page_bytes)
{
    const struct memory_figures *fresh = worker->fresh;
    const struct memory_figures *now = worker->now;
    uint64_t share = 0;

    if (fresh != NULL && fresh->private_known) {
        share = more_than(fresh->pss_bytes, fresh->uss_bytes);
    } else if (!now->private_known) {
        return UINT64_MAX;
    }
    if (now->private_known) {
        uint64_t pss = policy_value(POLICY_MAX_PSS, worker);

        share = more_than(pss, now->uss_bytes) > share ? more_than(pss, now->uss_bytes) : share;
    }
    return sum_of(most_uss(worker, page_bytes), share);
}

static bool
may_be_near(enum policy_limit limit, uint64_t bound, const struct policy_worker *worker,
            uint64_t page_bytes)
{
    if (limit == POLICY_MAX_PSS || limit == POLICY_KILL_PSS) {
        return most_pss(worker, page_bytes) >= near_of(bound);
    }
    return most_uss(worker, page_bytes) >= near_of(bound);
}

bool
policy_wants_rollup(const struct policy_limits *limits, const struct policy_worker *worker,
                    uint64_t page_bytes, int64_t min_age_ms)
{
    const struct memory_figures *now = worker->now;
    int64_t age_ms;

    if (now == NULL) {
        return false;
    }
    age_ms = now->private_known ? worker->now_ms - now->private_ms : NEVER_MS;
    if (age_ms < min_age_ms) {
        return false;
    }
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        uint64_t bound = limits->bound[i];

        if (bound == 0 || !is_private(i) || (now->rss_known && now->rss_bytes < near_of(bound))) {
            continue;
        }
        if (age_ms >= POLICY_STALE_MS || may_be_near(i, bound, worker, page_bytes)) {
            return true;
        }
    }
    return false;
}

/*
 * How far `limit` is above what it compares; UINT64_MAX where it is not set or above already. PSS
 * and USS are mostly older than RSS: what RSS `grew` in the last glance is theirs, too, and where
 * they are not known, RSS stands for them.
 */
static uint64_t
headroom(const struct policy_limits *limits, enum policy_limit limit,
         const struct policy_worker *worker, uint64_t grown)
{
    const struct memory_figures *now = worker->now;
    uint64_t bound = limits->bound[limit];
    uint64_t value = policy_value(limit, worker);

    if (value == 0) {
        value = now->rss_bytes;
    }
    if (bound == 0 || value > bound) {
        return UINT64_MAX;
    }
    if (is_private(limit) && now->private_known && now->private_ms < now->rss_ms) {
        value = sum_of(value, grown) < now->rss_bytes ? sum_of(value, grown) : now->rss_bytes;
    }
    return more_than(bound, value);
}

int64_t
policy_pace_ms(const struct policy_limits *limits, const struct policy_worker *worker,
               const struct memory_figures *before, int64_t slow_ms)
{
    const struct memory_figures *now = worker->now;
    uint64_t left = UINT64_MAX;
    uint64_t grown;
    double half_ms;

    if (slow_ms <= POLICY_FAST_MS || now == NULL || before == NULL || !now->rss_known ||
        !before->rss_known || now->rss_ms <= before->rss_ms ||
        now->rss_bytes <= before->rss_bytes) {
        return slow_ms;
    }
    grown = now->rss_bytes - before->rss_bytes;
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        if (policy_is_memory(i) && headroom(limits, i, worker, grown) < left) {
            left = headroom(limits, i, worker, grown);
        }
    }
    half_ms = (double)left / (double)grown * (double)(now->rss_ms - before->rss_ms) / 2;
    if (half_ms >= (double)slow_ms) {
        return slow_ms;
    }
    return half_ms > POLICY_FAST_MS ? (int64_t)half_ms : POLICY_FAST_MS;
}
