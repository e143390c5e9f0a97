/*
 * config_value.c: one value: read from text, checked, stored in struct config.
 *
 * Owns the kinds of options: how each is read and which field holds it. Must not know where a text
 * is from.
 */
#include "config_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_text.h"
#include "units.h"

static int
parse_choice(const struct options_row *row, const char *text, int64_t *ret)
{
    for (int64_t i = 0; i < OPTIONS_CHOICES_MAX && row->choices[i] != NULL; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *ret = i;
            return 0;
        }
    }
    return -EINVAL;
}

static int
within(const struct options_row *row, uint64_t number, int64_t *ret)
{
    if (number < row->lower || number > row->upper)
        return -ERANGE;
    *ret = (int64_t)number;
    return 0;
}

static int
parse_count(const struct options_row *row, const char *text, int64_t *ret)
{
    uint64_t count = 0;
    int error = util_parse_u64(text, &count);

    return error != 0 ? error : within(row, count, ret);
}

static int
parse_size(const struct options_row *row, const char *text, int64_t *ret)
{
    uint64_t bytes = 0;
    int error = units_parse_size(text, &bytes);

    return error != 0 ? error : within(row, bytes, ret);
}

static int
parse_duration(const struct options_row *row, const char *text, int64_t *ret)
{
    int64_t span_ms = 0;
    int error = units_parse_duration(text, &span_ms);

    return error != 0 ? error : within(row, (uint64_t)span_ms, ret);
}

static int
parse_switch(const char *text, int64_t *ret)
{
    bool on = false;
    int error = units_parse_switch(text, &on);

    if (error == 0)
        *ret = on ? 1 : 0;
    return error;
}

static int
parse_none(const struct options_row *row, const char *text, int64_t *ret)
{
    if ((row->flags & OPTIONS_MAY_BE_NONE) == 0 || strcmp(text, "none") != 0)
        return -EINVAL;
    *ret = row->kind == OPTIONS_KIND_DURATION ? -1 : 0;
    return 0;
}

int
config_value_parse(const struct options_row *row, const char *text, struct config_value *ret)
{
    struct config_value value = {.text = text};
    int error = parse_none(row, text, &value.number);

    if (error == 0) {
        *ret = value;
        return 0;
    }
    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        error = parse_count(row, text, &value.number);
        break;
    case OPTIONS_KIND_SIZE:
        error = parse_size(row, text, &value.number);
        break;
    case OPTIONS_KIND_DURATION:
        error = parse_duration(row, text, &value.number);
        break;
    case OPTIONS_KIND_SWITCH:
        error = parse_switch(text, &value.number);
        break;
    case OPTIONS_KIND_CHOICE:
        error = parse_choice(row, text, &value.number);
        break;
    case OPTIONS_KIND_PATH:
        error = text[0] == '\0' ? -EINVAL : 0;
        break;
    case OPTIONS_KIND_TEXT:
    case OPTIONS_KIND_WORDS:
        error = 0;
        break;
    }
    if (error == 0)
        *ret = value;
    return error;
}

bool
config_value_equal(const struct options_row *row, const struct config_value *a,
                   const struct config_value *b)
{
    if (row->kind == OPTIONS_KIND_PATH || row->kind == OPTIONS_KIND_TEXT)
        return strcmp(a->text, b->text) == 0;
    return a->number == b->number;
}

const void *
config_value_field(const struct config *config, const struct options_row *row)
{
    return (const char *)config + row->offset;
}

static void *
field(struct config *config, enum options_id id)
{
    return (char *)config + options_row(id)->offset;
}

static int
store_text(char **to, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return -ENOMEM;
    free(*to);
    *to = copy;
    return 0;
}

static int
store(struct config *config, const struct options_row *row, const struct config_value *value)
{
    void *to = field(config, row->id);

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        *(unsigned *)to = (unsigned)value->number;
        break;
    case OPTIONS_KIND_SIZE:
        *(uint64_t *)to = (uint64_t)value->number;
        break;
    case OPTIONS_KIND_DURATION:
        *(int64_t *)to = value->number;
        break;
    case OPTIONS_KIND_SWITCH:
        *(bool *)to = value->number == 1;
        break;
    case OPTIONS_KIND_CHOICE:
        memcpy(to, &(int){(int)value->number}, sizeof(int));
        break;
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
        return store_text(to, value->text);
    case OPTIONS_KIND_WORDS:
        break;
    }
    return 0;
}

void
config_value_clear(struct config *config, enum options_id id)
{
    enum options_kind kind = options_row(id)->kind;
    void *at = field(config, id);

    if (kind == OPTIONS_KIND_PATH || kind == OPTIONS_KIND_TEXT) {
        free(*(char **)at);
        *(char **)at = NULL;
    }
    if (kind == OPTIONS_KIND_WORDS) {
        config_list_free(*(char ***)at);
        *(char ***)at = NULL;
    }
}

enum exit_code
config_value_exit_code(enum config_origin_kind kind)
{
    return kind == CONFIG_ORIGIN_COMMAND_LINE ? EXIT_CODE_USAGE : EXIT_CODE_CONFIG;
}

