/*
 * status_rows.c: see status_rows.h.
 */
#include "status_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum column {
    COLUMN_SLOT,
    COLUMN_STATE,
    COLUMN_PID,
    COLUMN_GEN,
    COLUMN_AGE,
    COLUMN_RSS,
    COLUMN_PEAK,
    COLUMN_PSS,
    COLUMN_USS,
    COLUMN_SWAP,
    COLUMN_SHARE,
    COLUMN_KEPT,
    COLUMN_GROWTH,
    COLUMN_PER_JOB,
    COLUMN_NEAREST,
    COLUMN_LIMIT,
    COLUMN_CPU,
    COLUMN_BUSY,
    COLUMN_DONE,
    COLUMN_FAILED,
    COLUMN_RESTARTS,
    COLUMN_WORK,
    COLUMN_REASON,
    COLUMN_COUNT
};

#define COMMON_COLUMNS                                                                             \
    [COLUMN_SLOT] = {"SLOT", false, 0, 0}, [COLUMN_STATE] = {"STATE", false, 0, 0},                \
    [COLUMN_PID] = {"PID", true, 0, 0}, [COLUMN_RSS] = {"RSS", true, 0, 0},                        \
    [COLUMN_USS] = {"USS", true, 0, 0}, [COLUMN_BUSY] = {"BUSY", true, 0, 0},                      \
    [COLUMN_PEAK] = {"PEAK", true, 24, 0}, [COLUMN_SWAP] = {"SWAP", true, 27, 0},                  \
    [COLUMN_PER_JOB] = {"A JOB", true, 25, 0}, [COLUMN_NEAREST] = {"NEAREST", false, 26, 0},       \
    [COLUMN_CPU] = {"CPU", true, 23, 0}, [COLUMN_FAILED] = {"FAILED", true, 28, 0},                \
    [COLUMN_RESTARTS] = {"RESTARTS", true, 29, 0}

static const struct status_column noted[COLUMN_COUNT] = {
    COMMON_COLUMNS,
    [COLUMN_GEN] = {"GEN", true, 8, 0},
    [COLUMN_AGE] = {"AGE", true, 2, 0},
    [COLUMN_PSS] = {"PSS", true, 0, 0},
    [COLUMN_SHARE] = {"SHARE", true, 5, 0},
    [COLUMN_KEPT] = {"KEPT", true, 6, 0},
    [COLUMN_GROWTH] = {"GROWTH", true, 3, 0},
    [COLUMN_LIMIT] = {"LIMIT", true, 4, 0},
    [COLUMN_DONE] = {"DONE", true, 0, 0},
    [COLUMN_WORK] = {"WORKS ON", false, STATUS_TABLE_HIDDEN, 0},
    [COLUMN_REASON] = {"REASON", false, STATUS_TABLE_HIDDEN, 0},
};

static const struct status_column plain[COLUMN_COUNT] = {
    COMMON_COLUMNS,
    [COLUMN_GEN] = {"GEN", true, 22, 0},
    [COLUMN_AGE] = {"AGE", true, 3, 0},
    [COLUMN_PSS] = {"PSS", true, 6, 0},
    [COLUMN_SHARE] = {"SHARE", true, 7, 0},
    [COLUMN_KEPT] = {"KEPT", true, 9, 0},
    [COLUMN_GROWTH] = {"GROWTH", true, 4, 0},
    [COLUMN_LIMIT] = {"LIMIT", true, 5, 0},
    [COLUMN_DONE] = {"DONE", true, 2, 0},
    [COLUMN_WORK] = {"WORKS ON", false, 1, 18},
    [COLUMN_REASON] = {"REASON", false, 8, 10},
};

