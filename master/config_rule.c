/*
 * config_rule.c: see config_rule.h.
 *
 * Owns the table of keys. Each value is read when it comes, so that the first mistake of the file is
 * the one that is named; what the keys mean together is settled when the rule is whole.
 */
#include "config_rule.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_rule_text.h"
#include "config_text.h"

#define NAME_MAX_BYTES 48

struct key_row {
    const char *name;
    const char *expected;
    bool is_list;
    bool may_be_number;
};

static const struct key_row keys[] = {
    [CONFIG_RULE_NAME] = {"name", "a text in quotes", false, false},
    [CONFIG_RULE_WHEN] = {"when", "a text such as \"rss > 800M\"", false, false},
    [CONFIG_RULE_FOR] = {"for", "a text such as \"3 of 5 cycles\", or a whole number", false, true},
    [CONFIG_RULE_THEN] = {"then", "\"recycle\" or \"log\"", false, false},
    [CONFIG_RULE_EXEC] = {"exec", "an array of texts", true, false},
    [CONFIG_RULE_ELSE] = {"else", "\"log\"", false, false},
    [CONFIG_RULE_ELSE_EXEC] = {"else_exec", "an array of texts", true, false},
};

_Static_assert(ARRAY_LEN(keys) == CONFIG_RULE_KEY_COUNT, "a row for each key");

const struct config_rule_example config_rule_example[] = {
    {"A rule is judged for each worker in each cycle, which is a check interval. When it holds for "
     "long enough, something is done once, and is done again only after it has recovered. There "
     "may be many rules, each below its own [[rule]].",
     "[[rule]]"},
    {"The rule's name in the log. Default: rule 1, rule 2 and so on.", "name = \"too big\""},
    {"A figure, one of >, >=, < and <=, and a value. The figures are rss, pss, uss, total (RSS "
     "with "
     "the programs that jobs started), cpu (percent of one core), jobs (done), age, and job_age "
     "(of its oldest job).",
     "when = \"total > 800 MB\""},
    {"So many cycles in a row, or so many of the last. Default: 1 cycle.", "for = \"5 cycles\""},
    {"What is done: recycle or log. With exec = [\"program\", \"word\"] instead, that program is "
     "run. Default: log.",
     "then = \"recycle\""},
    {"What is done when no cycle of those holds any more: log, or else_exec = [\"program\"]. "
     "Default: nothing.",
     "else = \"log\""},
    {NULL, NULL},
};

static int
fail_key(const struct config_rule_reader *reader, const struct toml_shim_item *item)
{
    struct config_item_names names = {0};
    char quoted[CONFIG_QUOTE_SIZE], text[CONFIG_ITEM_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        config_item_add_name(&names, item->keys[1], keys[i].name);
    snprintf(text, sizeof(text), "[[rule]] has no key %s. Did you mean %s? [[rule]] has %s.",
             config_quote(item->keys[1], quoted), names.nearest, names.all);
    return config_item_fail(&reader->place, item->key_at, text);
}

static int
fail_kind(const struct config_rule_reader *reader, const struct key_row *row,
          const struct toml_shim_item *item)
{
    char text[256];

    snprintf(text, sizeof(text), "%s must be %s, and this is %s.", row->name, row->expected,
             config_item_kind_name(item->kind));
    return config_item_fail(&reader->place, item->value_at, text);
}

static bool
has_controls(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    }
    return false;
}

static int
take_name(struct config_rule_reader *reader, const struct toml_shim_item *item)
{
    if (item->text_size == 0 || item->text_size > NAME_MAX_BYTES || has_controls(item->text))
        return config_item_fail(&reader->place, item->value_at,
                                "a rule's name has 1 to 48 bytes and no control characters.");
    free(reader->rule.name);
    reader->rule.name = strdup(item->text);
    return reader->rule.name == NULL ? config_fail_memory(reader->place.error) : 0;
}

static int
take_sentence(const struct config_rule_reader *reader, const struct toml_shim_item *item,
              const char *problem)
{
    return problem == NULL ? 0 : config_item_fail(&reader->place, item->value_at, problem);
}

static int
take_for(struct config_rule_reader *reader, const struct toml_shim_item *item)
{
    char number[32], to[CONFIG_RULE_SENTENCE_SIZE];

    snprintf(number, sizeof(number), "%" PRId64, item->integer);
    return take_sentence(
        reader, item,
        config_rule_for(item->kind == TOML_SHIM_INTEGER ? number : item->text, &reader->rule, to));
}

