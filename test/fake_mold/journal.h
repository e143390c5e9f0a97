/*
 * journal.h: what a process of the fake mold saw, for the test to read.
 *
 * Appends lines to the file that $FAKE_JOURNAL names, nothing without it. Must not be used between
 * two steps whose order the test counts on across processes: only lines of one process are in
 * order.
 */
#ifndef FAKE_JOURNAL_H
#define FAKE_JOURNAL_H

#include "actor.h"

/* Writes `at=MS who=worker slot=0 generation=1 pid=7 event=EVENT number=NUMBER` in one write. */
void journal_write(const struct actor *actor, const char *event, int64_t number);

#endif
