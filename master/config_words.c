/*
 * config_words.c: the command line taken apart.
 *
 * Owns the walk over the words. Options of swarm's are long only, everything else is Sidekiq's; a
 * long word that looks like a slip for one of ours is refused, since Sidekiq would not know it
 * either.
 */
#include "config_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_sidekiq.h"
#include "config_text.h"
#include "config_value.h"

/* The walk: words from `at` on are not looked at yet. */
struct walk {
    const struct config_input *in;
    struct config_words *words;
    struct config_error *error;
    int at;
};

static const struct options_verb_row *
walk_verb(const struct walk *walk)
{
    return options_verb_row(walk->in->verb);
}

static int
keep(struct walk *walk, const char *word)
{
    if (config_list_add(&walk->words->passthrough, &walk->words->passthrough_count, word) != 0)
        return config_fail_memory(walk->error);
    return 0;
}

static int
needs_value(struct walk *walk, const char *name, const char *allowed)
{
    return config_fail(walk->error, EXIT_CODE_USAGE, "%s needs a value: %s.", name, allowed);
}

static bool
is_at_end(const struct walk *walk)
{
    return walk->at >= walk->in->argc;
}

static int
give(struct walk *walk, const struct options_row *row, const char *name, const char *text)
{
    struct config_word word = {row->id, name, text};

    if (!walk_verb(walk)->takes_service_options && (row->flags & OPTIONS_FOR_VERBS) == 0)
        return config_fail(
            walk->error, EXIT_CODE_USAGE,
            "--%s has no meaning for swarm %s: it belongs to the start of the service.", name,
            walk_verb(walk)->name);
    walk->words->given[walk->words->given_count++] = word;
    return 0;
}

/* The value of one of our options: after `=`, else the next word, unless that is a long option. */
static int
take_value(struct walk *walk, const struct options_row *row, const char *name, const char *equals)
{
    char spelled[OPTIONS_KEY_SIZE + 2], allowed[CONFIG_ALLOWED_SIZE];
    const char *next;

    if (equals != NULL)
        return give(walk, row, name, equals + 1);
    next = is_at_end(walk) ? NULL : walk->in->argv[walk->at];
    if (next == NULL || strncmp(next, "--", 2) == 0) {
        snprintf(spelled, sizeof(spelled), "--%s", name);
        return needs_value(walk, spelled, config_value_allowed(row, allowed));
    }
    walk->at++;
    return give(walk, row, name, next);
}

static int
take_switch(struct walk *walk, const struct options_row *row, bool on, const char *equals)
{
    if (equals != NULL)
        return config_fail(walk->error, EXIT_CODE_USAGE,
                           "--%s%s takes no value. Write --%s or --no-%s.", on ? "" : "no-",
                           row->name, row->name, row->name);
    return give(walk, row, on ? row->name : row->negative, on ? "true" : "false");
}

static int
take_json(struct walk *walk, const char *word)
{
    if (!walk_verb(walk)->takes_json || word[strlen("--json")] == '=')
        return config_fail(
            walk->error, EXIT_CODE_USAGE,
            "--json belongs to the verbs status, memory, check and config, and takes no value.");
    walk->words->json = true;
    return 0;
}

/* Whether the word's name is the switch that only this verb has: --classes, --once, --map SLOT. */
static bool
is_flag(const struct walk *walk, const char *start, size_t length)
{
    const struct options_verb_row *verb = walk_verb(walk);

    return verb->flag != NULL && length == strlen(verb->flag) &&
           strncmp(start, verb->flag, length) == 0 &&
           (start[length] == '\0' || verb->flag_value != NULL);
}

/* What belongs to the switch becomes the verb's word. */
static int
take_flag(struct walk *walk, const char *equals)
{
    const struct options_verb_row *verb = walk_verb(walk);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (verb->flag_value != NULL && value == NULL && !is_at_end(walk) &&
        strncmp(walk->in->argv[walk->at], "--", 2) != 0)
        value = walk->in->argv[walk->at++];
    if (verb->flag_value != NULL && (value == NULL || value[0] == '\0'))
        return config_fail(walk->error, EXIT_CODE_USAGE, "--%s needs a value: %s.", verb->flag,
                           verb->flag_value);
    if (verb->flag_value != NULL && walk->words->flag)
        return config_fail(walk->error, EXIT_CODE_USAGE, "--%s is given twice.", verb->flag);
    walk->words->flag = true;
    return value != NULL ? keep(walk, value) : 0;
}

