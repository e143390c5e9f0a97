/* report_action.c: the line of each action of the plan. See report.h. */
#include "report.h"

#include <signal.h>
#include <stdio.h>

#include "rss/proc.h"
#include "signals.h"

static void
add_ending(struct log_line *line, const struct ending *ending)
{
    if (!ending->known) {
        return;
    }
    if (ending->signaled) {
        log_text(line, "signal", signals_name(ending->code));
        log_text(line, "core", ending->core ? "yes" : NULL);
    } else {
        log_number(line, "code", ending->code);
    }
}

static void
add_busy(struct log_line *line, const struct worker *worker)
{
    if (worker->figures.known) {
        log_number(line, "busy", worker->figures.busy);
    }
}

/* Where the kernel says a process is: what remains to be told of one that does not answer. */
static void
add_kernel(struct log_line *line, pid_t pid)
{
    char wchan[64] = "";
    char state[2] = "?";
    struct proc_stat stat;

    if (proc_read_stat("/proc", pid, &stat) == 0) {
        state[0] = stat.state;
    }
    log_text(line, "state", state);
    if (proc_read_wchan("/proc", pid, wchan, sizeof(wchan)) == 0 && wchan[0] != '\0') {
        log_text(line, "kernel", wchan);
    }
}

static bool
was_to_leave(enum reason reason)
{
    switch (reason) {
    case REASON_RSS:
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

static void
say_worker_gone(struct log_line *line, const struct action *action, int64_t now_ms)
{
    const struct worker *worker = action->worker;
    bool killed_outside = action->reason == REASON_CRASHED && worker->ending.signaled &&
                          worker->ending.code == SIGKILL;

    report_begin_worker(line, was_to_leave(action->reason) ? EVENT_WORKER_GONE : EVENT_WORKER_LOST,
                        worker);
    log_text(line, "state", worker_state_name(worker->died_in));
    log_text(line, "reason", reason_name(action->reason));
    add_ending(line, &worker->ending);
    log_number(line, "age_s", (now_ms - worker->asked_ms) / 1000);
    if (worker->rss_known) {
        report_kib(line, "rss_kib", worker->rss_bytes);
    }
    add_busy(line, worker);
    if (worker->figures.known) {
        log_number(line, "done", (int64_t)worker->figures.done);
    }
    if (killed_outside) {
        log_text(line, "oom", worker->oom_evidence ? "yes" : "no");
        log_say(line, worker->oom_evidence ? "killed by the kernel for want of memory"
                                           : "killed from outside, no OOM evidence");
    }
}

static void
say_mold_gone(struct log_line *line, const struct action *action)
{
    const struct mold *mold = action->mold;

    if (mold->reason == REASON_STOP) {
        report_begin_mold(line, EVENT_MOLD_STOPPED, mold);
        add_ending(line, &mold->ending);
        return;
    }
    report_begin_mold(line, EVENT_MOLD_GONE, mold);
    if (mold->pid != 0) {
        add_ending(line, &mold->ending);
    }
    log_text(line, "reason",
             mold->reason != REASON_NONE ? reason_name(mold->reason)
             : mold->said_failure        ? "failed"
                                         : "crashed");
}

static void
say_trace(struct log_line *line, const struct action *action)
{
    const struct worker *worker = action->worker;

    report_begin_either(line, EVENT_TRACE_ASKED, worker, action->mold);
    add_kernel(line, worker != NULL ? worker->pid : action->mold->pid);
    log_say(line, "not ready in time; it gets KILL when it answered where it stands, or in %d s",
            PLAN_TRACE_MS / 1000);
}

static void
say_limit(struct log_line *line, const struct supervisor *supervisor, const struct worker *worker)
{
    uint64_t limit = supervisor->pool.settings.max_rss_bytes;

    log_begin(line, EVENT_LIMIT_TOO_LOW);
    log_number(line, "slot", worker->slot);
    log_number(line, "pid", worker->pid);
    report_kib(line, "fresh_kib", worker->fresh_rss_bytes);
    report_kib(line, "limit_kib", limit);
    log_say(line,
            "--max-rss is %lld MiB, but a freshly booted worker is %lld MiB already: such workers "
            "are not recycled; raise the limit",
            (long long)(limit >> 20), (long long)(worker->fresh_rss_bytes >> 20));
}

static void
say_give_up(struct log_line *line, const struct supervisor *supervisor)
{
    const struct wire_failure *failure = &supervisor->failure;

    log_begin(line, EVENT_GIVE_UP);
    if (supervisor->failure_known) {
        log_text(line, "class", failure->kind);
        report_text(line, "place", failure->place);
        log_text(line, "text", failure->text);
    }
    log_say(line, "nothing could be booted; the service ends");
}

static void
say_recycle(struct log_line *line, const struct supervisor *supervisor, const struct action *action)
{
    report_begin_worker(line, EVENT_RECYCLE, action->worker);
    log_text(line, "reason", reason_name(action->reason));
    if (action->reason == REASON_RSS) {
        report_kib(line, "rss_kib", action->worker->rss_bytes);
        report_kib(line, "limit_kib", supervisor->pool.settings.max_rss_bytes);
    }
}

static void
say_with_reason(struct log_line *line, enum event event, const struct action *action)
{
    report_begin_worker(line, event, action->worker);
    if (event == EVENT_WORKER_KILL) {
        log_text(line, "state", worker_state_name(action->worker->died_in));
    }
    log_text(line, "reason", reason_name(action->reason));
    add_busy(line, action->worker);
}

static void
say_backoff(struct log_line *line, const struct supervisor *supervisor, const struct action *action)
{
    const struct slot *slot = &supervisor->pool.slots[action->worker->slot];
    unsigned failures = slot->backoff.failures > slot->successor_backoff.failures
                            ? slot->backoff.failures
                            : slot->successor_backoff.failures;

    log_begin(line, EVENT_SLOT_BACKOFF);
    log_number(line, "slot", slot->number);
    log_number(line, "wait_ms", action->span_ms);
    log_number(line, "failures", failures);
    log_text(line, "reason", reason_name(action->worker->reason));
}

static void
say_request(struct log_line *line, enum event event, const struct action *action)
{
    report_begin_worker(line, event, action->worker);
    log_number(line, "request", (int64_t)action->worker->id);
    if (event == EVENT_REQUEST_DROPPED) {
        log_text(line, "reason", reason_name(action->worker->reason));
    }
}

/* Begins the line of an action. Returns false where it has none (a deed that its own facts will tell). */
static bool
say(struct log_line *line, const struct supervisor *supervisor, const struct action *action,
    int64_t now_ms)
{
    switch (action->kind) {
    case ACTION_START_MOLD:
    case ACTION_GO:
    case ACTION_LEAVE:
    case ACTION_KIND_COUNT:
        return false;
    case ACTION_KILL_MOLD:
        if (action->reason == REASON_STOP) {
            return false;
        }
        report_begin_mold(line, EVENT_MOLD_KILL, action->mold);
        log_text(line, "reason", reason_name(action->reason));
        break;
    case ACTION_TRACE_MOLD:
    case ACTION_TRACE:
        say_trace(line, action);
        break;
    case ACTION_MOLD_GONE:
        say_mold_gone(line, action);
        break;
    case ACTION_MOLD_BACKOFF:
        log_begin(line, EVENT_MOLD_BACKOFF);
        log_number(line, "gen", action->mold->generation);
        log_number(line, "wait_ms", action->span_ms);
        log_number(line, "failures", supervisor->pool.mold_backoff.failures);
        break;
    case ACTION_SPAWN:
    case ACTION_LAUNCH:
        say_request(line, EVENT_WORKER_SPAWNING, action);
        break;
    case ACTION_RUN:
        report_begin_worker(line, EVENT_WORKER_RUN, action->worker);
        break;
    case ACTION_QUIET:
        say_with_reason(line, EVENT_WORKER_QUIET, action);
        break;
    case ACTION_TERM:
        say_with_reason(line, EVENT_WORKER_TERM, action);
        break;
    case ACTION_KILL:
        say_with_reason(line, EVENT_WORKER_KILL, action);
        break;
    case ACTION_DROP:
        say_request(line, EVENT_REQUEST_DROPPED, action);
        break;
    case ACTION_WORKER_GONE:
        say_worker_gone(line, action, now_ms);
        break;
    case ACTION_STUCK:
        report_begin_worker(line, EVENT_WORKER_STUCK, action->worker);
        add_kernel(line, action->worker->pid);
        break;
    case ACTION_LINK_LOST:
        report_begin_worker(line, EVENT_WORKER_LINK_LOST, action->worker);
        break;
    case ACTION_SLOT_BACKOFF:
        say_backoff(line, supervisor, action);
        break;
    case ACTION_RECYCLE:
        say_recycle(line, supervisor, action);
        break;
    case ACTION_LIMIT_TOO_LOW:
        say_limit(line, supervisor, action->worker);
        break;
    case ACTION_GIVE_UP:
        say_give_up(line, supervisor);
        break;
    }
    return true;
}

void
report_action(const struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    struct log_line line;

    if (say(&line, supervisor, action, now_ms)) {
        log_end(&line);
    }
}
