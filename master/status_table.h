/*
 * status_table.h: rows of short texts, printed as columns that are as wide as they must be, in lines that never are
 * wider than asked for.
 *
 * Owns the widths: which columns go and which are cut where there is not enough room. Must not know what a cell
 * means. Cells come from elsewhere: control characters in them are replaced, so that no name of a process or an
 * application reaches the terminal as a command.
 */
#ifndef SWARM_STATUS_TABLE_H
#define SWARM_STATUS_TABLE_H

#include <stdio.h>

#include "status_text.h"
#include "util.h"

/* Where no terminal says another one. */
#define STATUS_TABLE_WIDTH 80
/* No line is narrower: what a smaller terminal breaks is its own. */
#define STATUS_TABLE_WIDTH_MIN 40
#define STATUS_TABLE_CELL 160

/* The rank of a column that is not to be shown. */
#define STATUS_TABLE_HIDDEN 255

struct status_table;

struct status_column {
    const char *title;
    bool is_right;       /* numbers stand to the right */
    unsigned char rank;  /* 0: always there; of the others the highest goes first */
    unsigned char least; /* may be cut to so many columns, with a `~` at the cut; 0: never cut */
};

/* `columns` must outlive the table. Returns NULL without memory. */
struct status_table *status_table_new(const struct status_column *columns, unsigned count);
void status_table_free(struct status_table *table);

/* Adds an empty row, which the next cells go to. Returns 0 or -ENOMEM. */
MUST_CHECK int status_table_add(struct status_table *table);
void status_table_cell(struct status_table *table, unsigned column, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* What stands on lines of its own below the row that was added last, indented and wrapped. Returns 0 or -ENOMEM. */
MUST_CHECK int status_table_note(struct status_table *table, const char *text);

/* Two spaces between columns as far as the width allows, from the left, and one behind that. */
void status_table_print(const struct status_table *table, size_t width, FILE *to);

#endif
