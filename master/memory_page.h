/*
 * memory_page.h: what the service's memory is made of, from a status answer, as a page for a person and as JSON: each process,
 * what is left of what it shared, the total, and what separate processes would take. Pure.
 */
#ifndef SWARM_MEMORY_PAGE_H
#define SWARM_MEMORY_PAGE_H

#include <jansson.h>

/* Returns a malloc'd text of lines of at most `width` columns, or NULL without memory. */
char *memory_page(const json_t *status, size_t width);

/* The part of the status that is about memory (docs/status.md): a new object, or NULL without memory. */
json_t *memory_page_json(const json_t *status);

#endif
