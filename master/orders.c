/* orders.c: see orders.h. */
#include "orders.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "exit_code.h"
#include "facts_rollup.h"
#include "log.h"
#include "report.h"
#include "status.h"
#include "status_view.h"

static void
quiet(struct supervisor *supervisor)
{
    if (!supervisor->pool.quiet) {
        plan_order_quiet(&supervisor->pool);
        log_note(EVENT_QUIET,
                 "no worker fetches from now on, none is started; `swarm resume` ends it");
    }
}

static void
quiet_by_signal(struct supervisor *supervisor, int signal, pid_t sender)
{
    if (supervisor->pool.stop.stage != STOP_NONE) {
        report_signal(signal, sender, "nothing is done: the service stops");
        return;
    }
    report_signal(signal, sender, "the service becomes quiet");
    quiet(supervisor);
}

static void
resume(struct supervisor *supervisor)
{
    if (supervisor->pool.quiet) {
        plan_order_resume(&supervisor->pool);
        log_note(EVENT_RESUME, "quieted workers are replaced by fresh ones");
    }
}

static void
stop(struct supervisor *supervisor, bool is_person)
{
    struct pool *pool = &supervisor->pool;
    enum stop_stage before = pool->stop.stage;
    int64_t now_ms = supervisor_now_ms(supervisor);
    enum stop_stage stage = plan_order_stop(pool, is_person, now_ms);

    if (stage != before) {
        report_stopping(supervisor, stage, now_ms);
    }
}

/* Sidekiq answers TTIN with the backtraces of its threads; the master with its status. */
static void
dump(struct supervisor *supervisor)
{
    struct worker *worker;
    json_t *status = status_json(supervisor);
    char *text = status != NULL ? status_view(status) : NULL;

    if (text != NULL) {
        log_lines(EVENT_STATE, NULL, 0, text);
    }
    free(text);
    json_decref(status);
    TAILQ_FOREACH (worker, &supervisor->pool.workers, entry) {
        /* Before its traps are in place TTIN would stop it; its mask holds it, and it would dump at its start. */
        if (worker->state == WORKER_READY || worker->state == WORKER_QUIETING ||
            worker->state == WORKER_DRAINING) {
            (void)!process_signal(worker->ties.process, SIGTTIN);
        }
    }
}

void
orders_on_signal(void *context, int signal, pid_t sender)
{
    struct supervisor *supervisor = context;

    switch (signal) {
    case SIGTERM:
    case SIGINT:
        report_signal(signal, sender,
                      supervisor->pool.stop.stage == STOP_NONE ? "the service stops"
                                                               : "the service stops already");
        stop(supervisor, signal == SIGINT);
        break;
    case SIGTSTP:
    case SIGUSR1:
        quiet_by_signal(supervisor, signal, sender);
        break;
    case SIGTTIN:
        report_signal(signal, sender, "the state follows, and each worker's threads");
        dump(supervisor);
        break;
    default:
        report_signal(signal, sender, "nothing is done: this version has no use for it");
        break;
    }
}

static json_t *done(const char *format, ...) PRINTF_LIKE(1, 2);

static json_t *
done(const char *format, ...)
{
    json_t *answer = json_object();
    va_list words;

    va_start(words, format);
    json_object_set_new(answer, "ok", json_true());
    json_object_set_new(answer, "message", json_vsprintf(format, words));
    va_end(words);
    return answer;
}

static json_t *
status_or_error(struct supervisor *supervisor)
{
    json_t *status = status_json(supervisor);

    return status != NULL ? status : control_error(EXIT_CODE_INTERNAL, "no memory for the status");
}

/* Figures that take a while to read are read one process in a turn; the answer waits for them. NULL: it will come. */
static json_t *
order_status(struct supervisor *supervisor, const struct control_request *request)
{
    bool is_waited_for = supervisor->pool.stop.stage == STOP_NONE &&
                         supervisor->look_count < SUPERVISOR_LOOKS_MAX &&
                         facts_rollup_want_all(supervisor, supervisor_now_ms(supervisor));

    if (!is_waited_for) {
        return status_or_error(supervisor);
    }
    supervisor->looks[supervisor->look_count++] = request->client;
    return NULL;
}

void
orders_answer_looks(struct supervisor *supervisor)
{
    for (unsigned i = 0; i < supervisor->look_count; i++) {
        control_answer(supervisor->control, supervisor->looks[i], status_or_error(supervisor));
    }
    supervisor->look_count = 0;
}

static json_t *
order_explain(struct supervisor *supervisor, const struct control_request *request)
{
    const char *word = json_string_value(json_array_get(request->arguments, 0));
    unsigned count = supervisor->pool.settings.processes;
    uint64_t number;

    if (word == NULL || json_array_size(request->arguments) != 1) {
        return control_error(EXIT_CODE_USAGE, "explain wants one slot's number");
    }
    if (util_parse_u64(word, &number) != 0 || number >= count) {
        return control_error(EXIT_CODE_USAGE, "no slot \"%s\": slots are 0 to %u", word, count - 1);
    }
    return status_explain(supervisor, (unsigned)number);
}

