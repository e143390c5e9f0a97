/* plan.c: one turn, in its order; the list of actions. */
#include "plan_refork.h"
#include "plan_turn.h"

#include <stdlib.h>

#define FIRST_PAUSE_MS 20

void
actions_done(struct actions *actions)
{
    free(actions->list);
    *actions = (struct actions){0};
}

static bool
make_room(struct actions *actions)
{
    unsigned room = actions->room == 0 ? 64 : actions->room * 2;
    struct action *list;

    if (actions->count < actions->room) {
        return true;
    }
    list = realloc(actions->list, room * sizeof(*list));
    if (list == NULL) {
        return false;
    }
    actions->list = list;
    actions->room = room;
    return true;
}

void
turn_act(struct turn *turn, const struct action *action)
{
    if (make_room(turn->actions)) {
        turn->actions->list[turn->actions->count++] = *action;
    }
}

void
turn_act_worker(struct turn *turn, enum action_kind kind, struct worker *worker)
{
    turn_act(turn, &(struct action){.kind = kind, .worker = worker, .reason = worker->reason});
}

void
turn_act_mold(struct turn *turn, enum action_kind kind, struct mold *mold)
{
    turn_act(turn, &(struct action){.kind = kind, .mold = mold, .reason = mold->reason});
}

bool
turn_is_due(struct turn *turn, int64_t at_ms)
{
    if (turn->now_ms >= at_ms) {
        return true;
    }
    if (at_ms < turn->next_ms) {
        turn->next_ms = at_ms;
    }
    return false;
}

/* Nobody waits for the first readings of what workers share: if they may not be made now, they are tried at this pace. */
static int64_t
first_look_ms(const struct pool *pool, const struct worker *worker, int64_t now_ms)
{
    int64_t at_ms = worker_first_due_ms(worker);

    if (at_ms == NEVER_MS) {
        return NEVER_MS;
    }
    at_ms = at_ms > pool->next_rollup_ms ? at_ms : pool->next_rollup_ms;
    return at_ms > now_ms + FIRST_PAUSE_MS ? at_ms : now_ms + FIRST_PAUSE_MS;
}

/* Memory is looked at by the loop (facts_memory.c); the plan only says when it wants to be woken for it. */
static int64_t
next_look_ms(const struct pool *pool, int64_t now_ms)
{
    const struct worker *worker;
    int64_t next_ms = pool->next_check_ms;
    int64_t first_ms;

    if (pool->stop.stage != STOP_NONE) {
        return NEVER_MS;
    }
    if (pool->next_glance_ms < next_ms) {
        next_ms = pool->next_glance_ms;
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->wants_rollup && pool->next_rollup_ms < next_ms) {
            next_ms = pool->next_rollup_ms;
        }
        first_ms = first_look_ms(pool, worker, now_ms);
        next_ms = first_ms < next_ms ? first_ms : next_ms;
    }
    return next_ms;
}

int64_t
plan_turn(struct pool *pool, int64_t now_ms, struct actions *actions)
{
    struct turn turn = {
        .pool = pool,
        .now_ms = now_ms,
        .next_ms = next_look_ms(pool, now_ms),
        .actions = actions,
    };

    actions->count = 0;
    if (pool->is_held) {
        (void)turn_is_due(&turn, now_ms + PLAN_ORPHANS_LOOK_MS);
    }
    plan_mold_deaths(&turn);
    plan_worker_deaths(&turn);
    plan_stop(&turn);
    plan_mold(&turn);
    plan_workers(&turn);
    plan_hang(&turn);
    plan_memory(&turn);
    plan_rules(&turn);
    plan_early(&turn);
    plan_refork(&turn);
    plan_slots(&turn);
    return turn.next_ms;
}
