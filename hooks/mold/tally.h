/*
 * tally.h: the worker's side of its board: counts, and signs of life.
 *
 * Owns the mapping. Every function may be called from any thread, costs no system call beyond the
 * clock's (vDSO), and does nothing where there is no board.
 */
#ifndef SWARM_MOLD_TALLY_H
#define SWARM_MOLD_TALLY_H

#include "master/util.h"

/* Maps the board behind `take_fd` and closes the descriptor. Returns 0, -errno, or -EPROTO for a
 * board of another make. */
MUST_CHECK int tally_open(int take_fd);

/* Forgets the board: in a child of the worker, which must not count on its behalf.
 * Async-signal-safe. */
void tally_forget(void);

void tally_job_started(void);
void tally_job_done(void);
void tally_job_failed(void);
void tally_beat(void);
void tally_quiet(void);

#endif
