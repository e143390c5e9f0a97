/*
 * facts_rollup.c: see facts_rollup.h.
 *
 * A reading holds the process's mmap lock for some 7 µs per MiB: so it is one process in a turn of the loop, within
 * --rollup-percent of the time, and not when a KILL is about to be due.
 */
#include "facts_rollup.h"

#include <errno.h>
#include <unistd.h>

#include "facts_memory.h"
#include "facts_total.h"
#include "rss/rollup.h"

/* PSS and USS of this age are read again when somebody looks; younger ones, too, if RSS has moved since. */
#define LOOK_AGE_MS 10000
#define LOOK_MOVED_AGE_MS 1000
#define LOOK_MOVED_BYTES (UINT64_C(4) << 20)
/* Without another reason, PSS that totals are made of may be this old. */
#define CALIBRATE_MS 60000
/* Above this share of its limit, the total wants to know who would give most back. */
#define NEAR_PERCENT 80
/* No long reading so short before a KILL is due. */
#define DEADLINE_MS 200

static bool
is_total_near(const struct pool_total *total)
{
    return total->known && total->limit_bytes != 0 &&
           total->bytes / 100 * 100 > total->limit_bytes / 100 * NEAR_PERCENT;
}

/* Does the total want this process's PSS or USS read again? */
bool
facts_rollup_total_wants(const struct pool *pool, const struct memory_figures *memory,
                         int64_t now_ms)
{
    bool is_sum = pool_group_limit(pool) == 0;
    int64_t age_ms = memory->private_known ? now_ms - memory->private_ms : NEVER_MS;

    if (pool->total.limit_bytes == 0) {
        return false;
    }
    if (is_total_near(&pool->total)) {
        return age_ms >= pool->settings.check_interval_ms;
    }
    return is_sum && age_ms >= CALIBRATE_MS;
}

bool
facts_rollup_wants(const struct pool *pool, const struct worker *worker, int64_t now_ms)
{
    const struct policy_worker facts = plan_policy_facts(pool, worker, now_ms);

    return worker->state == WORKER_READY &&
           (policy_wants_rollup(&pool->settings.limits, &facts, (uint64_t)sysconf(_SC_PAGESIZE),
                                pool->settings.check_interval_ms / 2) ||
            facts_rollup_total_wants(pool, &worker->memory, now_ms) ||
            pool_has_rule_on(&pool->settings, RULE_PSS) ||
            pool_has_rule_on(&pool->settings, RULE_USS));
}

static bool
is_deadline_near(const struct pool *pool, int64_t now_ms)
{
    const struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->state == WORKER_DRAINING &&
            plan_kill_at_ms(pool, worker) - now_ms < DEADLINE_MS) {
            return true;
        }
    }
    return false;
}

static void
rest_after(struct pool *pool, int64_t took_us, int64_t now_ms)
{
    if (took_us > 0) {
        pool->next_rollup_ms = now_ms + rollup_rest_ms(took_us, pool->settings.rollup_percent);
    }
}

/* What it shares when it begins is what is left of that later. One that cannot be read stays unknown. */
static void
keep_first(struct worker *worker)
{
    if (!worker->wants_first) {
        return;
    }
    worker->wants_first = false;
    worker->first = worker->memory;
    worker->first_jobs = worker_jobs(worker);
}

static void
roll_up_worker(struct supervisor *supervisor, struct worker *worker, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;
    bool is_needed = worker->is_looked_for || worker->wants_rollup || !worker->is_weighed;
    int64_t took_us;

    if (worker->wants_first) {
        /* RSS of the last cycle may be a minute old. */
        facts_memory_glance_at(supervisor, worker, now_ms);
    }
    took_us = rollup_read(worker->pid, now_ms, &worker->memory);
    worker->rollup_rss_bytes = worker->memory.rss_known ? worker->memory.rss_bytes : 0;
    worker->sharers_read = pool_sharers(pool, worker->generation);
    keep_first(worker);
    if (took_us < 0 && took_us != -ESRCH && is_needed) {
        facts_memory_tell_unknown(supervisor, worker, MEMORY_UNKNOWN_PRIVATE, (int)took_us);
    }
    rest_after(pool, took_us, now_ms);
    worker->is_looked_for = false;
    if (worker->state == WORKER_WAITING && !worker->is_weighed) {
        worker->is_weighed = true;
        worker->fresh = worker->memory;
        worker->sharers_fresh = worker->sharers_read;
    } else if (worker->wants_rollup) {
        facts_memory_add_sample(pool, worker, now_ms);
    }
}

