/* plan_refork.c: see the essay in plan_refork.h. */
#include "plan_refork.h"

#include <limits.h>

static void
begin(struct turn *turn)
{
    struct refork *refork = &turn->pool->refork;
    struct worker *worker = plan_refork_choose(turn);

    if (worker == NULL) {
        return;
    }
    worker->wanted = REASON_REFORK;
    refork->stage = REFORK_DRAIN;
    refork->id = worker->id;
    refork->began_ms = turn->now_ms;
    refork->failures = 0;
    refork->replaced = 0;
    turn_act(turn, &(struct action){
                       .kind = ACTION_REFORK_BEGIN, .worker = worker, .reason = REASON_REFORK});
}

/* Giving up. */

/* The stage ends first: what is killed from here on belongs to no re-fork. */
static void
fail(struct turn *turn, const struct action *about)
{
    struct pool *pool = turn->pool;
    struct action action = *about;

    action.kind = ACTION_REFORK_FAILED;
    action.stage = pool->refork.stage;
    pool->refork.stage = REFORK_NONE;
    plan_refork_put_off(pool);
    turn_act(turn, &action);
}

static void
fail_mold(struct turn *turn, struct mold *mold, enum reason reason)
{
    fail(turn, &(struct action){.mold = mold, .reason = reason});
}

static enum reason
reason_of_mold(const struct mold *mold)
{
    if (mold->reason != REASON_NONE) {
        return mold->reason;
    }
    return mold->said_failure ? REASON_FAILED : REASON_CRASHED;
}

/* DRAIN. */

/* Why it will not be idle, and live, any more. */
static enum reason
reason_of_worker(const struct worker *worker)
{
    if (worker->reason != REASON_REFORK) {
        return worker->reason;
    }
    return worker->ending.known ? REASON_CRASHED : REASON_DRAIN_TIMEOUT;
}

/* It leaves only after its successor is there; without memory for that it stays what it is. */
static bool
has_to_wait(const struct turn *turn, const struct worker *worker)
{
    return worker->state == WORKER_READY && turn->pool->slots[worker->slot].successor == NULL &&
           !plan_slot_has_memory(turn->pool);
}

static void
check_chosen(struct turn *turn)
{
    struct pool *pool = turn->pool;
    struct worker *worker = pool_find_worker(pool, pool->refork.id);

    if (worker == NULL) {
        fail(turn, &(struct action){.reason = REASON_CRASHED});
    } else if (worker->state >= WORKER_DRAINING || worker->reason == REASON_QUIET) {
        fail(turn, &(struct action){.worker = worker, .reason = reason_of_worker(worker)});
    } else if (has_to_wait(turn, worker)) {
        worker->wanted = REASON_NONE;
        fail(turn, &(struct action){.worker = worker, .reason = REASON_TOTAL});
    }
}

bool
plan_refork_promote(struct turn *turn, struct worker *worker)
{
    struct pool *pool = turn->pool;
    struct mold *mold;

    if (pool->refork.stage != REFORK_DRAIN || worker->id != pool->refork.id ||
        worker->reason != REASON_REFORK || pool->quiet || worker->link_lost_ms != 0 ||
        worker->stopped) {
        return false;
    }
    mold = pool_promote(pool, worker, turn->now_ms);
    if (mold == NULL) {
        return false;
    }
    pool->refork.stage = REFORK_PROMOTE;
    plan_count_jobs(pool, worker);
    worker_leave(worker, WORKER_GONE, REASON_REFORK, turn->now_ms);
    turn_act(turn, &(struct action){.kind = ACTION_PROMOTE, .worker = worker, .mold = mold});
    return true;
}

/* PROMOTE. */

static void
put_on_trial(struct turn *turn, struct mold *mold)
{
    struct pool *pool = turn->pool;
    struct mold *before = pool->mold;

    pool->mold = mold;
    pool->refork.stage = REFORK_CANARY;
    if (before != NULL && before->state == MOLD_READY) {
        pool->mold_before = before;
    } else if (before != NULL) {
        /* The mold before died meanwhile; this one is there earlier than the one that boots. */
        plan_kill_mold(turn, before, REASON_REFORK);
    }
    turn_act_mold(turn, ACTION_REFORK_PROMOTED, mold);
    (void)turn_is_due(turn, turn->now_ms + 1);
}

static void
check_promoted(struct turn *turn)
{
    struct pool *pool = turn->pool;
    struct mold *mold = pool_find_mold(pool, pool->refork.id);

    if (mold != NULL && mold->state < MOLD_LEAVING) {
        plan_mold_check(turn, mold);
    }
    if (mold == NULL || mold->state >= MOLD_LEAVING) {
        fail_mold(turn, mold, mold != NULL ? reason_of_mold(mold) : REASON_CRASHED);
    } else if (mold->state == MOLD_READY && (pool->mold == NULL || pool->mold->request == 0)) {
        put_on_trial(turn, mold);
    }
}

/* CANARY and REPLACE. */

static bool
is_outdated(const struct pool *pool, const struct worker *worker)
{
    return worker->generation != pool->mold->generation && worker_is_living(worker) &&
           !worker_is_leaving(worker);
}

/* They hold no job, and their position is filled anew. Returns whether none is left. */
static bool
replace_spares(struct turn *turn)
{
    struct worker *worker;
    bool is_done = true;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (pool_is_spare(turn->pool, worker) && is_outdated(turn->pool, worker)) {
            worker->wanted = REASON_REFORK;
            is_done = false;
        }
    }
    return is_done;
}

