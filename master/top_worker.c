/*
 * top_worker.c: see top_worker.h.
 *
 * From top to bottom: who it is, its figures, how its RSS went, its jobs, and what the service says of its limits.
 */
#include "top_worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { COLUMN_CLASS, COLUMN_JID, COLUMN_QUEUE, COLUMN_AGE, COLUMN_PAYLOAD, COLUMN_COUNT };

static const struct status_column columns[COLUMN_COUNT] = {
    [COLUMN_CLASS] = {"JOB", false, 0, 16},     [COLUMN_JID] = {"JID", false, 1, 12},
    [COLUMN_QUEUE] = {"QUEUE", false, 2, 8},    [COLUMN_AGE] = {"FOR", true, 0, 0},
    [COLUMN_PAYLOAD] = {"PAYLOAD", true, 3, 0},
};

void
top_worker_wrap(struct top_frame *frame, const char *text)
{
    char *lines = NULL;
    size_t length;
    FILE *to = open_memstream(&lines, &length);

    if (to == NULL) {
        return;
    }
    status_text_wrap(to, text, 0, 2, frame->width);
    top_frame_add_text(frame, TOP_STYLE_PLAIN, util_end_text(to, &lines, 0));
}

static void
add_head(struct top_frame *frame, const struct status_row *row)
{
    const json_t *process = row->mold != NULL ? row->mold : row->worker;
    char name[STATUS_TEXT_SIZE], pid[STATUS_TEXT_SIZE], generation[STATUS_TEXT_SIZE];
    char state[STATUS_TEXT_SIZE], age[STATUS_TEXT_SIZE];

    top_frame_add(frame, TOP_STYLE_HEAD, "%s%s  pid %s  generation %s  %s  for %s",
                  row->mold != NULL ? "" : "slot ", status_rows_name(row, name),
                  status_text_count(process, "pid", pid),
                  status_text_count(process, "generation", generation),
                  status_rows_state(row, state), status_text_span(process, "age_s", " ", age));
}

static void
add_memory(struct top_frame *frame, const json_t *process)
{
    char text[6][STATUS_TEXT_SIZE];

    top_frame_add(
        frame, TOP_STYLE_PLAIN, "memory  RSS %s  peak %s  PSS %s  USS %s  swap %s  shares %s",
        status_text_size(process, "rss_bytes", text[0]),
        status_text_size(process, "peak_bytes", text[1]),
        status_text_size(process, "pss_bytes", text[2]),
        status_text_size(process, "uss_bytes", text[3]),
        status_text_size(process, "swap_bytes", text[4]), status_rows_share(process, text[5]));
}

static void
add_growth(struct top_frame *frame, const json_t *worker)
{
    const char *limit = status_text_string(worker, "limit");
    char hour[STATUS_TEXT_SIZE], job[STATUS_TEXT_SIZE], left[STATUS_TEXT_SIZE];

    top_frame_add(frame, TOP_STYLE_PLAIN, "growth  %s an hour  %s a job  nearest limit %s in %s",
                  status_text_growth(worker, "growth_bytes_per_hour", hour),
                  status_text_growth(worker, "growth_bytes_per_job", job),
                  limit != NULL ? limit : "-", status_text_span(worker, "limit_in_s", " ", left));
}

static void
add_work(struct top_frame *frame, const json_t *worker)
{
    char text[6][STATUS_TEXT_SIZE];

    top_frame_add(frame, TOP_STYLE_PLAIN,
                  "work    %s busy  done %s  failed %s  CPU %s  beat %s ago  progress %s ago",
                  status_text_count(worker, "busy", text[0]),
                  status_text_count(worker, "done", text[1]),
                  status_text_count(worker, "failed", text[2]),
                  status_text_percent(worker, "cpu_percent", text[3]),
                  status_text_span(worker, "beat_age_s", " ", text[4]),
                  status_text_span(worker, "progress_age_s", " ", text[5]));
}

