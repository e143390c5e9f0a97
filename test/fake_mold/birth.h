/*
 * birth.h: the double fork of a fake mold: mold, middle, worker.
 *
 * Owns the middle process. Must not speak with the master.
 */
#ifndef FAKE_BIRTH_H
#define FAKE_BIRTH_H

#include "actor.h"

/*
 * Forks twice. Returns 0 in the new worker, 1 in the mold with the worker's pid, or -errno in the
 * mold; the middle never returns.
 */
MUST_CHECK int birth_fork(struct actor *mold, pid_t *ret_worker);

#endif
