/*
 * status_view.c: see status_view.h.
 *
 * Owns the words and the order: what is wrong first, then the application, the limits, one row a process, then
 * sums and what happened last.
 */
#include "status_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status_recent.h"
#include "status_rows.h"
#include "status_text.h"

#define ITEM_SIZE 512
#define LABEL_WIDTH 8
#define RECENT_SHOWN 5

/* One labelled line of items, broken before an item that would pass the last column. */
struct line {
    FILE *to;
    size_t width;
    size_t column;
    bool is_begun; /* an item stands on this line */
};

static struct line
line_begin(FILE *to, size_t width, const char *label)
{
    fprintf(to, "%-*s", LABEL_WIDTH, label);
    return (struct line){.to = to, .width = width, .column = LABEL_WIDTH};
}

static void PRINTF_LIKE(2, 3) line_item(struct line *line, const char *format, ...)
{
    char text[ITEM_SIZE], item[ITEM_SIZE];
    va_list arguments;
    size_t width;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    status_text_plain(item, sizeof(item), text);
    width = status_text_width(item);
    if (line->is_begun && line->column + 2 + width > line->width) {
        fprintf(line->to, "\n%*s", LABEL_WIDTH, "");
        line->column = LABEL_WIDTH;
        line->is_begun = false;
    }
    /* An item that is wider than a line is cut: names of queues can be many. */
    if (LABEL_WIDTH + width > line->width) {
        width = line->width - LABEL_WIDTH;
        item[status_text_fit(item, width - 1)] = '\0';
        util_copy_text(item + strlen(item), 2, "~");
    }
    fprintf(line->to, "%s%s", line->is_begun ? "  " : "", item);
    line->column += width + (line->is_begun ? 2 : 0);
    line->is_begun = true;
}

/* Without an item the label alone would end in spaces. */
static void
line_end(struct line *line)
{
    if (!line->is_begun) {
        line_item(line, "-");
    }
    fputc('\n', line->to);
}

/* An item for a text that may be missing. */
static void
line_text(struct line *line, const char *prefix, const json_t *object, const char *key)
{
    const char *text = status_text_string(object, key);

    if (text != NULL) {
        line_item(line, "%s%s", prefix, text);
    }
}

/* An item "name 800M" for a size that is set. */
static void
line_size(struct line *line, const char *name, const json_t *object, const char *key)
{
    char text[STATUS_TEXT_SIZE];

    if (status_text_has(object, key)) {
        line_item(line, "%s %s", name, status_text_size(object, key, text));
    }
}

static void
line_span(struct line *line, const char *name, const json_t *object, const char *key)
{
    char text[STATUS_TEXT_SIZE];

    if (json_is_number(json_object_get(object, key))) {
        line_item(line, "%s %s", name, status_text_span(object, key, " ", text));
    }
}

static void
view_master(const json_t *status, size_t width, FILE *to)
{
    const char *version = status_text_string(status, "version");
    const char *state = status_text_string(status, "state");
    char pid[STATUS_TEXT_SIZE], up[STATUS_TEXT_SIZE], dropped[STATUS_TEXT_SIZE];
    struct line line = line_begin(to, width, "swarm");

    line_item(&line, "%s", version != NULL ? version : "-");
    line_item(&line, "pid %s", status_text_count(status, "pid", pid));
    line_item(&line, "up %s", status_text_span(status, "uptime_s", " ", up));
    line_item(&line, "%s", state != NULL ? state : "-");
    line_text(&line, "DEGRADED: ", status, "degraded");
    if (status_text_is(json_object_get(status, "limits"), "dry_run")) {
        line_item(&line, "DRY RUN: limits are only reported, nobody is replaced for them");
    }
    if (status_text_has(status, "log_dropped")) {
        line_item(&line, "%s log lines LOST", status_text_count(status, "log_dropped", dropped));
    }
    line_end(&line);
}

/* "ruby 3.1.2p20 (2022-04-12 …)": the first two words are what a person wants. */
static void
line_ruby(struct line *line, const json_t *application)
{
    const char *ruby = status_text_string(application, "ruby");
    const char *end = ruby == NULL ? NULL : strstr(ruby, " (");

    if (ruby != NULL) {
        line_item(line, "%.*s", end != NULL ? (int)(end - ruby) : (int)strnlen(ruby, ITEM_SIZE),
                  ruby);
    }
}

