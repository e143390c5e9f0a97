/*
 * config_rule_text.h: the texts `when` and `for` of a rule.
 *
 * Owns their grammar. Must not know files.
 */
#ifndef SWARM_CONFIG_RULE_TEXT_H
#define SWARM_CONFIG_RULE_TEXT_H

#include "rule.h"

/* A sentence about what is wrong. */
#define CONFIG_RULE_SENTENCE_SIZE 640

/*
 * Reads `total > 800 MB`: subject, comparison and value, with or without spaces between them; sizes
 * in % are of `memory_bytes` (0: not known). Returns NULL and writes these fields of `rule`, or
 * returns `to` with a sentence.
 */
const char *config_rule_when(const char *text, uint64_t memory_bytes, struct rule *rule,
                             char to[CONFIG_RULE_SENTENCE_SIZE]);

/* Reads `5`, `5 cycles`, `3 of 5` or `3 of 5 cycles` into cycles and window. Returns as
 * config_rule_when does. */
const char *config_rule_for(const char *text, struct rule *rule,
                            char to[CONFIG_RULE_SENTENCE_SIZE]);

#endif
