/*
 * options.c: the rows of options and verbs, and the search among them.
 *
 * Owns the tables. Must not read values.
 */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "config_text.h"

#define WORD_MAX 48

#define OPTIONS_ROW(id_, field, ...)                                                               \
    {.id = OPTIONS_##id_,                                                                          \
     .variable = "SWARM_" #id_,                                                                    \
     .offset = offsetof(struct config, field),                                                     \
     __VA_ARGS__},
static const struct options_row rows[] = {OPTIONS_TABLE(OPTIONS_ROW)};

#define OPTIONS_INHERITED_ROW(id_, name, rule_) {OPTIONS_##id_, name, OPTIONS_RULE_##rule_},
static const struct options_inherited inherited[] = {
    OPTIONS_INHERITED_TABLE(OPTIONS_INHERITED_ROW)};

static const struct options_verb_row verbs[] = {
    [OPTIONS_VERB_RUN] = {.name = "",
                          .words = "",
                          .help = "run the service",
                          .takes_service_options = true},
    [OPTIONS_VERB_STATUS] = {.name = "status",
                             .words = "[--json] [--classes]",
                             .help = "show mold and workers, or classes of jobs",
                             .takes_json = true,
                             .flag = "classes"},
    [OPTIONS_VERB_MEMORY] = {.name = "memory",
                             .words = "[--json] [--map SLOT]",
                             .help = "show what is shared, or where one's memory is",
                             .takes_json = true,
                             .flag = "map",
                             .flag_value = "a slot's number, or mold"},
    [OPTIONS_VERB_TOP] = {.name = "top",
                          .words = "[--once]",
                          .help = "watch it live; --once prints one picture",
                          .flag = "once"},
    [OPTIONS_VERB_EXPLAIN] = {.name = "explain",
                              .words = "SLOT",
                              .help = "say why a worker was replaced, or was not",
                              .words_required = 1},
    [OPTIONS_VERB_QUIET] = {.name = "quiet", .words = "", .help = "take no new jobs, until resume"},
    [OPTIONS_VERB_RESUME] = {.name = "resume", .words = "", .help = "take jobs again"},
    [OPTIONS_VERB_RECYCLE] = {.name = "recycle",
                              .words = "SLOT|all",
                              .help = "replace one worker, or all",
                              .words_required = 1},
    [OPTIONS_VERB_STOP] = {.name = "stop", .words = "", .help = "stop the service as TERM does"},
    [OPTIONS_VERB_CHECK] = {.name = "check",
                            .words = "[--json] [options]",
                            .help = "boot once and say what a start would meet",
                            .takes_service_options = true,
                            .takes_json = true},
    [OPTIONS_VERB_CONFIG] = {.name = "config",
                             .words = "[--json] [options]",
                             .help = "show each value and where it is from",
                             .takes_service_options = true,
                             .takes_json = true},
    [OPTIONS_VERB_HELP] = {.name = "help", .words = "", .help = "show this text"},
    [OPTIONS_VERB_VERSION] = {.name = "version", .words = "", .help = "show the version"},
};

#define FOLLOWS(second, first)                                                                     \
    (offsetof(struct config, second) == offsetof(struct config, first) + sizeof(unsigned))

_Static_assert(FOLLOWS(memory_window, memory_cycles), "an option of kind RATIO writes both");
_Static_assert(FOLLOWS(give_up_cycles, give_up_restarts), "an option of kind RATIO writes both");
_Static_assert(ARRAY_LEN(rows) == OPTIONS_COUNT, "a row for each option");
_Static_assert(ARRAY_LEN(verbs) == OPTIONS_VERB_COUNT, "a row for each verb");

const struct options_row *
options_row(enum options_id id)
{
    return &rows[id];
}

static bool
is_word(const char *name, const char *start, size_t length)
{
    return name != NULL && strlen(name) == length && memcmp(name, start, length) == 0;
}

const struct options_row *
options_find(const char *name, size_t length)
{
    for (size_t i = 0; i < OPTIONS_COUNT; i++) {
        if ((rows[i].flags & OPTIONS_FILE_ONLY) != 0)
            continue;
        if (is_word(rows[i].name, name, length) || is_word(rows[i].alias, name, length))
            return &rows[i];
    }
    return NULL;
}

char *
options_key(const struct options_row *row, char to[OPTIONS_KEY_SIZE])
{
    util_copy_text(to, OPTIONS_KEY_SIZE, row->key != NULL ? row->key : row->name);
    for (char *at = to; *at != '\0'; at++) {
        if (*at == '-')
            *at = '_';
    }
    return to;
}

