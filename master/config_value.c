/*
 * config_value.c: one value: read from text, checked, stored in struct config.
 *
 * Owns the kinds of options: how each is read and which field holds it. Must not know where a text
 * is from. How they are written is config_value_text.c's.
 */
#include "config_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_text.h"
#include "units.h"

#define MILLION UINT64_C(1000000)

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

/* `whole` times the millionths, without an overflow on the way, in whole MiB where there are any. */
static uint64_t
share_of(uint64_t whole, uint64_t millionths)
{
    uint64_t share = whole / MILLION * millionths + whole % MILLION * millionths / MILLION;

    return share < UNITS_MIB ? share : share - share % UNITS_MIB;
}

int
config_value_size(const char *text, uint64_t memory_bytes, uint64_t *ret_bytes)
{
    size_t length = strlen(text);
    uint64_t millionths = 0;
    int error;

    if (length == 0 || text[length - 1] != '%')
        return units_parse_size(text, ret_bytes);
    error = units_parse_percent(text, &millionths);
    if (error != 0)
        return error;
    if (millionths > MILLION)
        return -EDOM;
    if (memory_bytes == 0)
        return -ENODATA;
    *ret_bytes = share_of(memory_bytes, millionths);
    return 0;
}

static int
parse_size(const struct options_row *row, const char *text, uint64_t memory_bytes, int64_t *ret)
{
    uint64_t bytes = 0;
    int error = config_value_size(text, memory_bytes, &bytes);

    return error != 0 ? error : within(row, bytes, ret);
}

static int
parse_part(const struct options_row *row, const char *start, size_t length, int64_t *ret)
{
    char text[24];

    if (length >= sizeof(text))
        return -EINVAL;
    snprintf(text, sizeof(text), "%.*s", (int)length, start);
    return parse_count(row, text, ret);
}

static int
parse_ratio(const struct options_row *row, const char *text, int64_t *ret)
{
    bool is_part = (row->flags & OPTIONS_PART_OF) != 0;
    size_t length = strcspn(text, "/");
    int64_t first = 0, second = 0;
    int error = parse_part(row, text, length, &first);

    if (error == 0 && row->first_upper != 0 && (uint64_t)first > row->first_upper)
        error = -ERANGE;
    if (error != 0 || (text[length] == '\0' && !is_part))
        return error != 0 ? error : -EINVAL;
    second = first;
    if (text[length] == '/')
        error = parse_part(row, text + length + 1, strlen(text + length + 1), &second);
    if (error == 0 && is_part && first > second)
        error = -ERANGE;
    if (error == 0)
        *ret = first << 32 | second;
    return error;
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

/* Words that stand in place of a number. */
static int
parse_word(const struct options_row *row, const char *text, int64_t *ret)
{
    if ((row->flags & OPTIONS_MAY_BE_AUTO) != 0 && strcmp(text, "auto") == 0) {
        *ret = -1;
        return 0;
    }
    if ((row->flags & OPTIONS_MAY_BE_NONE) == 0 || strcmp(text, "none") != 0)
        return -EINVAL;
    *ret = row->kind == OPTIONS_KIND_DURATION ? -1 : 0;
    return 0;
}

int
config_value_parse(const struct options_row *row, const char *text, uint64_t memory_bytes,
                   struct config_value *ret)
{
    struct config_value value = {.text = text};
    int error = parse_word(row, text, &value.number);

    if (error == 0) {
        *ret = value;
        return 0;
    }
    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
    case OPTIONS_KIND_NUMBER:
        error = parse_count(row, text, &value.number);
        break;
    case OPTIONS_KIND_RATIO:
        error = parse_ratio(row, text, &value.number);
        break;
    case OPTIONS_KIND_SIZE:
        error = parse_size(row, text, memory_bytes, &value.number);
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

static void
store_pair(unsigned *to, int64_t number)
{
    to[0] = (unsigned)(number >> 32);
    to[1] = (unsigned)(number & UINT32_MAX);
}

static int
store(struct config *config, const struct options_row *row, const struct config_value *value)
{
    void *to = field(config, row->id);

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        *(unsigned *)to = (unsigned)value->number;
        break;
    case OPTIONS_KIND_NUMBER:
    case OPTIONS_KIND_SIZE:
        *(uint64_t *)to = (uint64_t)value->number;
        break;
    case OPTIONS_KIND_RATIO:
        store_pair(to, value->number);
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

int
config_value_add_word(struct config *config, enum options_id id, const char *word)
{
    char ***list = field(config, id);
    unsigned count = 0;

    while (*list != NULL && (*list)[count] != NULL)
        count++;
    return config_list_add(list, &count, word);
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

int
config_value_set(struct config *config, enum options_id id, const struct config_text *in,
                 struct config_error *ret_error)
{
    const struct options_row *row = options_row(id);
    struct config_value value = {0};
    char allowed[CONFIG_ALLOWED_SIZE];
    int error = config_value_parse(row, in->text, config->memory_bytes, &value);

    if (error != 0)
        return config_fail(ret_error, config_value_exit_code(in->origin.kind),
                           "%s: %s. Allowed: %s.", in->shown, config_value_problem(error),
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
