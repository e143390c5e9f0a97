/*
 * loop_until.h: how a unit test waits on an event loop: for a fact, with a deadline, never for a time.
 */
#ifndef TEST_LOOP_UNTIL_H
#define TEST_LOOP_UNTIL_H

#include <ev.h>
#include <stdbool.h>

/* Generous: it is reached only when the fact never comes. */
#define LOOP_DEADLINE_MS 60000

/* Runs the loop until `is_true(context)`. Returns false if that did not come true before the deadline. */
bool loop_until(struct ev_loop *loop, bool (*is_true)(void *context), void *context);

/* A few turns that do not wait: whatever is ready happens. */
void loop_some_turns(struct ev_loop *loop);

/* Whether this process has no child, be it alive or dead: for loop_until. Reaps nobody. */
bool loop_has_no_children(void *unused);

/* How many descriptors this process has open: to see that none is leaked. */
unsigned loop_count_fds(void);

#endif
