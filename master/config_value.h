/*
 * config_value.h: one value: read from text, checked, stored in struct config, written back.
 *
 * Owns the kinds of options. Must not know where a text is from; callers name the place in `shown`.
 */
#ifndef SWARM_CONFIG_VALUE_H
#define SWARM_CONFIG_VALUE_H

#include "config.h"

/* A value that was read and is within its limits. */
struct config_value {
    int64_t number;   /* count, bytes, milliseconds, 0 or 1, or the choice; N << 32 | M; -1 for a
                   duration `none` and a size `auto` */
    const char *text; /* path or text, borrowed */
};

/* A text, and where it is from. */
struct config_text {
    const char *text;  /* in the option's own way of writing */
    const char *shown; /* as the user wrote it, with its place: `--max-rss banana` */
    struct config_origin origin;
};

/*
 * Reads `text` as a value of the option. `memory_bytes` is what sizes in % are of; 0: not known.
 * Returns 0, or an error of config_value_problem.
 */
MUST_CHECK int config_value_parse(const struct options_row *row, const char *text,
                                  uint64_t memory_bytes, struct config_value *ret);

/* Reads `800M` or `50%`, the latter rounded down to whole MiB. Returns 0, or an error of
 * config_value_problem. */
MUST_CHECK int config_value_size(const char *text, uint64_t memory_bytes, uint64_t *ret_bytes);

/* What is wrong with a text, as half a sentence: -EINVAL, -ERANGE, -EDOM (above 100%), -ENODATA (a
 * share of memory that is not known). */
const char *config_value_problem(int error);

bool config_value_equal(const struct options_row *row, const struct config_value *a,
                        const struct config_value *b);

/*
 * Reads `in->text` and stores the value with its origin. Returns 0; -EINVAL or -ENOMEM with
 * `ret_error` written, naming `in->shown` and what is allowed.
 */
MUST_CHECK int config_value_set(struct config *config, enum options_id id,
                                const struct config_text *in, struct config_error *ret_error);

#define CONFIG_ALLOWED_SIZE 256

/* Writes what the option allows: `a whole number from 1 to 512`. Returns `to`. */
char *config_value_allowed(const struct options_row *row, char to[CONFIG_ALLOWED_SIZE]);

/* The exit code of a mistake in that place. */
enum exit_code config_value_exit_code(enum config_origin_kind kind);

/* Where the option's field is. */
const void *config_value_field(const struct config *config, const struct options_row *row);

#define CONFIG_VALUE_SIZE 512

/* Writes the stored value as a user would write it: `800M`, `300s`, `none`, `app`. Returns `to`. */
char *config_value_text(const struct config *config, const struct options_row *row,
                        char to[CONFIG_VALUE_SIZE]);

/* Sets all defaults. Returns 0, or -ENOMEM with `ret_error` written. */
MUST_CHECK int config_value_set_defaults(struct config *config, unsigned cores_available,
                                         struct config_error *ret_error);

/* Adds a word to an option of kind WORDS. Returns 0 or -ENOMEM. */
MUST_CHECK int config_value_add_word(struct config *config, enum options_id id, const char *word);

/* Frees what the field holds. */
void config_value_clear(struct config *config, enum options_id id);

#endif