static int
refuse_unknown(struct walk *walk, const char *word)
{
    char quoted[CONFIG_QUOTE_SIZE];

    return config_fail(walk->error, EXIT_CODE_USAGE,
                       "%s is not an option of swarm %s. Its options are in swarm --help.",
                       config_quote(word, quoted), walk_verb(walk)->name);
}

/* A long option that neither swarm nor Sidekiq knows. Perhaps a Sidekiq to come does. */
static int
take_unknown(struct walk *walk, const char *word)
{
    char name[OPTIONS_KEY_SIZE], quoted[CONFIG_QUOTE_SIZE];
    const char *nearest = NULL;
    size_t length = strcspn(word + 2, "=");

    if (length < sizeof(name)) {
        snprintf(name, sizeof(name), "%.*s", (int)length, word + 2);
        nearest = options_nearest(name);
    }
    if (nearest != NULL)
        return config_fail(
            walk->error, EXIT_CODE_USAGE,
            "%s is known to neither swarm nor Sidekiq. Did you mean --%s? (Words after "
            "-- go to Sidekiq unseen.)",
            config_quote(word, quoted), nearest);
    if (!walk_verb(walk)->takes_service_options)
        return refuse_unknown(walk, word);
    return keep(walk, word);
}

/* A word for Sidekiq, with the next word if that is its value. */
static int
take_sidekiq(struct walk *walk, const char *word, enum config_sidekiq_kind kind)
{
    const char *next = is_at_end(walk) ? NULL : walk->in->argv[walk->at];
    char quoted[CONFIG_QUOTE_SIZE];
    int error;

    if (!walk_verb(walk)->takes_service_options)
        return refuse_unknown(walk, word);
    if (kind == CONFIG_SIDEKIQ_VALUE && next == NULL)
        return needs_value(walk, config_quote(word, quoted), "it is Sidekiq's");
    error = keep(walk, word);
    if (error != 0 || kind == CONFIG_SIDEKIQ_COMPLETE || next == NULL)
        return error;
    if (kind == CONFIG_SIDEKIQ_OPTIONAL && next[0] == '-' && next[1] != '\0')
        return 0;
    walk->at++;
    return keep(walk, next);
}

static int
take_foreign(struct walk *walk, const char *word)
{
    struct config_sidekiq_word look = config_sidekiq_look(word);
    char quoted[CONFIG_QUOTE_SIZE];

    switch (look.kind) {
    case CONFIG_SIDEKIQ_UNKNOWN:
        return take_unknown(walk, word);
    case CONFIG_SIDEKIQ_REFUSED:
        return config_fail(walk->error, EXIT_CODE_USAGE, "%s is not possible under swarm. %s",
                           config_quote(word, quoted), look.remedy);
    case CONFIG_SIDEKIQ_HELP:
        walk->words->verb = OPTIONS_VERB_HELP;
        return 0;
    case CONFIG_SIDEKIQ_VERSION:
        walk->words->verb = OPTIONS_VERB_VERSION;
        return 0;
    case CONFIG_SIDEKIQ_COMPLETE:
    case CONFIG_SIDEKIQ_VALUE:
    case CONFIG_SIDEKIQ_OPTIONAL:
        break;
    }
    return take_sidekiq(walk, word, look.kind);
}

static int
take_long(struct walk *walk, const char *word)
{
    const char *start = word + 2;
    size_t length = strcspn(start, "=");
    const char *equals = start[length] == '=' ? start + length : NULL;
    const struct options_row *row = options_find(start, length);

    if (row != NULL && row->kind == OPTIONS_KIND_SWITCH)
        return take_switch(walk, row, true, equals);
    if (row != NULL)
        return take_value(walk, row,
                          strncmp(row->name, start, length) == 0 ? row->name : row->alias, equals);
    if (length > 3 && strncmp(start, "no-", 3) == 0) {
        row = options_find(start + 3, length - 3);
        if (row != NULL && row->kind == OPTIONS_KIND_SWITCH)
            return take_switch(walk, row, false, equals);
    }
    if (length == strlen("json") && strncmp(start, "json", length) == 0)
        return take_json(walk, word);
    if (is_flag(walk, start, length))
        return take_flag(walk, equals);
    return take_foreign(walk, word);
}

