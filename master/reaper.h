/*
 * reaper.h: the master's children, their deaths, and the only way to signal them.
 *
 * Owns one pidfd for each known process and a SIGCHLD watcher for strangers that a subreaper
 * inherits. It must not know what a process is for: the owner gives a number (`id`) and gets it
 * back.
 *
 * A death is told from the pidfd, with the status that waitid(WNOWAIT) shows. While the zombie pins
 * the number, the process group is told TERM, and after REAPER_GROUP_GRACE_MS KILL, if anybody of
 * it is left; only then the zombie is reaped. The owner need not wait for that: `on_end` comes at
 * once.
 */
#ifndef SWARM_REAPER_H
#define SWARM_REAPER_H

#include <ev.h>

#include "util.h"

#define REAPER_GROUP_GRACE_MS 2000

struct reaper;
struct process;

struct process_end {
    pid_t pid;
    bool signaled; /* else it left by itself */
    bool core;     /* a core was dumped */
    int code;      /* exit status, or the signal's number; -1 if somebody else reaped it */
    /* The most RSS that it, or a child that it waited for, ever had (ru_maxrss, getrusage(2)); 0:
     * not known. */
    uint64_t maxrss_kib;
};

struct reaper_handlers {
    void *context;
    /* Called once for each adopted process that is not dropped before; `id` is what it was adopted
     * with. Its struct process stays valid until process_drop. */
    void (*on_end)(void *context, uint64_t id, const struct process_end *end);
};

/*
 * Starts watching: SIGCHLD becomes default and blocked, as its signalfd needs it (programs started
 * by launch.h get an empty mask). Returns 0 or -errno.
 */
MUST_CHECK int reaper_open(struct ev_loop *loop, const struct reaper_handlers *handlers,
                           struct reaper **ret_reaper);
/*
 * Reaps what is dead and forgets the rest; a group that waits gets KILL. Every struct process is
 * gone afterwards. Not from within on_end. Accepts NULL.
 */
void reaper_close(struct reaper *reaper);

/*
 * Makes a child of ours known. Returns 0; -ESRCH or -ECHILD if it is no child of ours (any more, or
 * not yet: while the middle process of a double fork still lives); -EEXIST if it is known already;
 * else -errno. A dead one that is not reaped can be adopted, too. on_end is never called from
 * within.
 */
MUST_CHECK int reaper_adopt(struct reaper *reaper, pid_t pid, uint64_t id,
                            struct process **ret_process);

/* True once on_end was called and nobody of its group waits to be killed: only then all of it is
 * gone. */
bool process_is_over(const struct process *process);

/* Sends a signal through the pidfd. Returns 0, -ESRCH once its death was told, or -errno. */
MUST_CHECK int process_signal(const struct process *process, int signal);

/* Sends a signal to its whole group while it lives or its zombie pins the number. Returns 0 or
 * -errno. */
MUST_CHECK int process_signal_group(const struct process *process, int signal);

pid_t process_pid(const struct process *process);

/* State letter of /proc/PID/stat ('R','S','D','T','Z'), '?' if unknown. */
char process_state(const struct process *process);

/* The owner needs it no more; a zombie's group is still ended and reaped by the reaper. Accepts
 * NULL. */
void process_drop(struct process *process);

/* True when every adopted process, dropped or not, is reaped. */
bool reaper_is_idle(const struct reaper *reaper);

/* Pids of children that nobody adopted, for the end of the service: they get `signal`. Returns how
 * many. */
unsigned reaper_signal_strangers(struct reaper *reaper, int signal);

#endif
