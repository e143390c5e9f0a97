/*
 * thread_watch.h: the first sign of a worker's death: the end of one of its threads.
 *
 * A process that is killed ends when the kernel has taken its memory apart, which takes as long as it has memory. Its
 * threads end before that, all but the last one. Owns descriptors of two threads, and asks the kernel before it says
 * anything. The death itself stays the reaper's.
 *
 * Linux 6.9 and newer: PIDFD_THREAD, see pidfd_open(2).
 */
#ifndef SWARM_THREAD_WATCH_H
#define SWARM_THREAD_WATCH_H

#include <ev.h>

#include "util.h"

struct thread_watch;

struct thread_watch_handlers {
    void *context;
    /* The process with that id dies of that signal: it runs no more of its code. Called once, or never. */
    void (*on_dying)(void *context, uint64_t id, int signal);
};

/*
 * Watches the first two threads of `pid` behind its main thread. Returns 0, -EINVAL where the kernel knows no descriptors
 * of threads, -ESRCH where there are no two such threads, or -errno. `handlers` is copied.
 */
MUST_CHECK int thread_watch_open(struct ev_loop *loop, pid_t pid, uint64_t id,
                                 const struct thread_watch_handlers *handlers,
                                 struct thread_watch **ret_watch);
/* Not within its own handler. Accepts NULL. */
void thread_watch_close(struct thread_watch *watch);

#endif
