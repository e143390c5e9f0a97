/*
 * status_view.h: the status answer (JSON, docs/status.md) as a page for a person. Pure.
 */
#ifndef SWARM_STATUS_VIEW_H
#define SWARM_STATUS_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "util.h"

/* Returns a malloc'd text of lines of at most `width` columns, or NULL without memory. */
char *status_view_at(const json_t *status, size_t width);

/* The same for 80 columns. */
char *status_view(const json_t *status);

/* Writes only what is told of the group and of the limits, as status_view_at has it. */
void status_view_group(const json_t *status, size_t width, FILE *to);
void status_view_limits(const json_t *status, size_t width, FILE *to);

#endif