static void
view_application(const json_t *application, size_t width, FILE *to)
{
    const char *tag = status_text_string(application, "tag");
    const char *environment = status_text_string(application, "environment");
    char number[STATUS_TEXT_SIZE];
    struct line line;

    if (!json_is_object(application)) {
        return;
    }
    line = line_begin(to, width, "app");
    line_item(&line, "%s (%s)", tag != NULL ? tag : "-", environment != NULL ? environment : "-");
    line_text(&line, "Sidekiq ", application, "sidekiq");
    line_text(&line, "Rails ", application, "rails");
    line_ruby(&line, application);
    line_text(&line, "", application, "allocator");
    line_text(&line, "", application, "redis");
    line_end(&line);
    line = line_begin(to, width, "queues");
    line_text(&line, "", application, "queues");
    line_item(&line, "%s threads", status_text_count(application, "concurrency", number));
    line_item(&line, "%s to finish at a stop",
              status_text_span(application, "timeout_s", " ", number));
    line_end(&line);
}

/* How often is looked, and after how many looks something is done. */
static void
line_cycles(struct line *line, const json_t *limits)
{
    char cycles[STATUS_TEXT_SIZE], window[STATUS_TEXT_SIZE], interval[STATUS_TEXT_SIZE];

    status_text_span(limits, "check_interval_s", " ", interval);
    if (json_integer_value(json_object_get(limits, "memory_window")) > 1) {
        line_item(line, "acts after %s of %s checks, one every %s",
                  status_text_count(limits, "memory_cycles", cycles),
                  status_text_count(limits, "memory_window", window), interval);
    } else {
        line_item(line, "checked every %s", interval);
    }
}

/* The limits that end or replace a worker. Returns whether one of them is about memory. */
static bool
line_worker_limits(struct line *line, const json_t *limits)
{
    static const struct {
        const char *name;
        const char *key;
    } sizes[] = {
        {"max-rss", "max_rss_bytes"},   {"max-pss", "max_pss_bytes"},
        {"max-uss", "max_uss_bytes"},   {"kill-rss", "kill_rss_bytes"},
        {"kill-pss", "kill_pss_bytes"}, {"kill-uss", "kill_uss_bytes"},
    };
    char text[STATUS_TEXT_SIZE];
    bool is_limited = false;

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        line_size(line, sizes[i].name, limits, sizes[i].key);
        is_limited = is_limited || status_text_has(limits, sizes[i].key);
    }
    if (json_integer_value(json_object_get(limits, "max_total_bytes")) == -1) {
        line_item(line, "max-total auto");
    }
    line_size(line, "max-total", limits, "max_total_bytes");
    if (status_text_has(limits, "max_jobs")) {
        line_item(line, "max-jobs %s", status_text_count(limits, "max_jobs", text));
    }
    if (status_text_has(limits, "max_age_s")) {
        line_item(line, "max-age %s", status_text_span(limits, "max_age_s", " ", text));
    }
    if (!line->is_begun) {
        line_item(line, "none on memory, jobs or age");
    }
    return is_limited || json_number_value(json_object_get(limits, "max_total_bytes")) != 0;
}

/* Hangs: "hang 1m: recycle". */
static void
line_watch(struct line *line, const json_t *limits, const char *span, const char *action)
{
    const char *does = status_text_string(limits, action);
    char text[STATUS_TEXT_SIZE];

    if (status_text_has(limits, span)) {
        line_item(line, "%s %s%s%s", strcmp(span, "hang_timeout_s") == 0 ? "hang" : "job time",
                  status_text_span(limits, span, " ", text), does != NULL ? ": " : "",
                  does != NULL ? does : "");
    }
}

static void
line_give_up(struct line *line, const json_t *limits)
{
    char restarts[STATUS_TEXT_SIZE], cycles[STATUS_TEXT_SIZE];

    if (status_text_has(limits, "give_up_restarts")) {
        line_item(line, "gives a slot up after %s restarts in %s cycles",
                  status_text_count(limits, "give_up_restarts", restarts),
                  status_text_count(limits, "give_up_cycles", cycles));
    }
}

