/*
 * signs.h: the signs of life of a fake worker: beat, progress, and the use of a core.
 *
 * Owns the thread that spins. Must not show jobs.
 */
#ifndef FAKE_SIGNS_H
#define FAKE_SIGNS_H

#include "actor.h"

/* Shows that the worker lives, unless an order for `place` says otherwise: once each tick. */
void signs_show(const struct actor *actor, const char *place);

#endif