/* A bare word is the verb's own. Sidekiq ignores bare words, so a verb among them is a slip. */
static int
take_bare(struct walk *walk, const char *word)
{
    char quoted[CONFIG_QUOTE_SIZE];

    if (walk_verb(walk)->takes_service_options && options_find_verb(word) != OPTIONS_VERB_COUNT)
        return config_fail(
            walk->error, EXIT_CODE_USAGE,
            "%s is a verb only as the first word: swarm %s [options]. After -- it goes to "
            "Sidekiq.",
            word, word);
    if (!walk_verb(walk)->takes_service_options &&
        walk->words->passthrough_count >= walk_verb(walk)->words_required)
        return config_fail(
            walk->error, EXIT_CODE_USAGE, "%s is one word too many. It is: swarm %s %s",
            config_quote(word, quoted), walk_verb(walk)->name, walk_verb(walk)->words);
    return keep(walk, word);
}

static int
take_rest(struct walk *walk)
{
    int error = 0;

    while (error == 0 && !is_at_end(walk)) {
        const char *word = walk->in->argv[walk->at++];

        error = walk_verb(walk)->takes_service_options ? keep(walk, word) : take_bare(walk, word);
    }
    return error;
}

static int
take(struct walk *walk)
{
    const char *word = walk->in->argv[walk->at++];

    if (strcmp(word, "--") == 0)
        return take_rest(walk);
    if (strncmp(word, "--", 2) == 0)
        return take_long(walk, word);
    if (word[0] == '-' && word[1] != '\0')
        return take_foreign(walk, word);
    return take_bare(walk, word);
}

static int
walk_all(struct walk *walk)
{
    const struct options_verb_row *verb = walk_verb(walk);

    while (!is_at_end(walk) && walk->words->verb == walk->in->verb) {
        int error = take(walk);

        if (error != 0)
            return error;
    }
    if (walk->words->verb == walk->in->verb &&
        walk->words->passthrough_count < verb->words_required)
        return config_fail(walk->error, EXIT_CODE_USAGE, "swarm %s needs a word: swarm %s %s",
                           verb->name, verb->name, verb->words);
    return 0;
}

int
config_words_parse(const struct config_input *in, struct config_words *ret,
                   struct config_error *ret_error)
{
    struct config_words words = {.verb = in->verb};
    struct walk walk = {.in = in, .words = &words, .error = ret_error};
    int error;

    words.given = calloc((size_t)in->argc + 1, sizeof(*words.given));
    if (words.given == NULL)
        return config_fail_memory(ret_error);
    error = walk_all(&walk);
    if (error != 0) {
        config_words_done(&words);
        return error;
    }
    *ret = words;
    return 0;
}

void
config_words_done(struct config_words *words)
{
    free(words->given);
    config_list_free(words->passthrough);
    *words = (struct config_words){0};
}

const struct config_word *
config_words_find(const struct config_words *words, enum options_id id)
{
    for (unsigned i = words->given_count; i > 0; i--) {
        if (words->given[i - 1].id == id)
            return &words->given[i - 1];
    }
    return NULL;
}

int
config_words_apply(struct config *config, const struct config_words *words,
                   struct config_error *ret_error)
{
    char quoted[CONFIG_QUOTE_SIZE], shown[CONFIG_QUOTE_SIZE + OPTIONS_KEY_SIZE];

    for (unsigned i = 0; i < words->given_count; i++) {
        const struct config_word *word = &words->given[i];
        struct config_text in = {.text = word->text, .shown = shown};
        int error;

        in.origin = (struct config_origin){.kind = CONFIG_ORIGIN_COMMAND_LINE, .name = word->name};
        snprintf(shown, sizeof(shown), "--%s %s", word->name, config_quote(word->text, quoted));
        error = config_value_set(config, word->id, &in, ret_error);
        if (error != 0)
            return error;
    }
    return 0;
}
