/*
 * plan_turn.h: what the parts of the plan share within one turn. For plan*.c only.
 */
#ifndef SWARM_PLAN_TURN_H
#define SWARM_PLAN_TURN_H

#include "plan.h"

struct turn {
    struct pool *pool;
    int64_t now_ms;
    int64_t next_ms;
    struct actions *actions;
};

/* Writes an action down. Without memory it is lost, and the next turn decides it again or its deadline comes. */
void turn_act(struct turn *turn, const struct action *action);
void turn_act_worker(struct turn *turn, enum action_kind kind, struct worker *worker);
void turn_act_mold(struct turn *turn, enum action_kind kind, struct mold *mold);

/* Has that moment come? If not, the next turn is due then at the latest. */
bool turn_is_due(struct turn *turn, int64_t at_ms);

/* plan_worker.c */
void plan_worker_deaths(struct turn *turn);
void plan_workers(struct turn *turn);
/* Begins the end of a worker by KILL, or forgets a request that has no process yet. */
void plan_kill_worker(struct turn *turn, struct worker *worker, enum reason reason);
void plan_term_worker(struct turn *turn, struct worker *worker, enum reason reason);
void plan_quiet_worker(struct turn *turn, struct worker *worker, enum reason reason);
/* TERM at once, unless it had it, and KILL at --kill-grace; its slot is filled beside it. */
void plan_end_worker(struct turn *turn, struct worker *worker, enum reason reason);
/* Its successor first; told with an action of its own. */
void plan_recycle_worker(struct turn *turn, struct worker *worker, enum reason reason,
                         const struct policy_finding *finding);

/* plan_mold.c */
void plan_mold_deaths(struct turn *turn);
void plan_mold(struct turn *turn);
void plan_kill_mold(struct turn *turn, struct mold *mold, enum reason reason);

/* plan_stop.c */
void plan_stop(struct turn *turn);
/* Nothing can be booted: stop, with exit code 75. */
void plan_give_up(struct turn *turn);

/* plan_memory.c */
void plan_memory(struct turn *turn);
/* What a worker leaves for that is above the limit. */
extern const enum reason plan_limit_reasons[POLICY_LIMIT_COUNT];
/* May one more worker be replaced now (--max-recycles)? */
bool plan_may_recycle(const struct pool *pool);

/* plan_early.c */
void plan_early(struct turn *turn);

/* plan_hang.c */
void plan_hang(struct turn *turn);

/* plan_rule.c */
void plan_rules(struct turn *turn);

/* plan_slot.c */
void plan_slots(struct turn *turn);
/* Accounts for a death, or for a worker that the slot goes on without. */
void plan_slot_lost(struct turn *turn, struct worker *worker);

#endif
