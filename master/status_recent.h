/*
 * status_recent.h: the last workers that left, from a status answer, in sentences. Pure.
 */
#ifndef SWARM_STATUS_RECENT_H
#define SWARM_STATUS_RECENT_H

#include <jansson.h>
#include <stdio.h>

/* One entry as one plain text: "2m ago  slot 3  recycled: rss 912M > 800M …". Returns `to`. */
#define STATUS_RECENT_SIZE 1024
char *status_recent_text(const json_t *entry, char to[STATUS_RECENT_SIZE]);

#endif
