/*
 * mischief.h: the misbehaviour that molds and workers share, by order (orders.h).
 *
 * A table of verbs; what only one kind of process at one place can do (a lie about a pid, a TERM
 * that is ignored) stands with that process. Must not misbehave without an order.
 */
#ifndef FAKE_MISCHIEF_H
#define FAKE_MISCHIEF_H

#include "actor.h"

/* Carries out what is ordered for this place, in the order of the table. It may not return. */
void mischief_run(struct actor *actor, const char *place);

/* Waits until the master is gone, deaf to everything else, then ends the process. */
_Noreturn void mischief_hang(const struct actor *actor);

#endif
