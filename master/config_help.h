/*
 * config_help.h: the texts that are made from the option table for people.
 *
 * Owns `swarm --help`, sidekiq-swarm.toml.example and the tables within docs/configuration.md. Must
 * not hold a second list of options.
 */
#ifndef SWARM_CONFIG_HELP_H
#define SWARM_CONFIG_HELP_H

#include <stdio.h>

#include "options.h"

#define CONFIG_HELP_WIDTH 80

/* Writes the help, in lines of up to CONFIG_HELP_WIDTH columns. */
void config_help_print(FILE *out);

/* Writes the example of the configuration file: each key commented out, with its default or an
 * example. */
void config_help_print_example(FILE *out);

/* Writes the reference of all options as Markdown. */
void config_help_print_markdown(FILE *out);

#endif
