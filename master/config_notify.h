/*
 * config_notify.h: `[notify]` of the file: which events there are, and what its words may be.
 *
 * Owns the names of the events. Must not run anything.
 */
#ifndef SWARM_CONFIG_NOTIFY_H
#define SWARM_CONFIG_NOTIFY_H

#include "config.h"

/* The events that can be told, ended by NULL, in the order of the documents. */
extern const char *const config_notify_events[];

/*
 * Checks one word of `exec` or `events`, the `at`th from 0. Returns NULL, or what is wrong with it
 * as a sentence, written to `to` of `size` bytes.
 */
const char *config_notify_check_word(enum options_id id, long at, const char *word, char *to,
                                     size_t size);

#endif