/* `exec` may be said beside the key exec: it says the same twice. */
static int
take_action(const struct config_rule_reader *reader, const struct toml_shim_item *item,
            enum rule_action *ret)
{
    bool is_else = ret == &reader->rule.otherwise;
    char quoted[CONFIG_QUOTE_SIZE], text[256];

    for (enum rule_action action = RULE_DO_LOG; action <= RULE_DO_RECYCLE; action++) {
        if (strcmp(item->text, rule_action_name(action)) != 0)
            continue;
        if (is_else && action == RULE_DO_RECYCLE)
            return config_item_fail(&reader->place, item->value_at,
                                    "a worker that has recovered is not recycled: else is log, or "
                                    "else_exec names a program.");
        *ret = action;
        return 0;
    }
    snprintf(text, sizeof(text), "%s = \"%s\" is no action. Allowed: %s, or %s = [\"program\"].",
             is_else ? "else" : "then", config_quote(item->text, quoted),
             is_else ? "log" : "recycle, log", is_else ? "else_exec" : "exec");
    return config_item_fail(&reader->place, item->value_at, text);
}

static int
take_text(struct config_rule_reader *reader, enum config_rule_key key,
          const struct toml_shim_item *item)
{
    char to[CONFIG_RULE_SENTENCE_SIZE];

    switch (key) {
    case CONFIG_RULE_NAME:
        return take_name(reader, item);
    case CONFIG_RULE_WHEN:
        return take_sentence(
            reader, item,
            config_rule_when(item->text, reader->config->memory_bytes, &reader->rule, to));
    case CONFIG_RULE_FOR:
        return take_for(reader, item);
    case CONFIG_RULE_THEN:
        return take_action(reader, item, &reader->rule.then);
    case CONFIG_RULE_ELSE:
        return take_action(reader, item, &reader->rule.otherwise);
    case CONFIG_RULE_EXEC:
    case CONFIG_RULE_ELSE_EXEC:
    case CONFIG_RULE_KEY_COUNT:
        break;
    }
    return 0;
}

static int
take_word(struct config_rule_reader *reader, enum config_rule_key key,
          const struct toml_shim_item *item)
{
    char ***words =
        key == CONFIG_RULE_EXEC ? &reader->rule.then_exec : &reader->rule.otherwise_exec;
    unsigned count = 0;
    int error;

    if (item->kind != TOML_SHIM_TEXT)
        return fail_kind(reader, &keys[key], item);
    error = config_item_check_text(&reader->place, item);
    if (error != 0)
        return error;
    if (item->element == 0 && item->text[0] == '\0')
        return config_item_fail(&reader->place, item->value_at,
                                "the first word is the program to run, and must not be empty.");
    while (*words != NULL && (*words)[count] != NULL)
        count++;
    return config_list_add(words, &count, item->text) != 0 ? config_fail_memory(reader->place.error)
                                                           : 0;
}

static bool
is_kind_right(const struct key_row *row, enum toml_shim_kind kind)
{
    if (row->is_list)
        return kind == TOML_SHIM_ARRAY;
    return kind == TOML_SHIM_TEXT || (row->may_be_number && kind == TOML_SHIM_INTEGER);
}

static int
take_key(struct config_rule_reader *reader, enum config_rule_key key,
         const struct toml_shim_item *item)
{
    const struct key_row *row = &keys[key];
    int error;

    if (item->element >= 0)
        return take_word(reader, key, item);
    if (!is_kind_right(row, item->kind))
        return fail_kind(reader, row, item);
    if (row->is_list && item->elements == 0)
        return config_item_fail(&reader->place, item->value_at,
                                "an empty array names no program: take the key away.");
    reader->given[key] = item->key_at;
    error = config_item_check_text(&reader->place, item);
    return error != 0 || row->is_list ? error : take_text(reader, key, item);
}

static int
begin(struct config_rule_reader *reader, const struct toml_shim_item *item)
{
    int error = config_rule_finish(reader);

    if (error != 0)
        return error;
    if (reader->config->rule_count == CONFIG_RULES_MAX)
        return config_item_fail(&reader->place, item->value_at, "there are more than 64 rules.");
    memset(reader->given, 0, sizeof(reader->given));
    reader->at = item->value_at;
    reader->rule = (struct rule){.cycles = 1, .window = 1, .line = item->value_at.line};
    reader->is_open = true;
    return 0;
}

