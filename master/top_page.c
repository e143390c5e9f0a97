/*
 * top_page.c: see top_page.h.
 *
 * Owns which figures each page shows. The page of one worker is in top_worker.c.
 */
#include "top_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status_classes.h"
#include "status_recent.h"
#include "status_view.h"
#include "top_worker.h"

/* Below this height the limits are left to the help of `swarm status`. */
#define HEIGHT_OF_LIMITS 20

static const char help[] =
    "Keys\n"
    "  q             quit\n"
    "  up, down      choose a worker, or scroll; also k and j, page up and page down,\n"
    "                home and end\n"
    "  Enter         look into the chosen worker: its jobs, its limits, why it was\n"
    "                replaced or was not\n"
    "  Esc           back to the list\n"
    "  c             classes of jobs, by what they make workers grow\n"
    "  r             the last workers that left, and why\n"
    "  s, S          sort by the next figure, by the one before\n"
    "  N M T U W L P B D A   sort by slot, RSS, PSS, USS, growth, time to the limit,\n"
    "                CPU, busy, jobs done, age\n"
    "  R             reverse the order\n"
    "  p             pause, and go on\n"
    "  + -           ask less often, more often (0.2s to 1m)\n"
    "  Ctrl-L        paint anew\n"
    "\n"
    "Figures\n"
    "  RSS           all memory of a process, what it shares counted whole\n"
    "  PSS           what it shares divided by the number of sharers: these add up\n"
    "  USS           its own alone: what its end gives back\n"
    "  SHARE         how much of its RSS it shares with its mold and the others\n"
    "  KEPT          of what it shared after its fork, how much it shares still\n"
    "  GROWTH        of RSS, an hour; A JOB: for each job that it finished\n"
    "  LIMIT         when it gets to its nearest limit, at that growth\n"
    "  -             not known, or does not apply\n";

/* Lines that the page may take; a frame without a height has room for all. */
static unsigned
room_left(const struct top_frame *frame, const struct top_scene *scene)
{
    if (scene->height == 0) {
        return 100000;
    }
    return scene->height > frame->count + 1 ? scene->height - frame->count - 1 : 0;
}

/* "#####:::......": what is used without cache, cache, and what is free. */
static void
write_bar(const json_t *group, size_t width, bool utf8, char *to)
{
    double limit = json_number_value(json_object_get(group, "limit_bytes"));
    double used = json_number_value(json_object_get(group, "used_bytes"));
    double cache = json_number_value(json_object_get(group, "cache_bytes"));
    double own = used > cache ? used - cache : 0;

    for (size_t i = 0; i < width; i++) {
        double at = ((double)i + 0.5) / (double)width * limit;

        if (at < own) {
            to = stpcpy(to, utf8 ? "█" : "#");
        } else if (at < used) {
            to = stpcpy(to, utf8 ? "▒" : ":");
        } else {
            to = stpcpy(to, utf8 ? "░" : ".");
        }
    }
    *to = '\0';
}

static enum top_style
style_of_group(const json_t *group)
{
    double limit = json_number_value(json_object_get(group, "limit_bytes"));
    double used = json_number_value(json_object_get(group, "used_bytes")) -
                  json_number_value(json_object_get(group, "cache_bytes"));
    const json_t *pressure = json_object_get(group, "pressure_ago_s");

    if (limit > 0 && used > 0.95 * limit) {
        return TOP_STYLE_ALARM;
    }
    if ((limit > 0 && used > 0.8 * limit) ||
        (json_is_number(pressure) && json_number_value(pressure) < 60)) {
        return TOP_STYLE_WARN;
    }
    return TOP_STYLE_PLAIN;
}

