/*
 * plan_slot.c: is each slot filled by whom it should be?
 *
 * An empty slot is filled, its back-off permitting. A worker that is to be replaced gets a successor first; when that
 * waits at the run gate, it is let through and the old one is quieted, in one turn. Never more than
 * count + surge workers live at once, whatever the reason. Where there is no memory for a second worker, the old one leaves
 * first. After an OOM kill starts go one at a time, when there is memory. A slot that was given up stays empty. A spare
 * that waits at its gate saves the start: it takes the place when somebody would be started there (plan_spare.c).
 */
#include "plan_turn.h"

#include <errno.h>

static bool
all_failed(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->settings.processes; i++) {
        if (pool->slots[i].backoff.failures < POOL_VERDICT_FAILURES) {
            return false;
        }
    }
    return true;
}

static void
wait_after(struct turn *turn, struct worker *worker, struct backoff *backoff)
{
    int64_t wait_ms = backoff_fail(backoff, turn->now_ms);

    turn_act(turn,
             &(struct action){.kind = ACTION_SLOT_BACKOFF, .worker = worker, .span_ms = wait_ms});
}

/* The slot's own worker is lost: how soon may the next one come? */
static void
hold_slot(struct turn *turn, struct slot *slot, struct worker *worker)
{
    bool was_ready = worker->ready_ms != 0;

    if (was_ready) {
        backoff_heal(&slot->backoff, turn->now_ms - worker->ready_ms);
    }
    if ((worker->reason == REASON_MOLD_LOST || worker->reason == REASON_SPAWN_TIMEOUT) &&
        !worker->replayed) {
        slot->replay = true;
    } else if (worker->reason == REASON_SPAWN_FAILED) {
        /* fork's trouble: spawn_backoff holds all slots, none is blamed */
    } else if (worker->reason == REASON_EXITED) {
        backoff_forgive(&slot->backoff, turn->now_ms);
        backoff_hold(&slot->backoff, turn->now_ms, PLAN_EXIT_FLOOR_MS);
    } else if (worker->oom_evidence || (was_ready && slot->backoff.failures == 0)) {
        /* A first crash, or the machine's fault and not the code's. */
        backoff_forgive(&slot->backoff, turn->now_ms);
    } else {
        wait_after(turn, worker, &slot->backoff);
    }
}

/* No process came of it, for reasons of the machine's or the mold's: nothing of the slot's own ran. */
static bool
is_unborn(const struct worker *worker)
{
    return worker->reason == REASON_SPAWN_FAILED ||
           ((worker->reason == REASON_MOLD_LOST || worker->reason == REASON_SPAWN_TIMEOUT) &&
            !worker->replayed);
}

/* So many restarts within so many cycles: trying again does not help (E3). */
static void
count_restart(struct turn *turn, struct slot *slot, struct worker *worker)
{
    const struct pool_settings *settings = &turn->pool->settings;
    unsigned wanted = settings->give_up_restarts;
    int64_t first_ms;

    if (is_unborn(worker)) {
        return;
    }
    /* An OOM kill says nothing of the slot: as if it were long ago. */
    slot->restarted_ms[slot->restarts % SLOT_RESTARTS] =
        worker->oom_evidence ? INT64_MIN / 2 : turn->now_ms;
    slot->restarts++;
    if (wanted == 0 || wanted > SLOT_RESTARTS || slot->restarts - slot->forgiven < wanted) {
        return;
    }
    first_ms = slot->restarted_ms[(slot->restarts - wanted) % SLOT_RESTARTS];
    if (turn->now_ms - first_ms <= settings->give_up_cycles * settings->check_interval_ms) {
        slot->given_up = true;
        turn_act_worker(turn, ACTION_SLOT_GIVEN_UP, worker);
    }
}

void
plan_slot_lost(struct turn *turn, struct worker *worker)
{
    struct pool *pool = turn->pool;
    struct slot *slot = &pool->slots[worker->slot];

    if (slot_has_left(slot, worker) || pool->stop.stage != STOP_NONE) {
        return;
    }
    if (worker->oom_evidence) {
        pool->oom_wait = true;
        pool->oom_told = false;
        pool->oom_ms = turn->now_ms;
    }
    slot->last_reason = worker->reason;
    if (slot->successor == worker) {
        slot->successor = NULL;
        wait_after(turn, worker, &slot->successor_backoff);
        return;
    }
    slot->current = NULL;
    if (worker->drains_first) {
        return;
    }
    /* A spare's failures make it wait, and give up nobody. */
    if (!pool_is_spare(pool, worker)) {
        count_restart(turn, slot, worker);
    }
    if (!slot->given_up) {
        hold_slot(turn, slot, worker);
    }
    if (!pool->ever_ready && all_failed(pool)) {
        plan_give_up(turn);
    }
}

