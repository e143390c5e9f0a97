/*
 * facts_memory.h: how much memory there is, and where, becomes facts in the pool. It records and returns; judging is the
 * plan's.
 */
#ifndef SWARM_FACTS_MEMORY_H
#define SWARM_FACTS_MEMORY_H

#include "supervisor.h"

/*
 * Looks at what is due now: each cycle everything but PSS and USS, between cycles RSS alone, and of the workers whose PSS and
 * USS are wanted one in a turn.
 */
void facts_memory_look(struct supervisor *supervisor, int64_t now_ms);

/* A mold or a worker became ready: its first figures. */
void facts_memory_of_mold(struct mold *mold, int64_t now_ms);
void facts_memory_of_worker(struct supervisor *supervisor, struct worker *worker, int64_t now_ms);

/* A worker is dead: its last counts, and whether the kernel killed it for want of memory. */
void facts_memory_of_death(struct supervisor *supervisor, struct worker *worker);

/* Somebody looks: PSS and USS of everybody are wanted, unless they are young. Returns whether anything is still to be read. */
bool facts_memory_want_all(struct supervisor *supervisor, int64_t now_ms);
/* Is anything of that still to be read? */
bool facts_memory_is_wanted(const struct supervisor *supervisor);

/* The configured spans as the pool has them. */
int64_t facts_memory_cycle_ms(const struct pool_settings *settings);

#endif
