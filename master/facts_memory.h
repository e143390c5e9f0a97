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
/* KILL ends it: was that the kernel, for want of memory? Asked once for a worker, and not of one that we killed. */
void facts_memory_of_kill(struct supervisor *supervisor, struct worker *worker);

/* For facts_rollup.c. */

/* RSS of a process through its kept descriptor. Returns 0 or -errno. */
int facts_memory_read_rss(struct ties *ties, pid_t pid, int64_t now_ms,
                          struct memory_figures *figures);
/* RSS of a worker, or of a mold, with its peak. */
void facts_memory_glance_at(struct supervisor *supervisor, struct worker *worker, int64_t now_ms);
void facts_memory_glance_at_mold(struct mold *mold, int64_t now_ms);
/* What only those want who look: the part of files in RSS, and what names the process for good. */
void facts_memory_look_closer(const struct ties *ties, struct memory_figures *figures);
/* This cycle's look at a worker is complete: it can be judged. */
void facts_memory_add_sample(struct pool *pool, struct worker *worker, int64_t now_ms);
/* Said once for each cause: what cannot be read is unknown, and never recycles anybody (FS-23). */
void facts_memory_tell_unknown(struct supervisor *supervisor, const struct worker *worker,
                               enum memory_unknown cause, int error);

#endif
