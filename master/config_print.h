/*
 * config_print.h: what `swarm config` shows.
 *
 * Owns the table and the JSON of the effective values. Must not change them.
 */
#ifndef SWARM_CONFIG_PRINT_H
#define SWARM_CONFIG_PRINT_H

#include <stdio.h>

#include "config.h"

/* Writes one line an option: name, value, origin; then the rules, the words for Sidekiq and the warnings. */
void config_print_table(const struct config *config, FILE *out);

/*
 * Writes what the table shows as JSON: {"file", "options": {NAME: {"value", "origin", "name"|"line"}},
 * "rules": [{"name", "rule", "then", "exec", "else", "else_exec", "line"}], "sidekiq": [...], "warnings": [...]}. Sizes
 * are bytes or "auto", durations seconds, N/M is [N, M]; what is none or not given is null. Returns 0 or -ENOMEM.
 */
MUST_CHECK int config_print_json(const struct config *config, FILE *out);

#endif
