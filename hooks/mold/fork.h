/*
 * fork.h: the `fork` that libruby calls.
 *
 * This program defines `fork` itself and exports it, so that the call inside Process._fork lands
 * here. Unarmed it is libc's, transparent (no lock, no memory, no log): as root, `spawn` and
 * backticks go through it, too. Armed it starts a vfork middle, which calls libc's fork for the
 * worker and leaves: the worker becomes the master's child, and every hook of Ruby runs once, in
 * the worker. Half the cost of two forks.
 *
 * Owns the word that the middle leaves its result in. Must not call Ruby.
 */
#ifndef SWARM_MOLD_FORK_H
#define SWARM_MOLD_FORK_H

#include "master/util.h"

/* What the child does at once, before anything of Ruby runs in it. It must not fail: it ends the
 * process instead. */
typedef void fork_become(const void *context);

/*
 * Call it before anything forks, and again in a worker that becomes a mold: what it has is shared with the mold it came from.
 * Returns 0 or -errno.
 */
MUST_CHECK int fork_init(void);

/*
 * From here to fork_disarm, a fork of this thread makes a worker: in it `become` runs first, then
 * fork returns 0. In the mold, fork returns the worker's pid, which is no child of this process; or
 * -1. Ruby retries EAGAIN for ever and collects garbage for ENOMEM, so every failure is shown to it
 * as ENFILE; fork_error knows the true one.
 */
void fork_arm(fork_become *become, const void *context);
void fork_disarm(void);

/* True in a worker, from the moment it was forked until it forks as a mold. */
bool fork_is_child(void);

/* The pid of the last worker, 0 if none was made since fork_arm. */
pid_t fork_made(void);

/* The errno of the last failure since fork_arm, 0 if there was none. */
int fork_error(void);

#endif