int
config_rule_take(struct config_rule_reader *reader, const struct toml_shim_item *item)
{
    if (item->depth == 1 && item->element < 0 && item->kind == TOML_SHIM_ARRAY)
        return 0;
    if (item->depth == 1 && item->element >= 0 && item->kind == TOML_SHIM_TABLE)
        return begin(reader, item);
    if (item->depth == 1 || item->entry < 0)
        return config_item_fail(&reader->place, item->value_at,
                                "a rule is a table of its own: write [[rule]] above its keys.");
    for (enum config_rule_key key = 0; key < CONFIG_RULE_KEY_COUNT; key++) {
        if (strcmp(keys[key].name, item->keys[1]) == 0)
            return take_key(reader, key, item);
    }
    return fail_key(reader, item);
}

/* Settles one action: of a word (then, else), and of a program (exec, else_exec). */
static int
settle_action(const struct config_rule_reader *reader, enum config_rule_key word,
              enum rule_action *action)
{
    enum config_rule_key program = word + 1;
    char text[256];

    if (reader->given[program].line != 0 && reader->given[word].line != 0 &&
        *action != RULE_DO_EXEC) {
        snprintf(text, sizeof(text),
                 "%s = \"%s\" and %s are two actions, and a rule has one: take one away, or write "
                 "two rules.",
                 keys[word].name, rule_action_name(*action), keys[program].name);
        return config_item_fail(&reader->place, reader->given[program], text);
    }
    if (reader->given[program].line == 0 && *action == RULE_DO_EXEC) {
        snprintf(text, sizeof(text), "%s = \"exec\" needs the program: %s = [\"program\"].",
                 keys[word].name, keys[program].name);
        return config_item_fail(&reader->place, reader->given[word], text);
    }
    if (reader->given[program].line != 0)
        *action = RULE_DO_EXEC;
    return 0;
}

static int
settle_name(struct config_rule_reader *reader)
{
    struct toml_shim_position at = reader->given[CONFIG_RULE_NAME];
    const struct config *config = reader->config;
    char quoted[CONFIG_QUOTE_SIZE], text[256];

    if (reader->rule.name == NULL) {
        at = reader->at;
        if (asprintf(&reader->rule.name, "rule %u", config->rule_count + 1) < 0) {
            reader->rule.name = NULL;
            return config_fail_memory(reader->place.error);
        }
    }
    for (unsigned i = 0; i < config->rule_count; i++) {
        if (strcmp(config->rules[i].name, reader->rule.name) != 0)
            continue;
        snprintf(text, sizeof(text), "the name %s is taken by the rule of line %u.",
                 config_quote(reader->rule.name, quoted), config->rules[i].line);
        return config_item_fail(&reader->place, at, text);
    }
    return 0;
}

static int
add(struct config_rule_reader *reader)
{
    struct config *config = reader->config;
    struct rule *more = realloc(config->rules, (config->rule_count + 1) * sizeof(*config->rules));

    if (more == NULL)
        return config_fail_memory(reader->place.error);
    config->rules = more;
    more[config->rule_count++] = reader->rule;
    reader->rule = (struct rule){0};
    reader->is_open = false;
    return 0;
}

int
config_rule_finish(struct config_rule_reader *reader)
{
    int error;

    if (!reader->is_open)
        return 0;
    if (reader->given[CONFIG_RULE_WHEN].line == 0)
        return config_item_fail(&reader->place, reader->at,
                                "this rule has no when: write when = \"rss > 800M\" or the like.");
    if (reader->given[CONFIG_RULE_THEN].line == 0)
        reader->rule.then = RULE_DO_LOG;
    error = settle_action(reader, CONFIG_RULE_THEN, &reader->rule.then);
    if (error == 0)
        error = settle_action(reader, CONFIG_RULE_ELSE, &reader->rule.otherwise);
    if (error == 0)
        error = settle_name(reader);
    return error != 0 ? error : add(reader);
}

void
config_rule_reader_done(struct config_rule_reader *reader)
{
    rule_done(&reader->rule);
}
