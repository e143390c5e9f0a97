/* report_action.c: the line of each action of the plan. See report.h. */
#include "report.h"

#include <signal.h>
#include <stdio.h>

#include "report_memory.h"
#include "report_refork.h"
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

void
report_kernel(struct log_line *line, pid_t pid)
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

/* What a line is made from. */
struct telling {
    const struct supervisor *supervisor;
    const struct action *action;
    int64_t now_ms;
};

static void
add_reason(struct log_line *line, const struct telling *telling)
{
    log_text(line, "reason", reason_name(telling->action->reason));
}

/* What becomes of the slot that this worker filled. */
static void
say_next(struct log_line *line, const struct telling *telling, const char *cause)
{
    const struct pool *pool = &telling->supervisor->pool;
    const struct slot *slot = &pool->slots[telling->action->worker->slot];
    int64_t wait_ms = slot->backoff.retry_ms - telling->now_ms;

    if (pool->stop.stage != STOP_NONE || pool->quiet) {
        log_say(line, "%snobody takes its place: the service is %s", cause, pool_state_name(pool));
    } else if (slot->given_up) {
        log_say(line, "%sits slot is given up", cause);
    } else if (slot->current != NULL) {
        log_say(line, "%sits slot is filled", cause);
    } else if (wait_ms > 0) {
        log_say(line, "%sthe next one starts in %.1f s", cause, (double)wait_ms / 1000);
    } else if (pool_is_spare(pool, telling->action->worker)) {
        log_say(line, "%sthe next spare starts when nothing is short", cause);
    } else {
        log_say(line, "%sthe next one starts at once", cause);
    }
}

static void
add_worker_gone(struct log_line *line, const struct telling *telling)
{
    const struct worker *worker = telling->action->worker;
    bool is_loss = !reason_is_asked(telling->action->reason);
    bool killed_outside = telling->action->reason == REASON_CRASHED && worker->ending.signaled &&
                          worker->ending.code == SIGKILL;
    const char *cause = "";

    log_text(line, "state", worker_state_name(worker->died_in));
    add_reason(line, telling);
    add_ending(line, &worker->ending);
    log_number(line, "age_s", (telling->now_ms - worker->asked_ms) / 1000);
    report_last_figures(line, worker);
    add_busy(line, worker);
    report_jobs(line, worker);
    if (worker->figures.known) {
        log_number(line, "done", (int64_t)worker->figures.done);
    }
    if (killed_outside) {
        log_text(line, "oom", worker->oom_evidence ? "yes" : "no");
        cause = worker->oom_evidence ? "killed by the kernel for want of memory; "
                                     : "killed from outside, no OOM evidence; ";
    }
    if (is_loss) {
        say_next(line, telling, cause);
    }
}

static void
add_mold_gone(struct log_line *line, const struct telling *telling)
{
    const struct mold *mold = telling->action->mold;

    if (mold->pid != 0) {
        add_ending(line, &mold->ending);
    }
    if (mold->reason != REASON_STOP && mold->reason != REASON_REFORK) {
        log_text(line, "reason",
                 mold->reason != REASON_NONE ? reason_name(mold->reason)
                 : mold->said_failure        ? "failed"
                                             : "crashed");
    }
}

static void
add_mold_backoff(struct log_line *line, const struct telling *telling)
{
    log_number(line, "wait_ms", telling->action->span_ms);
    log_number(line, "failures", telling->supervisor->pool.mold_backoff.failures);
}

static void
add_trace(struct log_line *line, const struct telling *telling)
{
    const struct worker *worker = telling->action->worker;

    report_kernel(line, worker != NULL ? worker->pid : telling->action->mold->pid);
    log_say(line, "not ready in time; it gets KILL when it answered where it stands, or in %d s",
            PLAN_TRACE_MS / 1000);
}

static void
add_limit(struct log_line *line, const struct telling *telling)
{
    report_limit_too_low(line, telling->action->worker, &telling->action->finding);
}

static void
add_room(struct log_line *line, const struct telling *telling)
{
    if (telling->action->worker != NULL) {
        add_reason(line, telling);
    }
    report_room(line, &telling->supervisor->pool);
}

static void
add_total(struct log_line *line, const struct telling *telling)
{
    report_total(line, telling->supervisor, telling->action->worker);
}

static void
add_hang(struct log_line *line, const struct telling *telling)
{
    report_hang(line, telling->supervisor, telling->action->worker);
}

