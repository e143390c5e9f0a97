/*
 * group.h: what a worker whose master is gone does with the programs that its jobs started.
 *
 * While a master lives it ends the group of each worker itself. Owns nothing.
 */
#ifndef SWARM_MOLD_GROUP_H
#define SWARM_MOLD_GROUP_H

#include "master/util.h"

/* TERM to the other processes of this process's group, two seconds for them to leave, KILL (then to
 * this one, too). */
void group_end(void);

/* Ends the whole group, this process included, at once. Returns only where the group is not this
 * process's own. */
void group_kill(void);

#endif
