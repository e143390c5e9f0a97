/*
 * status_classes.h: the classes of jobs in a status answer, by what they make workers grow. Pure.
 */
#ifndef SWARM_STATUS_CLASSES_H
#define SWARM_STATUS_CLASSES_H

#include <jansson.h>

/* Returns a malloc'd text of lines of at most `width` columns, or NULL without memory. */
char *status_classes(const json_t *status, size_t width);

#endif