struct status_row *
status_rows_of(const json_t *status, unsigned *ret_count)
{
    const json_t *molds = json_object_get(status, "molds");
    const json_t *slots = json_object_get(status, "slots");
    size_t room = json_array_size(molds) + 1, count = 0, i, j;
    struct status_row *rows;
    json_t *slot, *each;

    json_array_foreach(slots, i, slot)
    {
        room += json_array_size(json_object_get(slot, "workers")) + 1;
    }
    rows = calloc(room, sizeof(*rows));
    *ret_count = 0;
    if (rows == NULL) {
        return NULL;
    }
    json_array_foreach(molds, i, each)
    {
        rows[count++].mold = each;
    }
    json_array_foreach(slots, i, slot)
    {
        const json_t *workers = json_object_get(slot, "workers");

        json_array_foreach(workers, j, each)
        {
            rows[count++] = (struct status_row){.slot = slot, .worker = each};
        }
        if (json_array_size(workers) == 0) {
            rows[count++].slot = slot;
        }
    }
    *ret_count = (unsigned)count;
    return rows;
}

struct status_table *
status_rows_table(enum status_rows_form form)
{
    return status_table_new(form == STATUS_ROWS_NOTED ? noted : plain, COLUMN_COUNT);
}

/* How many jobs it holds beside the oldest. */
static json_int_t
other_jobs(const json_t *worker)
{
    json_int_t busy = json_integer_value(json_object_get(worker, "busy"));
    json_int_t known = (json_int_t)json_array_size(json_object_get(worker, "jobs"));

    return (busy > known ? busy : known) - 1;
}

static const char *
job_name(const json_t *job)
{
    const char *name = status_text_string(job, "class");

    return name != NULL ? name : "a job";
}

char *
status_rows_work(const json_t *worker, char to[STATUS_ROWS_WORDS])
{
    const json_t *oldest = json_array_get(json_object_get(worker, "jobs"), 0);
    json_int_t others = other_jobs(worker);
    char age[STATUS_TEXT_SIZE];

    to[0] = '\0';
    if (oldest != NULL) {
        status_text_append(to, STATUS_ROWS_WORDS, "%s for %s", job_name(oldest),
                           status_text_span(oldest, "age_s", " ", age));
    }
    if (oldest != NULL && others > 0) {
        status_text_append(to, STATUS_ROWS_WORDS, ", %" JSON_INTEGER_FORMAT " more", others);
    }
    return to;
}

/* The same for a cell that may be cut: what matters most first, "12s HardJob, 2 more". */
static void
cell_work(struct status_table *table, const json_t *worker)
{
    const json_t *oldest = json_array_get(json_object_get(worker, "jobs"), 0);
    json_int_t others = other_jobs(worker);
    char words[STATUS_ROWS_WORDS] = "", age[STATUS_TEXT_SIZE];

    if (oldest == NULL) {
        status_table_cell(table, COLUMN_WORK, "-");
        return;
    }
    status_text_append(words, STATUS_ROWS_WORDS, "%s %s",
                       status_text_span(oldest, "age_s", "", age), job_name(oldest));
    if (others > 0) {
        status_text_append(words, STATUS_ROWS_WORDS, ", %" JSON_INTEGER_FORMAT " more", others);
    }
    status_table_cell(table, COLUMN_WORK, "%s", words);
}

char *
status_rows_reason(const struct status_row *row, char to[STATUS_ROWS_WORDS])
{
    const char *reason = status_text_string(row->worker, "reason");
    const char *last = status_text_string(row->slot, "last_reason");
    char text[STATUS_TEXT_SIZE];

    to[0] = '\0';
    if (row->mold != NULL) {
        if (json_is_number(json_object_get(row->mold, "boot_s"))) {
            status_text_append(to, STATUS_ROWS_WORDS, "boot %s",
                               status_text_span(row->mold, "boot_s", " ", text));
        }
        return to;
    }
    reason = reason != NULL ? reason : last;
    status_text_append(to, STATUS_ROWS_WORDS, "%s", reason != NULL ? reason : "-");
    if (row->worker == NULL && json_is_number(json_object_get(row->slot, "wait_s"))) {
        status_text_append(to, STATUS_ROWS_WORDS, ", again in %s",
                           status_text_span(row->slot, "wait_s", " ", text));
    }
    if (status_text_is(row->slot, "drain_first")) {
        status_text_append(to, STATUS_ROWS_WORDS, ", leaves before the next one starts: memory");
    }
    return to;
}

