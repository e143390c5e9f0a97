/*
 * config_limits.c: see config_limits.h.
 *
 * Owns the pairs of values that are compared.
 */
#include "config_limits.h"

#include <string.h>

#include "config_text.h"
#include "config_value.h"

/* Of two sizes: `above` must be above `below`, or `says` comes true. */
struct pair {
    enum options_id above;
    enum options_id below;
    const char *says;
};

/* A value that means nothing without another. */
struct need {
    enum options_id given;
    enum options_id needed;
};

#define GRACEFUL_NEVER "workers are ended at the hard limit before they are replaced at the other"
#define WORKER_NEVER "the limit of the whole service is reached before that of one worker"

static const struct pair pairs[] = {
    {OPTIONS_KILL_RSS, OPTIONS_MAX_RSS, GRACEFUL_NEVER},
    {OPTIONS_KILL_PSS, OPTIONS_MAX_PSS, GRACEFUL_NEVER},
    {OPTIONS_KILL_USS, OPTIONS_MAX_USS, GRACEFUL_NEVER},
    {OPTIONS_MAX_TOTAL, OPTIONS_MAX_RSS, WORKER_NEVER},
    {OPTIONS_MAX_TOTAL, OPTIONS_MAX_PSS, WORKER_NEVER},
    {OPTIONS_MAX_TOTAL, OPTIONS_MAX_USS, WORKER_NEVER},
};

static const struct need needs[] = {
    {OPTIONS_HANG_ACTION, OPTIONS_HANG_TIMEOUT},
    {OPTIONS_JOB_TIME_ACTION, OPTIONS_MAX_JOB_TIME},
    {OPTIONS_NOTIFY_EVENTS, OPTIONS_NOTIFY_EXEC},
};

static uint64_t
size_of(const struct config *config, enum options_id id)
{
    return *(const uint64_t *)config_value_field(config, options_row(id));
}

static int
check_pair(struct config *config, const struct pair *pair)
{
    uint64_t above = size_of(config, pair->above), below = size_of(config, pair->below);
    const struct options_row *above_row = options_row(pair->above);
    const struct options_row *below_row = options_row(pair->below);
    char above_text[CONFIG_VALUE_SIZE], below_text[CONFIG_VALUE_SIZE];

    if (above == 0 || below == 0 || above > below)
        return 0;
    return config_warn(config, "%s %s is not above %s %s: %s", above_row->name,
                       config_value_text(config, above_row, above_text), below_row->name,
                       config_value_text(config, below_row, below_text), pair->says);
}

static int
check_need(struct config *config, const struct need *need)
{
    const struct options_row *needed = options_row(need->needed);
    char text[CONFIG_VALUE_SIZE], origin[CONFIG_ORIGIN_SIZE];

    config_value_text(config, needed, text);
    if (!config_is_given(config, need->given) || (text[0] != '\0' && strcmp(text, "none") != 0))
        return 0;
    return config_warn(config, "%s (%s) has no effect without %s", options_row(need->given)->name,
                       config_origin_text(config, need->given, origin), needed->name);
}

static int
check_recycles(struct config *config)
{
    if (!config_is_given(config, OPTIONS_MAX_RECYCLES) || config->max_recycles <= config->surge)
        return 0;
    return config_warn(config,
                       "max-recycles %u is above surge %u, so that no more than %u workers are "
                       "replaced at a time",
                       config->max_recycles, config->surge, config->surge);
}

/* What is about molds, and says nothing where there is none. */
static const enum options_id of_mold[] = {
    OPTIONS_MAX_MOLD_RSS, OPTIONS_HEAP_GROWTH, OPTIONS_ALLOCATOR,    OPTIONS_PREPARE,
    OPTIONS_WARM,         OPTIONS_STRICT_FORK, OPTIONS_REFORK_AFTER, OPTIONS_SPARE,
};

/* Also a value that is the default's ("none") asks for nothing. */
static int
check_mold(struct config *config, enum options_id id)
{
    const struct options_row *row = options_row(id);
    char text[CONFIG_VALUE_SIZE];

    if (config->prefork || !config_is_given(config, id) ||
        strcmp(config_value_text(config, row, text), row->default_text) == 0)
        return 0;
    return config_warn(config, "%s has no effect without prefork: there is no mold", row->name);
}

/* A fresh worker is small, young and idle: a rule that recycles what is below would never end. */
static int
check_rule(struct config *config, const struct rule *rule)
{
    char text[RULE_TEXT_SIZE];
    bool is_below = rule->comparison == RULE_BELOW || rule->comparison == RULE_AT_MOST;

    if (!is_below || rule->then != RULE_DO_RECYCLE)
        return 0;
    return config_warn(
        config, "the rule \"%s\" recycles workers with %s, which may be true of a fresh one, too",
        rule->name, rule_format(rule, text));
}

static int
check_all(struct config *config)
{
    int error = check_recycles(config);

    for (size_t i = 0; error == 0 && i < ARRAY_LEN(of_mold); i++)
        error = check_mold(config, of_mold[i]);
    for (size_t i = 0; error == 0 && i < ARRAY_LEN(pairs); i++)
        error = check_pair(config, &pairs[i]);
    for (size_t i = 0; error == 0 && i < ARRAY_LEN(needs); i++)
        error = check_need(config, &needs[i]);
    for (unsigned i = 0; error == 0 && i < config->rule_count; i++)
        error = check_rule(config, &config->rules[i]);
    return error;
}

int
config_limits_check(struct config *config, struct config_error *ret_error)
{
    return check_all(config) == 0 ? 0 : config_fail_memory(ret_error);
}
