/*
 * config_promises.c: see config_promises.h.
 *
 * Owns the checks. Must not know from where a value came.
 */
#include "config_promises.h"

#include <string.h>

#include "master/config_rule_text.h"
#include "master/config_value.h"
#include "targets.h"

void
config_promises_sentence(const char *text)
{
    FUZZ_CHECK(text[0] != '\0');
    for (const char *at = text; *at != '\0'; at++) {
        FUZZ_CHECK((unsigned char)*at >= ' ' && *at != 0x7f);
    }
}

static bool
is_text(const struct options_row *row)
{
    return row->kind == OPTIONS_KIND_PATH || row->kind == OPTIONS_KIND_TEXT ||
           row->kind == OPTIONS_KIND_WORDS;
}

/* The stored number, as struct config_value has it. */
static int64_t
number_of(const struct config *config, const struct options_row *row)
{
    const void *at = config_value_field(config, row);

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        return *(const unsigned *)at;
    case OPTIONS_KIND_NUMBER:
    case OPTIONS_KIND_SIZE:
        return (int64_t) * (const uint64_t *)at;
    case OPTIONS_KIND_RATIO:
        return (int64_t)((const unsigned *)at)[0] << 32 | ((const unsigned *)at)[1];
    case OPTIONS_KIND_DURATION:
        return *(const int64_t *)at;
    case OPTIONS_KIND_SWITCH:
        return *(const bool *)at ? 1 : 0;
    case OPTIONS_KIND_CHOICE:
        return *(const int *)at;
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
    case OPTIONS_KIND_WORDS:
        break;
    }
    return 0;
}

static void
check_value(const struct config *config, const struct options_row *row)
{
    char text[CONFIG_VALUE_SIZE], origin[CONFIG_ORIGIN_SIZE];
    struct config_value value = {0};

    config_value_text(config, row, text);
    FUZZ_CHECK(config_origin_text(config, row->id, origin)[0] != '\0');
    if (is_text(row)) {
        return;
    }
    FUZZ_CHECK(config_value_parse(row, text, config->memory_bytes, &value) == 0);
    FUZZ_CHECK(value.number == number_of(config, row));
}

static void
check_list(char *const *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        FUZZ_CHECK(list[i] != NULL);
    }
    FUZZ_CHECK(list == NULL ? count == 0 : list[count] == NULL);
}

/* A rule's text reads back as the same rule. */
static void
check_rule(const struct rule *rule)
{
    char text[RULE_TEXT_SIZE], again[RULE_TEXT_SIZE], problem[CONFIG_RULE_SENTENCE_SIZE];
    struct rule copy = {0};
    char *behind;

    FUZZ_CHECK(rule->name != NULL && rule->name[0] != '\0' && rule->line > 0);
    FUZZ_CHECK(rule->cycles >= 1 && rule->cycles <= rule->window);
    FUZZ_CHECK(rule->window <= RULE_WINDOW_MAX);
    FUZZ_CHECK(rule->then != RULE_DO_NOTHING && rule->otherwise != RULE_DO_RECYCLE);
    FUZZ_CHECK((rule->then == RULE_DO_EXEC) == (rule->then_exec != NULL));
    FUZZ_CHECK((rule->otherwise == RULE_DO_EXEC) == (rule->otherwise_exec != NULL));
    behind = strstr(rule_format(rule, text), " for ");
    FUZZ_CHECK(behind != NULL);
    *behind = '\0';
    FUZZ_CHECK(config_rule_when(text, 0, &copy, problem) == NULL);
    FUZZ_CHECK(config_rule_for(behind + strlen(" for "), &copy, problem) == NULL);
    FUZZ_CHECK(strcmp(rule_format(&copy, again), rule_format(rule, text)) == 0);
}

static void
check_config(const struct config *config)
{
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        check_value(config, options_row(id));
    }
    for (unsigned i = 0; i < config->rule_count; i++) {
        check_rule(&config->rules[i]);
    }
    check_list(config->passthrough, config->passthrough_count);
    check_list(config->warnings, config->warning_count);
    for (unsigned i = 0; i < config->warning_count; i++) {
        config_promises_sentence(config->warnings[i]);
    }
}

void
config_promises_load(const struct config_input *in)
{
    struct config config = {0};
    struct config_error error = {0};

    if (config_load(&config, in, &error) == 0) {
        check_config(&config);
        config_done(&config);
        return;
    }
    FUZZ_CHECK(error.exit_code == EXIT_CODE_USAGE || error.exit_code == EXIT_CODE_CONFIG);
    config_promises_sentence(error.text);
}
