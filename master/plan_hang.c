/*
 * plan_hang.c: does each worker go on with its work? Judged at each cycle.
 *
 * Three signs: its native thread's beat, the progress that only Ruby code can make, and the age of its oldest job. A worker
 * without the first or the second within --hang-timeout hangs; one with a job above --max-job-time is reported as that. Both
 * are told once, with a dump of its threads, before anything is done; what is done the operator chose. A worker that a signal
 * stopped is no such case: it is spared, unless --stopped-timeout says for how long.
 */
#include "plan_turn.h"

static enum hang
look(const struct pool *pool, const struct worker *worker, int64_t now_ms)
{
    const struct pool_settings *settings = &pool->settings;
    const struct pulse *pulse = &worker->pulse;

    if (worker->stopped || !worker->figures.known) {
        return HANG_NONE;
    }
    if (pulse->beat_seen_ms != 0 &&
        now_ms >= util_after_ms(pulse->beat_seen_ms, settings->hang_timeout_ms)) {
        return HANG_NO_BEAT;
    }
    if (pulse->progress_seen_ms != 0 &&
        now_ms >= util_after_ms(pulse->progress_seen_ms, settings->hang_timeout_ms)) {
        return HANG_NO_PROGRESS;
    }
    if (pulse->oldest_job_ms != 0 &&
        now_ms >= util_after_ms(pulse->oldest_job_ms, settings->max_job_time_ms)) {
        return HANG_JOB_TIME;
    }
    return HANG_NONE;
}

static void
remedy(struct turn *turn, struct worker *worker)
{
    const struct pool_settings *settings = &turn->pool->settings;
    bool is_job = worker->hang == HANG_JOB_TIME;
    enum reason reason = is_job ? REASON_JOB_TIME : REASON_HANG;

    switch (is_job ? settings->job_time_action : settings->hang_action) {
    case REMEDY_LOG:
        break;
    case REMEDY_RECYCLE:
        if (worker->state == WORKER_READY && worker->wanted == REASON_NONE) {
            plan_recycle_worker(turn, worker, reason, NULL);
        }
        break;
    case REMEDY_KILL:
        /* The dump it was asked for needs a moment. */
        if (turn_is_due(turn, worker->hang_ms + PLAN_TRACE_MS)) {
            plan_end_worker(turn, worker, reason);
        }
        break;
    }
}

static void
begin_hang(struct turn *turn, struct worker *worker, enum hang hang)
{
    worker->hang = hang;
    worker->hang_ms = turn->now_ms;
    turn->pool->counters.hangs++;
    turn_act(turn, &(struct action){
                       .kind = ACTION_HANG,
                       .worker = worker,
                       .reason = hang == HANG_JOB_TIME ? REASON_JOB_TIME : REASON_HANG,
                   });
}

/* One told case goes on until it is over; another is told in its turn. Only a cycle brings new signs. */
static void
check_hang(struct turn *turn, struct worker *worker)
{
    enum hang hang = turn->pool->is_cycle ? look(turn->pool, worker, turn->now_ms) : worker->hang;

    if (worker->hang != HANG_NONE && hang == HANG_NONE) {
        worker->hang = HANG_NONE;
        turn_act_worker(turn, ACTION_HANG_OVER, worker);
    } else if (hang != HANG_NONE && worker->hang != hang) {
        begin_hang(turn, worker, hang);
    }
    if (worker->hang != HANG_NONE) {
        remedy(turn, worker);
    }
}

static void
check_stopped(struct turn *turn, struct worker *worker)
{
    int64_t limit_ms = turn->pool->settings.stopped_timeout_ms;

    if (worker->pulse.stopped_ms != 0 &&
        turn_is_due(turn, util_after_ms(worker->pulse.stopped_ms, limit_ms))) {
        plan_end_worker(turn, worker, REASON_STOPPED);
        worker->is_hard = false; /* its jobs had no time yet: they get all of it */
    }
}

void
plan_hang(struct turn *turn)
{
    struct worker *worker;

    if (turn->pool->stop.stage != STOP_NONE) {
        return;
    }
    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        bool is_working = worker->state == WORKER_READY || worker->state == WORKER_QUIETING;

        if (is_working && worker->stopped) {
            check_stopped(turn, worker);
        } else if (is_working) {
            check_hang(turn, worker);
        }
    }
}