char *
status_rows_state(const struct status_row *row, char to[STATUS_TEXT_SIZE])
{
    const json_t *process = row->mold != NULL ? row->mold : row->worker;
    const char *state = status_text_string(process, "state");

    if (row->mold == NULL && status_text_is(row->slot, "given_up")) {
        state = "given up";
    } else if (status_text_is(process, "hanging")) {
        state = "hangs";
    } else if (state == NULL) {
        state = process == NULL ? "empty" : "-";
    }
    util_copy_text(to, STATUS_TEXT_SIZE, state);
    return to;
}

bool
status_rows_has_role(const json_t *worker, const char *role)
{
    const char *own = status_text_string(worker, "role");

    return own != NULL && strcmp(own, role) == 0;
}

/* "3" for who serves, "3 new" and "3 old" beside it while one replaces the other. */
char *
status_rows_name(const struct status_row *row, char to[STATUS_TEXT_SIZE])
{
    char number[STATUS_TEXT_SIZE];
    const char *mark = "";

    if (row->mold != NULL) {
        util_copy_text(to, STATUS_TEXT_SIZE, "mold");
        return to;
    }
    if (status_text_is(row->slot, "spare")) {
        util_copy_text(to, STATUS_TEXT_SIZE, "spare");
        return to;
    }
    if (status_rows_has_role(row->worker, "successor")) {
        mark = " new";
    } else if (status_rows_has_role(row->worker, "leaving")) {
        mark = " old";
    }
    status_text_count(row->slot, "slot", number);
    snprintf(to, STATUS_TEXT_SIZE, "%.24s%s", number, mark);
    return to;
}

char *
status_rows_share(const json_t *process, char to[STATUS_TEXT_SIZE])
{
    const json_t *uss = json_object_get(process, "uss_bytes");
    double rss = json_number_value(json_object_get(process, "rss_bytes"));
    double share = 100 * (1 - json_number_value(uss) / (rss > 0 ? rss : 1));

    if (!json_is_number(uss) || !(rss > 0) || !(share >= 0 && share <= 100)) {
        util_copy_text(to, STATUS_TEXT_SIZE, "-");
    } else {
        snprintf(to, STATUS_TEXT_SIZE, "%.0f%%", share);
    }
    return to;
}

/* The cells that molds and workers have in common. */
static void
add_process(struct status_table *table, const json_t *process)
{
    char text[STATUS_TEXT_SIZE];

    status_table_cell(table, COLUMN_PID, "%s", status_text_count(process, "pid", text));
    status_table_cell(table, COLUMN_GEN, "%s", status_text_count(process, "generation", text));
    status_table_cell(table, COLUMN_AGE, "%s", status_text_span(process, "age_s", "", text));
    status_table_cell(table, COLUMN_RSS, "%s", status_text_size(process, "rss_bytes", text));
    status_table_cell(table, COLUMN_PEAK, "%s", status_text_size(process, "peak_bytes", text));
    status_table_cell(table, COLUMN_PSS, "%s", status_text_size(process, "pss_bytes", text));
    status_table_cell(table, COLUMN_USS, "%s", status_text_size(process, "uss_bytes", text));
    status_table_cell(table, COLUMN_SWAP, "%s", status_text_size(process, "swap_bytes", text));
    status_table_cell(table, COLUMN_SHARE, "%s", status_rows_share(process, text));
}

