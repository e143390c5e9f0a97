/*
 * config_text.h: the sentences and the lists of words that reading a configuration needs.
 *
 * Owns how values are quoted in messages and how lists grow. Must not know options.
 */
#ifndef SWARM_CONFIG_TEXT_H
#define SWARM_CONFIG_TEXT_H

#include "config.h"

#define CONFIG_QUOTE_SIZE 80

/*
 * Writes `text` for a message: cut to what fits, with control characters shown as `?`. Returns
 * `to`.
 */
char *config_quote(const char *text, char to[CONFIG_QUOTE_SIZE]);

/* Writes the message, control characters shown as `?`, and its exit code. Returns -EINVAL, for the caller to return. */
MUST_CHECK int config_fail(struct config_error *ret_error, enum exit_code exit_code,
                           const char *format, ...) PRINTF_LIKE(3, 4);

/* Says that memory ran out. Returns -ENOMEM, for the caller to return. */
MUST_CHECK int config_fail_memory(struct config_error *ret_error);

/* Appends a copy of `text` to a list that ends with NULL. Returns 0 or -ENOMEM, with the list
 * untouched. */
MUST_CHECK int config_list_add(char ***list, unsigned *count, const char *text);

/* Frees the list with its texts. NULL is fine. */
void config_list_free(char **list);

/* Adds a warning to the configuration, control characters shown as `?`. Returns 0 or -ENOMEM. */
MUST_CHECK int config_warn(struct config *config, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
