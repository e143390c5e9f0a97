/*
 * config_toml.c: values from a TOML document.
 *
 * Owns the strict check of sections, keys and types. Values become text here and are read like
 * those of the command line, so that limits and messages are the same everywhere.
 */
#include "config_toml.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config_item.h"
#include "config_notify.h"
#include "config_rule.h"
#include "config_sidekiq.h"
#include "config_text.h"
#include "config_value.h"
#include "toml_shim.h"

/* The walk over the items. */
struct walk {
    struct config *config;
    struct config_item_place place;
    struct config_rule_reader rules;
    bool for_verbs;
    bool is_value; /* the last word for Sidekiq was an option that takes the next as its value */
};

static bool
has_section(const char *section)
{
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const char *own = options_row(id)->section;

        if (own != NULL && strcmp(own, section) == 0)
            return true;
    }
    return false;
}

static void
find_sections(struct config_item_names *names, const char *wrong)
{
    const char *last = "";

    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const char *section = options_row(id)->section;

        if (section == NULL || strcmp(section, last) == 0)
            continue;
        config_item_add_name(names, wrong, section);
        last = section;
    }
    config_item_add_name(names, wrong, CONFIG_RULE_SECTION);
}

static void
find_keys(struct config_item_names *names, const char *section, const char *wrong)
{
    char key[OPTIONS_KEY_SIZE];

    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const struct options_row *row = options_row(id);

        if (row->section != NULL && strcmp(row->section, section) == 0)
            config_item_add_name(names, wrong, options_key(row, key));
    }
}

/* The other section's key, or an alias of the command line, that somebody may have meant. */
static const struct options_row *
find_meant(const char *key)
{
    const struct options_row *row = options_find_key(NULL, key);
    char name[OPTIONS_KEY_SIZE];

    /* A key such as `timeout` has a meaning only where it stands. */
    if (row != NULL && row->key == NULL)
        return row;
    util_copy_text(name, sizeof(name), key);
    for (char *at = name; *at != '\0'; at++) {
        if (*at == '_')
            *at = '-';
    }
    row = options_find(name, strlen(name));
    return row != NULL && row->section != NULL ? row : NULL;
}

static int
fail_section(const struct walk *walk, const struct toml_shim_item *item)
{
    struct config_item_names names = {0};
    char quoted[CONFIG_QUOTE_SIZE], key[OPTIONS_KEY_SIZE], text[CONFIG_ITEM_TEXT_SIZE];
    const struct options_row *row = find_meant(item->keys[0]);
    bool is_rule;

    find_sections(&names, item->keys[0]);
    is_rule = strcmp(names.nearest, CONFIG_RULE_SECTION) == 0;
    if (row != NULL && item->kind != TOML_SHIM_TABLE)
        snprintf(text, sizeof(text), "%s belongs in a section: write %s below [%s].",
                 config_quote(item->keys[0], quoted), options_key(row, key), row->section);
    else
        snprintf(text, sizeof(text),
                 "[%s] is not a section. Did you mean %s%s%s? The sections are %s.",
                 config_quote(item->keys[0], quoted), is_rule ? "[[" : "[", names.nearest,
                 is_rule ? "]]" : "]", names.all);
    return config_item_fail(&walk->place, item->key_at, text);
}

static int
fail_key(const struct walk *walk, const struct toml_shim_item *item)
{
    struct config_item_names names = {0};
    const char *section = item->keys[0];
    char quoted[CONFIG_QUOTE_SIZE], key[OPTIONS_KEY_SIZE], text[CONFIG_ITEM_TEXT_SIZE];
    const struct options_row *row = find_meant(item->keys[1]);

    find_keys(&names, section, item->keys[1]);
    config_quote(item->keys[1], quoted);
    if (row != NULL)
        snprintf(text, sizeof(text), "[%s] has no key %s. It is %s in [%s].", section, quoted,
                 options_key(row, key), row->section);
    else
        snprintf(text, sizeof(text), "[%s] has no key %s. Did you mean %s? [%s] has %s.", section,
                 quoted, names.nearest, section, names.all);
    return config_item_fail(&walk->place, item->key_at, text);
}

