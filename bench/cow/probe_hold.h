/*
 * probe_hold.h: holding processes still while they are read.
 *
 * Owns the descriptors of the processes, and who must go on again. While anything is held, TERM, INT, HUP and QUIT wait. Must
 * not read memory.
 */
#ifndef SWARM_BENCH_PROBE_HOLD_H
#define SWARM_BENCH_PROBE_HOLD_H

#include <signal.h>

#include "master/util.h"

struct held {
    pid_t pid;
    int pidfd;     /* -1: gone */
    bool must_run; /* we stopped it: a process that was stopped before stays so */
};

struct hold {
    struct held *list;
    size_t count;
    sigset_t mask; /* as it was before */
};

/*
 * Opens the processes, for hold_stop. Those that are gone, or dead and not yet reaped, are passed over: hold_is_gone. Returns
 * 0 or -errno; hold_release is to follow in any case.
 */
MUST_CHECK int hold_open(struct hold *hold, const pid_t *pids, size_t count);

/*
 * Stops them all, and waits until each thread of each is stopped. Returns 0, -ETIMEDOUT, -EINTR (one of the signals came), or
 * -errno.
 */
MUST_CHECK int hold_stop(struct hold *hold);

bool hold_is_gone(const struct hold *hold, size_t index);

/* Whether one of the waiting signals came: who holds then lets go. */
bool hold_is_asked_to_end(void);

/* Lets all go on, and the signals through. */
void hold_release(struct hold *hold);

#endif
