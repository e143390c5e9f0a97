/*
 * memory_page.c: see memory_page.h.
 *
 * Owns the columns and the sentences. What is not known is "-" in the table, and no sentence is made of it.
 */
#include "memory_page.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status_rows.h"

#define SENTENCE_SIZE 512
/* Above this share of what it shared at first nobody is named. */
#define WELL_KEPT_PERCENT 90

enum column {
    COLUMN_SLOT,
    COLUMN_STATE,
    COLUMN_PID,
    COLUMN_AGE,
    COLUMN_RSS,
    COLUMN_SHARED,
    COLUMN_PRIVATE,
    COLUMN_SWAP,
    COLUMN_PSS,
    COLUMN_KEPT,
    COLUMN_GROWN,
    COLUMN_DONE,
    COLUMN_COUNT
};

static const struct status_column columns[COLUMN_COUNT] = {
    [COLUMN_SLOT] = {"SLOT", false, 0, 0},      [COLUMN_STATE] = {"STATE", false, 0, 0},
    [COLUMN_PID] = {"PID", true, 0, 0},         [COLUMN_AGE] = {"AGE", true, 3, 0},
    [COLUMN_RSS] = {"RSS", true, 0, 0},         [COLUMN_SHARED] = {"SHARED", true, 0, 0},
    [COLUMN_PRIVATE] = {"PRIVATE", true, 0, 0}, [COLUMN_SWAP] = {"SWAP", true, 4, 0},
    [COLUMN_PSS] = {"PSS", true, 0, 0},         [COLUMN_KEPT] = {"KEPT", true, 0, 0},
    [COLUMN_GROWN] = {"GROWN", true, 2, 0},     [COLUMN_DONE] = {"DONE", true, 1, 0},
};

static double
number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static bool
is_number(const json_t *object, const char *key)
{
    return json_is_number(json_object_get(object, key));
}

static void
add_growth(struct status_table *table, const json_t *process)
{
    char text[STATUS_TEXT_SIZE];

    if (is_number(process, "rss_bytes") && is_number(process, "fresh_rss_bytes")) {
        status_text_signed(number(process, "rss_bytes") - number(process, "fresh_rss_bytes"), text);
    } else {
        util_copy_text(text, sizeof(text), "-");
    }
    status_table_cell(table, COLUMN_GROWN, "%s", text);
}

static void
add_sizes(struct status_table *table, const json_t *process)
{
    static const struct {
        enum column column;
        const char *key;
    } sizes[] = {
        {COLUMN_RSS, "rss_bytes"},   {COLUMN_SHARED, "shared_bytes"}, {COLUMN_PRIVATE, "uss_bytes"},
        {COLUMN_SWAP, "swap_bytes"}, {COLUMN_PSS, "pss_bytes"},
    };
    char text[STATUS_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        status_table_cell(table, sizes[i].column, "%s",
                          status_text_size(process, sizes[i].key, text));
    }
}

static int
add_row(struct status_table *table, const struct status_row *row)
{
    const json_t *process = row->mold != NULL ? row->mold : row->worker;
    char text[STATUS_TEXT_SIZE];

    if (status_table_add(table) < 0) {
        return -1;
    }
    status_table_cell(table, COLUMN_SLOT, "%s", status_rows_name(row, text));
    status_table_cell(table, COLUMN_STATE, "%s", status_rows_state(row, text));
    status_table_cell(table, COLUMN_PID, "%s", status_text_count(process, "pid", text));
    status_table_cell(table, COLUMN_AGE, "%s", status_text_span(process, "age_s", "", text));
    add_sizes(table, process);
    add_growth(table, process);
    if (row->mold == NULL) {
        status_table_cell(table, COLUMN_KEPT, "%s",
                          status_text_percent(process, "retained_percent", text));
        status_table_cell(table, COLUMN_DONE, "%s", status_text_count(process, "done", text));
    }
    return 0;
}

/* The sums; shared pages count in each process that has them, but for PSS. */
static int
add_totals(struct status_table *table, const json_t *totals)
{
    char text[STATUS_TEXT_SIZE];

    if (status_table_add(table) < 0) {
        return -1;
    }
    status_table_cell(table, COLUMN_SLOT, "all");
    status_table_cell(table, COLUMN_RSS, "%s", status_text_size(totals, "rss_bytes", text));
    status_table_cell(table, COLUMN_PRIVATE, "%s", status_text_size(totals, "uss_bytes", text));
    status_table_cell(table, COLUMN_PSS, "%s", status_text_size(totals, "pss_bytes", text));
    return 0;
}

