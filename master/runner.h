/*
 * runner.h: the operator's programs: of notifications, of rules, and small questions to the system.
 *
 * One process per order, its input a sealed memfd at its beginning (so that no pipe can block anybody), its output the
 * master's own or kept. At most RUNNER_MAX at once; a few more wait in line; what comes then is dropped and counted. Each has
 * a time limit, then its group gets KILL. Never in the way of supervision (FS-60): every function returns at once.
 *
 * Owns the queue and the processes' group; starts them by launch.h's way of posix_spawn and watches their ends through the
 * reaper's handler, which is told apart by ids: runner ids have RUNNER_ID_BIT set.
 */
#ifndef SWARM_RUNNER_H
#define SWARM_RUNNER_H

#include <ev.h>

#include "util.h"

#define RUNNER_MAX 4
#define RUNNER_QUEUE_MAX 32
#define RUNNER_ID_BIT (UINT64_C(1) << 63)
#define RUNNER_OUTPUT_SIZE 4096

struct runner;
struct reaper;
struct process_end;

enum runner_result {
    RUNNER_DONE,    /* left with code 0 */
    RUNNER_FAILED,  /* left with another code, or by a signal that is not ours */
    RUNNER_LATE,    /* over its time limit: killed */
    RUNNER_NOSTART, /* could not be started: `code` is the errno */
};

struct runner_order {
    const char *what;  /* for the log: "notify", "rule big"; copied */
    char *const *argv; /* copied; argv[0] is looked up in PATH */
    const char *input; /* its standard input; NULL: /dev/null; copied */
    bool keep_output; /* standard output is kept for on_end, at most RUNNER_OUTPUT_SIZE - 1 bytes */
    int64_t timeout_ms;
    uint64_t tag; /* the caller's own */
};

struct runner_end {
    const char *what;
    uint64_t tag;
    enum runner_result result;
    int code; /* exit code, signal or errno */
    bool signaled;
    int64_t took_ms;
    const char *output; /* "" unless kept */
};

struct runner_handlers {
    void *context;
    void (*on_end)(void *context, const struct runner_end *end);
};

MUST_CHECK int runner_open(struct ev_loop *loop, struct reaper *reaper, char *const *envp,
                           const struct runner_handlers *handlers, struct runner **ret_runner);
/* Kills what still runs and forgets the queue. Accepts NULL. */
void runner_close(struct runner *runner);

/* Starts it, or puts it in line. Returns 0, -EBUSY when the line is full (counted, runner_dropped), or -ENOMEM. */
MUST_CHECK int runner_start(struct runner *runner, const struct runner_order *order);

/* To be called from the reaper's on_end for ids with RUNNER_ID_BIT. */
void runner_on_process_end(struct runner *runner, uint64_t id, const struct process_end *end);

/* Orders that were dropped since the start. */
uint64_t runner_dropped(const struct runner *runner);
/* Nothing runs and nothing waits. */
bool runner_is_idle(const struct runner *runner);

#endif
