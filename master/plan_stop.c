/*
 * plan_stop.c: the end of the service.
 *
 * GRACEFUL   TERM to every worker that runs, KILL at once to molds and to workers that hold no job yet. KILL follows at
 *            Sidekiq's -t + PLAN_STOP_MARGIN_MS, or earlier where a platform limits the whole stop.
 * HURRIED    A TERM that comes later than PLAN_SAME_ORDER_MS, or any second INT: KILL in PLAN_HURRY_MS.
 * NOW        The next one: KILL.
 */
#include "plan_turn.h"

#include "exit_code.h"

static bool
is_same_order(const struct pool *pool, bool is_person, int64_t now_ms)
{
    return !is_person && now_ms - pool->stop.began_ms < PLAN_SAME_ORDER_MS;
}

enum stop_stage
plan_order_stop(struct pool *pool, bool is_person, int64_t now_ms)
{
    struct stop *stop = &pool->stop;

    switch (stop->stage) {
    case STOP_NONE:
        stop->stage = STOP_GRACEFUL;
        stop->began_ms = now_ms;
        break;
    case STOP_GRACEFUL:
        if (!is_same_order(pool, is_person, now_ms)) {
            stop->stage = STOP_HURRIED;
            stop->hurried_ms = now_ms;
        }
        break;
    case STOP_HURRIED:
        stop->stage = STOP_NOW;
        break;
    case STOP_NOW:
        break;
    }
    return stop->stage;
}

void
plan_give_up(struct turn *turn)
{
    struct stop *stop = &turn->pool->stop;

    if (stop->stage == STOP_NONE) {
        stop->exit_code = EXIT_CODE_BOOT_FAILED;
        (void)plan_order_stop(turn->pool, false, turn->now_ms);
        turn_act(turn, &(struct action){.kind = ACTION_GIVE_UP});
    }
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* A hard limit that it meets while it has its time already gives it no more of it. */
static int64_t
own_kill_at_ms(const struct pool *pool, const struct worker *worker)
{
    int64_t term_ms = util_after_ms(worker->since_ms, pool->timeout_ms + PLAN_STOP_MARGIN_MS);
    int64_t hard_ms = util_after_ms(worker->hard_ms, pool->settings.kill_grace_ms);

    if (!worker->is_hard) {
        return term_ms;
    }
    return worker->hard_ms > worker->since_ms ? earlier(term_ms, hard_ms) : hard_ms;
}

int64_t
plan_kill_at_ms(const struct pool *pool, const struct worker *worker)
{
    const struct stop *stop = &pool->stop;
    int64_t at_ms = own_kill_at_ms(pool, worker);

    if (stop->stage == STOP_NONE) {
        return at_ms;
    }
    if (stop->stage == STOP_NOW) {
        return stop->began_ms;
    }
    at_ms = earlier(at_ms, util_after_ms(stop->began_ms, pool->settings.stop_limit_ms));
    if (stop->stage == STOP_HURRIED) {
        at_ms = earlier(at_ms, stop->hurried_ms + PLAN_HURRY_MS);
    }
    return at_ms;
}

static void
stop_worker(struct turn *turn, struct worker *worker)
{
    switch (worker->state) {
    case WORKER_FORKING:
    case WORKER_BOOTING:
    case WORKER_WAITING:
        plan_kill_worker(turn, worker, REASON_STOP);
        break;
    case WORKER_READY:
    case WORKER_QUIETING:
        plan_term_worker(turn, worker, REASON_STOP);
        break;
    case WORKER_DRAINING:
    case WORKER_KILLED:
    case WORKER_GONE:
    case WORKER_STATE_COUNT:
        break;
    }
}

/* Is anybody left whose end is worth waiting for? A process that the kernel cannot end is not. */
static bool
is_empty(struct turn *turn)
{
    const struct mold *mold;

    TAILQ_FOREACH (mold, &turn->pool->molds, entry) {
        if (mold->state != MOLD_GONE && !turn_is_due(turn, mold->since_ms + PLAN_STUCK_MS)) {
            return false;
        }
    }
    return pool_living(turn->pool) == 0;
}

void
plan_stop(struct turn *turn)
{
    struct pool *pool = turn->pool;
    struct worker *worker;
    struct mold *mold;

    if (pool->stop.stage == STOP_NONE) {
        return;
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        stop_worker(turn, worker);
    }
    TAILQ_FOREACH (mold, &pool->molds, entry) {
        if (mold->state < MOLD_LEAVING) {
            plan_kill_mold(turn, mold, REASON_STOP);
        }
    }
    if (is_empty(turn)) {
        turn_act(turn, &(struct action){.kind = ACTION_LEAVE});
    }
}
