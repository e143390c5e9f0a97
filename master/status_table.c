/*
 * status_table.c: see status_table.h.
 */
#include "status_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_INDENT 6
#define NOTE_SIZE 1024
#define COLUMNS_MAX 32

struct status_table {
    const struct status_column *columns;
    unsigned column_count;
    unsigned row_count;
    unsigned row_room;
    char (*cells)[STATUS_TABLE_CELL]; /* row after row */
    char **notes;                     /* one a row; NULL: none */
};

/* How one print is laid out. */
struct layout {
    size_t widths[COLUMNS_MAX]; /* 0: the column is left out */
    size_t line;                /* what a line may take */
    unsigned wide;              /* so many gaps, from the left, are two spaces wide */
};

struct status_table *
status_table_new(const struct status_column *columns, unsigned count)
{
    struct status_table *table = calloc(1, sizeof(*table));

    if (table != NULL) {
        table->columns = columns;
        table->column_count = count < COLUMNS_MAX ? count : COLUMNS_MAX;
    }
    return table;
}

void
status_table_free(struct status_table *table)
{
    if (table == NULL) {
        return;
    }
    for (unsigned i = 0; i < table->row_count; i++) {
        free(table->notes[i]);
    }
    free(table->notes);
    free(table->cells);
    free(table);
}

static int
make_room(struct status_table *table)
{
    unsigned room = table->row_room == 0 ? 16 : table->row_room * 2;
    void *cells = reallocarray(table->cells, (size_t)room * table->column_count, STATUS_TABLE_CELL);
    char **notes;

    if (cells == NULL) {
        return -ENOMEM;
    }
    table->cells = cells;
    notes = reallocarray(table->notes, room, sizeof(*notes));
    if (notes == NULL) {
        return -ENOMEM;
    }
    table->notes = notes;
    table->row_room = room;
    return 0;
}

int
status_table_add(struct status_table *table)
{
    if (table->row_count == table->row_room && make_room(table) < 0) {
        return -ENOMEM;
    }
    for (unsigned i = 0; i < table->column_count; i++) {
        table->cells[table->row_count * table->column_count + i][0] = '\0';
    }
    table->notes[table->row_count++] = NULL;
    return 0;
}

void
status_table_cell(struct status_table *table, unsigned column, const char *format, ...)
{
    char text[STATUS_TABLE_CELL * 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    status_text_plain(table->cells[(table->row_count - 1) * table->column_count + column],
                      STATUS_TABLE_CELL, text);
}

int
status_table_note(struct status_table *table, const char *text)
{
    char plain[NOTE_SIZE];
    char **note = &table->notes[table->row_count - 1];

    status_text_plain(plain, sizeof(plain), text);
    free(*note);
    *note = strdup(plain);
    return *note != NULL ? 0 : -ENOMEM;
}

static size_t
column_width(const struct status_table *table, unsigned column)
{
    size_t widest = status_text_width(table->columns[column].title);

    for (unsigned row = 0; row < table->row_count; row++) {
        size_t width = status_text_width(table->cells[row * table->column_count + column]);

        widest = width > widest ? width : widest;
    }
    return widest;
}

/* The columns that a line takes with gaps of one space; with `least`, those that may be cut are. */
static size_t
line_width(const struct status_table *table, const struct layout *layout, bool least)
{
    size_t sum = 0;

    for (unsigned i = 0; i < table->column_count; i++) {
        size_t cut = table->columns[i].least;

        if (layout->widths[i] > 0) {
            sum += least && cut > 0 && cut < layout->widths[i] ? cut : layout->widths[i];
            sum++;
        }
    }
    return sum > 0 ? sum - 1 : 0;
}

/* Leaves out the columns of the highest rank until the rest fits. */
static void
drop_columns(const struct status_table *table, struct layout *layout)
{
    for (unsigned rank = STATUS_TABLE_HIDDEN; rank > 0; rank--) {
        if (rank != STATUS_TABLE_HIDDEN && line_width(table, layout, true) <= layout->line) {
            return;
        }
        for (unsigned i = 0; i < table->column_count; i++) {
            layout->widths[i] = table->columns[i].rank == rank ? 0 : layout->widths[i];
        }
    }
}

/* Cuts what may be cut, from the right, by what the line is too wide. */
static void
cut_columns(const struct status_table *table, struct layout *layout)
{
    size_t width = line_width(table, layout, false);

    for (unsigned i = table->column_count; i > 0 && width > layout->line; i--) {
        size_t least = table->columns[i - 1].least;
        size_t *column = &layout->widths[i - 1];

        if (least > 0 && *column > least) {
            size_t excess = width - layout->line;
            size_t spare = *column - least;

            *column -= excess < spare ? excess : spare;
            width -= excess < spare ? excess : spare;
        }
    }
}

static void
lay_out(const struct status_table *table, size_t width, struct layout *layout)
{
    size_t used;

    layout->line = width;
    for (unsigned i = 0; i < table->column_count; i++) {
        layout->widths[i] = column_width(table, i);
    }
    drop_columns(table, layout);
    cut_columns(table, layout);
    used = line_width(table, layout, false);
    layout->wide = used < width ? (unsigned)(width - used) : 0;
}

/* Appends as much of `text` as `room` columns hold, with a mark where it is cut. */
static void
put_text(FILE *to, const char *text, size_t room)
{
    if (status_text_width(text) <= room) {
        fputs(text, to);
    } else if (room > 0) {
        fwrite(text, 1, status_text_fit(text, room - 1), to);
        fputc('~', to);
    }
}

/* A line that is being printed. Spaces are only written when something follows. */
struct row_line {
    FILE *to;
    size_t width;
    size_t used;
    size_t owed;
};

/* One cell of a column that is `room` wide. */
static void
put_cell(struct row_line *line, const char *text, size_t room, bool is_right)
{
    size_t width = status_text_width(text);
    size_t pad = width < room ? room - width : 0;

    line->owed += is_right ? pad : 0;
    if (width == 0 || line->used + line->owed >= line->width) {
        line->owed += is_right ? width : room;
        return;
    }
    fprintf(line->to, "%*s", (int)line->owed, "");
    line->used += line->owed;
    room = room < line->width - line->used ? room : line->width - line->used;
    put_text(line->to, text, room);
    line->used += width < room ? width : room;
    line->owed = is_right ? 0 : pad;
}

/* `cells` is one row's cells, or NULL for the titles. */
static void
print_row(const struct status_table *table, char (*cells)[STATUS_TABLE_CELL],
          const struct layout *layout, FILE *to)
{
    struct row_line line = {.to = to, .width = layout->line};
    unsigned gaps = 0;

    for (unsigned i = 0; i < table->column_count; i++) {
        const char *text = cells == NULL ? table->columns[i].title : cells[i];

        if (layout->widths[i] > 0) {
            put_cell(&line, text, layout->widths[i], table->columns[i].is_right);
            line.owed += gaps++ < layout->wide ? 2 : 1;
        }
    }
    fputc('\n', to);
}

void
status_table_print(const struct status_table *table, size_t width, FILE *to)
{
    struct layout layout = {.line = width};

    lay_out(table, width, &layout);
    print_row(table, NULL, &layout, to);
    for (unsigned row = 0; row < table->row_count; row++) {
        print_row(table, &table->cells[row * table->column_count], &layout, to);
        if (table->notes[row] != NULL) {
            fprintf(to, "%*s", NOTE_INDENT, "");
            status_text_wrap(to, table->notes[row], NOTE_INDENT, NOTE_INDENT, width);
        }
    }
}