static void
replace(struct turn *turn, struct worker *worker)
{
    worker->wanted = REASON_REFORK;
    turn->pool->refork.replaced++;
    turn_act(turn,
             &(struct action){.kind = ACTION_RECYCLE, .worker = worker, .reason = REASON_REFORK});
}

/* One that waits for memory must not keep a limit from acting. */
static void
let_off(struct turn *turn)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (worker->wanted == REASON_REFORK && has_to_wait(turn, worker)) {
            worker->wanted = REASON_NONE;
        }
    }
}

/* Workers of earlier molds, when their turn has come. */
static void
replace_some(struct turn *turn, unsigned most)
{
    struct pool *pool = turn->pool;
    struct worker *worker;

    let_off(turn);
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (most > 0 && worker->state == WORKER_READY && is_outdated(pool, worker) &&
            worker->wanted == REASON_NONE && !has_to_wait(turn, worker) && plan_may_recycle(pool)) {
            replace(turn, worker);
            most--;
        }
    }
}

static bool
is_anybody_outdated(const struct pool *pool)
{
    const struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (is_outdated(pool, worker)) {
            return true;
        }
    }
    return false;
}

/* Has a worker of the new mold worked for long enough? */
static bool
is_proven(struct turn *turn)
{
    const struct pool *pool = turn->pool;
    const struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->generation == pool->mold->generation && worker->state == WORKER_READY &&
            turn_is_due(turn, worker->since_ms + PLAN_REFORK_TRIAL_MS)) {
            return true;
        }
    }
    return false;
}

/* Is a worker of the new mold there, or wanted already? */
static bool
has_canary(const struct pool *pool)
{
    const struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        bool is_new = worker->generation == pool->mold->generation;

        if (!pool_is_spare(pool, worker) && worker_is_living(worker) &&
            ((is_new && !worker_is_leaving(worker)) || worker->wanted == REASON_REFORK)) {
            return true;
        }
    }
    return false;
}

static void
check_canary(struct turn *turn)
{
    struct pool *pool = turn->pool;

    if (pool->mold_before != NULL) {
        plan_mold_check(turn, pool->mold_before);
    }
    if (pool->quiet) {
        return;
    }
    if (is_proven(turn)) {
        pool->refork.stage = REFORK_REPLACE;
        if (pool->mold_before != NULL) {
            plan_kill_mold(turn, pool->mold_before, REASON_REFORK);
        }
        (void)turn_is_due(turn, turn->now_ms + 1);
    } else if (replace_spares(turn) && !has_canary(pool)) {
        replace_some(turn, 1);
    }
}

static void
check_rest(struct turn *turn)
{
    struct pool *pool = turn->pool;

    if (pool->quiet) {
        return;
    }
    (void)replace_spares(turn);
    replace_some(turn, UINT_MAX);
    if (is_anybody_outdated(pool)) {
        return;
    }
    pool->refork.stage = REFORK_NONE;
    pool->refork.threshold = 0;
    pool->refork.done++;
    turn_act_mold(turn, ACTION_REFORK_DONE, pool->mold);
}

/* What a mold that failed its trial has brought forth goes with it. */
static void
take_back(struct turn *turn, unsigned generation)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (worker->generation != generation) {
            continue;
        }
        if (pool_is_spare(turn->pool, worker)) {
            worker->wanted = REASON_REFORK;
        } else if (worker->state == WORKER_READY && worker->wanted == REASON_NONE) {
            replace(turn, worker);
        }
    }
}

bool
plan_refork_roll_back(struct turn *turn, struct mold *mold)
{
    struct pool *pool = turn->pool;
    enum refork_stage stage = pool->refork.stage;

    if (mold->id != pool->refork.id || (stage != REFORK_CANARY && stage != REFORK_REPLACE)) {
        return false;
    }
    pool->mold = pool->mold_before;
    pool->mold_before = NULL;
    fail_mold(turn, mold, reason_of_mold(mold));
    if (pool->mold == NULL) {
        return false;
    }
    take_back(turn, mold->generation);
    return true;
}

/* A fork that fails counts, too: the mold before may be able to. A mold's own end is seen otherwise. */
void
plan_refork_count_failure(struct turn *turn, const struct worker *worker)
{
    struct pool *pool = turn->pool;

    if (pool->refork.stage != REFORK_CANARY || pool->mold == NULL ||
        pool->stop.stage != STOP_NONE || worker->generation != pool->mold->generation ||
        reason_is_asked(worker->reason) || worker->reason == REASON_MOLD_LOST ||
        worker->oom_evidence) {
        return;
    }
    if (++pool->refork.failures >= PLAN_REFORK_FAILURES) {
        plan_kill_mold(turn, pool->mold, worker->reason);
    }
}

void
plan_refork(struct turn *turn)
{
    struct pool *pool = turn->pool;

    if (pool->settings.refork_jobs == 0 || pool->stop.stage != STOP_NONE) {
        return;
    }
    switch (pool->refork.stage) {
    case REFORK_NONE:
        begin(turn);
        break;
    case REFORK_DRAIN:
        check_chosen(turn);
        break;
    case REFORK_PROMOTE:
        check_promoted(turn);
        break;
    case REFORK_CANARY:
        check_canary(turn);
        break;
    case REFORK_REPLACE:
        check_rest(turn);
        break;
    }
}
