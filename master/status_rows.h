/*
 * status_rows.h: the processes of a status answer, one row each: molds, then the workers slot by slot.
 *
 * Pure. Owns which columns there are, their order and which of them go first where there is not enough room. Must not
 * know where the rows are shown.
 */
#ifndef SWARM_STATUS_ROWS_H
#define SWARM_STATUS_ROWS_H

#include <jansson.h>

#include "status_table.h"

/* From this width on all that is said of a worker stands in its row. */
#define STATUS_ROWS_WIDE 132

/* One process. Borrowed from the status; `mold` or `slot` is set; `worker` is NULL for a slot without one. */
struct status_row {
    const json_t *mold;
    const json_t *slot;
    const json_t *worker;
};

enum status_rows_form {
    STATUS_ROWS_NOTED, /* what it works on and why it leaves stand below the row */
    STATUS_ROWS_PLAIN, /* one line a process; what does not fit goes or is cut */
};

/* The rows in the status's order, malloc'd; NULL without memory. Never more than can be counted. */
struct status_row *status_rows_of(const json_t *status, unsigned *ret_count);

/* An empty table for such rows. Returns NULL without memory. */
struct status_table *status_rows_table(enum status_rows_form form);

/* Adds one row. Returns 0 or -ENOMEM. */
MUST_CHECK int status_rows_add(struct status_table *table, enum status_rows_form form,
                               const struct status_row *row);

#define STATUS_ROWS_WORDS 512

/* "HardJob for 12s, 2 more"; "" when it works on nothing or that is not known. Returns `to`. */
char *status_rows_work(const json_t *worker, char to[STATUS_ROWS_WORDS]);

/* Why it leaves, or why the last one of its slot left; "-" when there is nothing to tell. Returns `to`. */
char *status_rows_reason(const struct status_row *row, char to[STATUS_ROWS_WORDS]);

/* "ready", "hangs", "empty", … and "3", "3 old", "mold", "spare": as the first columns have it. Return `to`. */
char *status_rows_state(const struct status_row *row, char to[STATUS_TEXT_SIZE]);
char *status_rows_name(const struct status_row *row, char to[STATUS_TEXT_SIZE]);

/* Whether the worker is its slot's "current", "successor" or "leaving" one. */
bool status_rows_has_role(const json_t *worker, const char *role);

/* What a process shares with its mold and its siblings, "75%", of its RSS. Returns `to`. */
char *status_rows_share(const json_t *process, char to[STATUS_TEXT_SIZE]);

#endif
