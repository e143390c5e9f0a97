/*
 * loop.h: a booted mold's work: it waits for orders and forks workers.
 *
 * Owns nothing but the order at hand. Serves no job, decides nothing: slots, deadlines and back-off
 * are the master's.
 */
#ifndef SWARM_MOLD_LOOP_H
#define SWARM_MOLD_LOOP_H

#include "worker.h"

/*
 * Serves the master until the link ends; then the process ends. Returns only in a worker that was
 * forked, with what it was asked to be in *ret_order. `order->master` and `generation` are the
 * mold's.
 */
void loop_run(pid_t master, struct worker_order *ret_order);

#endif
