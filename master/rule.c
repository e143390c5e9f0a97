/*
 * rule.c: the names of rules' parts, and rules as text.
 *
 * Owns the names. Judging is rule_judge.c's.
 */
#include "rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "units.h"

static const char *const subject_names[] = {
    [RULE_RSS] = "rss", [RULE_PSS] = "pss",   [RULE_USS] = "uss", [RULE_TOTAL] = "total",
    [RULE_CPU] = "cpu", [RULE_JOBS] = "jobs", [RULE_AGE] = "age", [RULE_JOB_AGE] = "job_age",
};

static const char *const action_names[] = {
    [RULE_DO_NOTHING] = "nothing",
    [RULE_DO_LOG] = "log",
    [RULE_DO_EXEC] = "exec",
    [RULE_DO_RECYCLE] = "recycle",
};

static const char *const comparison_signs[] = {
    [RULE_ABOVE] = ">",
    [RULE_AT_LEAST] = ">=",
    [RULE_BELOW] = "<",
    [RULE_AT_MOST] = "<=",
};

_Static_assert(ARRAY_LEN(subject_names) == RULE_SUBJECT_COUNT, "a name for each subject");

const char *
rule_subject_name(enum rule_subject subject)
{
    return subject_names[subject];
}

const char *
rule_action_name(enum rule_action action)
{
    return action_names[action];
}

/* Hundredths of a percent: `80%`, `12.5%`. */
static void
format_percent(uint64_t hundredths, char to[UNITS_TEXT_SIZE])
{
    uint64_t rest = hundredths % 100;

    if (rest == 0)
        snprintf(to, UNITS_TEXT_SIZE, "%" PRIu64 "%%", hundredths / 100);
    else if (rest % 10 == 0)
        snprintf(to, UNITS_TEXT_SIZE, "%" PRIu64 ".%" PRIu64 "%%", hundredths / 100, rest / 10);
    else
        snprintf(to, UNITS_TEXT_SIZE, "%" PRIu64 ".%02" PRIu64 "%%", hundredths / 100, rest);
}

static const char *
format_value(const struct rule *rule, char to[UNITS_TEXT_SIZE])
{
    switch (rule->subject) {
    case RULE_RSS:
    case RULE_PSS:
    case RULE_USS:
    case RULE_TOTAL:
        return units_format_size(rule->value, to);
    case RULE_CPU:
        format_percent(rule->value, to);
        break;
    case RULE_AGE:
    case RULE_JOB_AGE:
        return units_format_duration((int64_t)rule->value, to);
    case RULE_JOBS:
    case RULE_SUBJECT_COUNT:
        snprintf(to, UNITS_TEXT_SIZE, "%" PRIu64, rule->value);
        break;
    }
    return to;
}

char *
rule_format(const struct rule *rule, char to[RULE_TEXT_SIZE])
{
    char value[UNITS_TEXT_SIZE], part[24] = "";

    if (rule->window != rule->cycles)
        snprintf(part, sizeof(part), " of %u", rule->window);
    snprintf(to, RULE_TEXT_SIZE, "%s %s %s for %u%s cycle%s", rule_subject_name(rule->subject),
             comparison_signs[rule->comparison], format_value(rule, value), rule->cycles, part,
             rule->window == 1 ? "" : "s");
    return to;
}

static void
free_words(char **words)
{
    for (char **word = words; word != NULL && *word != NULL; word++)
        free(*word);
    free(words);
}

void
rule_done(struct rule *rule)
{
    free(rule->name);
    free_words(rule->then_exec);
    free_words(rule->otherwise_exec);
    *rule = (struct rule){0};
}
