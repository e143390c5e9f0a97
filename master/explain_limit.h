/*
 * explain_limit.h: what each limit says of a worker, for explain.c; and the helpers that both use. Pure.
 */
#ifndef SWARM_EXPLAIN_LIMIT_H
#define SWARM_EXPLAIN_LIMIT_H

#include <stdio.h>

#include "explain.h"

#define EXPLAIN_SENTENCE_SIZE 1024

/* Writes a paragraph, made plain and wrapped, its later lines indented. */
void explain_say(FILE *to, const char *format, ...) PRINTF_LIKE(2, 3);

/* These write into `to` (of STATUS_TEXT_SIZE bytes) and return it. */
const char *explain_span(int64_t span_ms, char *to);
const char *explain_size(uint64_t bytes, char *to);

/* A paragraph for each limit that is set, and one about those that are not. */
void explain_limits(const struct explain_facts *facts, FILE *to);

#endif