static const char *
expected(enum options_kind kind)
{
    switch (kind) {
    case OPTIONS_KIND_COUNT:
        return "a whole number";
    case OPTIONS_KIND_NUMBER:
        return "a whole number, or \"none\"";
    case OPTIONS_KIND_RATIO:
        return "a whole number, or a text such as \"3/5\"";
    case OPTIONS_KIND_SIZE:
        return "a whole number of bytes, or a text such as \"800M\"";
    case OPTIONS_KIND_DURATION:
        return "a number of seconds, or a text such as \"90s\"";
    case OPTIONS_KIND_SWITCH:
        return "true or false";
    case OPTIONS_KIND_CHOICE:
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
        return "a text in quotes";
    case OPTIONS_KIND_WORDS:
        return "an array of texts";
    }
    return "";
}

static bool
is_kind_allowed(enum options_kind kind, enum toml_shim_kind given)
{
    switch (kind) {
    case OPTIONS_KIND_COUNT:
        return given == TOML_SHIM_INTEGER;
    case OPTIONS_KIND_NUMBER:
    case OPTIONS_KIND_RATIO:
    case OPTIONS_KIND_SIZE:
        return given == TOML_SHIM_INTEGER || given == TOML_SHIM_TEXT;
    case OPTIONS_KIND_DURATION:
        return given == TOML_SHIM_INTEGER || given == TOML_SHIM_FLOAT || given == TOML_SHIM_TEXT;
    case OPTIONS_KIND_SWITCH:
        return given == TOML_SHIM_BOOLEAN;
    case OPTIONS_KIND_CHOICE:
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
        return given == TOML_SHIM_TEXT;
    case OPTIONS_KIND_WORDS:
        return given == TOML_SHIM_ARRAY;
    }
    return false;
}

static int
fail_kind(const struct walk *walk, const struct options_row *row, const struct toml_shim_item *item)
{
    char key[OPTIONS_KEY_SIZE], text[256];

    snprintf(text, sizeof(text), "%s must be %s, and this is %s.", options_key(row, key),
             expected(row->kind), config_item_kind_name(item->kind));
    return config_item_fail(&walk->place, item->value_at, text);
}

/* A value as the command line would have it. `room` holds what is no text already. */
static const char *
item_text(const struct toml_shim_item *item, char *room, size_t size)
{
    switch (item->kind) {
    case TOML_SHIM_TEXT:
        return item->text;
    case TOML_SHIM_INTEGER:
        snprintf(room, size, "%" PRId64, item->integer);
        break;
    case TOML_SHIM_FLOAT:
        snprintf(room, size, "%.3f", item->number);
        break;
    case TOML_SHIM_BOOLEAN:
        snprintf(room, size, "%s", item->boolean ? "true" : "false");
        break;
    case TOML_SHIM_TABLE:
    case TOML_SHIM_ARRAY:
    case TOML_SHIM_TIME:
        snprintf(room, size, "%s", config_item_kind_name(item->kind));
        break;
    }
    return room;
}

static int
set_value(struct walk *walk, const struct options_row *row, const struct toml_shim_item *item)
{
    char room[400], quoted[CONFIG_QUOTE_SIZE], key[OPTIONS_KEY_SIZE], shown[512];
    const char *quote = item->kind == TOML_SHIM_TEXT ? "\"" : "";
    struct config_text in = {.text = item_text(item, room, sizeof(room)), .shown = shown};

    in.origin = (struct config_origin){
        .kind = CONFIG_ORIGIN_FILE, .line = item->key_at.line, .column = item->key_at.column};
    snprintf(shown, sizeof(shown), "%.200s:%u:%u: %s = %s%s%s", walk->place.file,
             item->value_at.line, item->value_at.column, options_key(row, key), quote,
             config_quote(in.text, quoted), quote);
    return config_value_set(walk->config, row->id, &in, walk->place.error);
}

/* A word that is refused on the command line is refused here, too. */
static int
check_sidekiq_word(struct walk *walk, const struct toml_shim_item *item)
{
    struct config_sidekiq_word look = {CONFIG_SIDEKIQ_COMPLETE, NULL};
    char quoted[CONFIG_QUOTE_SIZE], text[512];
    bool is_value = walk->is_value;

    walk->is_value = false;
    if (is_value || item->text[0] != '-' || item->text[1] == '\0')
        return 0;
    if (strncmp(item->text, "--", 2) == 0 &&
        options_find(item->text + 2, strcspn(item->text + 2, "=")) != NULL) {
        snprintf(text, sizeof(text), "%s is an option of swarm itself: give it its own key here.",
                 config_quote(item->text, quoted));
        return config_item_fail(&walk->place, item->value_at, text);
    }
    look = config_sidekiq_look(item->text);
    walk->is_value = look.kind == CONFIG_SIDEKIQ_VALUE;
    if (look.kind != CONFIG_SIDEKIQ_REFUSED)
        return 0;
    snprintf(text, sizeof(text), "%s is not possible under swarm. %s",
             config_quote(item->text, quoted), look.remedy);
    return config_item_fail(&walk->place, item->value_at, text);
}