const struct options_row *
options_find_key(const char *section, const char *key)
{
    char own[OPTIONS_KEY_SIZE];

    for (size_t i = 0; i < OPTIONS_COUNT; i++) {
        if (rows[i].section == NULL || strcmp(options_key(&rows[i], own), key) != 0)
            continue;
        if (section == NULL || strcmp(rows[i].section, section) == 0)
            return &rows[i];
    }
    return NULL;
}

const struct options_inherited *
options_inherited(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(inherited);
    return inherited;
}

const struct options_verb_row *
options_verb_row(enum options_verb verb)
{
    return &verbs[verb];
}

enum options_verb
options_find_verb(const char *name)
{
    for (enum options_verb verb = OPTIONS_VERB_RUN + 1; verb < OPTIONS_VERB_COUNT; verb++) {
        if (strcmp(verbs[verb].name, name) == 0)
            return verb;
    }
    return OPTIONS_VERB_COUNT;
}

static void
explain_verb(const char *word, char *to, size_t size)
{
    const char *nearest = NULL;
    unsigned best = UINT_MAX;
    char hint[96] = "", quoted[CONFIG_QUOTE_SIZE];

    for (enum options_verb verb = OPTIONS_VERB_RUN + 1; verb < OPTIONS_VERB_COUNT; verb++) {
        unsigned distance = options_distance(word, verbs[verb].name);

        if (options_is_near(word, verbs[verb].name) && distance < best) {
            best = distance;
            nearest = verbs[verb].name;
        }
    }
    if (nearest != NULL)
        snprintf(hint, sizeof(hint), " Did you mean swarm %s?", nearest);
    snprintf(to, size,
             "%s is not a verb of swarm.%s The verbs are in swarm --help; words for Sidekiq "
             "start with an option or follow --.",
             word[0] == '\0' ? "The empty word" : config_quote(word, quoted), hint);
}

int
options_verb(int argc, char *const *argv, struct options_command *ret, char *ret_error, size_t size)
{
    enum options_verb verb = OPTIONS_VERB_RUN;
    int skipped = argc > 0 ? 1 : 0;

    if (argc > 1 && argv[1][0] != '-') {
        verb = options_find_verb(argv[1]);
        skipped = 2;
    }
    if (verb == OPTIONS_VERB_COUNT) {
        explain_verb(argv[1], ret_error, size);
        return -EINVAL;
    }
    *ret = (struct options_command){verb, argc - skipped, argv + skipped};
    return 0;
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein's distance, with one row of his table kept. */
unsigned
options_distance(const char *a, const char *b)
{
    unsigned row[WORD_MAX + 1];
    size_t a_length = strlen(a), b_length = strlen(b);

    if (a_length > WORD_MAX || b_length > WORD_MAX)
        return UINT_MAX;
    for (unsigned j = 0; j <= b_length; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a_length; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            unsigned above = row[j];
            unsigned change = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);

            row[j] = least(above + 1, row[j - 1] + 1, change);
            diagonal = above;
        }
    }
    return row[b_length];
}

/* `preload-app` for `preload`, `max-mem` for `max-memory`: whole parts are there, others are
 * missing or too many. */
static bool
is_beginning(const char *part, const char *whole)
{
    size_t length = strlen(part);

    return length >= 3 && strncmp(part, whole, length) == 0;
}

bool
options_is_near(const char *word, const char *name)
{
    size_t length = strlen(name);
    unsigned allowed = length < 5 ? 1 : 2;

    if (options_distance(word, name) <= allowed || is_beginning(word, name))
        return true;
    return is_beginning(name, word) && word[length] == '-';
}

static void
consider(const char *word, const char *name, const char **best_name, unsigned *best)
{
    unsigned distance;

    if (name == NULL || !options_is_near(word, name))
        return;
    distance = options_distance(word, name);
    if (*best_name == NULL || distance < *best) {
        *best = distance;
        *best_name = name;
    }
}

const char *
options_nearest(const char *name)
{
    static const char *const others[] = {"help", "version", "json"};
    const char *best_name = NULL;
    unsigned best = UINT_MAX;

    for (size_t i = 0; i < OPTIONS_COUNT; i++) {
        if ((rows[i].flags & OPTIONS_FILE_ONLY) != 0)
            continue;
        consider(name, rows[i].name, &best_name, &best);
        consider(name, rows[i].alias, &best_name, &best);
        consider(name, rows[i].negative, &best_name, &best);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        consider(name, others[i], &best_name, &best);
    return best_name;
}
