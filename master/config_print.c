/*
 * config_print.c: what `swarm config` shows.
 *
 * Owns the table and the JSON. Names are in the order of the option table.
 */
#include "config_print.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "config_value.h"

#define NAME_WIDTH 16
#define VALUE_WIDTH 24

/* Paths and texts that were not given have no value to show. */
static const char *
shown_value(const struct config *config, const struct options_row *row, char to[CONFIG_VALUE_SIZE])
{
    config_value_text(config, row, to);
    return to[0] == '\0' ? "-" : to;
}

static void
print_words(const char *title, char *const *words, FILE *out)
{
    if (words == NULL || *words == NULL)
        return;
    fprintf(out, "\n%s:", title);
    for (; *words != NULL; words++)
        fprintf(out, " %s", *words);
    fputc('\n', out);
}

/* `recycle`, `log`, or the program with its words. */
static const char *
action_text(enum rule_action action, char *const *words, char to[CONFIG_VALUE_SIZE])
{
    size_t used = 0;

    if (action != RULE_DO_EXEC)
        return rule_action_name(action);
    for (; *words != NULL && used < CONFIG_VALUE_SIZE; words++)
        used += (size_t)snprintf(to + used, CONFIG_VALUE_SIZE - used, "%s%s",
                                 used > 0 ? " " : "exec ", *words);
    return to;
}

static void
print_rules(const struct config *config, FILE *out)
{
    char text[RULE_TEXT_SIZE], then[CONFIG_VALUE_SIZE], otherwise[CONFIG_VALUE_SIZE];

    if (config->rule_count > 0)
        fprintf(out, "\nRules:\n");
    for (unsigned i = 0; i < config->rule_count; i++) {
        const struct rule *rule = &config->rules[i];

        fprintf(out, "%s: when %s then %s", rule->name, rule_format(rule, text),
                action_text(rule->then, rule->then_exec, then));
        if (rule->otherwise != RULE_DO_NOTHING)
            fprintf(out, " else %s", action_text(rule->otherwise, rule->otherwise_exec, otherwise));
        fprintf(out, " (%s:%u)\n", config->file, rule->line);
    }
}

static void
print_warnings(const struct config *config, FILE *out)
{
    for (unsigned i = 0; i < config->warning_count; i++)
        fprintf(out, "Warning: %s.\n", config->warnings[i]);
}

void
config_print_table(const struct config *config, FILE *out)
{
    char value[CONFIG_VALUE_SIZE], origin[CONFIG_ORIGIN_SIZE];

    fprintf(out, "%-*s %-*s %s\n", NAME_WIDTH, "NAME", VALUE_WIDTH, "VALUE", "ORIGIN");
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const struct options_row *row = options_row(id);

        fprintf(out, "%-*s %-*s %s\n", NAME_WIDTH, row->name, VALUE_WIDTH,
                shown_value(config, row, value), config_origin_text(config, id, origin));
    }
    print_rules(config, out);
    print_words("For Sidekiq", config->passthrough, out);
    if (config->warning_count > 0)
        fputc('\n', out);
    print_warnings(config, out);
}

static json_t *
json_text(const char *text)
{
    /* Paths are bytes and need not be UTF-8, which JSON asks for. */
    json_t *value = text == NULL ? json_null() : json_string(text);

    return value != NULL ? value : json_string("(not UTF-8)");
}

static json_t *
json_words(char *const *words)
{
    json_t *list = json_array();

    for (; words != NULL && *words != NULL; words++)
        json_array_append_new(list, json_text(*words));
    return list;
}

static json_t *
json_duration(int64_t duration_ms)
{
    if (duration_ms < 0)
        return json_null();
    if (duration_ms % 1000 == 0)
        return json_integer(duration_ms / 1000);
    return json_real((double)duration_ms / 1000);
}

static json_t *
json_number(uint64_t number)
{
    return number == 0 ? json_null() : json_integer((json_int_t)number);
}

static json_t *
json_ratio(const unsigned *pair)
{
    return pair[1] == 0 ? json_null() : json_pack("[ii]", (int)pair[0], (int)pair[1]);
}

static json_t *
json_value(const struct config *config, const struct options_row *row)
{
    const void *at = config_value_field(config, row);
    char text[CONFIG_VALUE_SIZE];

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        return json_integer(*(const unsigned *)at);
    case OPTIONS_KIND_NUMBER:
    case OPTIONS_KIND_SIZE:
        if (*(const uint64_t *)at == UINT64_MAX)
            return json_string("auto");
        return json_number(*(const uint64_t *)at);
    case OPTIONS_KIND_RATIO:
        return json_ratio(at);
    case OPTIONS_KIND_DURATION:
        return json_duration(*(const int64_t *)at);
    case OPTIONS_KIND_SWITCH:
        return json_boolean(*(const bool *)at);
    case OPTIONS_KIND_CHOICE:
        return json_string(config_value_text(config, row, text));
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
        return json_text(*(char *const *)at);
    case OPTIONS_KIND_WORDS:
        return json_words(*(char *const *const *)at);
    }
    return json_null();
}

static json_t *
json_option(const struct config *config, const struct options_row *row)
{
    static const char *const kinds[] = {
        [CONFIG_ORIGIN_DEFAULT] = "default",
        [CONFIG_ORIGIN_FILE] = "file",
        [CONFIG_ORIGIN_ENVIRONMENT] = "environment",
        [CONFIG_ORIGIN_COMMAND_LINE] = "command line",
    };
    const struct config_origin *origin = &config->origins[row->id];
    json_t *option = json_object();

    json_object_set_new(option, "value", json_value(config, row));
    json_object_set_new(option, "origin", json_string(kinds[origin->kind]));
    if (origin->kind == CONFIG_ORIGIN_FILE)
        json_object_set_new(option, "line", json_integer(origin->line));
    else if (origin->name != NULL)
        json_object_set_new(option, "name", json_string(origin->name));
    return option;
}

static const char *
json_action(enum rule_action action)
{
    return action == RULE_DO_NOTHING ? NULL : rule_action_name(action);
}

static json_t *
json_rule(const struct rule *rule)
{
    json_t *object = json_object();
    char text[RULE_TEXT_SIZE];

    json_object_set_new(object, "name", json_text(rule->name));
    json_object_set_new(object, "rule", json_text(rule_format(rule, text)));
    json_object_set_new(object, "then", json_text(json_action(rule->then)));
    json_object_set_new(object, "exec", json_words(rule->then_exec));
    json_object_set_new(object, "else", json_text(json_action(rule->otherwise)));
    json_object_set_new(object, "else_exec", json_words(rule->otherwise_exec));
    json_object_set_new(object, "line", json_integer(rule->line));
    return object;
}

static json_t *
json_rules(const struct config *config)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < config->rule_count; i++)
        json_array_append_new(list, json_rule(&config->rules[i]));
    return list;
}

int
config_print_json(const struct config *config, FILE *out)
{
    json_t *all = json_object(), *options = json_object();
    int error = 0;

    for (enum options_id id = 0; id < OPTIONS_COUNT; id++)
        json_object_set_new(options, options_row(id)->name, json_option(config, options_row(id)));
    json_object_set_new(all, "file", json_text(config->file));
    json_object_set_new(all, "options", options);
    json_object_set_new(all, "rules", json_rules(config));
    json_object_set_new(all, "sidekiq", json_words(config->passthrough));
    json_object_set_new(all, "warnings", json_words(config->warnings));
    if (json_dumpf(all, out, JSON_INDENT(2)) != 0)
        error = -ENOMEM;
    fputc('\n', out);
    json_decref(all);
    return error;
}
