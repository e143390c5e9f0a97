/*
 * config_promises.h: what every configuration promises that was read, and every error.
 *
 * Shared by the targets that read a file and a command line. Must not read configurations itself.
 */
#ifndef SWARM_FUZZ_CONFIG_PROMISES_H
#define SWARM_FUZZ_CONFIG_PROMISES_H

#include "master/config.h"

/*
 * Reads a configuration and checks it: each value is one that its option takes, and is the same
 * when it is written and read again, rules too; the lists end where they say. An error has one of the
 * documented exit codes and a sentence that no terminal takes for an order.
 */
void config_promises_load(const struct config_input *in);

/* A text for a person: not empty, no control characters. */
void config_promises_sentence(const char *text);

#endif
