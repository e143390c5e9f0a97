/*
 * config_toml.h: values from a TOML document.
 *
 * Owns the strict check of sections, keys and types, and the words about what is wrong where. Must
 * not read files.
 */
#ifndef SWARM_CONFIG_TOML_H
#define SWARM_CONFIG_TOML_H

#include "config.h"

/* A document in memory. */
struct config_toml_input {
    const char *name; /* of the file, for messages */
    const char *contents;
    size_t size;
    bool for_verbs; /* only what is for the verbs of a running service counts, all else is passed
                       over */
};

/*
 * Stores all values of the document. Returns 0; -EINVAL or -ENOMEM with `ret_error` written:
 * `file:line:column:`, what is wrong, what is allowed.
 */
MUST_CHECK int config_toml_apply(struct config *config, const struct config_toml_input *in,
                                 struct config_error *ret_error);

#endif
