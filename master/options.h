/*
 * options.h: what options and verbs swarm has.
 *
 * Owns the rows that options_table.h becomes, their look-up by name, and the verbs. Must not read
 * values: that is config's.
 */
#ifndef SWARM_OPTIONS_H
#define SWARM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options_table.h"
#include "util.h"

#define OPTIONS_ID(id, ...) OPTIONS_##id,
enum options_id { OPTIONS_TABLE(OPTIONS_ID) OPTIONS_COUNT };
#undef OPTIONS_ID

enum options_kind {
    OPTIONS_KIND_COUNT,    /* unsigned */
    OPTIONS_KIND_NUMBER,   /* uint64_t; 0 is none */
    OPTIONS_KIND_SIZE,     /* uint64_t, bytes; 0 is none */
    OPTIONS_KIND_DURATION, /* int64_t, milliseconds; -1 is none */
    OPTIONS_KIND_RATIO,    /* two unsigned that stand side by side, N/M; both 0 are none */
    OPTIONS_KIND_SWITCH,   /* bool */
    OPTIONS_KIND_CHOICE,   /* int or enum, the position among the choices */
    OPTIONS_KIND_PATH,     /* char *, NULL when not given */
    OPTIONS_KIND_TEXT,     /* char *, NULL when not given */
    OPTIONS_KIND_WORDS,    /* char **, terminated by NULL; NULL when not given */
};

enum options_flag {
    OPTIONS_MAY_BE_NONE = 1,  /* `none` is a value */
    OPTIONS_MAY_BE_EMPTY = 2, /* an empty text is a value, also in the environment */
    OPTIONS_FOR_VERBS = 4,    /* has a meaning for the verbs that talk to a running service */
    OPTIONS_FILE_ONLY = 8,    /* neither on the command line nor in the environment */
    OPTIONS_MAY_BE_AUTO = 16, /* `auto` is a value of this size or number, and is UINT64_MAX */
    OPTIONS_PART_OF = 32,     /* N/M is N of M, so N is at most M, and N alone is N/N */
};

#define OPTIONS_CHOICES_MAX 5

struct options_row {
    enum options_id id;
    const char *name;     /* on the command line, without the dashes */
    const char *alias;    /* another name on the command line, or NULL */
    const char *negative; /* what turns a switch off, or NULL */
    const char *variable;
    const char *section; /* in the file; NULL: not in the file */
    const char *key;     /* in the file; NULL: the name with `_` */
    enum options_kind kind;
    unsigned flags;
    uint64_t lower; /* in the kind's unit */
    uint64_t upper;
    uint64_t first_upper; /* of the N of an N/M; 0: as upper */
    const char *choices[OPTIONS_CHOICES_MAX];
    const char *default_text; /* as a user would write it, or NULL */
    const char *default_says; /* where no text is the default: what happens */
    const char *example;      /* for the example file, where the default is no text */
    const char *metavar;
    const char *help;
    size_t offset; /* of the field in struct config */
};

/* The row of `id`. */
const struct options_row *options_row(enum options_id id);

/* The option whose name or alias is the first `length` bytes of `name`; NULL if there is none. */
const struct options_row *options_find(const char *name, size_t length);

#define OPTIONS_KEY_SIZE 48

/* Writes the option's key in the file. Returns `to`. */
char *options_key(const struct options_row *row, char to[OPTIONS_KEY_SIZE]);

/* The option that has `key` in `section` of the file, or in any if `section` is NULL; NULL if there
 * is none. */
const struct options_row *options_find_key(const char *section, const char *key);

/* How an inherited variable's text is read. */
enum options_rule {
    OPTIONS_RULE_PLAIN,       /* as the option's own */
    OPTIONS_RULE_SHARE,       /* below 1 a share of the cores, else rounded down */
    OPTIONS_RULE_MEBIBYTES,   /* a plain number counts MiB */
    OPTIONS_RULE_APP_OR_GEMS, /* a switch: on is `app`, off is `gems` */
};

struct options_inherited {
    enum options_id id;
    const char *variable;
    enum options_rule rule;
};

/* The inherited variables, in order of precedence. */
const struct options_inherited *options_inherited(size_t *ret_count);

enum options_verb {
    OPTIONS_VERB_RUN,
    OPTIONS_VERB_STATUS,
    OPTIONS_VERB_MEMORY,
    OPTIONS_VERB_TOP,
    OPTIONS_VERB_EXPLAIN,
    OPTIONS_VERB_QUIET,
    OPTIONS_VERB_RESUME,
    OPTIONS_VERB_RECYCLE,
    OPTIONS_VERB_STOP,
    OPTIONS_VERB_CHECK,
    OPTIONS_VERB_CONFIG,
    OPTIONS_VERB_HELP,
    OPTIONS_VERB_VERSION,
    OPTIONS_VERB_COUNT,
};

struct options_verb_row {
    const char *name;
    const char *words; /* as help shows them */
    const char *help;
    unsigned words_required;
    bool takes_service_options; /* all options, and words for Sidekiq; else those for verbs only */
    bool takes_json;
    const char *flag;       /* its own switch, without the dashes; NULL: none */
    const char *flag_value; /* what follows that, becomes a word of the verb; NULL: nothing */
};

const struct options_verb_row *options_verb_row(enum options_verb verb);

/* The command line with its verb taken off: what config_load reads. */
struct options_command {
    enum options_verb verb;
    int argc;
    char *const *argv;
};

/*
 * Splits main's argv. Only the first word can be a verb; none means OPTIONS_VERB_RUN.
 * Returns 0, or -EINVAL with a sentence in `ret_error` (of `size` bytes) when the first word is
 * neither option nor verb: with it a service would start by mistake.
 */
MUST_CHECK int options_verb(int argc, char *const *argv, struct options_command *ret,
                            char *ret_error, size_t size);

/* The verb called `name`; OPTIONS_VERB_COUNT if there is none. */
enum options_verb options_find_verb(const char *name);

/* How many single-letter edits make `a` into `b`; UINT_MAX for words that are too long to compare.
 */
unsigned options_distance(const char *a, const char *b);

/* Whether `word` looks like a slip for `name`: few edits, or its beginning. */
bool options_is_near(const char *word, const char *name);

/* The name or alias on the command line that `name` (without dashes) is near to; NULL if there is
 * none. */
const char *options_nearest(const char *name);

#endif
