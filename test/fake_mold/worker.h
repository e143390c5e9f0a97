/*
 * worker.h: the life of a fake worker, from its hello to its end.
 *
 * Owns the process it runs in. Does what a forked Sidekiq does, without Ruby and without jobs: what
 * it shows as busy is an order. Must not return.
 */
#ifndef FAKE_WORKER_H
#define FAKE_WORKER_H

#include "actor.h"

/* Lives as a worker. `request` is that of the spawn, 0 for one that boots the application itself.
 */
_Noreturn void worker_live(struct actor *actor, uint64_t request);

/* Blocks TERM, INT, TSTP and TTIN: held until the worker takes them, as Ruby's traps would. */
void worker_hold_signals(void);

#endif
