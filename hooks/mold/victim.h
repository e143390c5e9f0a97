/*
 * victim.h: whom the kernel ends first when memory runs out (oom_score_adj, proc(5)).
 *
 * Owns what this process inherited from the master. Never lowers the value: what an operator set is
 * the least.
 */
#ifndef SWARM_MOLD_VICTIM_H
#define SWARM_MOLD_VICTIM_H

/* How far above the master they stand: a worker goes before its mold, the mold before the master. */
#define VICTIM_MOLD 100
#define VICTIM_WORKER 200

/* Learns what the master has. Call it once, before any other of these. */
void victim_learn(void);

/* Raises this process's value to `above` more than the master's, at most 1000. Where /proc does not
 * allow it nothing happens. Async-signal-safe. */
void victim_raise(int above);

/* In a worker that becomes a mold: down to a mold's, which the kernel lets anybody do who was there before (proc(5)). */
void victim_become_mold(void);

#endif
