/*
 * config_rule_text.c: see config_rule_text.h.
 *
 * Owns the walk through the two texts.
 */
#include "config_rule_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config_item.h"
#include "config_text.h"
#include "config_value.h"
#include "units.h"

#define BLANKS " \t"
#define SUBJECT_LETTERS "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
/* More percent of one core than any machine has. */
#define CPU_MAX (UINT64_C(1000000) * 100)
#define JOBS_MAX UINT64_C(1000000000000000)

static void
skip_blanks(const char **at)
{
    *at += strspn(*at, BLANKS);
}

static bool
take_word(const char **at, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

static const char *
take_subject(const char **at, struct rule *rule, char to[CONFIG_RULE_SENTENCE_SIZE])
{
    struct config_item_names names = {0};
    char word[32], quoted[CONFIG_QUOTE_SIZE];
    size_t length = strspn(*at, SUBJECT_LETTERS);

    snprintf(word, sizeof(word), "%.*s", (int)length, *at);
    for (enum rule_subject subject = 0; subject < RULE_SUBJECT_COUNT; subject++) {
        if (strcmp(word, rule_subject_name(subject)) == 0) {
            rule->subject = subject;
            *at += length;
            return NULL;
        }
        config_item_add_name(&names, word, rule_subject_name(subject));
    }
    snprintf(to, CONFIG_RULE_SENTENCE_SIZE,
             "when = \"%s\" does not begin with a figure. Did you mean %s? The figures are %s.",
             config_quote(*at, quoted), names.nearest, names.all);
    return to;
}

static bool
take_comparison(const char **at, enum rule_comparison *ret)
{
    static const struct {
        const char *sign;
        enum rule_comparison comparison;
    } signs[] = {{">=", RULE_AT_LEAST}, {"<=", RULE_AT_MOST}, {">", RULE_ABOVE}, {"<", RULE_BELOW}};

    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (take_word(at, signs[i].sign)) {
            *ret = signs[i].comparison;
            return true;
        }
    }
    return false;
}

static const char *
allowed_value(enum rule_subject subject)
{
    switch (subject) {
    case RULE_RSS:
    case RULE_PSS:
    case RULE_USS:
    case RULE_TOTAL:
        return "a size such as 800M or 50%";
    case RULE_CPU:
        return "percent of one core such as 80%";
    case RULE_AGE:
    case RULE_JOB_AGE:
        return "a duration such as 90s or 2h";
    case RULE_JOBS:
    case RULE_SUBJECT_COUNT:
        break;
    }
    return "a whole number";
}

static int
parse_cpu(const char *text, uint64_t *ret)
{
    uint64_t millionths = 0;
    int error = units_parse_percent(text, &millionths);

    if (error == 0 && millionths % 100 != 0)
        return -EINVAL;
    if (error == 0 && millionths / 100 > CPU_MAX)
        return -ERANGE;
    if (error == 0)
        *ret = millionths / 100;
    return error;
}

static int
parse_value(const struct rule *rule, const char *text, uint64_t memory_bytes, uint64_t *ret)
{
    int64_t span_ms = 0;
    int error;

    switch (rule->subject) {
    case RULE_RSS:
    case RULE_PSS:
    case RULE_USS:
    case RULE_TOTAL:
        return config_value_size(text, memory_bytes, ret);
    case RULE_CPU:
        return parse_cpu(text, ret);
    case RULE_AGE:
    case RULE_JOB_AGE:
        error = units_parse_duration(text, &span_ms);
        if (error == 0)
            *ret = (uint64_t)span_ms;
        return error;
    case RULE_JOBS:
    case RULE_SUBJECT_COUNT:
        break;
    }
    error = util_parse_u64(text, ret);
    return error == 0 && *ret > JOBS_MAX ? -ERANGE : error;
}

