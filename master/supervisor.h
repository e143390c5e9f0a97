/*
 * supervisor.h: the running service: one loop that turns facts into a plan and the plan into deeds.
 *
 *     descriptor, signal, timer ─▶ adapter decodes ─▶ facts.c records one fact in the pool
 *     before the loop sleeps:     supervisor.c: measure what is due, plan_turn, act.c, sweep, set the one timer
 *
 * Owns the loop, the pool and every adapter's object. Only facts.c, act.c, orders.c, status.c and report.c look
 * inside; main.c uses the two functions.
 */
#ifndef SWARM_SUPERVISOR_H
#define SWARM_SUPERVISOR_H

#include <ev.h>

#include "config.h"
#include "control.h"
#include "family.h"
#include "mold_environment.h"
#include "oom_policy.h"
#include "plan.h"
#include "reaper.h"
#include "recent.h"
#include "rss/pressure.h"
#include "runner.h"
#include "signals.h"
#include "wire.h"

struct group;
struct notify;

/* Figures that could not be read, each told once. */
enum memory_unknown { MEMORY_UNKNOWN_RSS, MEMORY_UNKNOWN_PRIVATE };

/* Clients that wait for figures to be read. */
#define SUPERVISOR_LOOKS_MAX CONTROL_CLIENTS_MAX

struct supervisor {
    const struct config *config; /* borrowed */
    const char *mold_program;    /* borrowed; absolute path */
    char *const *envp;           /* borrowed; what programs of the operator get */
    const struct mold_environment *mold_environment; /* borrowed */
    struct family *family;                           /* borrowed; molds inherit its descriptor */

    struct ev_loop *loop;
    struct ev_prepare prepare;
    struct ev_timer timer;
    struct ev_periodic far; /* libev wakes by itself once a minute unless a periodic is known */
    struct reaper *reaper;
    struct signals *signals;
    struct control *control;

    struct runner *runner;
    struct notify *notify;
    struct oom_policy_unit oom_unit;
    struct group *group;
    struct pressure pressure;
    struct ev_io pressure_io;
    uint64_t ooms_seen;  /* the kernel's count when it was last read */
    uint64_t oom_credit; /* OOM kills that have not explained a death yet */
    int64_t oom_credit_ms;
    unsigned unknown_told; /* bits of enum memory_unknown */
    struct recent recent;
    uint64_t looks[SUPERVISOR_LOOKS_MAX]; /* clients whose status waits for figures */
    unsigned look_count;
    struct pool pool;
    struct actions actions;
    int64_t paused_ms; /* how long the master stood still in all; see supervisor_now_ms */
    int64_t due_ms;    /* when the loop meant to wake; NEVER_MS: only for events */
    int64_t started_ms;

    bool application_known;
    struct wire_facts application; /* as the last booted mold or worker told it */
    bool failure_known;
    struct wire_failure failure; /* the last one, repeated when the service gives up */
};

struct supervisor_order {
    const struct config *config;
    const char *mold_program;
    char *const *envp;
    const struct mold_environment *mold_environment;
    struct family *family;
    int take_control_fd; /* -1: none */
};

/* Runs the service until it has stopped. Returns the exit code. */
int supervisor_run(const struct supervisor_order *order);

/*
 * The plan's clock: CLOCK_MONOTONIC less the time that the master itself stood still, so that deadlines which passed
 * meanwhile kill nobody (FS-44).
 */
int64_t supervisor_now_ms(const struct supervisor *supervisor);

#endif