void
status_view_limits(const json_t *status, size_t width, FILE *to)
{
    const json_t *limits = json_object_get(status, "limits");
    char text[STATUS_TEXT_SIZE];
    struct line line;

    if (!json_is_object(limits)) {
        return;
    }
    line = line_begin(to, width, "limits");
    if (line_worker_limits(&line, limits)) {
        line_cycles(&line, limits);
        line_span(&line, "grace", limits, "memory_grace_s");
        if (json_is_integer(json_object_get(limits, "max_recycles"))) {
            line_item(&line, "%s at a time", status_text_count(limits, "max_recycles", text));
        }
    }
    line_size(&line, "mold max-rss", limits, "max_mold_rss_bytes");
    line_watch(&line, limits, "hang_timeout_s", "hang_action");
    line_watch(&line, limits, "max_job_time_s", "job_time_action");
    if (status_text_has(limits, "stopped_timeout_s")) {
        line_span(&line, "stopped", limits, "stopped_timeout_s");
    }
    line_give_up(&line, limits);
    line_end(&line);
}

static void
view_workers(const json_t *limits, size_t width, FILE *to)
{
    struct line line;
    char text[STATUS_TEXT_SIZE];

    if (!json_is_object(limits)) {
        return;
    }
    line = line_begin(to, width, "workers");
    line_item(&line, "%s processes", status_text_count(limits, "processes", text));
    line_item(&line, "surge %s", status_text_count(limits, "surge", text));
    if (json_is_number(json_object_get(limits, "drain_timeout_s"))) {
        line_item(&line, "drain %s", status_text_span(limits, "drain_timeout_s", " ", text));
    } else {
        line_item(&line, "drain without end");
    }
    line_end(&line);
}

/* "1.6G of 2.0G (80%)" */
static void
line_of_limit(struct line *line, const char *name, const json_t *group, const char *const keys[2])
{
    char used[STATUS_TEXT_SIZE], limit[STATUS_TEXT_SIZE];
    double whole = json_number_value(json_object_get(group, keys[1]));
    double part = json_number_value(json_object_get(group, keys[0]));

    status_text_size(group, keys[0], used);
    if (!(whole > 0)) {
        line_item(line, "%s %s", name, used);
    } else if (!json_is_number(json_object_get(group, keys[0]))) {
        line_item(line, "%s - of %s", name, status_text_size(group, keys[1], limit));
    } else {
        line_item(line, "%s %s of %s (%.0f%%)", name, used, status_text_size(group, keys[1], limit),
                  100 * part / whole);
    }
}

void
status_view_group(const json_t *status, size_t width, FILE *to)
{
    static const char *const used[2] = {"used_bytes", "limit_bytes"};
    static const char *const total[2] = {"total_bytes", "total_limit_bytes"};
    const json_t *group = json_object_get(status, "group");
    const char *kind = status_text_string(group, "kind");
    char text[STATUS_TEXT_SIZE];
    struct line line;

    if (!json_is_object(group)) {
        return;
    }
    line = line_begin(to, width, "group");
    line_item(&line, "%s", kind != NULL ? kind : "-");
    line_of_limit(&line, "uses", group, used);
    line_size(&line, "of that cache", group, "cache_bytes");
    line_size(&line, "available", group, "available_bytes");
    line_of_limit(&line, "total", group, total);
    if (status_text_has(group, "ooms")) {
        line_item(&line, "OOM kills %s", status_text_count(group, "ooms", text));
    }
    if (json_is_number(json_object_get(group, "pressure_ago_s"))) {
        line_item(&line, "PRESSURE %s ago", status_text_span(group, "pressure_ago_s", " ", text));
    }
    line_end(&line);
}

static int
view_table(const json_t *status, size_t width, FILE *to)
{
    enum status_rows_form form = width < STATUS_ROWS_WIDE ? STATUS_ROWS_NOTED : STATUS_ROWS_PLAIN;
    struct status_table *table = status_rows_table(form);
    unsigned count;
    struct status_row *rows = status_rows_of(status, &count);
    int error = table == NULL || rows == NULL ? -1 : 0;

    for (unsigned i = 0; error == 0 && i < count; i++) {
        error = status_rows_add(table, form, &rows[i]);
    }
    if (error == 0) {
        fputc('\n', to);
        status_table_print(table, width, to);
        fputc('\n', to);
    }
    free(rows);
    status_table_free(table);
    return error;
}