/* The memory of the group, as a bar where something limits it. */
static void
add_group(struct top_frame *frame, const struct top_scene *scene)
{
    const json_t *group = json_object_get(scene->status, "group");
    const json_t *totals = json_object_get(scene->status, "totals");
    char used[STATUS_TEXT_SIZE], limit[STATUS_TEXT_SIZE], cache[STATUS_TEXT_SIZE];
    char bar[3 * 64 + 1] = "", total[STATUS_TEXT_SIZE * 2] = "";

    if (status_text_has(group, "total_limit_bytes")) {
        snprintf(total, sizeof(total), "  total %.20s of %.20s",
                 status_text_size(group, "total_bytes", used),
                 status_text_size(group, "total_limit_bytes", limit));
    }
    if (status_text_has(group, "limit_bytes") && status_text_has(group, "used_bytes")) {
        write_bar(group, frame->width < 120 ? 20 : 40, frame->utf8, bar);
        top_frame_add(frame, style_of_group(group), "memory  %s %s of %s, %s of it cache%s", bar,
                      status_text_size(group, "used_bytes", used),
                      status_text_size(group, "limit_bytes", limit),
                      status_text_size(group, "cache_bytes", cache), total);
    } else {
        top_frame_add(frame, style_of_group(group),
                      "memory  PSS of all %s  available on the machine %s%s",
                      status_text_size(totals, "pss_bytes", used),
                      status_text_size(group, "available_bytes", limit), total);
    }
}

static void
add_sums(struct top_frame *frame, const struct top_scene *scene)
{
    const json_t *status = scene->status;
    const json_t *totals = json_object_get(status, "totals");
    const json_t *counters = json_object_get(status, "counters");
    char text[8][STATUS_TEXT_SIZE];

    top_frame_add(
        frame, TOP_STYLE_PLAIN, "now     %s of %s ready  %s busy  PSS %s  sharing saves %s",
        status_text_count(totals, "ready", text[0]),
        status_text_count(json_object_get(status, "limits"), "processes", text[1]),
        status_text_count(totals, "busy", text[2]), status_text_size(totals, "pss_bytes", text[3]),
        status_text_size(totals, "sharing_saves_bytes", text[4]));
    top_frame_add(frame, TOP_STYLE_PLAIN,
                  "so far  done %s  failed %s  deaths %s  recycles %s  kills %s  OOM %s",
                  status_text_count(totals, "done", text[0]),
                  status_text_count(totals, "failed", text[1]),
                  status_text_count(counters, "deaths", text[2]),
                  status_text_count(counters, "recycles", text[3]),
                  status_text_count(counters, "kills", text[4]),
                  status_text_count(counters, "ooms", text[5]));
}

/* The limits on one line, or on all that they need where there is room. */
static void
add_limits(struct top_frame *frame, const struct top_scene *scene)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    if (to == NULL) {
        return;
    }
    status_view_limits(scene->status, scene->height >= 30 ? frame->width : 1000, to);
    top_frame_add_text(frame, TOP_STYLE_PLAIN, util_end_text(to, &text, 0));
}

/* The rows as a table of one line each, titles first. NULL without memory. */
static char *
table_of(const struct top_frame *frame, const struct status_row *rows, unsigned count)
{
    struct status_table *table = status_rows_table(STATUS_ROWS_PLAIN);
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    int error = table == NULL || to == NULL ? -1 : 0;

    for (unsigned i = 0; error == 0 && i < count; i++) {
        error = status_rows_add(table, STATUS_ROWS_PLAIN, &rows[i]);
    }
    if (error == 0) {
        status_table_print(table, frame->width, to);
    }
    status_table_free(table);
    return util_end_text(to, &text, error);
}

static enum top_style
style_of_row(const struct status_row *row)
{
    char state[STATUS_TEXT_SIZE];

    status_rows_state(row, state);
    if (strcmp(state, "hangs") == 0 || strcmp(state, "given up") == 0 ||
        strcmp(state, "stuck") == 0) {
        return TOP_STYLE_ALARM;
    }
    if (strcmp(state, "empty") == 0 || strcmp(state, "stopped") == 0 ||
        status_text_string(row->worker, "reason") != NULL) {
        return TOP_STYLE_WARN;
    }
    return TOP_STYLE_PLAIN;
}

/* Which rows are shown: so many, the chosen one among them. */
struct window {
    unsigned first;
    unsigned room;
    unsigned chosen;
    bool is_marked; /* without a height nobody chooses */
};

static void
add_rows(struct top_frame *frame, const struct status_row *rows, char *take_table,
         const struct window *window)
{
    char *rest = take_table;

    top_frame_add(frame, TOP_STYLE_HEAD, "%s", rest != NULL ? strsep(&rest, "\n") : "");
    for (unsigned i = 0; rest != NULL && *rest != '\0'; i++) {
        char *line = strsep(&rest, "\n");

        if (i >= window->first && i - window->first < window->room) {
            top_frame_add(frame,
                          window->is_marked && i == window->chosen ? TOP_STYLE_CHOSEN
                                                                   : style_of_row(&rows[i]),
                          "%s", line);
        }
    }
    free(take_table);
}

