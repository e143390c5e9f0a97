/*
 * status_view.h: the status answer (JSON, docs/status.md) as a table for a person. Pure.
 */
#ifndef SWARM_STATUS_VIEW_H
#define SWARM_STATUS_VIEW_H

#include <jansson.h>

/* Returns a malloc'd text of lines of at most 80 columns where values allow, or NULL without memory. */
char *status_view(const json_t *status);

#endif
