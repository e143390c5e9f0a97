/* plan_worker.c: is each worker within its deadlines, and who died? */
#include "plan_refork.h"
#include "plan_turn.h"

void
plan_kill_worker(struct turn *turn, struct worker *worker, enum reason reason)
{
    if (worker->pid == 0) {
        worker_leave(worker, WORKER_GONE, reason, turn->now_ms);
        turn_act_worker(turn, ACTION_DROP, worker);
        plan_slot_lost(turn, worker);
        plan_refork_count_failure(turn, worker);
        return;
    }
    worker_leave(worker, WORKER_KILLED, reason, turn->now_ms);
    turn->pool->counters.kills++;
    turn_act(turn, &(struct action){.kind = ACTION_KILL, .worker = worker, .reason = reason});
}

void
plan_term_worker(struct turn *turn, struct worker *worker, enum reason reason)
{
    worker_leave(worker, WORKER_DRAINING, reason, turn->now_ms);
    turn_act(turn, &(struct action){.kind = ACTION_TERM, .worker = worker, .reason = reason});
}

void
plan_quiet_worker(struct turn *turn, struct worker *worker, enum reason reason)
{
    worker_leave(worker, WORKER_QUIETING, reason, turn->now_ms);
    worker->quiet_ms = turn->now_ms;
    turn_act_worker(turn, ACTION_QUIET, worker);
}

void
plan_end_worker(struct turn *turn, struct worker *worker, enum reason reason)
{
    struct slot *slot = &turn->pool->slots[worker->slot];

    worker->is_hard = true;
    worker->hard_ms = turn->now_ms;
    turn->pool->counters.hard_kills++;
    if (slot->current == worker) {
        slot->current = slot->successor;
        slot->successor = NULL;
        slot->recycles++;
        slot->last_reason = reason;
    }
    if (worker->state != WORKER_DRAINING) {
        plan_term_worker(turn, worker, reason);
    }
    (void)turn_is_due(turn, plan_kill_at_ms(turn->pool, worker));
}

void
plan_recycle_worker(struct turn *turn, struct worker *worker, enum reason reason,
                    const struct policy_finding *finding)
{
    worker->wanted = reason;
    worker->finding = finding != NULL ? *finding : (struct policy_finding){0};
    turn->pool->counters.limit_recycles++;
    turn_act(turn, &(struct action){.kind = ACTION_RECYCLE,
                                    .worker = worker,
                                    .reason = reason,
                                    .finding = worker->finding});
}

static bool
died_of_failure(const struct worker *worker)
{
    return worker->said_failure ||
           (worker->ready_ms == 0 && !worker->ending.signaled && worker->ending.code != 0);
}

/* Nobody wanted it to leave: what its end tells. */
static enum reason
reason_of_end(const struct worker *worker)
{
    if (died_of_failure(worker)) {
        return REASON_FAILED;
    }
    return worker->ending.signaled || worker->ending.code != 0 ? REASON_CRASHED : REASON_EXITED;
}

void
plan_count_jobs(struct pool *pool, const struct worker *worker)
{
    pool->counters.jobs_started += worker->figures.started;
    pool->counters.jobs_done += worker->figures.done;
    pool->counters.jobs_failed += worker->figures.failed;
}

static void
count_death(struct pool *pool, const struct worker *worker)
{
    pool->counters.deaths += !reason_is_asked(worker->reason);
    pool->counters.ooms += worker->oom_evidence;
    plan_count_jobs(pool, worker);
}

/*
 * Nothing comes back to it, but its end may take the kernel a while: a spare need not wait for that. It fills the slot as
 * after a crash, which it is.
 */
static void
begin_death(struct turn *turn, struct worker *worker)
{
    const struct pool *pool = turn->pool;

    if (worker->is_dying && worker->state == WORKER_READY && !pool->quiet &&
        pool->slots[worker->slot].current == worker && plan_spare_is_there(pool)) {
        worker_leave(worker, WORKER_KILLED, REASON_CRASHED, turn->now_ms);
        plan_slot_lost(turn, worker);
    }
}

void
plan_worker_deaths(struct turn *turn)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        enum worker_state died_in = worker->state;

        if (!worker->ending.known) {
            begin_death(turn, worker);
        }
        if (!worker->ending.known || died_in == WORKER_GONE) {
            continue;
        }
        worker_leave(worker, WORKER_GONE, reason_of_end(worker), turn->now_ms);
        count_death(turn->pool, worker);
        turn_act(turn, &(struct action){
                           .kind = ACTION_WORKER_GONE, .worker = worker, .reason = worker->reason});
        plan_slot_lost(turn, worker);
        plan_refork_count_failure(turn, worker);
    }
}

static int64_t
forking_deadline(const struct pool *pool, const struct worker *worker)
{
    const struct pool_settings *settings = &pool->settings;

    return util_after_ms(worker->asked_ms, settings->prefork ? settings->spawn_timeout_ms
                                                             : settings->boot_timeout_ms);
}

static void
check_forking(struct turn *turn, struct worker *worker)
{
    struct mold *mold = turn->pool->mold;

    if (worker->link_lost_ms != 0 &&
        turn_is_due(turn, worker->link_lost_ms + PLAN_LINK_SETTLE_MS)) {
        plan_kill_worker(turn, worker, REASON_LINK_LOST);
    } else if (turn_is_due(turn, forking_deadline(turn->pool, worker))) {
        /* An unanswered mold is killed by its own deadline, which is this one. */
        if (mold == NULL || mold->request != worker->id) {
            plan_kill_worker(turn, worker, REASON_SPAWN_TIMEOUT);
        }
    }
}

