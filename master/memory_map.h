/*
 * memory_map.h: where the memory of one process is, by kind, as a page for a person and as JSON. Pure.
 */
#ifndef SWARM_MEMORY_MAP_H
#define SWARM_MEMORY_MAP_H

#include <jansson.h>

#include "../rss/map_kind.h"

/* Whose map it is. */
struct memory_subject {
    pid_t pid;
    uint64_t start_ticks;
    json_int_t slot; /* -1: a mold */
    json_int_t generation;
};

/*
 * Returns a malloc'd text of lines of at most `width` columns, or NULL without memory. `ptrace_scope` is that of Yama, -1 where
 * there is none; it is told where the contents could not be read.
 */
char *memory_map_page(const struct memory_subject *subject, const struct map_report *report,
                      int ptrace_scope, size_t width);

/* The same for programs (docs/status.md): a new object, or NULL without memory. */
json_t *memory_map_json(const struct memory_subject *subject, const struct map_report *report);

#endif