static json_t *
order_quiet(struct supervisor *supervisor, const struct control_request *request)
{
    (void)request;
    if (supervisor->pool.quiet) {
        return done("already quiet");
    }
    quiet(supervisor);
    return done("quiet: no worker fetches from now on; `swarm resume` ends it");
}

static json_t *
order_resume(struct supervisor *supervisor, const struct control_request *request)
{
    (void)request;
    if (!supervisor->pool.quiet) {
        return done("not quiet, nothing to resume");
    }
    resume(supervisor);
    return done("resuming: fresh workers take the place of the quieted ones");
}

static json_t *
order_stop(struct supervisor *supervisor, const struct control_request *request)
{
    (void)request;
    stop(supervisor, false);
    return done("stopping: %u of %u workers may finish their jobs",
                pool_living_in_slots(&supervisor->pool), supervisor->pool.settings.processes);
}

/* Returns what plan_order_recycle says; the line is written once for a worker. */
static int
recycle(struct supervisor *supervisor, unsigned slot)
{
    int error;

    if (plan_order_retry(&supervisor->pool, slot)) {
        return 0;
    }
    error = plan_order_recycle(&supervisor->pool, slot);
    if (error == 0) {
        const struct action action = {
            .kind = ACTION_RECYCLE,
            .worker = supervisor->pool.slots[slot].current,
            .reason = REASON_RECYCLE,
        };

        report_action(supervisor, &action, supervisor_now_ms(supervisor));
    }
    return error;
}

static json_t *
recycle_all(struct supervisor *supervisor)
{
    struct pool *pool = &supervisor->pool;
    unsigned count = 0;

    for (unsigned i = 0; i < pool->settings.processes; i++) {
        int error = recycle(supervisor, i);

        count += error == 0 || error == -EALREADY;
    }
    return done("recycling %u of %u slots, one after the other", count, pool->settings.processes);
}

static json_t *
recycle_one(struct supervisor *supervisor, const char *word)
{
    struct pool *pool = &supervisor->pool;
    uint64_t number;
    int error;

    if (util_parse_u64(word, &number) != 0 || number >= pool->settings.processes) {
        return control_error(EXIT_CODE_USAGE, "no slot \"%s\": slots are 0 to %u, or all", word,
                             pool->settings.processes - 1);
    }
    error = recycle(supervisor, (unsigned)number);
    if (error == -EALREADY) {
        return done("slot %s is being recycled already", word);
    }
    if (error != 0) {
        return control_error(EXIT_CODE_UNAVAILABLE,
                             "slot %s has no worker that could be replaced now: see `swarm status`",
                             word);
    }
    return done("recycling slot %s", word);
}

static json_t *
order_recycle(struct supervisor *supervisor, const struct control_request *request)
{
    const char *word = json_string_value(json_array_get(request->arguments, 0));

    if (word == NULL || json_array_size(request->arguments) != 1) {
        return control_error(EXIT_CODE_USAGE, "recycle wants one slot's number, or all");
    }
    if (supervisor->pool.quiet) {
        return control_error(
            EXIT_CODE_UNAVAILABLE,
            "the service is quiet: no worker is started; `swarm resume` replaces all");
    }
    return strcmp(word, "all") == 0 ? recycle_all(supervisor) : recycle_one(supervisor, word);
}

/* What each verb does, and whether it may still be asked for when the service stops. */
static const struct {
    const char *name;
    json_t *(*order)(struct supervisor *supervisor, const struct control_request *request);
    bool while_stopping;
} verbs[] = {
    {"status", order_status, true},    {"quiet", order_quiet, false},
    {"resume", order_resume, false},   {"stop", order_stop, true},
    {"recycle", order_recycle, false}, {"explain", order_explain, true},
};

static json_t *
answer(struct supervisor *supervisor, const struct control_request *request)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(verbs[i].name, request->verb) != 0) {
            continue;
        }
        if (supervisor->pool.stop.stage != STOP_NONE && !verbs[i].while_stopping) {
            return control_error(EXIT_CODE_UNAVAILABLE, "the service is stopping");
        }
        return verbs[i].order(supervisor, request);
    }
    return control_error(EXIT_CODE_USAGE, "the running service does not know \"%s\"",
                         request->verb);
}

void
orders_on_request(void *context, const struct control_request *request)
{
    struct supervisor *supervisor = context;

    json_t *now = answer(supervisor, request);

    if (now != NULL) {
        control_answer(supervisor->control, request->client, now);
    }
}
