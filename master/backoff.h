/*
 * backoff.h: how long to wait before the next try. Pure.
 *
 * Waits grow by half, from BACKOFF_FIRST_MS to BACKOFF_LAST_MS, and begin anew after BACKOFF_HEALTHY_MS of health.
 */
#ifndef SWARM_BACKOFF_H
#define SWARM_BACKOFF_H

#include "util.h"

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_LAST_MS 30000
#define BACKOFF_HEALTHY_MS 60000

struct backoff {
    unsigned failures; /* in a row */
    int64_t retry_ms;  /* not before; 0: at once */
};

/* One more failure: the next try waits for the next step. Returns the wait in milliseconds. */
int64_t backoff_fail(struct backoff *backoff, int64_t now_ms);

/* One more failure that costs no wait of its own, for the first crash of something that was healthy. */
void backoff_forgive(struct backoff *backoff, int64_t now_ms);

/* Not a failure, yet no reason to hurry: at least `floor_ms` from now. */
void backoff_hold(struct backoff *backoff, int64_t now_ms, int64_t floor_ms);

/* It was healthy for `span_ms`: forget the failures if that is long enough. */
void backoff_heal(struct backoff *backoff, int64_t span_ms);

#endif
