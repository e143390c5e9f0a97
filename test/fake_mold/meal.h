/*
 * meal.h: memory that a process of the fake mold holds by order.
 *
 * Owns that memory: private, anonymous and written to, so that it counts as RSS, PSS and USS alike. Must not be used by the
 * process in any other way.
 */
#ifndef FAKE_MEAL_H
#define FAKE_MEAL_H

#include "actor.h"

/* "MIB": holds so much in all from now on, more than before or less. "rate MIB_PER_S UPTO_MIB": grows from what is held, at
 * that pace, to that much; the same order again goes on. */
void meal_order(const struct actor *actor, const char *order);

/* Grows by what is due. */
void meal_grow(const struct actor *actor);

/* In a new worker: what the mold held is the mold's, shared and not counted as eaten. */
void meal_forget(void);

#endif