static void
add_list(struct top_frame *frame, const struct top_scene *scene)
{
    struct window window = {.is_marked = scene->height > 0};
    unsigned count;
    struct status_row *rows = top_view_rows(scene->view, scene->status, &count);

    top_frame_add(frame, TOP_STYLE_PLAIN, "%s", "");
    window.room = room_left(frame, scene);
    window.room = window.room > 1 ? window.room - 1 : 1;
    frame->body = window.room;
    if (rows == NULL) {
        return;
    }
    window.chosen = top_view_chosen(scene->view, rows, count);
    window.first = window.chosen >= window.room ? window.chosen - window.room + 1 : 0;
    add_rows(frame, rows, table_of(frame, rows, count), &window);
    free(rows);
}

static void
add_workers(struct top_frame *frame, const struct top_scene *scene)
{
    add_sums(frame, scene);
    add_group(frame, scene);
    if (scene->height == 0 || scene->height >= HEIGHT_OF_LIMITS) {
        add_limits(frame, scene);
    }
    add_list(frame, scene);
}

static void
add_recent(struct top_frame *frame, const struct top_scene *scene)
{
    const json_t *recent = json_object_get(scene->status, "recent");
    char words[STATUS_RECENT_SIZE];
    json_t *entry;
    size_t i;

    top_frame_add(frame, TOP_STYLE_HEAD, "The last workers that left");
    top_frame_add(frame, TOP_STYLE_PLAIN, "%s", "");
    if (json_array_size(recent) == 0) {
        top_frame_add(frame, TOP_STYLE_PLAIN, "No worker has left yet, as far as is remembered.");
    }
    json_array_foreach(recent, i, entry)
    {
        top_worker_wrap(frame, status_recent_text(entry, words));
    }
}

static void
add_classes(struct top_frame *frame, const struct top_scene *scene)
{
    top_frame_add(frame, TOP_STYLE_HEAD, "Classes of jobs, by what they make workers grow");
    top_frame_add(frame, TOP_STYLE_PLAIN, "%s", "");
    top_frame_add_text(frame, TOP_STYLE_PLAIN, status_classes(scene->status, frame->width));
}

/* Takes the lines of a page from `first` on that are scrolled past, and those that there is no room for. */
static void
scroll(struct top_frame *frame, const struct top_scene *scene, unsigned first)
{
    unsigned lines = frame->count - first;
    unsigned room = scene->height > first + 1 ? scene->height - first - 1 : 1;
    unsigned most = lines > room ? lines - room : 0;
    unsigned by = scene->view->scroll < most ? scene->view->scroll : most;

    frame->body = room;
    frame->scroll = by;
    if (scene->height == 0) {
        return;
    }
    for (unsigned i = 0; i < by; i++) {
        free(frame->lines[first + i].text);
    }
    memmove(&frame->lines[first], &frame->lines[first + by],
            (frame->count - first - by) * sizeof(frame->lines[0]));
    frame->count -= by;
    while (frame->count > first + room) {
        free(frame->lines[--frame->count].text);
    }
    if (by < most && frame->count > first) {
        free(frame->lines[--frame->count].text);
        top_frame_add(frame, TOP_STYLE_FAINT, "(more below)");
    }
}

void
top_page_add(struct top_frame *frame, const struct top_scene *scene)
{
    unsigned first = frame->count;

    switch (scene->view->page) {
    case TOP_PAGE_WORKERS:
        add_workers(frame, scene);
        return;
    case TOP_PAGE_WORKER:
        top_worker_add(frame, scene);
        break;
    case TOP_PAGE_CLASSES:
        add_classes(frame, scene);
        break;
    case TOP_PAGE_RECENT:
        add_recent(frame, scene);
        break;
    case TOP_PAGE_HELP:
        top_frame_add_text(frame, TOP_STYLE_PLAIN, strdup(help));
        break;
    }
    scroll(frame, scene, first);
}