static void
allowed_choices(const struct options_row *row, char *to, size_t size)
{
    size_t used = (size_t)snprintf(to, size, "one of");

    for (size_t i = 0; i < OPTIONS_CHOICES_MAX && row->choices[i] != NULL && used < size; i++)
        used +=
            (size_t)snprintf(to + used, size - used, "%s %s", i > 0 ? "," : "", row->choices[i]);
}

char *
config_value_allowed(const struct options_row *row, char to[CONFIG_ALLOWED_SIZE])
{
    const char *or_none = (row->flags & OPTIONS_MAY_BE_NONE) != 0 ? ", or none" : "";
    char lower[UNITS_TEXT_SIZE], upper[UNITS_TEXT_SIZE];

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        snprintf(to, CONFIG_ALLOWED_SIZE, "a whole number from %" PRIu64 " to %" PRIu64, row->lower,
                 row->upper);
        break;
    case OPTIONS_KIND_SIZE:
        snprintf(to, CONFIG_ALLOWED_SIZE,
                 "bytes, or a number with K, M, G or T (800M, 1.5G), from %s to %s%s",
                 units_format_size(row->lower, lower), units_format_size(row->upper, upper),
                 or_none);
        break;
    case OPTIONS_KIND_DURATION:
        snprintf(to, CONFIG_ALLOWED_SIZE,
                 "seconds, or a number with ms, s, m, h or d (0.5, 90s, 5m), from %s to %s%s",
                 units_format_duration((int64_t)row->lower, lower),
                 units_format_duration((int64_t)row->upper, upper), or_none);
        break;
    case OPTIONS_KIND_SWITCH:
        snprintf(to, CONFIG_ALLOWED_SIZE, "true, yes, on or 1; false, no, off or 0");
        break;
    case OPTIONS_KIND_CHOICE:
        allowed_choices(row, to, CONFIG_ALLOWED_SIZE);
        break;
    case OPTIONS_KIND_PATH:
        snprintf(to, CONFIG_ALLOWED_SIZE, "a path");
        break;
    case OPTIONS_KIND_TEXT:
        snprintf(to, CONFIG_ALLOWED_SIZE, "a text");
        break;
    case OPTIONS_KIND_WORDS:
        snprintf(to, CONFIG_ALLOWED_SIZE, "an array of texts");
        break;
    }
    return to;
}

int
config_value_set(struct config *config, enum options_id id, const struct config_text *in,
                 struct config_error *ret_error)
{
    const struct options_row *row = options_row(id);
    struct config_value value = {0};
    char allowed[CONFIG_ALLOWED_SIZE];
    int error = config_value_parse(row, in->text, &value);

    if (error != 0)
        return config_fail(ret_error, config_value_exit_code(in->origin.kind),
                           "%s: %s. Allowed: %s.", in->shown,
                           error == -ERANGE ? "this is out of range" : "this cannot be understood",
                           config_value_allowed(row, allowed));
    if (store(config, row, &value) != 0)
        return config_fail_memory(ret_error);
    config->origins[id] = in->origin;
    return 0;
}

int
config_value_set_defaults(struct config *config, unsigned cores_available,
                          struct config_error *ret_error)
{
    unsigned most = (unsigned)options_row(OPTIONS_PROCESSES)->upper;

    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        struct config_text in = {.text = options_row(id)->default_text, .shown = "default"};
        int error = in.text == NULL ? 0 : config_value_set(config, id, &in, ret_error);

        if (error != 0)
            return error;
    }
    config->processes = cores_available == 0 ? 1 : cores_available;
    if (config->processes > most)
        config->processes = most;
    return 0;
}

static void
words_text(char *const *words, char *to, size_t size)
{
    size_t used = 0;

    to[0] = '\0';
    for (; words != NULL && *words != NULL && used < size; words++)
        used += (size_t)snprintf(to + used, size - used, "%s%s", used > 0 ? " " : "", *words);
}

char *
config_value_text(const struct config *config, const struct options_row *row,
                  char to[CONFIG_VALUE_SIZE])
{
    const void *at = config_value_field(config, row);
    char unit[UNITS_TEXT_SIZE];
    int choice = 0;

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        snprintf(to, CONFIG_VALUE_SIZE, "%u", *(const unsigned *)at);
        break;
    case OPTIONS_KIND_SIZE:
        snprintf(to, CONFIG_VALUE_SIZE, "%s",
                 *(const uint64_t *)at == 0 ? "none"
                                            : units_format_size(*(const uint64_t *)at, unit));
        break;
    case OPTIONS_KIND_DURATION:
        snprintf(to, CONFIG_VALUE_SIZE, "%s",
                 *(const int64_t *)at < 0 ? "none"
                                          : units_format_duration(*(const int64_t *)at, unit));
        break;
    case OPTIONS_KIND_SWITCH:
        snprintf(to, CONFIG_VALUE_SIZE, "%s", *(const bool *)at ? "true" : "false");
        break;
    case OPTIONS_KIND_CHOICE:
        memcpy(&choice, at, sizeof(choice));
        snprintf(to, CONFIG_VALUE_SIZE, "%s", row->choices[choice]);
        break;
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
        util_copy_text(to, CONFIG_VALUE_SIZE, *(char *const *)at != NULL ? *(char *const *)at : "");
        break;
    case OPTIONS_KIND_WORDS:
        words_text(*(char *const *const *)at, to, CONFIG_VALUE_SIZE);
        break;
    }
    return to;
}
