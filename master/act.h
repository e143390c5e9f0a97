/*
 * act.h: carries out what the plan wrote down, in its order, and closes what belonged to the gone.
 */
#ifndef SWARM_ACT_H
#define SWARM_ACT_H

#include "supervisor.h"

void act(struct supervisor *supervisor, int64_t now_ms);

/* Frees workers and molds that are gone, with their handles. */
void act_sweep(struct supervisor *supervisor);

/* Closes the handles of who is still there when the service leaves: processes that the kernel cannot end. */
void act_untie_all(struct supervisor *supervisor);

/* fork or the start of a worker failed with `error`: it is asked for again after a wait. */
void act_spawn_failed(struct supervisor *supervisor, struct worker *worker, int error,
                      int64_t now_ms);

#endif
