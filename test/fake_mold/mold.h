/*
 * mold.h: the life of a fake mold: boots, reports, forks on request.
 *
 * Owns the process it runs in, and in its workers' processes nothing. Must not return.
 */
#ifndef FAKE_MOLD_H
#define FAKE_MOLD_H

#include "actor.h"

_Noreturn void mold_live(struct actor *actor);

/* A worker that was idle goes on as the mold of that generation. */
_Noreturn void mold_promote(struct actor *actor, uint32_t generation);

#endif
