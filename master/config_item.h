/*
 * config_item.h: what is said about one item of the file: its place, its type, the names that could stand there.
 *
 * Owns these words. Must not know which items are right.
 */
#ifndef SWARM_CONFIG_ITEM_H
#define SWARM_CONFIG_ITEM_H

#include "config.h"
#include "toml_shim.h"

#define CONFIG_ITEM_TEXT_SIZE 768

/* Where words about an item go. All of it is borrowed. */
struct config_item_place {
    const char *file; /* its name */
    struct config_error *error;
};

/* Writes `file:line:column: text` as an error of the configuration. Returns -EINVAL. */
MUST_CHECK int config_item_fail(const struct config_item_place *place, struct toml_shim_position at,
                                const char *text);

/* Refuses a text with a zero character, which C would cut. Returns 0 or -EINVAL. */
MUST_CHECK int config_item_check_text(const struct config_item_place *place,
                                      const struct toml_shim_item *item);

/* "a whole number". */
const char *config_item_kind_name(enum toml_shim_kind kind);

/* Names that are allowed at one place of the file, and the one nearest to what stands there. Zero
 * at first. */
struct config_item_names {
    char all[400]; /* with commas */
    char nearest[OPTIONS_KEY_SIZE];
    unsigned best;
};

void config_item_add_name(struct config_item_names *names, const char *wrong, const char *name);

#endif
