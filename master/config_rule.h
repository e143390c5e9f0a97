/*
 * config_rule.h: `[[rule]]` of the file.
 *
 * Owns its keys and what they mean together. Must not judge rules: that is rule_judge.c's.
 */
#ifndef SWARM_CONFIG_RULE_H
#define SWARM_CONFIG_RULE_H

#include "config_item.h"

#define CONFIG_RULE_SECTION "rule"
#define CONFIG_RULES_MAX 64

enum config_rule_key {
    CONFIG_RULE_NAME,
    CONFIG_RULE_WHEN,
    CONFIG_RULE_FOR,
    CONFIG_RULE_THEN,
    CONFIG_RULE_EXEC,
    CONFIG_RULE_ELSE,
    CONFIG_RULE_ELSE_EXEC,
    CONFIG_RULE_KEY_COUNT
};

/* Takes the items of the file one by one, and adds each rule to `config` when the next one begins. */
struct config_rule_reader {
    struct config *config;
    struct config_item_place place;
    struct rule rule; /* what is known of it yet */
    struct toml_shim_position at;
    struct toml_shim_position given[CONFIG_RULE_KEY_COUNT]; /* line 0: not given */
    bool is_open;
};

/* Takes an item whose first key is CONFIG_RULE_SECTION. Returns 0; -EINVAL or -ENOMEM with the error
 * written. */
MUST_CHECK int config_rule_take(struct config_rule_reader *reader,
                                const struct toml_shim_item *item);

/* Adds the last rule. Returns as config_rule_take does. */
MUST_CHECK int config_rule_finish(struct config_rule_reader *reader);

/* Frees a rule that was not added. */
void config_rule_reader_done(struct config_rule_reader *reader);

/* The lines of a rule as the example file has them, and what is said above each; ended by a NULL line. */
struct config_rule_example {
    const char *says;
    const char *line;
};

extern const struct config_rule_example config_rule_example[];

#endif
