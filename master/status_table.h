/*
 * status_table.h: rows of short texts, printed as columns that are as wide as they must be.
 *
 * Owns the widths. Must not know what a cell means. Cells come from elsewhere: control characters in them are
 * replaced, so that no name of a process or an application reaches the terminal as a command.
 */
#ifndef SWARM_STATUS_TABLE_H
#define SWARM_STATUS_TABLE_H

#include <stdio.h>

#include "util.h"

#define STATUS_TABLE_WIDTH 80
#define STATUS_TABLE_CELL 48

struct status_table;

struct status_column {
    const char *title;
    bool is_right; /* numbers stand to the right */
};

/* `columns` must outlive the table. Returns NULL without memory. */
struct status_table *status_table_new(const struct status_column *columns, unsigned count);
void status_table_free(struct status_table *table);

/* Adds an empty row, which the next cells go to. Returns 0 or -ENOMEM. */
MUST_CHECK int status_table_add(struct status_table *table);
void status_table_cell(struct status_table *table, unsigned column, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Two spaces between columns as far as STATUS_TABLE_WIDTH allows, from the left, and one behind that. */
void status_table_print(const struct status_table *table, FILE *to);

/* How many columns of a terminal a UTF-8 text takes, each character taken for one. */
size_t status_table_width(const char *text);

/* Copies a text without control characters; cut between characters. */
void status_table_plain(char *to, size_t size, const char *text);

#endif