static void
view_now(const json_t *status, size_t width, FILE *to)
{
    const json_t *totals = json_object_get(status, "totals");
    char text[STATUS_TEXT_SIZE], more[STATUS_TEXT_SIZE];
    struct line line = line_begin(to, width, "now");

    line_item(&line, "%s of %s ready", status_text_count(totals, "ready", text),
              status_text_count(json_object_get(status, "limits"), "processes", more));
    line_item(&line, "%s busy", status_text_count(totals, "busy", text));
    line_item(&line, "PSS of all %s", status_text_size(totals, "pss_bytes", text));
    line_size(&line, "RSS", totals, "rss_bytes");
    line_size(&line, "USS", totals, "uss_bytes");
    line_size(&line, "sharing saves", totals, "sharing_saves_bytes");
    line_end(&line);
}

/* What is left of what was shared, and what as many processes of their own would take: an estimate. */
static void
view_sharing(const json_t *sharing, size_t width, FILE *to)
{
    char count[STATUS_TEXT_SIZE], text[STATUS_TEXT_SIZE];
    bool is_estimated = status_text_has(sharing, "separate_bytes");
    bool is_kept = json_is_number(json_object_get(sharing, "retained_percent"));
    struct line line;

    if (!is_estimated && !is_kept) {
        return;
    }
    line = line_begin(to, width, "sharing");
    if (is_kept) {
        line_item(&line, "kept %s", status_text_percent(sharing, "retained_percent", text));
    }
    if (is_estimated) {
        line_item(&line, "%s separate would take ~%s (estimated)",
                  status_text_count(sharing, "workers", count),
                  status_text_size(sharing, "separate_bytes", text));
    }
    line_end(&line);
}

/* An item for a counter that is only worth a word when it is not zero. */
static void
line_counter(struct line *line, const char *name, const json_t *counters, const char *key)
{
    char text[STATUS_TEXT_SIZE];

    if (status_text_has(counters, key)) {
        line_item(line, "%s %s", name, status_text_count(counters, key, text));
    }
}

static void
view_so_far(const json_t *status, size_t width, FILE *to)
{
    const json_t *totals = json_object_get(status, "totals");
    const json_t *counters = json_object_get(status, "counters");
    char text[STATUS_TEXT_SIZE];
    struct line line = line_begin(to, width, "so far");

    line_item(&line, "jobs done %s", status_text_count(totals, "done", text));
    line_item(&line, "failed %s", status_text_count(totals, "failed", text));
    line_item(&line, "deaths %s", status_text_count(counters, "deaths", text));
    line_item(&line, "recycles %s", status_text_count(counters, "recycles", text));
    line_counter(&line, "for a limit", counters, "limit_recycles");
    line_item(&line, "kills %s", status_text_count(counters, "kills", text));
    line_counter(&line, "for a hard limit", counters, "hard_kills");
    line_counter(&line, "OOM", counters, "ooms");
    line_counter(&line, "hangs", counters, "hangs");
    line_item(&line, "failed spawns %s", status_text_count(counters, "spawn_failures", text));
    line_item(&line, "molds %s", status_text_count(counters, "mold_starts", text));
    line_counter(&line, "notifications LOST", counters, "notify_dropped");
    line_end(&line);
}

static void
view_recent(const json_t *recent, size_t width, FILE *to)
{
    char text[STATUS_RECENT_SIZE];
    json_t *entry;
    size_t i;

    json_array_foreach(recent, i, entry)
    {
        if (i == RECENT_SHOWN) {
            break;
        }
        fprintf(to, "%-*s", LABEL_WIDTH, i == 0 ? "recent" : "");
        status_text_wrap(to, status_recent_text(entry, text), LABEL_WIDTH, LABEL_WIDTH + 2, width);
    }
}

char *
status_view_at(const json_t *status, size_t width)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    int error;

    if (to == NULL) {
        return NULL;
    }
    width = width < STATUS_TABLE_WIDTH_MIN ? STATUS_TABLE_WIDTH_MIN : width;
    view_master(status, width, to);
    view_application(json_object_get(status, "application"), width, to);
    view_workers(json_object_get(status, "limits"), width, to);
    status_view_limits(status, width, to);
    status_view_group(status, width, to);
    error = view_table(status, width, to);
    view_now(status, width, to);
    view_sharing(json_object_get(status, "sharing"), width, to);
    view_so_far(status, width, to);
    view_recent(json_object_get(status, "recent"), width, to);
    return util_end_text(to, &text, error);
}

char *
status_view(const json_t *status)
{
    return status_view_at(status, STATUS_TABLE_WIDTH);
}