static bool
is_before(const struct worker *worker, const struct worker *other, int64_t now_ms)
{
    if (!worker->wants_rollup) {
        return other == NULL && now_ms >= worker_first_due_ms(worker);
    }
    return other == NULL || !other->wants_rollup ||
           worker->memory.private_ms < other->memory.private_ms;
}

/*
 * Who is next: a worker at the gate, one that somebody looks at, one whose verdict waits and that was read longest ago, one
 * that was never read.
 */
static struct worker *
next_worker(const struct pool *pool, int64_t now_ms)
{
    bool may_rest = now_ms >= pool->next_rollup_ms && !is_deadline_near(pool, now_ms);
    struct worker *next = NULL;
    struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if ((worker->state == WORKER_WAITING && !worker->is_weighed) || worker->is_looked_for) {
            return worker;
        }
        if (may_rest && is_before(worker, next, now_ms)) {
            next = worker;
        }
    }
    return next;
}

static bool
is_living_mold(const struct mold *mold)
{
    return mold->pid != 0 && !mold->ending.known;
}

/* Of all molds, those that leave and those that are kept aside, too. */
static struct mold *
next_mold(const struct pool *pool, int64_t now_ms)
{
    bool may_rest = now_ms >= pool->next_rollup_ms;
    struct mold *mold;

    TAILQ_FOREACH (mold, &pool->molds, entry) {
        if (is_living_mold(mold) && (mold->is_looked_for || (mold->wants_rollup && may_rest))) {
            return mold;
        }
    }
    return NULL;
}

void
facts_rollup_one(struct supervisor *supervisor, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;
    struct mold *mold = next_mold(pool, now_ms);
    struct worker *worker;

    if (mold != NULL) {
        rest_after(pool, rollup_read(mold->pid, now_ms, &mold->memory), now_ms);
        mold->rollup_rss_bytes = mold->memory.rss_bytes;
        mold->wants_rollup = false;
        mold->is_looked_for = false;
        return;
    }
    worker = next_worker(pool, now_ms);
    if (worker != NULL) {
        roll_up_worker(supervisor, worker, now_ms);
    }
}

static bool
is_old(const struct memory_figures *memory, uint64_t rollup_rss, int64_t now_ms)
{
    int64_t age_ms = memory->private_known ? now_ms - memory->private_ms : NEVER_MS;
    uint64_t rss = memory->rss_bytes;
    uint64_t moved = rss > rollup_rss ? rss - rollup_rss : rollup_rss - rss;

    return age_ms >= LOOK_AGE_MS || (age_ms >= LOOK_MOVED_AGE_MS && moved > LOOK_MOVED_BYTES);
}

bool
facts_rollup_want_all(struct supervisor *supervisor, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;
    struct worker *worker;
    struct mold *mold;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        facts_memory_glance_at(supervisor, worker, now_ms);
        facts_memory_look_closer(&worker->ties, &worker->memory);
        worker->is_looked_for = worker->pid != 0 && worker->state < WORKER_KILLED &&
                                is_old(&worker->memory, worker->rollup_rss_bytes, now_ms);
    }
    TAILQ_FOREACH (mold, &pool->molds, entry) {
        facts_memory_glance_at_mold(mold, now_ms);
        facts_memory_look_closer(&mold->ties, &mold->memory);
        mold->is_looked_for =
            is_living_mold(mold) && is_old(&mold->memory, mold->rollup_rss_bytes, now_ms);
    }
    facts_total_read(supervisor);
    return facts_rollup_is_wanted(supervisor);
}

bool
facts_rollup_is_wanted(const struct supervisor *supervisor)
{
    const struct worker *worker;
    const struct mold *mold;

    if (supervisor->pool.stop.stage != STOP_NONE) {
        return false;
    }
    TAILQ_FOREACH (worker, &supervisor->pool.workers, entry) {
        if (worker->is_looked_for && worker_is_living(worker)) {
            return true;
        }
    }
    TAILQ_FOREACH (mold, &supervisor->pool.molds, entry) {
        if (mold->is_looked_for && is_living_mold(mold)) {
            return true;
        }
    }
    return false;
}
