/*
 * plan_spare.c: the spares, and who takes whose place.
 *
 * A spare waits at the run gate on a position behind the slots. When a slot needs somebody who is not booted yet, both
 * change places: the spare fetches at once, and who still boots, if anybody, becomes the spare. Indices go with the
 * workers that know them. When a slot may be filled, its back-off says, with a spare or without.
 *
 * A spare is a luxury: its position is filled last, when no slot's own worker still boots, only where nothing is short,
 * and its failures hold up nobody else. It holds no job, so whoever is not needed is ended by KILL.
 */
#include "plan_turn.h"

bool
plan_spare_is_at_gate(const struct worker *worker)
{
    return worker->state == WORKER_WAITING && worker->is_weighed;
}

/* One that somebody stopped, that has lost its link or that is wanted away would not fetch for long, or at all. */
static bool
is_fit(const struct worker *worker)
{
    return worker != NULL && plan_spare_is_at_gate(worker) && worker->wanted == REASON_NONE &&
           worker->condemned == REASON_NONE && worker->link_lost_ms == 0 && !worker->stopped;
}

/* The one that waits longest is of no lesser worth than another: any will do. */
static struct slot *
find_spare(const struct pool *pool)
{
    for (unsigned i = pool->settings.processes; i < pool_positions(&pool->settings); i++) {
        if (is_fit(pool->slots[i].current)) {
            return &pool->slots[i];
        }
    }
    return NULL;
}

bool
plan_spare_is_there(const struct pool *pool)
{
    return find_spare(pool) != NULL;
}

static void
move(struct turn *turn, struct worker *worker, const struct slot *to)
{
    unsigned from = worker->slot;

    worker->slot = to->number;
    turn_act(turn, &(struct action){.kind = ACTION_MOVE, .worker = worker, .from = from});
}

bool
plan_spare_take(struct turn *turn, struct slot *slot, struct worker **place)
{
    struct slot *spare = find_spare(turn->pool);
    struct worker *former = *place;
    unsigned index = slot->index;

    if (spare == NULL) {
        return false;
    }
    *place = spare->current;
    spare->current = former;
    slot->index = spare->index;
    spare->index = index;
    move(turn, *place, slot);
    if (former != NULL) {
        move(turn, former, spare);
    }
    backoff_hold(&spare->backoff, turn->now_ms, PLAN_SPARE_PAUSE_MS);
    return true;
}

/* Its end is no failure of whoever follows it. */
static void
end(struct turn *turn, struct slot *spare, enum reason reason)
{
    struct worker *worker = spare->current;

    spare->current = NULL;
    spare->recycles++;
    spare->last_reason = reason;
    plan_kill_worker(turn, worker, reason);
}

struct worker *
plan_spare_end(struct turn *turn, enum reason reason)
{
    struct slot *spare = find_spare(turn->pool);
    struct worker *worker;

    if (spare == NULL) {
        return NULL;
    }
    worker = spare->current;
    end(turn, spare, reason);
    return worker;
}

/* Not so near its total that it would have to be ended again. */
static bool
total_permits(const struct pool *pool)
{
    const struct pool_total *total = &pool->total;

    return !total->known || total->limit_bytes == 0 ||
           total->bytes + pool_worker_cost(pool) <= plan_total_threshold(pool);
}

/* Is anything short? The kernel's word holds for a while, since who follows its victims comes before. */
static bool
is_affordable(struct turn *turn)
{
    const struct pool *pool = turn->pool;

    if (pool->oom_wait ||
        (pool->oom_ms != 0 && !turn_is_due(turn, pool->oom_ms + PLAN_OOM_PATIENCE_MS))) {
        return false;
    }
    return turn_is_due(turn, pool->pressed_until_ms) && plan_slot_has_memory(pool) &&
           total_permits(pool);
}

/* Slots come first; at the start of a service that also gives them the first indices. */
static bool
is_turn_of_spares(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->settings.processes; i++) {
        const struct worker *worker = pool->slots[i].current;

        if (worker != NULL && worker->state < WORKER_READY) {
            return false;
        }
    }
    return true;
}

static bool
has_room(const struct pool *pool)
{
    return pool_living(pool) < pool_positions(&pool->settings) + pool->settings.surge;
}

void
plan_spares(struct turn *turn)
{
    struct pool *pool = turn->pool;

    for (unsigned i = pool->settings.processes; i < pool_positions(&pool->settings); i++) {
        struct slot *spare = &pool->slots[i];

        if (spare->current != NULL && spare->current->wanted != REASON_NONE &&
            spare->current->state < WORKER_KILLED) {
            end(turn, spare, spare->current->wanted);
        }
        if (spare->current == NULL && is_turn_of_spares(pool) && has_room(pool) &&
            turn_is_due(turn, spare->backoff.retry_ms) && plan_slot_can_fork(turn) &&
            is_affordable(turn)) {
            spare->current = plan_slot_spawn(turn, spare);
        }
    }
}
