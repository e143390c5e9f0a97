/*
 * watch.h: the native thread that listens to the link while Ruby is busy, and beats on the board.
 *
 * It runs no Ruby, so that a VM that hangs, boots or holds its lock in a C function still learns
 * that its master is gone. In a worker it lives from the worker's first moments to its end; in a
 * mold only while it boots, since a mold forks and should be alone then.
 *
 * When the link ends, the master is gone: a process that holds no job yet (before `run`) leaves at
 * once, with its group; a worker that fetches sends itself TERM, which makes Sidekiq finish, and
 * ends at Sidekiq's timeout + 10 s.
 *
 * Owns the reading side of the link while it runs. A link that someone closed (tell.h) ends the
 * listening alone: it beats on, the master judges by pidfd, and the rope (rope.h) still holds.
 */
#ifndef SWARM_MOLD_WATCH_H
#define SWARM_MOLD_WATCH_H

#include "master/util.h"

/* A place where a thread waits for the watch; lives on the waiting thread's stack. */
struct watch_waiter {
    bool interrupted;
};

/* Starts the thread, all signals blocked. Returns 0 or -errno. */
MUST_CHECK int watch_start(void);

/* Ends the thread and waits for its end. Nothing happens where none runs. */
void watch_stop(void);

/* Sidekiq's timeout, which a worker without a master has to finish in. 25 s until told. */
void watch_set_timeout(uint32_t timeout_ms);

/* Blocks until `run` came (true), or the time has come, or the waiter was interrupted (false). */
bool watch_wait_run(struct watch_waiter *waiter, int64_t until_ms);

/* Blocks until the master asks where the threads are (true; the question is taken), or the time has
 * come, or the waiter was interrupted (false). */
bool watch_wait_ask(struct watch_waiter *waiter, int64_t until_ms);

/* Ends a wait from another thread. */
void watch_interrupt(struct watch_waiter *waiter);

/* True once the master was seen to be gone. */
bool watch_is_orphan(void);

/* What the master wants a worker to become, and when it said so (util_now_ms). */
struct watch_promotion {
    uint32_t generation; /* of the mold */
    int64_t at_ms;
};

/* True once the master wants that. The worker got TERM for it. */
bool watch_is_promoted(struct watch_promotion *ret_promotion);

/* This process holds no job any more: without a master it leaves at once. */
void watch_leave_work(void);

#endif
