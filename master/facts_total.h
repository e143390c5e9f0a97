/*
 * facts_total.h: the memory of the service as a whole, its OOM kills and the kernel's pressure, as facts in the pool.
 */
#ifndef SWARM_FACTS_TOTAL_H
#define SWARM_FACTS_TOTAL_H

#include "supervisor.h"

/* Opens what tells of the group and of memory pressure, and warns of a group that dies together. Returns 0 or -ENOMEM. */
MUST_CHECK int facts_total_open(struct supervisor *supervisor);
void facts_total_close(struct supervisor *supervisor);

/* Reads the group and makes the total that --max-total compares. */
void facts_total_read(struct supervisor *supervisor);

/* Did the kernel kill for want of memory just now? Each of its kills explains one death. */
bool facts_total_take_oom(struct supervisor *supervisor, int64_t now_ms);

#endif
