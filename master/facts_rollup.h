/*
 * facts_rollup.h: when PSS and USS are read, and of whom next.
 */
#ifndef SWARM_FACTS_ROLLUP_H
#define SWARM_FACTS_ROLLUP_H

#include "supervisor.h"

/* May a reading of this worker change a verdict in this cycle? */
bool facts_rollup_wants(const struct pool *pool, const struct worker *worker, int64_t now_ms);
/* Does the total want this process's figures read again? */
bool facts_rollup_total_wants(const struct pool *pool, const struct memory_figures *memory,
                              int64_t now_ms);

/* Reads one process, if one is wanted and may be read now. */
void facts_rollup_one(struct supervisor *supervisor, int64_t now_ms);

/* Somebody looks: PSS and USS of everybody are wanted, unless they are young. Returns whether anything is to be read. */
bool facts_rollup_want_all(struct supervisor *supervisor, int64_t now_ms);
/* Is anything of that still to be read? */
bool facts_rollup_is_wanted(const struct supervisor *supervisor);

#endif
