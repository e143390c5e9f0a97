/* plan_refork_choose.c: is it time for a re-fork, and which worker becomes the next mold? */
#include "plan_refork.h"

static uint64_t
multiply(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

uint64_t
plan_refork_threshold(const struct pool *pool)
{
    uint64_t jobs = pool->settings.refork_jobs;

    if (jobs == POOL_REFORK_AUTO) {
        jobs = POOL_REFORK_FIRST;
        for (unsigned i = 0; i < pool->refork.done && jobs != UINT64_MAX; i++) {
            jobs = multiply(jobs, PLAN_REFORK_GROWTH);
        }
    }
    return jobs > pool->refork.threshold ? jobs : pool->refork.threshold;
}

static uint64_t
most_jobs(const struct pool *pool)
{
    const struct worker *worker;
    uint64_t most = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        most = worker_jobs(worker) > most ? worker_jobs(worker) : most;
    }
    return most;
}

/* Every slot has a worker that fetches and that nobody wants away, and nobody else is on the way. */
static bool
is_settled(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->settings.processes; i++) {
        const struct slot *slot = &pool->slots[i];

        if (slot->current == NULL || slot->current->state != WORKER_READY ||
            slot->current->wanted != REASON_NONE || slot->successor != NULL) {
            return false;
        }
    }
    return pool_living_in_slots(pool) == pool->settings.processes;
}

static bool
may_begin(const struct pool *pool)
{
    const struct mold *mold = pool->mold;

    return pool->is_cycle && !pool->quiet && mold != NULL && mold->state == MOLD_READY &&
           mold->link_lost_ms == 0 && mold->condemned == REASON_NONE && is_settled(pool) &&
           plan_slot_has_memory(pool) && most_jobs(pool) >= plan_refork_threshold(pool);
}

static bool
is_near(const struct policy_finding *finding)
{
    uint64_t near = finding->bound - finding->bound / 100 * PLAN_REFORK_NEAR_PERCENT;

    switch (finding->weight) {
    case POLICY_NO_LIMIT:
    case POLICY_NOT_KNOWN:
    case POLICY_HOPELESS:
        return false;
    case POLICY_WITHIN:
        return finding->value >= near;
    case POLICY_COUNTING:
    case POLICY_IN_GRACE:
    case POLICY_EXCEEDED:
        return true;
    }
    return true;
}

/* What a mold has too much of, all its workers begin with. */
static bool
is_near_limit(const struct turn *turn, const struct worker *worker)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT];

    plan_weigh(turn->pool, worker, turn->now_ms, findings);
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        if (is_near(&findings[i])) {
            return true;
        }
    }
    return false;
}

static bool
is_fit(const struct turn *turn, const struct worker *worker)
{
    int64_t job_ms = worker->pulse.oldest_job_ms;

    return worker->state == WORKER_READY && worker->generation == turn->pool->mold->generation &&
           worker->condemned == REASON_NONE && worker->hang == HANG_NONE && !worker->stopped &&
           worker->link_lost_ms == 0 && !worker->is_expected && worker_jobs(worker) > 0 &&
           (job_ms == 0 || turn->now_ms - job_ms < PLAN_REFORK_JOB_MS) &&
           !is_near_limit(turn, worker);
}

struct worker *
plan_refork_choose(const struct turn *turn)
{
    struct worker *chosen = NULL;
    struct worker *worker;

    if (!may_begin(turn->pool)) {
        return NULL;
    }
    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (is_fit(turn, worker) && (chosen == NULL || worker_jobs(worker) > worker_jobs(chosen))) {
            chosen = worker;
        }
    }
    return chosen;
}

void
plan_refork_put_off(struct pool *pool)
{
    uint64_t jobs = plan_refork_threshold(pool);

    if (most_jobs(pool) > jobs) {
        jobs = most_jobs(pool);
    }
    pool->refork.threshold = multiply(2, jobs);
}
