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

/* Counts the jobs of a worker that is gone, or is none any more. */
void plan_count_jobs(struct pool *pool, const struct worker *worker);

/* plan_mold.c */
void plan_mold_deaths(struct turn *turn);
void plan_mold(struct turn *turn);
/* Is a mold, in service or not, within its deadlines? Else it is killed. */
void plan_mold_check(struct turn *turn, struct mold *mold);
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

/* From here on the total acts: while there is still room for a successor beside whom it replaces. */
uint64_t plan_total_threshold(const struct pool *pool);

/* plan_spare.c */
/* Fills the positions of spares; ends those that are wanted away. */
void plan_spares(struct turn *turn);
/* Does one stand at its gate that can take a place? */
bool plan_spare_is_there(const struct pool *pool);
/* Ready, and what it costs fresh is known, where that is needed: nothing is known of it once it works. */
bool plan_spare_is_at_gate(const struct worker *worker);
/*
 * Lets a spare that stands at its gate change places with *place (current or successor of the slot; NULL: nobody, and the
 * spare's position is empty then). Returns false where there is no such spare.
 */
bool plan_spare_take(struct turn *turn, struct slot *slot, struct worker **place);
/* Ends one spare that stands at its gate. Returns it, NULL where there is none. */
struct worker *plan_spare_end(struct turn *turn, enum reason reason);

/* plan_early.c */
void plan_early(struct turn *turn);

/* plan_hang.c */
void plan_hang(struct turn *turn);

/* plan_rule.c */
void plan_rules(struct turn *turn);

/* plan_slot.c */
void plan_slots(struct turn *turn);
/* Can anybody be forked now: by the mold, and by the machine? */
bool plan_slot_can_fork(struct turn *turn);
/* Is there memory for one more worker, as far as that is known? */
bool plan_slot_has_memory(const struct pool *pool);
/* Asks for a worker for that position. NULL without memory. */
struct worker *plan_slot_spawn(struct turn *turn, struct slot *slot);
/* Accounts for a death, or for a worker that the slot goes on without. */
void plan_slot_lost(struct turn *turn, struct worker *worker);

#endif