/* `800 MB` becomes `800MB`: blanks may stand between number and unit, and at the end. */
static int
join_unit(const char *text, char *to, size_t size)
{
    size_t digits = strspn(text, DIGITS "."), length;
    const char *unit = text + digits;

    skip_blanks(&unit);
    length = strcspn(unit, BLANKS);
    if (strspn(unit, DIGITS ".") > 0 || unit[length + strspn(unit + length, BLANKS)] != '\0' ||
        digits + length >= size)
        return -EINVAL;
    snprintf(to, size, "%.*s%.*s", (int)digits, text, (int)length, unit);
    return 0;
}

static const char *
take_value(const char *at, uint64_t memory_bytes, struct rule *rule,
           char to[CONFIG_RULE_SENTENCE_SIZE])
{
    char joined[48], quoted[CONFIG_QUOTE_SIZE];
    uint64_t value = 0;
    int error = join_unit(at, joined, sizeof(joined));

    if (error == 0)
        error = parse_value(rule, joined, memory_bytes, &value);
    if (error == 0) {
        rule->value = value;
        return NULL;
    }
    snprintf(to, CONFIG_RULE_SENTENCE_SIZE, "%s is compared with \"%s\": %s. Allowed: %s.",
             rule_subject_name(rule->subject), config_quote(at, quoted),
             config_value_problem(error), allowed_value(rule->subject));
    return to;
}

const char *
config_rule_when(const char *text, uint64_t memory_bytes, struct rule *rule,
                 char to[CONFIG_RULE_SENTENCE_SIZE])
{
    const char *at = text, *problem;
    char quoted[CONFIG_QUOTE_SIZE];

    skip_blanks(&at);
    problem = take_subject(&at, rule, to);
    if (problem != NULL)
        return problem;
    skip_blanks(&at);
    if (!take_comparison(&at, &rule->comparison)) {
        snprintf(to, CONFIG_RULE_SENTENCE_SIZE,
                 "when = \"%s\" needs one of >, >=, < and <= behind %s.",
                 config_quote(text, quoted), rule_subject_name(rule->subject));
        return to;
    }
    skip_blanks(&at);
    problem = take_value(at, memory_bytes, rule, to);
    if (problem != NULL || rule->value > 0 || rule->comparison == RULE_ABOVE ||
        rule->comparison == RULE_AT_MOST)
        return problem;
    snprintf(to, CONFIG_RULE_SENTENCE_SIZE, "when = \"%s\" %s.", config_quote(text, quoted),
             rule->comparison == RULE_BELOW ? "never holds" : "always holds");
    return to;
}

static bool
take_count(const char **at, unsigned *ret)
{
    size_t digits = strspn(*at, DIGITS);

    if (digits == 0 || digits > 3)
        return false;
    *ret = 0;
    for (; digits > 0; digits--, (*at)++)
        *ret = *ret * 10 + (unsigned)(**at - '0');
    skip_blanks(at);
    return true;
}

/* Both numbers, as they stand there. */
static bool
take_cycles(const char *at, unsigned *ret_cycles, unsigned *ret_window)
{
    skip_blanks(&at);
    if (!take_count(&at, ret_cycles))
        return false;
    *ret_window = *ret_cycles;
    if (take_word(&at, "of") || take_word(&at, "/")) {
        skip_blanks(&at);
        if (!take_count(&at, ret_window))
            return false;
    }
    if (take_word(&at, "cycles") || take_word(&at, "cycle"))
        skip_blanks(&at);
    return *at == '\0';
}

const char *
config_rule_for(const char *text, struct rule *rule, char to[CONFIG_RULE_SENTENCE_SIZE])
{
    char quoted[CONFIG_QUOTE_SIZE];
    unsigned cycles = 0, window = 0;
    bool is_read = take_cycles(text, &cycles, &window);

    if (is_read && cycles >= 1 && cycles <= window && window <= RULE_WINDOW_MAX) {
        rule->cycles = cycles;
        rule->window = window;
        return NULL;
    }
    snprintf(
        to, CONFIG_RULE_SENTENCE_SIZE,
        "for = \"%s\": %s. Allowed: \"5 cycles\", or \"3 of 5 cycles\", both from 1 to %d, the "
        "first no more than the second.",
        config_quote(text, quoted), config_value_problem(is_read ? -ERANGE : -EINVAL),
        RULE_WINDOW_MAX);
    return to;
}