static int
print_table(const json_t *status, size_t width, FILE *to)
{
    struct status_table *table = status_table_new(columns, COLUMN_COUNT);
    unsigned count;
    struct status_row *rows = status_rows_of(status, &count);
    int error = table == NULL || rows == NULL ? -1 : 0;

    for (unsigned i = 0; error == 0 && i < count; i++) {
        error = add_row(table, &rows[i]);
    }
    if (error == 0) {
        error = add_totals(table, json_object_get(status, "totals"));
    }
    if (error == 0) {
        status_table_print(table, width, to);
    }
    free(rows);
    status_table_free(table);
    return error;
}

static void PRINTF_LIKE(3, 4) say(FILE *to, size_t width, const char *format, ...)
{
    char text[SENTENCE_SIZE], plain[SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    status_text_plain(plain, sizeof(plain), text);
    status_text_wrap(to, plain, 0, 0, width);
}

/* How many processes of a kind there are. */
struct census {
    unsigned molds;
    unsigned workers;
    unsigned spares;
};

static struct census
count_processes(const json_t *status)
{
    struct census census = {0};
    const json_t *slots = json_object_get(status, "slots");
    json_t *slot;
    size_t i;

    census.molds = (unsigned)json_array_size(json_object_get(status, "molds"));
    json_array_foreach(slots, i, slot)
    {
        size_t workers = json_array_size(json_object_get(slot, "workers"));

        if (status_text_is(slot, "spare")) {
            census.spares += (unsigned)workers;
        } else {
            census.workers += (unsigned)workers;
        }
    }
    return census;
}

/* "8 workers, the mold and 1 spare". */
static void
name_processes(const struct census *census, char to[SENTENCE_SIZE])
{
    to[0] = '\0';
    status_text_append(to, SENTENCE_SIZE, "%u worker%s", census->workers,
                       census->workers == 1 ? "" : "s");
    if (census->spares > 0) {
        status_text_append(to, SENTENCE_SIZE, ", %u spare%s", census->spares,
                           census->spares == 1 ? "" : "s");
    }
    if (census->molds == 1) {
        status_text_append(to, SENTENCE_SIZE, " and the mold");
    } else if (census->molds > 1) {
        status_text_append(to, SENTENCE_SIZE, " and %u molds", census->molds);
    }
}

static void
say_total(const json_t *status, size_t width, FILE *to)
{
    const struct census census = count_processes(status);
    const json_t *totals = json_object_get(status, "totals");
    char processes[SENTENCE_SIZE], text[STATUS_TEXT_SIZE];

    name_processes(&census, processes);
    if (is_number(totals, "pss_bytes")) {
        say(to, width, "%s take%s %s (the sum of PSS: shared pages count once).", processes,
            census.workers + census.spares + census.molds == 1 ? "s" : "",
            status_text_size(totals, "pss_bytes", text));
    } else {
        say(to, width,
            "What %s take together is not known: PSS of some of them cannot be read, or they just "
            "begin.",
            processes);
    }
}

/* The estimate, with what it is made of. */
static void
say_separate(const json_t *sharing, size_t width, FILE *to)
{
    const char *basis = status_text_string(sharing, "standalone_basis");
    char all[STATUS_TEXT_SIZE], boot[STATUS_TEXT_SIZE], growth[STATUS_TEXT_SIZE];
    json_int_t count = json_integer_value(json_object_get(sharing, "workers"));

    if (!is_number(sharing, "separate_bytes") || basis == NULL || count < 1) {
        return;
    }
    say(to, width,
        "%" JSON_INTEGER_FORMAT " separate process%s would take about ~%s (estimated: one takes %s "
        "when it has booted, as %s did; its jobs change that by %s, the median of the workers; "
        "pages of files count once).",
        count, count == 1 ? "" : "es", status_text_size(sharing, "separate_bytes", all),
        status_text_size(sharing, "standalone_boot_bytes", boot),
        strcmp(basis, "mold") == 0 ? "the mold" : "a worker",
        status_text_growth(sharing, "standalone_growth_bytes", growth));
}

static void
say_saved(const json_t *status, size_t width, FILE *to)
{
    const json_t *sharing = json_object_get(status, "sharing");
    const json_t *totals = json_object_get(status, "totals");
    double separate = number(sharing, "separate_bytes");
    double total = number(totals, "pss_bytes");
    char text[STATUS_TEXT_SIZE];

    if (json_is_false(json_object_get(sharing, "prefork"))) {
        say(to, width, "Nothing is forked here (--no-prefork): only pages of files are shared.");
    } else if (separate > 0 && total > 0 && separate > total) {
        say(to, width, "So sharing saves about ~%s, %.0f%% (estimated).",
            status_text_bytes(separate - total, text), 100 * (separate - total) / separate);
    }
}

/* Has this worker kept less of what it shared than the other one, or is it the first of which that is known? */
static bool
is_less_kept(const json_t *worker, const json_t *other)
{
    return status_rows_has_role(worker, "current") && is_number(worker, "retained_percent") &&
           (other == NULL ||
            number(worker, "retained_percent") < number(other, "retained_percent"));
}

/* The row of the worker that has kept least of what it shared. Returns false when that is known of none. */
static bool
find_least_kept(const json_t *status, struct status_row *ret_row)
{
    unsigned count;
    struct status_row *rows = status_rows_of(status, &count);
    struct status_row least = {0};

    for (unsigned i = 0; i < count; i++) {
        if (is_less_kept(rows[i].worker, least.worker)) {
            least = rows[i];
        }
    }
    free(rows);
    *ret_row = least;
    return least.worker != NULL;
}

static void
say_kept(const json_t *status, size_t width, FILE *to)
{
    struct status_row least;
    char number_text[STATUS_TEXT_SIZE];
    double kept;

    if (!find_least_kept(status, &least)) {
        return;
    }
    kept = floor(number(least.worker, "retained_percent"));
    if (kept >= WELL_KEPT_PERCENT) {
        say(to, width, "Each worker shares %s%.0f%% of what it shared after its fork.",
            kept < 100 ? "at least " : "", kept);
        return;
    }
    status_text_count(least.slot, "slot", number_text);
    say(to, width,
        "Worker %s shares %.0f%% of what it shared after its fork; no other has lost more. `swarm "
        "memory --map %s` shows where its private pages are.",
        number_text, kept, number_text);
}

static void
say_allocator(const json_t *status, size_t width, FILE *to)
{
    const char *allocator = status_text_string(json_object_get(status, "application"), "allocator");

    if (allocator != NULL) {
        say(to, width, "Allocator: %s.", allocator);
    }
}

char *
memory_page(const json_t *status, size_t width)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    int error;

    if (to == NULL) {
        return NULL;
    }
    width = width < STATUS_TABLE_WIDTH_MIN ? STATUS_TABLE_WIDTH_MIN : width;
    error = print_table(status, width, to);
    fputc('\n', to);
    say_total(status, width, to);
    say_separate(json_object_get(status, "sharing"), width, to);
    say_saved(status, width, to);
    say_kept(status, width, to);
    say_allocator(status, width, to);
    return util_end_text(to, &text, error);
}

