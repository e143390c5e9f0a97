/*
 * status_view.c: see status_view.h.
 *
 * Owns the words and the order: what is wrong first, then the application, then one row a process,
 * then sums. Reads the JSON as a stranger's: what is missing, null or of another type is "-".
 */
#include "status_view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status_table.h"

#define TEXT_SIZE 32
#define ITEM_SIZE 512
#define LABEL_WIDTH 8
#define MIB (1024.0 * 1024.0)

/* One labelled line of items, broken before an item that would pass the last column. */
struct line {
    FILE *to;
    size_t column;
    bool is_begun; /* an item stands on this line */
};

enum column {
    COLUMN_SLOT,
    COLUMN_STATE,
    COLUMN_PID,
    COLUMN_GEN,
    COLUMN_AGE,
    COLUMN_RSS,
    COLUMN_PSS,
    COLUMN_USS,
    COLUMN_BUSY,
    COLUMN_DONE,
    COLUMN_RESTARTS,
    COLUMN_REASON,
    COLUMN_COUNT
};

static const struct status_column columns[COLUMN_COUNT] = {
    [COLUMN_SLOT] = {"SLOT", false},        [COLUMN_STATE] = {"STATE", false},
    [COLUMN_PID] = {"PID", true},           [COLUMN_GEN] = {"GEN", true},
    [COLUMN_AGE] = {"AGE", true},           [COLUMN_RSS] = {"RSS", true},
    [COLUMN_PSS] = {"PSS", true},           [COLUMN_USS] = {"USS", true},
    [COLUMN_BUSY] = {"BUSY", true},         [COLUMN_DONE] = {"DONE", true},
    [COLUMN_RESTARTS] = {"RESTARTS", true}, [COLUMN_REASON] = {"REASON", false},
};

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Writes the number under `key`, or "-". Returns `to`. */
static char *
count_of(const json_t *object, const char *key, char to[TEXT_SIZE])
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value)) {
        snprintf(to, TEXT_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else {
        util_copy_text(to, TEXT_SIZE, "-");
    }
    return to;
}

/* 980K, 213M, 1.4G, 12G. */
static char *
size_of(const json_t *object, const char *key, char to[TEXT_SIZE])
{
    const json_t *value = json_object_get(object, key);
    double mib = json_number_value(value) / MIB;

    if (!json_is_number(value) || mib < 0) {
        util_copy_text(to, TEXT_SIZE, "-");
    } else if (mib < 1) {
        snprintf(to, TEXT_SIZE, "%.0fK", mib * 1024);
    } else if (mib < 999.5) {
        snprintf(to, TEXT_SIZE, "%.0fM", mib);
    } else if (mib / 1024 < 9.95) {
        snprintf(to, TEXT_SIZE, "%.1fG", mib / 1024);
    } else {
        snprintf(to, TEXT_SIZE, "%.0fG", mib / 1024);
    }
    return to;
}

/* The two largest units of a time, the second left out when it is zero. */
static void
write_span(int64_t seconds, const char *gap, char to[TEXT_SIZE])
{
    static const struct {
        int64_t seconds;
        char name;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t large = 0;
    int64_t rest;
    int length;

    while (large + 1 < ARRAY_LEN(units) && seconds < units[large].seconds) {
        large++;
    }
    length =
        snprintf(to, TEXT_SIZE, "%" PRId64 "%c", seconds / units[large].seconds, units[large].name);
    if (large + 1 < ARRAY_LEN(units)) {
        rest = seconds % units[large].seconds / units[large + 1].seconds;
        if (rest > 0) {
            snprintf(to + length, TEXT_SIZE - (size_t)length, "%s%" PRId64 "%c", gap, rest,
                     units[large + 1].name);
        }
    }
}

/* 1.5s, 45s, 5m 12s, 2h 3m, 3d 4h, with `gap` between the two. */
static char *
span_with(const json_t *value, const char *gap, char to[TEXT_SIZE])
{
    double seconds = json_number_value(value);
    int tenths;

    if (!json_is_number(value) || !(seconds >= 0 && seconds < 1e12)) {
        util_copy_text(to, TEXT_SIZE, "-");
        return to;
    }
    tenths = seconds < 9.95 ? (int)(seconds * 10 + 0.5) : 0;
    if (tenths % 10 != 0) {
        snprintf(to, TEXT_SIZE, "%d.%ds", tenths / 10, tenths % 10);
    } else {
        write_span(tenths > 0 ? tenths / 10 : (int64_t)seconds, gap, to);
    }
    return to;
}

static char *
span_of(const json_t *object, const char *key, char to[TEXT_SIZE])
{
    return span_with(json_object_get(object, key), " ", to);
}

static struct line
line_begin(FILE *to, const char *label)
{
    fprintf(to, "%-*s", LABEL_WIDTH, label);
    return (struct line){.to = to, .column = LABEL_WIDTH};
}

static void PRINTF_LIKE(2, 3) line_item(struct line *line, const char *format, ...)
{
    char text[ITEM_SIZE], item[ITEM_SIZE];
    va_list arguments;
    size_t width;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    status_table_plain(item, sizeof(item), text);
    width = status_table_width(item);
    if (line->is_begun && line->column + 2 + width > STATUS_TABLE_WIDTH) {
        fprintf(line->to, "\n%*s", LABEL_WIDTH, "");
        line->column = LABEL_WIDTH;
        line->is_begun = false;
    }
    fprintf(line->to, "%s%s", line->is_begun ? "  " : "", item);
    line->column += width + (line->is_begun ? 2 : 0);
    line->is_begun = true;
}

static void
line_end(const struct line *line)
{
    fputc('\n', line->to);
}

/* An item for a text that may be missing. */
static void
line_text(struct line *line, const char *prefix, const json_t *object, const char *key)
{
    const char *text = text_of(object, key);

    if (text != NULL) {
        line_item(line, "%s%s", prefix, text);
    }
}

static void
view_master(const json_t *status, FILE *to)
{
    const char *version = text_of(status, "version");
    const char *state = text_of(status, "state");
    const char *degraded = text_of(status, "degraded");
    char pid[TEXT_SIZE], up[TEXT_SIZE], dropped[TEXT_SIZE];
    struct line line = line_begin(to, "swarm");

    line_item(&line, "%s", version != NULL ? version : "-");
    line_item(&line, "pid %s", count_of(status, "pid", pid));
    line_item(&line, "up %s", span_of(status, "uptime_s", up));
    line_item(&line, "%s", state != NULL ? state : "-");
    if (degraded != NULL) {
        line_item(&line, "DEGRADED: %s", degraded);
    }
    if (json_integer_value(json_object_get(status, "log_dropped")) > 0) {
        line_item(&line, "%s log lines LOST", count_of(status, "log_dropped", dropped));
    }
    line_end(&line);
}

/* "ruby 3.1.2p20 (2022-04-12 …)": the first two words are what a person wants. */
static void
line_ruby(struct line *line, const json_t *application)
{
    const char *ruby = text_of(application, "ruby");
    const char *end = ruby == NULL ? NULL : strstr(ruby, " (");

    if (ruby != NULL) {
        line_item(line, "%.*s", end != NULL ? (int)(end - ruby) : (int)strnlen(ruby, ITEM_SIZE),
                  ruby);
    }
}

static void
view_application(const json_t *application, FILE *to)
{
    const char *tag = text_of(application, "tag");
    const char *environment = text_of(application, "environment");
    char number[TEXT_SIZE];
    struct line line;

    if (!json_is_object(application)) {
        return;
    }
    line = line_begin(to, "app");
    line_item(&line, "%s (%s)", tag != NULL ? tag : "-", environment != NULL ? environment : "-");
    line_text(&line, "Sidekiq ", application, "sidekiq");
    line_text(&line, "Rails ", application, "rails");
    line_ruby(&line, application);
    line_text(&line, "", application, "redis");
    line_end(&line);
    line = line_begin(to, "queues");
    line_text(&line, "", application, "queues");
    line_item(&line, "%s threads", count_of(application, "concurrency", number));
    line_item(&line, "%s to finish at a stop", span_of(application, "timeout_s", number));
    line_end(&line);
}

static void
view_limits(const json_t *limits, FILE *to)
{
    struct line line;
    char text[TEXT_SIZE], interval[TEXT_SIZE];

    if (!json_is_object(limits)) {
        return;
    }
    line = line_begin(to, "limits");
    line_item(&line, "%s processes", count_of(limits, "processes", text));
    if (json_number_value(json_object_get(limits, "max_rss_bytes")) > 0) {
        line_item(&line, "RSS %s, checked every %s", size_of(limits, "max_rss_bytes", text),
                  span_of(limits, "check_interval_s", interval));
    } else {
        line_item(&line, "no limit on RSS");
    }
    if (json_is_number(json_object_get(limits, "drain_timeout_s"))) {
        line_item(&line, "drain %s", span_of(limits, "drain_timeout_s", text));
    } else {
        line_item(&line, "drain without end");
    }
    line_item(&line, "surge %s", count_of(limits, "surge", text));
    line_end(&line);
}

/* The cells that molds and workers have in common. */
static int
add_process(struct status_table *table, const json_t *process)
{
    const char *state = text_of(process, "state");
    char text[TEXT_SIZE];
    int error = status_table_add(table);

    if (error < 0) {
        return error;
    }
    status_table_cell(table, COLUMN_STATE, "%s", state != NULL ? state : "-");
    status_table_cell(table, COLUMN_PID, "%s", count_of(process, "pid", text));
    status_table_cell(table, COLUMN_GEN, "%s", count_of(process, "generation", text));
    status_table_cell(table, COLUMN_AGE, "%s",
                      span_with(json_object_get(process, "age_s"), "", text));
    status_table_cell(table, COLUMN_RSS, "%s", size_of(process, "rss_bytes", text));
    status_table_cell(table, COLUMN_PSS, "%s", size_of(process, "pss_bytes", text));
    status_table_cell(table, COLUMN_USS, "%s", size_of(process, "uss_bytes", text));
    return 0;
}

static int
add_mold(struct status_table *table, const json_t *mold)
{
    char text[TEXT_SIZE];
    int error = add_process(table, mold);

    if (error == 0) {
        status_table_cell(table, COLUMN_SLOT, "mold");
        if (json_is_number(json_object_get(mold, "boot_s"))) {
            status_table_cell(table, COLUMN_REASON, "boot %s", span_of(mold, "boot_s", text));
        }
    }
    return error;
}

/* "3" for who serves, "3 new" and "3 old" beside it while one replaces the other. */
static void
cell_slot(struct status_table *table, const json_t *slot, const json_t *worker)
{
    const char *role = text_of(worker, "role");
    char number[TEXT_SIZE];

    count_of(slot, "slot", number);
    if (role != NULL && strcmp(role, "successor") == 0) {
        status_table_cell(table, COLUMN_SLOT, "%s new", number);
    } else if (role != NULL && strcmp(role, "leaving") == 0) {
        status_table_cell(table, COLUMN_SLOT, "%s old", number);
    } else {
        status_table_cell(table, COLUMN_SLOT, "%s", number);
    }
}

/* Why this worker leaves; beside one that does not, why the last one of its slot left. */
static void
cell_reason(struct status_table *table, const json_t *slot, const json_t *worker)
{
    const char *reason = text_of(worker, "reason");
    const char *last = text_of(slot, "last_reason");
    char wait[TEXT_SIZE];

    if (worker == NULL && json_is_number(json_object_get(slot, "wait_s"))) {
        status_table_cell(table, COLUMN_REASON, "%s, again in %s", last != NULL ? last : "-",
                          span_of(slot, "wait_s", wait));
        return;
    }
    reason = reason != NULL ? reason : last;
    status_table_cell(table, COLUMN_REASON, "%s", reason != NULL ? reason : "-");
}

/* `worker` is NULL for a slot that has none now. */
static int
add_worker(struct status_table *table, const json_t *slot, const json_t *worker)
{
    char text[TEXT_SIZE];
    int error = add_process(table, worker);

    if (error < 0) {
        return error;
    }
    if (worker == NULL) {
        status_table_cell(table, COLUMN_STATE, "empty");
    }
    cell_slot(table, slot, worker);
    status_table_cell(table, COLUMN_BUSY, "%s", count_of(worker, "busy", text));
    status_table_cell(table, COLUMN_DONE, "%s", count_of(worker, "done", text));
    status_table_cell(table, COLUMN_RESTARTS, "%s", count_of(slot, "restarts", text));
    cell_reason(table, slot, worker);
    return 0;
}

static int
add_slot(struct status_table *table, const json_t *slot)
{
    const json_t *workers = json_object_get(slot, "workers");
    json_t *worker;
    size_t i;
    int error = 0;

    if (json_array_size(workers) == 0) {
        return add_worker(table, slot, NULL);
    }
    json_array_foreach(workers, i, worker)
    {
        error = error == 0 ? add_worker(table, slot, worker) : error;
    }
    return error;
}

static int
view_table(const json_t *status, FILE *to)
{
    struct status_table *table = status_table_new(columns, COLUMN_COUNT);
    json_t *each;
    size_t i;
    int error = table == NULL ? -1 : 0;

    json_array_foreach(json_object_get(status, "molds"), i, each)
    {
        error = error == 0 ? add_mold(table, each) : error;
    }
    json_array_foreach(json_object_get(status, "slots"), i, each)
    {
        error = error == 0 ? add_slot(table, each) : error;
    }
    if (error == 0) {
        fputc('\n', to);
        status_table_print(table, to);
        fputc('\n', to);
    }
    status_table_free(table);
    return error;
}

static void
view_sums(const json_t *status, FILE *to)
{
    const json_t *totals = json_object_get(status, "totals");
    const json_t *limits = json_object_get(status, "limits");
    const json_t *counters = json_object_get(status, "counters");
    char text[TEXT_SIZE], more[TEXT_SIZE];
    struct line line = line_begin(to, "now");

    line_item(&line, "%s of %s ready", count_of(totals, "ready", text),
              count_of(limits, "processes", more));
    line_item(&line, "%s busy", count_of(totals, "busy", text));
    line_item(&line, "PSS of all %s", size_of(totals, "pss_bytes", text));
    line_end(&line);
    line = line_begin(to, "so far");
    line_item(&line, "jobs done %s", count_of(totals, "done", text));
    line_item(&line, "failed %s", count_of(totals, "failed", text));
    line_item(&line, "deaths %s", count_of(counters, "deaths", text));
    line_item(&line, "recycles %s", count_of(counters, "recycles", text));
    line_item(&line, "kills %s", count_of(counters, "kills", text));
    line_item(&line, "failed spawns %s", count_of(counters, "spawn_failures", text));
    line_item(&line, "molds %s", count_of(counters, "mold_starts", text));
    line_end(&line);
}

char *
status_view(const json_t *status)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    int error;

    if (to == NULL) {
        return NULL;
    }
    view_master(status, to);
    view_application(json_object_get(status, "application"), to);
    view_limits(json_object_get(status, "limits"), to);
    error = view_table(status, to);
    view_sums(status, to);
    error = fclose(to) != 0 ? -1 : error;
    if (error < 0) {
        free(text);
        return NULL;
    }
    return text;
}
