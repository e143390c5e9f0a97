/*
 * orders.h: how a test tells the processes of a fake mold to misbehave.
 *
 * Orders are lines of the file that $FAKE_ORDERS names, read anew at each decision:
 *
 *     COUNT SUBJECT PLACE VERB [ARGUMENT]
 *
 * README.md lists them. An order with a count is used up under a lock, so that of several processes
 * exactly so many obey. Must not obey orders: it only finds them.
 */
#ifndef FAKE_ORDERS_H
#define FAKE_ORDERS_H

#include "actor.h"

#define ORDERS_ARGUMENT_MAX 128

/*
 * Looks for an order to `actor` at `place` with `verb`, and uses it up once if it is counted.
 * Returns whether there is one; its argument, or "", goes to ret_argument (of ORDERS_ARGUMENT_MAX
 * bytes), which may be NULL.
 */
bool orders_take(const struct actor *actor, const char *place, const char *verb,
                 char *ret_argument);

#endif