/* The line of RSS since somebody watches. */
static void
add_past(struct top_frame *frame, const struct top_scene *scene, const json_t *process)
{
    const struct top_line_of *line =
        scene->past == NULL
            ? NULL
            : top_past_of(scene->past, json_integer_value(json_object_get(process, "pid")));
    char drawn[TOP_PAST_POINTS * 3 + 1], least[STATUS_TEXT_SIZE], most[STATUS_TEXT_SIZE];
    double range[2];
    size_t width = frame->width > 34 ? frame->width - 28 : 6;

    if (line != NULL) {
        top_past_draw(line, width < TOP_PAST_POINTS ? width : TOP_PAST_POINTS, frame->utf8, drawn,
                      range);
        top_frame_add(frame, TOP_STYLE_GOOD, "RSS     %s  %s to %s", drawn,
                      status_text_bytes(range[0], least), status_text_bytes(range[1], most));
    }
}

static int
add_job(struct status_table *table, const json_t *job)
{
    static const char *const keys[] = {"class", "jid", "queue"};
    char text[STATUS_TEXT_SIZE];

    if (status_table_add(table) < 0) {
        return -1;
    }
    for (unsigned i = 0; i < ARRAY_LEN(keys); i++) {
        const char *value = status_text_string(job, keys[i]);

        status_table_cell(table, COLUMN_CLASS + i, "%s", value != NULL ? value : "-");
    }
    status_table_cell(table, COLUMN_AGE, "%s", status_text_span(job, "age_s", " ", text));
    status_table_cell(table, COLUMN_PAYLOAD, "%s", status_text_size(job, "payload_bytes", text));
    return 0;
}

static void
add_jobs(struct top_frame *frame, const json_t *jobs)
{
    struct status_table *table = status_table_new(columns, COLUMN_COUNT);
    char *text = NULL;
    size_t length, i;
    FILE *to = open_memstream(&text, &length);
    int error = table == NULL || to == NULL ? -1 : 0;
    json_t *job;

    json_array_foreach(jobs, i, job)
    {
        error = error == 0 ? add_job(table, job) : error;
    }
    if (error == 0) {
        status_table_print(table, frame->width, to);
    }
    status_table_free(table);
    top_frame_add_text(frame, TOP_STYLE_PLAIN, util_end_text(to, &text, error));
}

static void
add_explanation(struct top_frame *frame, const json_t *lines)
{
    json_t *line;
    size_t i;

    if (json_array_size(lines) > 0) {
        top_frame_add(frame, TOP_STYLE_PLAIN, "%s", "");
        top_frame_add(frame, TOP_STYLE_HEAD, "What the service says of this slot");
    }
    json_array_foreach(lines, i, line)
    {
        const char *text = json_string_value(line);

        /* Wider than the terminal: broken once more. */
        if (text != NULL && status_text_width(text) > frame->width) {
            top_worker_wrap(frame, text);
        } else {
            top_frame_add(frame, TOP_STYLE_PLAIN, "%s", text != NULL ? text : "");
        }
    }
}

static void
add_process(struct top_frame *frame, const struct top_scene *scene, const struct status_row *row)
{
    const json_t *process = row->mold != NULL ? row->mold : row->worker;
    char reason[STATUS_ROWS_WORDS];

    add_head(frame, row);
    add_memory(frame, process);
    if (row->mold == NULL) {
        add_growth(frame, process);
        add_work(frame, process);
    }
    add_past(frame, scene, process);
    status_rows_reason(row, reason);
    if (row->mold == NULL && strcmp(reason, "-") != 0) {
        top_frame_add(frame, TOP_STYLE_WARN, "reason  %s", reason);
    }
    if (json_array_size(json_object_get(process, "jobs")) > 0) {
        top_frame_add(frame, TOP_STYLE_PLAIN, "%s", "");
        add_jobs(frame, json_object_get(process, "jobs"));
    }
    if (row->mold == NULL) {
        add_explanation(frame, scene->explanation);
    }
}

void
top_worker_add(struct top_frame *frame, const struct top_scene *scene)
{
    unsigned count;
    struct status_row *rows = top_view_rows(scene->view, scene->status, &count);

    if (rows != NULL && count > 0) {
        add_process(frame, scene, &rows[top_view_chosen(scene->view, rows, count)]);
    } else {
        top_frame_add(frame, TOP_STYLE_PLAIN, "There is no process to look into.");
    }
    free(rows);
}
