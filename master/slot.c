/* slot.c: see the essay in slot.h. */
#include "slot.h"

#include <errno.h>
#include <stdlib.h>

#define MAY(state) (1u << WORKER_##state)

/* A row per state: its name, and what may follow it. */
static const struct {
    const char *name;
    unsigned next;
} states[WORKER_STATE_COUNT] = {
    [WORKER_FORKING] = {"forking", MAY(BOOTING) | MAY(KILLED) | MAY(GONE)},
    [WORKER_BOOTING] = {"booting", MAY(WAITING) | MAY(KILLED) | MAY(GONE)},
    [WORKER_WAITING] = {"waiting", MAY(READY) | MAY(KILLED) | MAY(GONE)},
    [WORKER_READY] = {"ready", MAY(QUIETING) | MAY(DRAINING) | MAY(KILLED) | MAY(GONE)},
    [WORKER_QUIETING] = {"quieting", MAY(DRAINING) | MAY(KILLED) | MAY(GONE)},
    [WORKER_DRAINING] = {"draining", MAY(KILLED) | MAY(GONE)},
    [WORKER_KILLED] = {"killed", MAY(GONE)},
    [WORKER_GONE] = {"gone", 0},
};

static const char *const reasons[REASON_COUNT] = {
    [REASON_NONE] = "none",
    [REASON_RSS] = "rss",
    [REASON_PSS] = "pss",
    [REASON_USS] = "uss",
    [REASON_TOTAL] = "total",
    [REASON_JOBS] = "jobs",
    [REASON_AGE] = "age",
    [REASON_KILL_RSS] = "kill_rss",
    [REASON_KILL_PSS] = "kill_pss",
    [REASON_KILL_USS] = "kill_uss",
    [REASON_HANG] = "hang",
    [REASON_JOB_TIME] = "job_time",
    [REASON_STOPPED] = "stopped",
    [REASON_RULE] = "rule",
    [REASON_MOLD_RSS] = "mold_rss",
    [REASON_REFORK] = "refork",
    [REASON_RECYCLE] = "recycle",
    [REASON_QUIET] = "quiet",
    [REASON_RESUME] = "resume",
    [REASON_STOP] = "stop",
    [REASON_BOOT_TIMEOUT] = "boot_timeout",
    [REASON_SPAWN_TIMEOUT] = "spawn_timeout",
    [REASON_SPAWN_FAILED] = "spawn_failed",
    [REASON_DRAIN_TIMEOUT] = "drain_timeout",
    [REASON_PROTOCOL] = "protocol",
    [REASON_LINK_LOST] = "link_lost",
    [REASON_MOLD_LOST] = "mold_lost",
    [REASON_CRASHED] = "crashed",
    [REASON_EXITED] = "exited",
    [REASON_FAILED] = "failed",
};

const char *
worker_state_name(enum worker_state state)
{
    return states[state].name;
}

const char *
reason_name(enum reason reason)
{
    return reasons[reason];
}

bool
reason_is_asked(enum reason reason)
{
    switch (reason) {
    case REASON_RSS:
    case REASON_PSS:
    case REASON_USS:
    case REASON_TOTAL:
    case REASON_JOBS:
    case REASON_AGE:
    case REASON_KILL_RSS:
    case REASON_KILL_PSS:
    case REASON_KILL_USS:
    case REASON_HANG:
    case REASON_JOB_TIME:
    case REASON_STOPPED:
    case REASON_RULE:
    case REASON_MOLD_RSS:
    case REASON_REFORK:
    case REASON_RECYCLE:
    case REASON_QUIET:
    case REASON_RESUME:
    case REASON_STOP:
        return true;
    case REASON_NONE:
    case REASON_BOOT_TIMEOUT:
    case REASON_SPAWN_TIMEOUT:
    case REASON_SPAWN_FAILED:
    case REASON_DRAIN_TIMEOUT:
    case REASON_PROTOCOL:
    case REASON_LINK_LOST:
    case REASON_MOLD_LOST:
    case REASON_CRASHED:
    case REASON_EXITED:
    case REASON_FAILED:
    case REASON_COUNT:
        return false;
    }
    return false;
}

bool
worker_may_move(enum worker_state from, enum worker_state to)
{
    return (states[from].next & (1u << to)) != 0;
}

int
worker_move(struct worker *worker, enum worker_state to, int64_t now_ms)
{
    if (!worker_may_move(worker->state, to)) {
#ifdef SWARM_STRICT
        abort();
#endif
        return -EPROTO;
    }
    if (worker->state < WORKER_KILLED) {
        worker->died_in = worker->state;
    }
    worker->state = to;
    worker->since_ms = now_ms;
    return 0;
}

void
worker_leave(struct worker *worker, enum worker_state to, enum reason reason, int64_t now_ms)
{
    if (worker->reason == REASON_NONE || worker->reason == REASON_QUIET) {
        worker->reason = reason;
    }
    if (worker_move(worker, to, now_ms) != 0 && worker->condemned == REASON_NONE) {
        worker->condemned = REASON_PROTOCOL;
    }
}

void
worker_leave_quiet(struct worker *worker, int64_t now_ms)
{
    worker->reason = REASON_RESUME;
    worker->since_ms = now_ms;
}

uint64_t
worker_jobs(const struct worker *worker)
{
    return worker->figures.known ? worker->figures.done + worker->figures.failed : 0;
}

bool
worker_is_living(const struct worker *worker)
{
    return worker->state != WORKER_GONE;
}

bool
worker_is_leaving(const struct worker *worker)
{
    switch (worker->state) {
    case WORKER_FORKING:
    case WORKER_BOOTING:
    case WORKER_WAITING:
    case WORKER_READY:
        return false;
    case WORKER_QUIETING:
        return worker->reason != REASON_QUIET;
    case WORKER_DRAINING:
    case WORKER_KILLED:
    case WORKER_GONE:
    case WORKER_STATE_COUNT:
        return true;
    }
    return true;
}

bool
worker_is_stuck(const struct worker *worker)
{
    return worker->state == WORKER_KILLED && worker->stuck_ms != 0;
}

int64_t
worker_first_due_ms(const struct worker *worker)
{
    bool is_due =
        worker->wants_first && worker->state >= WORKER_WAITING && worker->state < WORKER_KILLED;

    return is_due ? worker->since_ms + WORKER_FIRST_AFTER_MS : NEVER_MS;
}

uint64_t
worker_gain(const struct worker *worker)
{
    const struct memory_figures *memory = &worker->memory;
    uint64_t then_bytes = worker->rollup_rss_bytes;
    bool has_grown = memory->rss_known && then_bytes != 0 && memory->rss_bytes > then_bytes;

    if (!memory->private_known) {
        return 0;
    }
    return memory->uss_bytes + memory->swap_bytes +
           (has_grown ? memory->rss_bytes - then_bytes : 0);
}

bool
slot_has_left(const struct slot *slot, const struct worker *worker)
{
    return slot->current != worker && slot->successor != worker;
}
