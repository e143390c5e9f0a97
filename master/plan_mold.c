/*
 * plan_mold.c: is there a mold to fork from, and does it answer?
 *
 * A mold that dies, hangs or lies costs no worker: it is taken out of service at once, the requests it held are asked again
 * of the next one, and the next one starts, the first time without a wait.
 */
#include "plan_refork.h"
#include "plan_turn.h"

/* Requests that this mold took with it. A worker that said hello is a child of ours and needs no mold. */
static void
condemn_unborn(struct turn *turn, const struct mold *mold, enum reason reason)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (worker->state == WORKER_FORKING && worker->generation == mold->generation) {
            worker->condemned = reason;
        }
    }
}

/* The first boot shows what the operator gave us: what its own words say will not get better by trying again. */
static bool
is_hopeless(const struct pool *pool, const struct mold *mold)
{
    bool by_itself = mold->reason == REASON_NONE && mold->ending.known && !mold->ending.signaled;

    return !pool->ever_booted && (mold->said_failure || by_itself ||
                                  pool->mold_backoff.failures >= POOL_VERDICT_FAILURES);
}

static void
leave_service(struct turn *turn, struct mold *mold, bool was_ready)
{
    struct pool *pool = turn->pool;
    int64_t wait_ms;

    pool->mold = NULL;
    condemn_unborn(turn, mold,
                   mold->reason == REASON_SPAWN_TIMEOUT ? REASON_SPAWN_TIMEOUT : REASON_MOLD_LOST);
    if (pool->stop.stage != STOP_NONE || plan_refork_roll_back(turn, mold)) {
        return;
    }
    if (was_ready) {
        backoff_heal(&pool->mold_backoff, turn->now_ms - mold->since_ms);
    }
    if (was_ready && pool->mold_backoff.failures == 0) {
        backoff_forgive(&pool->mold_backoff, turn->now_ms);
        return;
    }
    wait_ms = backoff_fail(&pool->mold_backoff, turn->now_ms);
    if (is_hopeless(pool, mold)) {
        plan_give_up(turn);
        return;
    }
    turn_act(turn, &(struct action){.kind = ACTION_MOLD_BACKOFF, .mold = mold, .span_ms = wait_ms});
}

/* Out of service, or not to come back into it. */
static void
leave(struct turn *turn, struct mold *mold, bool was_ready)
{
    struct pool *pool = turn->pool;

    if (pool->mold_before == mold) {
        pool->mold_before = NULL;
    }
    if (pool->mold == mold) {
        leave_service(turn, mold, was_ready);
    }
}

void
plan_kill_mold(struct turn *turn, struct mold *mold, enum reason reason)
{
    bool was_ready = mold->state == MOLD_READY;

    mold->reason = reason;
    turn_act_mold(turn, ACTION_KILL_MOLD, mold);
    leave(turn, mold, was_ready);
    mold->state = MOLD_LEAVING;
    mold->since_ms = turn->now_ms;
}

void
plan_mold_deaths(struct turn *turn)
{
    struct mold *mold;

    TAILQ_FOREACH (mold, &turn->pool->molds, entry) {
        if (!mold->ending.known) {
            continue;
        }
        turn_act_mold(turn, ACTION_MOLD_GONE, mold);
        leave(turn, mold, mold->state == MOLD_READY);
        mold->state = MOLD_GONE;
    }
}

/* Past a deadline: ask where it is, and kill it when it answered or had its time to. */
static void
kill_with_trace(struct turn *turn, struct mold *mold, enum reason reason)
{
    if (mold->trace_ms == 0) {
        mold->trace_ms = turn->now_ms;
        turn_act_mold(turn, ACTION_TRACE_MOLD, mold);
    }
    if (mold->traced || turn_is_due(turn, mold->trace_ms + PLAN_TRACE_MS)) {
        plan_kill_mold(turn, mold, reason);
    }
}

/*
 * It grew over many forks: the next one starts from the application's files again. Only between spawns, when every slot
 * is filled and nobody is being replaced, since nothing can be forked until the next one has booted (FS-37).
 */
static bool
is_too_large(const struct pool *pool, const struct mold *mold)
{
    uint64_t limit = pool->settings.max_mold_rss_bytes;

    return limit != 0 && pool->is_cycle && mold->state == MOLD_READY && mold->request == 0 &&
           mold->memory.rss_known && mold->memory.rss_bytes > limit && mold->fresh_rss_bytes != 0 &&
           mold->fresh_rss_bytes <= limit && pool->refork.stage == REFORK_NONE && !pool->quiet &&
           !pool->settings.dry_run &&
           pool_count_state(pool, WORKER_READY) == pool->settings.processes &&
           pool_living(pool) == pool->settings.processes + pool_spares(pool);
}

void
plan_mold_check(struct turn *turn, struct mold *mold)
{
    const struct pool_settings *settings = &turn->pool->settings;

    if (mold->condemned != REASON_NONE) {
        plan_kill_mold(turn, mold, mold->condemned);
    } else if (mold->link_lost_ms != 0) {
        if (turn_is_due(turn, mold->link_lost_ms + PLAN_LINK_SETTLE_MS)) {
            plan_kill_mold(turn, mold, REASON_LINK_LOST);
        }
    } else if (mold->state == MOLD_STARTING) {
        if (turn_is_due(turn, util_after_ms(mold->asked_ms, settings->boot_timeout_ms))) {
            kill_with_trace(turn, mold, REASON_BOOT_TIMEOUT);
        }
    } else if (mold->request != 0 &&
               turn_is_due(turn, util_after_ms(mold->request_ms, settings->spawn_timeout_ms))) {
        plan_kill_mold(turn, mold, REASON_SPAWN_TIMEOUT);
    } else if (is_too_large(turn->pool, mold)) {
        plan_kill_mold(turn, mold, REASON_MOLD_RSS);
    }
}

void
plan_mold(struct turn *turn)
{
    struct pool *pool = turn->pool;

    if (pool->mold != NULL) {
        plan_mold_check(turn, pool->mold);
    }
    if (pool->mold != NULL || !pool->settings.prefork || pool->stop.stage != STOP_NONE ||
        pool->is_held || !turn_is_due(turn, pool->mold_backoff.retry_ms)) {
        return;
    }
    pool->mold = pool_add_mold(pool, turn->now_ms);
    if (pool->mold != NULL) {
        pool->counters.mold_starts++;
        turn_act_mold(turn, ACTION_START_MOLD, pool->mold);
    }
}
