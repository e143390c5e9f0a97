/* act_rule.c: see act_rule.h. */
#include "act_rule.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"

static json_t *
bytes_or_null(bool known, uint64_t bytes)
{
    return known ? json_integer((json_int_t)bytes) : json_null();
}

/* What the program reads, malloc'd, or NULL. */
static char *
input_of(const struct supervisor *supervisor, const struct action *action)
{
    const struct rule *rule = &supervisor->pool.settings.rules[action->rule];
    const struct worker *worker = action->worker;
    const struct memory_figures *memory = &worker->memory;
    char when[RULE_TEXT_SIZE];
    json_t *root = json_object();
    char *text;

    json_object_set_new(root, "rule", json_string(rule->name));
    json_object_set_new(root, "when", json_string(rule_format(rule, when)));
    json_object_set_new(root, "state",
                        json_string(action->kind == ACTION_RULE_FIRED ? "fired" : "recovered"));
    json_object_set_new(root, "slot", json_integer(worker->slot));
    json_object_set_new(root, "index", json_integer(supervisor->config->index_base + worker->slot));
    json_object_set_new(root, "generation", json_integer(worker->generation));
    json_object_set_new(root, "pid", json_integer(worker->pid));
    json_object_set_new(root, "rss_bytes", bytes_or_null(memory->rss_known, memory->rss_bytes));
    json_object_set_new(root, "pss_bytes", bytes_or_null(memory->private_known, memory->pss_bytes));
    json_object_set_new(root, "uss_bytes", bytes_or_null(memory->private_known, memory->uss_bytes));
    json_object_set_new(
        root, "total_bytes",
        bytes_or_null(worker->offspring_known, memory->rss_bytes + worker->offspring_bytes));
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

void
act_rule_run(struct supervisor *supervisor, const struct action *action)
{
    const struct rule *rule = &supervisor->pool.settings.rules[action->rule];
    bool is_fired = action->kind == ACTION_RULE_FIRED;
    enum rule_action deed = is_fired ? rule->then : rule->otherwise;
    char what[128];
    struct runner_order order = {
        .what = what,
        .argv = is_fired ? rule->then_exec : rule->otherwise_exec,
        .timeout_ms = supervisor->config->notify_timeout_ms,
    };
    char *input;

    if (deed != RULE_DO_EXEC || order.argv == NULL || supervisor->runner == NULL) {
        return;
    }
    snprintf(what, sizeof(what), "rule %s", rule->name);
    input = input_of(supervisor, action);
    order.input = input;
    if (runner_start(supervisor->runner, &order) != 0) {
        log_note(EVENT_WARNING, "the program of rule \"%s\" was not started: too many run already",
                 rule->name);
    }
    free(input);
}

void
act_rule_on_end(const struct runner_end *end)
{
    static const char *const results[] = {
        [RUNNER_DONE] = "is done",
        [RUNNER_FAILED] = "failed",
        [RUNNER_LATE] = "was over its time limit and got KILL",
        [RUNNER_NOSTART] = "could not be started",
    };

    if (end->result != RUNNER_DONE) {
        log_note(EVENT_WARNING, "the program of %s %s (%s %d)", end->what, results[end->result],
                 end->result == RUNNER_NOSTART ? "errno"
                 : end->signaled               ? "signal"
                                               : "code",
                 end->code);
    }
}
