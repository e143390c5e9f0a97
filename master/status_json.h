/*
 * status_json.h: how facts become JSON values: unknown is null. For status*.c.
 */
#ifndef SWARM_STATUS_JSON_H
#define SWARM_STATUS_JSON_H

#include <jansson.h>

#include "report_memory.h"
#include "supervisor.h"

static inline json_t *
json_seconds(int64_t span_ms)
{
    return json_real((double)span_ms / 1000.0);
}

/* NEVER_MS is null. */
static inline json_t *
json_span(int64_t span_ms)
{
    return span_ms == NEVER_MS ? json_null() : json_seconds(span_ms);
}

static inline json_t *
json_count(uint64_t count)
{
    return json_integer((json_int_t)count);
}

static inline json_t *
json_if(bool known, uint64_t count)
{
    return known ? json_count(count) : json_null();
}

static inline json_t *
json_text(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static inline json_t *
json_reason(enum reason reason)
{
    return reason == REASON_NONE ? json_null() : json_string(reason_name(reason));
}

/* rss_bytes, pss_bytes, uss_bytes, swap_bytes, private_age_s, shared_bytes of a process. */
void status_add_memory(json_t *json, const struct memory_figures *memory, int64_t now_ms);

/* One worker, and one slot with its workers. */
json_t *status_worker(const struct supervisor *supervisor, const struct worker *worker,
                      int64_t now_ms);

/* What a worker shares now of what it shared when it began, in percent, at most 100. Returns whether that is known. */
bool status_retained(const struct worker *worker, double *ret_percent);
/* The keys of one worker that are about that. */
void status_add_sharing(json_t *json, const struct worker *worker);

/* The parts that are about memory. */
json_t *status_limits(const struct pool_settings *settings);
json_t *status_group(const struct pool *pool, int64_t now_ms);
json_t *status_growth(const struct pool *pool);
json_t *status_sharing(const struct supervisor *supervisor);
json_t *status_recent(const struct supervisor *supervisor, int64_t now_ms);

#endif
