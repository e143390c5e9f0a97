/*
 * status_table.c: see status_table.h.
 */
#include "status_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

struct status_table {
    const struct status_column *columns;
    unsigned column_count;
    unsigned row_count;
    unsigned row_room;
    char (*cells)[STATUS_TABLE_CELL]; /* row after row */
};

struct status_table *
status_table_new(const struct status_column *columns, unsigned count)
{
    struct status_table *table = calloc(1, sizeof(*table));

    if (table != NULL) {
        table->columns = columns;
        table->column_count = count;
    }
    return table;
}

void
status_table_free(struct status_table *table)
{
    if (table != NULL) {
        free(table->cells);
        free(table);
    }
}

int
status_table_add(struct status_table *table)
{
    unsigned room = table->row_room == 0 ? 16 : table->row_room * 2;

    if (table->row_count == table->row_room) {
        void *cells =
            reallocarray(table->cells, (size_t)room * table->column_count, STATUS_TABLE_CELL);

        if (cells == NULL) {
            return -ENOMEM;
        }
        table->cells = cells;
        table->row_room = room;
    }
    for (unsigned i = 0; i < table->column_count; i++) {
        table->cells[table->row_count * table->column_count + i][0] = '\0';
    }
    table->row_count++;
    return 0;
}

void
status_table_cell(struct status_table *table, unsigned column, const char *format, ...)
{
    char text[STATUS_TABLE_CELL * 4];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    status_table_plain(table->cells[(table->row_count - 1) * table->column_count + column],
                       STATUS_TABLE_CELL, text);
}

size_t
status_table_width(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

void
status_table_plain(char *to, size_t size, const char *text)
{
    util_copy_text(to, size, text);
    for (; *to != '\0'; to++) {
        if ((unsigned char)*to < ' ' || *to == 0x7F) {
            *to = '?';
        }
        /* U+0080 to U+009F, the terminal's second set of controls, are C2 80 to C2 9F. */
        if ((unsigned char)to[0] == 0xC2 && (unsigned char)to[1] >= 0x80 &&
            (unsigned char)to[1] < 0xA0) {
            to[0] = '?';
            to[1] = '?';
        }
    }
}

static size_t
column_width(const struct status_table *table, unsigned column)
{
    size_t widest = status_table_width(table->columns[column].title);

    for (unsigned row = 0; row < table->row_count; row++) {
        size_t width = status_table_width(table->cells[row * table->column_count + column]);

        widest = width > widest ? width : widest;
    }
    return widest;
}

/* How many of the gaps, from the left, may be two spaces wide. */
static size_t
wide_gaps(const struct status_table *table)
{
    size_t width = table->column_count - 1;

    for (unsigned i = 0; i < table->column_count; i++) {
        width += column_width(table, i);
    }
    return width < STATUS_TABLE_WIDTH ? STATUS_TABLE_WIDTH - width : 0;
}

/* `cells` is one row's cells, or NULL for the titles. No space is left at a line's end. */
static void
print_row(const struct status_table *table, char (*cells)[STATUS_TABLE_CELL], size_t wide, FILE *to)
{
    size_t owed = 0; /* spaces that are only written when something follows */

    for (unsigned i = 0; i < table->column_count; i++) {
        const char *text = cells == NULL ? table->columns[i].title : cells[i];
        size_t width = status_table_width(text);
        size_t pad = column_width(table, i) - width;

        if (width > 0) {
            owed += table->columns[i].is_right ? pad : 0;
            fprintf(to, "%*s%s", (int)owed, "", text);
            owed = table->columns[i].is_right ? 0 : pad;
        } else {
            owed += pad;
        }
        owed += i < wide ? 2 : 1;
    }
    fputc('\n', to);
}

void
status_table_print(const struct status_table *table, FILE *to)
{
    size_t wide = wide_gaps(table);

    print_row(table, NULL, wide, to);
    for (unsigned row = 0; row < table->row_count; row++) {
        print_row(table, &table->cells[row * table->column_count], wide, to);
    }
}
