/*
 * worker.h: what makes a process a worker: all that happens between the fork and "the child is
 * itself".
 *
 * Owns no state but when it began. Runs before any Ruby of the application does.
 */
#ifndef SWARM_MOLD_WORKER_H
#define SWARM_MOLD_WORKER_H

#include "master/util.h"

struct worker_order {
    uint64_t request; /* 0: nobody forked this process, it boots the application itself */
    uint32_t slot;
    uint32_t index;
    uint32_t generation;
    int link; /* -1: the process's link is the worker's already */
    int board;
    pid_t master; /* whose child the worker is, or is about to become */
};

/*
 * Makes this process the worker of `order` (a struct worker_order): signals, descriptors, names,
 * hello, the wait for go, the rope, the watch. In a forked child it is called within fork(2), with
 * all signals blocked. Returns when the worker may go on; otherwise the process ends: 0 when the
 * master is gone, 70 on an error.
 */
void worker_become(const void *order);

/* Milliseconds since worker_become. */
uint32_t worker_age_ms(void);

#endif