static void
add_rule(struct log_line *line, const struct telling *telling)
{
    const struct rule *rule = &telling->supervisor->pool.settings.rules[telling->action->rule];
    char text[RULE_TEXT_SIZE];

    log_text(line, "rule", rule->name);
    log_text(line, "when", rule_format(rule, text));
    if (telling->action->kind == ACTION_RULE_FIRED) {
        log_text(line, "then", rule_action_name(rule->then));
    }
}

static void
add_given_up(struct log_line *line, const struct telling *telling)
{
    const struct pool_settings *settings = &telling->supervisor->pool.settings;
    unsigned slot = telling->action->worker->slot;

    log_number(line, "restarts", telling->supervisor->pool.slots[slot].restarts);
    log_say(line,
            "%u restarts within %u cycles: the slot stays empty; `swarm recycle %u` tries it again",
            settings->give_up_restarts, settings->give_up_cycles, slot);
}

static void
add_give_up(struct log_line *line, const struct telling *telling)
{
    const struct supervisor *supervisor = telling->supervisor;
    const struct wire_failure *failure = &supervisor->failure;

    if (supervisor->failure_known) {
        log_text(line, "class", failure->kind);
        report_text(line, "place", failure->place);
        log_text(line, "text", failure->text);
    }
    log_say(line, "nothing could be booted; the service ends");
}

static void
add_recycle(struct log_line *line, const struct telling *telling)
{
    report_recycle(line, telling->supervisor, telling->action);
}

static void
add_refork(struct log_line *line, const struct telling *telling)
{
    report_refork(line, telling->supervisor, telling->action, telling->now_ms);
}

static void
add_reason_and_busy(struct log_line *line, const struct telling *telling)
{
    add_reason(line, telling);
    add_busy(line, telling->action->worker);
    report_jobs(line, telling->action->worker);
}

static void
add_kill(struct log_line *line, const struct telling *telling)
{
    log_text(line, "state", worker_state_name(telling->action->worker->died_in));
    add_reason_and_busy(line, telling);
}

static void
add_slot_backoff(struct log_line *line, const struct telling *telling)
{
    const struct worker *worker = telling->action->worker;
    const struct slot *slot = &telling->supervisor->pool.slots[worker->slot];
    unsigned failures = slot->backoff.failures > slot->successor_backoff.failures
                            ? slot->backoff.failures
                            : slot->successor_backoff.failures;

    log_number(line, "wait_ms", telling->action->span_ms);
    log_number(line, "failures", failures);
    log_text(line, "reason", reason_name(worker->reason));
}

static void
add_request(struct log_line *line, const struct telling *telling)
{
    log_number(line, "request", (int64_t)telling->action->worker->id);
}

static void
add_dropped(struct log_line *line, const struct telling *telling)
{
    add_request(line, telling);
    log_text(line, "reason", reason_name(telling->action->worker->reason));
}

static void
add_stuck(struct log_line *line, const struct telling *telling)
{
    report_kernel(line, telling->action->worker->pid);
}

static void
add_stopped(struct log_line *line, const struct telling *telling)
{
    const struct worker *worker = telling->action->worker;

    log_text(line, "state", worker_state_name(worker->state));
    add_busy(line, worker);
    log_say(line, "it is left alone: kill -CONT %d lets it go on, and TERM wakes it", worker->pid);
}

static void
add_moved(struct log_line *line, const struct telling *telling)
{
    bool is_spare = pool_is_spare(&telling->supervisor->pool, telling->action->worker);

    log_number(line, "from", telling->action->from);
    log_say(line, "%s",
            is_spare ? "it still boots, and becomes the spare" : "a spare takes this place");
}

static void
add_nothing(struct log_line *line, const struct telling *telling)
{
    (void)line;
    (void)telling;
}

typedef void adder(struct log_line *line, const struct telling *telling);