/* For whoever comes to a slot: spares are counted apart. */
static bool
has_room(const struct pool *pool)
{
    return pool_living_in_slots(pool) < pool->settings.processes + pool->settings.surge;
}

bool
plan_slot_has_memory(const struct pool *pool)
{
    uint64_t cost = pool_worker_cost(pool);

    return cost == 0 || pool_room(pool) >= cost;
}

/* One that was weighed at the gate is ready: it is let through, or it is a successor that waits for its turn. */
static bool
is_anybody_starting(const struct pool *pool)
{
    const struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->state < WORKER_WAITING ||
            (worker->state == WORKER_WAITING && !worker->is_weighed)) {
            return true;
        }
    }
    return false;
}

/* The kernel killed somebody for want of memory: the next start must not be the next victim (FS-03). */
static bool
oom_permits(struct turn *turn)
{
    struct pool *pool = turn->pool;

    if (!pool->oom_wait) {
        return true;
    }
    if (is_anybody_starting(pool)) {
        return false;
    }
    if (plan_slot_has_memory(pool) || turn_is_due(turn, pool->oom_ms + PLAN_OOM_PATIENCE_MS)) {
        return true;
    }
    if (!pool->oom_told) {
        pool->oom_told = true;
        turn_act(turn, &(struct action){.kind = ACTION_OOM_WAIT});
    }
    (void)turn_is_due(turn, turn->now_ms + PLAN_OOM_LOOK_MS);
    return false;
}

bool
plan_slot_can_fork(struct turn *turn)
{
    const struct pool *pool = turn->pool;
    const struct mold *mold = pool->mold;

    if (pool->is_held) {
        return false;
    }
    if (pool->settings.prefork &&
        (mold == NULL || mold->state != MOLD_READY || mold->request != 0)) {
        return false;
    }
    return turn_is_due(turn, pool->spawn_backoff.retry_ms);
}

static bool
can_spawn(struct turn *turn)
{
    return has_room(turn->pool) && plan_slot_can_fork(turn) && oom_permits(turn);
}

struct worker *
plan_slot_spawn(struct turn *turn, struct slot *slot)
{
    struct pool *pool = turn->pool;
    struct worker *worker = pool_add_worker(pool, slot->number, turn->now_ms);

    if (worker == NULL) {
        return NULL;
    }
    if (pool->settings.prefork) {
        worker->generation = pool->mold->generation;
        pool->mold->request = worker->id;
        pool->mold->request_ms = turn->now_ms;
    } else {
        worker->generation = ++pool->last_generation;
    }
    worker->replayed = slot->replay;
    slot->replay = false;
    if (!pool_is_spare(pool, worker)) {
        pool->next_slot = (slot->number + 1) % pool->settings.processes;
    }
    turn_act_worker(turn, pool->settings.prefork ? ACTION_SPAWN : ACTION_LAUNCH, worker);
    return worker;
}

static void
run(struct turn *turn, struct worker *worker)
{
    if (worker_move(worker, WORKER_READY, turn->now_ms) != 0) {
        worker->condemned = REASON_PROTOCOL;
        return;
    }
    turn->pool->ever_ready = true;
    /* How long it waited at its gate says nothing of its health or its age. */
    worker->ready_ms = turn->now_ms;
    turn_act_worker(turn, ACTION_RUN, worker);
}

/* The successor is ready: it takes over, and the old one begins to leave in the same turn. */
static void
hand_over(struct turn *turn, struct slot *slot)
{
    struct worker *old = slot->current;

    slot->current = slot->successor;
    slot->successor = NULL;
    slot->successor_backoff = (struct backoff){0};
    slot->recycles++;
    slot->last_reason = old->wanted;
    turn->pool->counters.recycles++;
    run(turn, slot->current);
    plan_quiet_worker(turn, old, old->wanted);
}

/* It costs capacity until the next one is ready, so one slot does it at a time. */
static bool
may_drain_first(const struct pool *pool)
{
    const struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->drains_first && worker_is_living(worker) && !worker_is_stuck(worker)) {
            return false;
        }
    }
    return !is_anybody_starting(pool);
}

/* There is no memory for two: it drains first, and its slot is filled when it is gone. */
static void
drain_first(struct turn *turn, struct slot *slot)
{
    struct worker *old = slot->current;

    old->drains_first = true;
    slot->recycles++;
    slot->last_reason = old->wanted;
    turn->pool->counters.recycles++;
    turn_act(turn,
             &(struct action){.kind = ACTION_DRAIN_FIRST, .worker = old, .reason = old->wanted});
    plan_quiet_worker(turn, old, old->wanted);
    (void)turn_is_due(turn, turn->now_ms + PLAN_DRAIN_LOOK_MS);
}