static void
check_booting(struct turn *turn, struct worker *worker)
{
    int64_t booting_ms = worker->go_ms != 0 ? worker->go_ms : worker->since_ms;

    if (worker->go_ms == 0) {
        worker->go_ms = turn->now_ms;
        turn_act_worker(turn, ACTION_GO, worker);
    }
    if (worker->link_lost_ms != 0 &&
        turn_is_due(turn, worker->link_lost_ms + PLAN_LINK_SETTLE_MS)) {
        plan_kill_worker(turn, worker, REASON_LINK_LOST);
        return;
    }
    if (!turn_is_due(turn, util_after_ms(booting_ms, turn->pool->settings.boot_timeout_ms))) {
        return;
    }
    if (worker->trace_ms == 0) {
        worker->trace_ms = turn->now_ms;
        turn_act_worker(turn, ACTION_TRACE, worker);
    }
    if (worker->traced || turn_is_due(turn, worker->trace_ms + PLAN_TRACE_MS)) {
        plan_kill_worker(turn, worker, REASON_BOOT_TIMEOUT);
    }
}

/* Without its link it cannot pass the gate; with the gate behind it, it does not need one. */
static void
check_link(struct turn *turn, struct worker *worker)
{
    if (worker->link_lost_ms == 0 || worker->link_told ||
        !turn_is_due(turn, worker->link_lost_ms + PLAN_LINK_SETTLE_MS)) {
        return;
    }
    if (worker->state == WORKER_WAITING) {
        plan_kill_worker(turn, worker, REASON_LINK_LOST);
        return;
    }
    worker->link_told = true;
    turn_act_worker(turn, ACTION_LINK_LOST, worker);
}

/* Until its board says that it is quiet, it may still fetch. */
static void
press_for_quiet(struct turn *turn, struct worker *worker)
{
    if (!worker->figures.known || worker->figures.quiet) {
        return;
    }
    if (turn_is_due(turn, worker->quiet_ms + PLAN_QUIET_AGAIN_MS)) {
        worker->quiet_ms = turn->now_ms;
        turn_act_worker(turn, ACTION_QUIET_AGAIN, worker);
        (void)turn_is_due(turn, turn->now_ms + PLAN_QUIET_AGAIN_MS);
    }
}

static void
check_quieting(struct turn *turn, struct worker *worker)
{
    const struct board_figures *figures = &worker->figures;

    press_for_quiet(turn, worker);
    if (worker->reason == REASON_QUIET) {
        return;
    }
    /* Idle counts only once Sidekiq itself is quiet: until then a job may still be fetched. */
    if (figures->known && figures->quiet && figures->busy == 0) {
        if (!plan_refork_promote(turn, worker)) {
            plan_term_worker(turn, worker, worker->reason);
        }
        return;
    }
    if (turn_is_due(turn, util_after_ms(worker->since_ms, turn->pool->settings.drain_timeout_ms))) {
        plan_term_worker(turn, worker, REASON_DRAIN_TIMEOUT);
        return;
    }
    (void)turn_is_due(turn, turn->now_ms + PLAN_DRAIN_LOOK_MS);
}

static void
check_draining(struct turn *turn, struct worker *worker)
{
    if (turn_is_due(turn, plan_kill_at_ms(turn->pool, worker))) {
        plan_kill_worker(turn, worker, worker->reason);
    }
}

static void
check_killed(struct turn *turn, struct worker *worker)
{
    if (worker->stuck_ms == 0 && turn_is_due(turn, worker->since_ms + PLAN_STUCK_MS)) {
        worker->stuck_ms = turn->now_ms;
        turn_act_worker(turn, ACTION_STUCK, worker);
        plan_slot_lost(turn, worker);
    }
}

/*
 * Said once for each stop, and nothing is done about it: whoever stopped a worker means to go on with it. The deadlines
 * stand, and TERM comes with CONT.
 */
static void
tell_stopped(struct turn *turn, struct worker *worker)
{
    if (worker->stopped && !worker->stop_told) {
        turn_act_worker(turn, ACTION_STOPPED, worker);
    }
    worker->stop_told = worker->stopped;
}

static void
check_state(struct turn *turn, struct worker *worker)
{
    switch (worker->state) {
    case WORKER_FORKING:
        check_forking(turn, worker);
        break;
    case WORKER_BOOTING:
        check_booting(turn, worker);
        break;
    case WORKER_WAITING:
    case WORKER_READY:
        check_link(turn, worker);
        break;
    case WORKER_QUIETING:
        check_quieting(turn, worker);
        break;
    case WORKER_DRAINING:
        check_draining(turn, worker);
        break;
    case WORKER_KILLED:
        check_killed(turn, worker);
        break;
    case WORKER_GONE:
    case WORKER_STATE_COUNT:
        break;
    }
}

void
plan_workers(struct turn *turn)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (worker->state < WORKER_KILLED) {
            tell_stopped(turn, worker);
        }
        if (worker->condemned != REASON_NONE && worker->state < WORKER_KILLED) {
            plan_kill_worker(turn, worker, worker->condemned);
        } else {
            check_state(turn, worker);
        }
    }
}