/* Copies what a process's keys tell of its memory. */
static json_t *
process_json(const json_t *process)
{
    static const char *const keys[] = {
        "pid",
        "role",
        "state",
        "generation",
        "spare",
        "promoted",
        "rss_bytes",
        "pss_bytes",
        "uss_bytes",
        "swap_bytes",
        "shared_bytes",
        "private_age_s",
        "fresh_rss_bytes",
        "fresh_shared_bytes",
        "fresh_jobs",
        "retained_percent",
        "done",
    };
    json_t *json = json_object();

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        json_t *value = json_object_get(process, keys[i]);

        if (value != NULL) {
            json_object_set(json, keys[i], value);
        }
    }
    return json;
}

static json_t *
processes_json(const json_t *list)
{
    json_t *json = json_array();
    json_t *process;
    size_t i;

    json_array_foreach(list, i, process)
    {
        json_array_append_new(json, process_json(process));
    }
    return json;
}

static json_t *
slots_json(const json_t *slots)
{
    json_t *json = json_array();
    json_t *slot;
    size_t i;

    json_array_foreach(slots, i, slot)
    {
        json_t *one = json_object();

        json_object_set(one, "slot", json_object_get(slot, "slot"));
        json_object_set(one, "spare", json_object_get(slot, "spare"));
        json_object_set_new(one, "workers", processes_json(json_object_get(slot, "workers")));
        json_array_append_new(json, one);
    }
    return json;
}

json_t *
memory_page_json(const json_t *status)
{
    json_t *json = json_object();

    json_object_set(json, "totals", json_object_get(status, "totals"));
    json_object_set(json, "sharing", json_object_get(status, "sharing"));
    json_object_set(json, "allocator",
                    json_object_get(json_object_get(status, "application"), "allocator"));
    json_object_set_new(json, "molds", processes_json(json_object_get(status, "molds")));
    json_object_set_new(json, "slots", slots_json(json_object_get(status, "slots")));
    return json;
}