/* The line of each kind. One without a row is a deed that its own facts will tell. */
static const struct {
    enum event event;
    adder *add;
} lines[ACTION_KIND_COUNT] = {
    [ACTION_KILL_MOLD] = {EVENT_MOLD_KILL, add_reason},
    [ACTION_TRACE_MOLD] = {EVENT_TRACE_ASKED, add_trace},
    [ACTION_MOLD_GONE] = {EVENT_MOLD_GONE, add_mold_gone},
    [ACTION_MOLD_BACKOFF] = {EVENT_MOLD_BACKOFF, add_mold_backoff},
    [ACTION_SPAWN] = {EVENT_WORKER_SPAWNING, add_request},
    [ACTION_LAUNCH] = {EVENT_WORKER_SPAWNING, add_request},
    [ACTION_MOVE] = {EVENT_WORKER_MOVED, add_moved},
    [ACTION_RUN] = {EVENT_WORKER_RUN, add_nothing},
    [ACTION_REFORK_BEGIN] = {EVENT_REFORK_BEGIN, add_refork},
    [ACTION_PROMOTE] = {EVENT_REFORK_PROMOTE, add_refork},
    [ACTION_REFORK_PROMOTED] = {EVENT_REFORK_PROMOTED, add_refork},
    [ACTION_REFORK_DONE] = {EVENT_REFORK_DONE, add_refork},
    [ACTION_REFORK_FAILED] = {EVENT_REFORK_FAILED, add_refork},
    [ACTION_QUIET] = {EVENT_WORKER_QUIET, add_reason_and_busy},
    [ACTION_TERM] = {EVENT_WORKER_TERM, add_reason_and_busy},
    [ACTION_KILL] = {EVENT_WORKER_KILL, add_kill},
    [ACTION_TRACE] = {EVENT_TRACE_ASKED, add_trace},
    [ACTION_DROP] = {EVENT_REQUEST_DROPPED, add_dropped},
    [ACTION_WORKER_GONE] = {EVENT_WORKER_LOST, add_worker_gone},
    [ACTION_STUCK] = {EVENT_WORKER_STUCK, add_stuck},
    [ACTION_STOPPED] = {EVENT_WORKER_STOPPED, add_stopped},
    [ACTION_LINK_LOST] = {EVENT_WORKER_LINK_LOST, add_nothing},
    [ACTION_SLOT_BACKOFF] = {EVENT_SLOT_BACKOFF, add_slot_backoff},
    [ACTION_RECYCLE] = {EVENT_RECYCLE, add_recycle},
    [ACTION_WOULD_RECYCLE] = {EVENT_WOULD_RECYCLE, add_recycle},
    [ACTION_LIMIT_TOO_LOW] = {EVENT_LIMIT_TOO_LOW, add_limit},
    [ACTION_DRAIN_FIRST] = {EVENT_DRAIN_FIRST, add_room},
    [ACTION_TOTAL_HIGH] = {EVENT_LIMIT_REACHED, add_total},
    [ACTION_HANG] = {EVENT_HANG, add_hang},
    [ACTION_HANG_OVER] = {EVENT_HANG_OVER, add_nothing},
    [ACTION_RULE_FIRED] = {EVENT_RULE_FIRED, add_rule},
    [ACTION_RULE_OVER] = {EVENT_RULE_OVER, add_rule},
    [ACTION_SLOT_GIVEN_UP] = {EVENT_GIVEN_UP, add_given_up},
    [ACTION_OOM_WAIT] = {EVENT_OOM_WAIT, add_room},
    [ACTION_GIVE_UP] = {EVENT_GIVE_UP, add_give_up},
};

/* An end that was asked for is no warning. */
static enum event
event_of(const struct action *action)
{
    if (action->kind == ACTION_WORKER_GONE && reason_is_asked(action->reason)) {
        return EVENT_WORKER_GONE;
    }
    if (action->kind == ACTION_MOLD_GONE && action->reason == REASON_STOP) {
        return EVENT_MOLD_STOPPED;
    }
    if (action->kind == ACTION_MOLD_GONE && action->reason == REASON_REFORK) {
        return EVENT_MOLD_RETIRED;
    }
    return lines[action->kind].event;
}

static void
begin(struct log_line *line, const struct action *action)
{
    if (action->worker != NULL || action->mold != NULL) {
        report_begin_either(line, event_of(action), action->worker, action->mold);
    } else {
        log_begin(line, event_of(action));
    }
}

void
report_action(const struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    const struct telling telling = {supervisor, action, now_ms};
    bool is_told = action->kind == ACTION_KILL_MOLD &&
                   (action->reason == REASON_STOP || action->reason == REASON_REFORK);
    struct log_line line;

    if (lines[action->kind].add == NULL || is_told) {
        return;
    }
    begin(&line, action);
    lines[action->kind].add(&line, &telling);
    log_end(&line);
}
