/*
 * mask.h: what signals may do to a mold, and to a worker before Sidekiq's traps are in place.
 *
 * Two nets, because either alone has holes. TERM, INT, TSTP and TTIN are blocked; but Ruby clears
 * the mask while its VM boots, and again after each program that it starts by vfork (seen on 3.1).
 * So a handler of our own, which Ruby leaves alone since it finds it installed, also notes them;
 * mask_unblock delivers what came meanwhile. A handler and not "ignored", since ignoring is
 * inherited by the programs that an application starts.
 *
 * Owns the process's signal mask and these handlers. Must not know why a signal came.
 */
#ifndef SWARM_MOLD_MASK_H
#define SWARM_MOLD_MASK_H

#include "master/util.h"

/* Blocks the four and installs the handlers, also for HUP, USR1, USR2 and TTOU. First thing in
 * main. */
void mask_start(void);

/* Blocks the four again. After each time that Ruby may have cleared the mask. */
void mask_block(void);

/* In a worker that becomes a mold: as mask_start, once Sidekiq's traps are gone. */
void mask_become_mold(void);

/* Call once the VM has booted: remembers what Ruby does with a signal by default. */
void mask_learn(void);

/* In a new worker: forgets the signals that came for the mold. Async-signal-safe. */
void mask_forget(void);

/*
 * In a worker: gives HUP, USR1, USR2 and TTOU back to Ruby, unless the application trapped them.
 * Async-signal-safe. Does nothing before mask_learn.
 */
void mask_give_back(void);

/*
 * Unblocks the four in the calling thread and delivers those that came before. Called in the main
 * thread once Sidekiq's traps stand; one that nobody trapped gets Ruby's default action.
 */
void mask_unblock(void);

#endif
