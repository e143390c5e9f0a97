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

#define ORDERS_VERB_MAX 96
#define ORDERS_ARGUMENT_MAX 128

/*
 * Looks for an order to `actor` at `place` with `verb`, and uses it up once if it is counted.
 * Returns whether there is one; its argument, or "", goes to ret_argument (of ORDERS_ARGUMENT_MAX
 * bytes), which may be NULL.
 */
bool orders_take(const struct actor *actor, const char *place, const char *verb,
                 char *ret_argument);

/* True if any order to `actor` stands for `place`. */
bool orders_stand(const struct actor *actor, const char *place);

struct orders_item {
    char verb[ORDERS_VERB_MAX];
    char argument[ORDERS_ARGUMENT_MAX];
};

/* Lists the orders to `actor` that stand for `place`, at most `room`, and uses none up. Returns how many. */
unsigned orders_list(const struct actor *actor, const char *place, struct orders_item *ret_items,
                     unsigned room);

#endif
