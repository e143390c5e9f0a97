/*
 * facts.h: what a fake application tells of itself.
 *
 * Owns the made-up figures. Must not decide when they are told.
 */
#ifndef FAKE_FACTS_H
#define FAKE_FACTS_H

#include "actor.h"
#include "master/wire.h"

/* Fills what a booted mold or worker reports; all but the boot time stay empty unless `whole`. */
void facts_fill(struct wire_facts *ret_facts, const struct actor *actor, bool whole);

/* Answers WIRE_ASK_TRACE; any other message is passed over. */
void facts_answer_trace(const struct actor *actor, const struct wire_message *message);

#endif