/* Growth an hour, "+31M/h"; nothing is said of an hour when it is not known. */
static void
add_growth(struct status_table *table, const json_t *worker)
{
    bool known = json_is_number(json_object_get(worker, "growth_bytes_per_hour"));
    const char *nearest = status_text_string(worker, "limit");
    char text[STATUS_TEXT_SIZE];

    status_table_cell(table, COLUMN_KEPT, "%s",
                      status_text_percent(worker, "retained_percent", text));
    status_table_cell(table, COLUMN_GROWTH, "%s%s",
                      status_text_growth(worker, "growth_bytes_per_hour", text), known ? "/h" : "");
    status_table_cell(table, COLUMN_PER_JOB, "%s",
                      status_text_growth(worker, "growth_bytes_per_job", text));
    status_table_cell(table, COLUMN_NEAREST, "%s", nearest != NULL ? nearest : "-");
    status_table_cell(table, COLUMN_LIMIT, "%s", status_text_span(worker, "limit_in_s", "", text));
}

static void
add_worker(struct status_table *table, const struct status_row *row)
{
    const json_t *worker = row->worker;
    char text[STATUS_TEXT_SIZE];

    add_growth(table, worker);
    status_table_cell(table, COLUMN_CPU, "%s", status_text_percent(worker, "cpu_percent", text));
    status_table_cell(table, COLUMN_BUSY, "%s", status_text_count(worker, "busy", text));
    status_table_cell(table, COLUMN_DONE, "%s", status_text_count(worker, "done", text));
    status_table_cell(table, COLUMN_FAILED, "%s", status_text_count(worker, "failed", text));
    status_table_cell(table, COLUMN_RESTARTS, "%s", status_text_count(row->slot, "restarts", text));
    cell_work(table, worker);
}

/* Why it leaves, or how the last one of its slot left: "leaves: max-rss", "the last one left: signal 9". */
static void
note_reason(const struct status_row *row, char note[STATUS_ROWS_WORDS])
{
    bool leaves = status_text_string(row->worker, "reason") != NULL;
    char words[STATUS_ROWS_WORDS], restarts[STATUS_TEXT_SIZE];

    status_rows_reason(row, words);
    /* What a successor would tell of the last one stands beside that one. */
    if (strcmp(words, "-") == 0 || (!leaves && status_rows_has_role(row->worker, "successor"))) {
        return;
    }
    status_text_append(note, STATUS_ROWS_WORDS, "%s%s%s", note[0] != '\0' ? "; " : "",
                       leaves ? "leaves: " : "the last one left: ", words);
    if (!leaves && status_text_has(row->slot, "restarts")) {
        status_text_append(note, STATUS_ROWS_WORDS, "; restarts %s",
                           status_text_count(row->slot, "restarts", restarts));
    }
}

/* What stands below a row. */
static int
add_note(struct status_table *table, const struct status_row *row)
{
    char words[STATUS_ROWS_WORDS], note[STATUS_ROWS_WORDS] = "";

    if (row->mold != NULL) {
        return 0;
    }
    if (status_rows_work(row->worker, words)[0] != '\0') {
        status_text_append(note, STATUS_ROWS_WORDS, "works on %s", words);
    }
    note_reason(row, note);
    return note[0] != '\0' ? status_table_note(table, note) : 0;
}

int
status_rows_add(struct status_table *table, enum status_rows_form form,
                const struct status_row *row)
{
    char name[STATUS_TEXT_SIZE], words[STATUS_ROWS_WORDS];

    if (status_table_add(table) < 0) {
        return -ENOMEM;
    }
    status_table_cell(table, COLUMN_SLOT, "%s", status_rows_name(row, name));
    status_table_cell(table, COLUMN_STATE, "%s", status_rows_state(row, name));
    add_process(table, row->mold != NULL ? row->mold : row->worker);
    if (row->mold == NULL) {
        add_worker(table, row);
    }
    status_table_cell(table, COLUMN_REASON, "%s", status_rows_reason(row, words));
    return form == STATUS_ROWS_NOTED ? add_note(table, row) : 0;
}