static int
check_word(struct walk *walk, const struct options_row *row, const struct toml_shim_item *item)
{
    char text[512];

    if (row->id == OPTIONS_ARGUMENTS)
        return check_sidekiq_word(walk, item);
    if (config_notify_check_word(row->id, item->element, item->text, text, sizeof(text)) == NULL)
        return 0;
    return config_item_fail(&walk->place, item->value_at, text);
}

static int
add_word(struct walk *walk, const struct options_row *row, const struct toml_shim_item *item)
{
    int error;

    if (item->kind != TOML_SHIM_TEXT)
        return fail_kind(walk, row, item);
    error = config_item_check_text(&walk->place, item);
    if (error == 0)
        error = check_word(walk, row, item);
    if (error != 0)
        return error;
    if (config_value_add_word(walk->config, row->id, item->text) != 0)
        return config_fail_memory(walk->place.error);
    return 0;
}

static int
take_option(struct walk *walk, const struct options_row *row, const struct toml_shim_item *item)
{
    int error;

    if (item->element >= 0)
        return add_word(walk, row, item);
    if (!is_kind_allowed(row->kind, item->kind))
        return fail_kind(walk, row, item);
    error = config_item_check_text(&walk->place, item);
    if (error != 0)
        return error;
    if (row->kind == OPTIONS_KIND_WORDS) {
        if (item->elements == 0 && row->id != OPTIONS_ARGUMENTS)
            return config_item_fail(&walk->place, item->value_at,
                                    "an empty array says nothing: take the key away.");
        walk->config->origins[row->id] = (struct config_origin){
            .kind = CONFIG_ORIGIN_FILE, .line = item->key_at.line, .column = item->key_at.column};
        return 0;
    }
    return set_value(walk, row, item);
}

/* A table below a key was refused where the key itself came, so here the depth is 1 or 2. */
static int
take_item(struct walk *walk, const struct toml_shim_item *item)
{
    const struct options_row *row = NULL;

    if (item->depth > 1)
        row = options_find_key(item->keys[0], item->keys[1]);
    if (walk->for_verbs && (row == NULL || (row->flags & OPTIONS_FOR_VERBS) == 0))
        return 0;
    if (strcmp(item->keys[0], CONFIG_RULE_SECTION) == 0)
        return config_rule_take(&walk->rules, item);
    if (!has_section(item->keys[0]))
        return fail_section(walk, item);
    if (item->depth == 1 && item->kind != TOML_SHIM_TABLE)
        return config_item_fail(&walk->place, item->value_at,
                                "a section is a table: write its name in brackets.");
    if (item->depth == 1)
        return 0;
    return row == NULL ? fail_key(walk, item) : take_option(walk, row, item);
}

static int
take_all(struct walk *walk, const struct toml_shim_document *document)
{
    size_t count = 0;
    const struct toml_shim_item *items = toml_shim_items(document, &count);

    for (size_t i = 0; i < count; i++) {
        int error = take_item(walk, &items[i]);

        if (error != 0)
            return error;
    }
    return config_rule_finish(&walk->rules);
}

int
config_toml_apply(struct config *config, const struct config_toml_input *in,
                  struct config_error *ret_error)
{
    const struct config_item_place place = {in->name, ret_error};
    struct walk walk = {.config = config, .place = place, .for_verbs = in->for_verbs};
    struct toml_shim_document *document = NULL;
    struct toml_shim_error problem = {0};
    int error = toml_shim_parse(in->contents, in->size, &document, &problem);

    if (error == -EINVAL)
        return config_item_fail(&place, problem.at, problem.text);
    if (error != 0)
        return config_fail_memory(ret_error);
    walk.rules = (struct config_rule_reader){.config = config, .place = place};
    error = take_all(&walk, document);
    config_rule_reader_done(&walk.rules);
    toml_shim_free(document);
    return error;
}