/* Somebody who cannot fill the slot any more stands in it: a worker that was quiet before resume. */
static void
vacate(struct turn *turn, struct slot *slot)
{
    struct worker *worker = slot->current;

    if (worker != NULL && worker->state == WORKER_QUIETING && worker->reason == REASON_QUIET) {
        worker_leave_quiet(worker, turn->now_ms);
        (void)turn_is_due(turn, turn->now_ms + PLAN_DRAIN_LOOK_MS);
        slot->current = NULL;
        slot->last_reason = REASON_RESUME;
    }
    if (slot->current == NULL) {
        slot->current = slot->successor;
        slot->successor = NULL;
    }
}

static void
fill_empty(struct turn *turn, struct slot *slot)
{
    if (slot->given_up || !turn_is_due(turn, slot->backoff.retry_ms)) {
        return;
    }
    if (!(has_room(turn->pool) && plan_spare_take(turn, slot, &slot->current)) && can_spawn(turn)) {
        slot->current = plan_slot_spawn(turn, slot);
    }
}

/* Its current worker is to be replaced: does somebody stand at the gate for it? */
static bool
has_heir(struct turn *turn, struct slot *slot)
{
    if (slot->current->state != WORKER_READY || slot->current->wanted == REASON_NONE) {
        return false;
    }
    if (slot->successor != NULL && plan_spare_is_at_gate(slot->successor)) {
        return true;
    }
    return (slot->successor != NULL || has_room(turn->pool)) &&
           plan_spare_take(turn, slot, &slot->successor);
}

static void
fill(struct turn *turn, struct slot *slot)
{
    vacate(turn, slot);
    if (slot->current == NULL) {
        fill_empty(turn, slot);
    } else if (slot->current->state < WORKER_WAITING) {
        (void)plan_spare_take(turn, slot, &slot->current);
    }
    if (slot->current == NULL) {
        return;
    }
    if (plan_spare_is_at_gate(slot->current)) {
        run(turn, slot->current);
    } else if (has_heir(turn, slot)) {
        hand_over(turn, slot);
    }
}

static void
succeed(struct turn *turn, struct slot *slot)
{
    bool is_wanted;

    if (slot->current == NULL || slot->current->state != WORKER_READY || slot->successor != NULL) {
        return;
    }
    is_wanted = slot->current->wanted != REASON_NONE;
    if (!is_wanted && (!slot->current->is_expected || pool_spares(turn->pool) > 0)) {
        return;
    }
    if (!turn_is_due(turn, slot->successor_backoff.retry_ms) || !can_spawn(turn)) {
        return;
    }
    if (plan_slot_has_memory(turn->pool)) {
        slot->successor = plan_slot_spawn(turn, slot);
    } else if (is_wanted && slot->current->wanted != REASON_REFORK && may_drain_first(turn->pool)) {
        drain_first(turn, slot);
    }
}

static void
quiet_all(struct turn *turn)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (worker->state == WORKER_READY) {
            plan_quiet_worker(turn, worker, REASON_QUIET);
        }
    }
}

/* Every slot that anybody is started for has a worker that fetches. */
static bool
is_full(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->settings.processes; i++) {
        const struct worker *worker = pool->slots[i].current;

        if (!pool->slots[i].given_up && (worker == NULL || worker->state != WORKER_READY)) {
            return false;
        }
    }
    return true;
}

void
plan_slots(struct turn *turn)
{
    struct pool *pool = turn->pool;
    unsigned count = pool->settings.processes;
    unsigned first = pool->next_slot;

    if (pool->stop.stage != STOP_NONE) {
        return;
    }
    if (pool->quiet) {
        quiet_all(turn);
        return;
    }
    if (is_full(pool)) {
        pool->oom_wait = false;
    }
    /* Empty slots first: capacity before replacement. A mold takes one request at a time, so the search goes round. */
    for (unsigned i = 0; i < count; i++) {
        fill(turn, &pool->slots[(first + i) % count]);
    }
    for (unsigned i = 0; i < count; i++) {
        succeed(turn, &pool->slots[(first + i) % count]);
    }
    plan_spares(turn);
}

void
plan_order_quiet(struct pool *pool)
{
    pool->quiet = true;
}

void
plan_order_resume(struct pool *pool)
{
    pool->quiet = false;
}

bool
plan_order_retry(struct pool *pool, unsigned slot)
{
    if (slot >= pool->settings.processes || !pool->slots[slot].given_up) {
        return false;
    }
    pool->slots[slot].given_up = false;
    pool->slots[slot].forgiven = pool->slots[slot].restarts;
    return true;
}

int
plan_order_recycle(struct pool *pool, unsigned slot)
{
    struct worker *worker;

    if (slot >= pool->settings.processes) {
        return -ENOENT;
    }
    worker = pool->slots[slot].current;
    if (worker == NULL || worker->state != WORKER_READY) {
        return -EAGAIN;
    }
    if (worker->wanted != REASON_NONE) {
        return -EALREADY;
    }
    worker->wanted = REASON_RECYCLE;
    return 0;
}
