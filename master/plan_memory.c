/*
 * plan_memory.c: is a worker too large? Judged only in a turn for which memory was measured (pool.sampled).
 *
 * One worker at a time, the largest first: while any worker is being replaced or leaves, nobody else is chosen.
 */
#include "plan_turn.h"

#include "../rss/policy.h"

static bool
is_replacing(const struct pool *pool)
{
    const struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->wanted != REASON_NONE ||
            (worker_is_leaving(worker) && worker_is_living(worker) && !worker_is_stuck(worker))) {
            return true;
        }
    }
    return false;
}

static enum policy_verdict
judge(const struct pool *pool, const struct worker *worker)
{
    const struct policy_sample sample = {
        .known = worker->rss_known,
        .rss_bytes = worker->rss_bytes,
        .fresh_rss_bytes = worker->fresh_rss_bytes,
    };

    return policy_judge(&sample, pool->settings.max_rss_bytes);
}

static void
tell_limit(struct turn *turn, struct worker *worker)
{
    if (!turn->pool->limit_told) {
        turn->pool->limit_told = true;
        turn_act(turn, &(struct action){.kind = ACTION_LIMIT_TOO_LOW, .worker = worker});
    }
}

void
plan_memory(struct turn *turn)
{
    struct pool *pool = turn->pool;
    struct worker *worst = NULL;
    struct worker *worker;

    if (!pool->sampled || pool->quiet || pool->stop.stage != STOP_NONE) {
        return;
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        enum policy_verdict verdict =
            worker->state == WORKER_READY ? judge(pool, worker) : POLICY_UNKNOWN;

        if (verdict == POLICY_BORN_OVER) {
            tell_limit(turn, worker);
        } else if (verdict == POLICY_OVER &&
                   (worst == NULL || worker->rss_bytes > worst->rss_bytes)) {
            worst = worker;
        }
    }
    if (worst != NULL && !is_replacing(pool)) {
        worst->wanted = REASON_RSS;
        turn_act(turn,
                 &(struct action){.kind = ACTION_RECYCLE, .worker = worst, .reason = REASON_RSS});
    }
}
