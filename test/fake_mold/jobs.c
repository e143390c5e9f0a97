/* jobs.c: see jobs.h. */
#include "jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orders.h"

/* More than a board has records, so that a test can have jobs that are counted only. */
#define JOBS_MAX 256u
#define NAMED_MAX 64u

/* What `jobs busy` calls its jobs. */
#define COUNTED_CLASS "FakeJob"

/* A job at work. The first BOARD_RECORDS places have the record of the same number. */
struct job {
    bool is_held;
    bool is_named; /* by an order of its own */
    unsigned row;
    int64_t started_ms;
    char class[BOARD_NAME_SIZE];
    char jid[BOARD_JID_SIZE];
};

/* Kept here and not read from the board, which may be scribbled over. */
static struct job jobs[JOBS_MAX];
static char rows[BOARD_CLASSES][BOARD_NAME_SIZE];
static unsigned row_count;

static void
add64(uint64_t *counter, uint64_t count)
{
    __atomic_fetch_add(counter, count, __ATOMIC_RELAXED);
}

static unsigned
add_row(struct board *board, const char *class)
{
    unsigned row = row_count++;

    util_copy_text(rows[row], sizeof(rows[row]), class);
    util_copy_text(board->classes[row].name, sizeof(board->classes[row].name), class);
    __atomic_store_n(&board->class_count, row_count, __ATOMIC_RELEASE);
    return row;
}

static unsigned
row_of(struct board *board, const char *class)
{
    for (unsigned row = 0; row < row_count; row++) {
        if (strcmp(rows[row], class) == 0) {
            return row;
        }
    }
    if (row_count == BOARD_CLASSES) {
        return BOARD_CLASSES - 1;
    }
    return add_row(board, row_count == BOARD_CLASSES - 1 ? BOARD_CLASS_REST : class);
}

static void
write_payload(struct board_record *record, const struct job *job)
{
    int length = snprintf(record->payload, sizeof(record->payload),
                          "{\"class\":\"%s\",\"args\":[],\"retry\":true,\"queue\":\"default\","
                          "\"jid\":\"%s\"}",
                          job->class, job->jid);

    record->payload_size = (uint32_t)length;
    record->payload_kept = (uint32_t)length;
}

static void
write_record(struct board *board, const struct job *job, unsigned at)
{
    struct board_record *record = &board->records[at];

    /* Nothing of this job may be seen before the end of the one that stood here. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    util_copy_text(record->name, sizeof(record->name), job->class);
    util_copy_text(record->jid, sizeof(record->jid), job->jid);
    util_copy_text(record->queue, sizeof(record->queue), "default");
    write_payload(record, job);
    record->class_row = job->row;
    record->started_ms = (uint64_t)job->started_ms;
    if (__atomic_load_n(&board->record_count, __ATOMIC_RELAXED) <= at) {
        __atomic_store_n(&board->record_count, at + 1, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&record->sequence, (record->sequence + 1) | 1, __ATOMIC_RELEASE);
}

static void
clear_record(struct board *board, unsigned at)
{
    struct board_record *record = &board->records[at];

    __atomic_store_n(&record->sequence, (record->sequence | 1) + 1, __ATOMIC_RELEASE);
}

static void
show_busy(struct board *board)
{
    __atomic_store_n(&board->busy, jobs_count(), __ATOMIC_RELAXED);
}

/* A free place; NULL if there is none. */
static struct job *
find_free(void)
{
    for (unsigned at = 0; at < JOBS_MAX; at++) {
        if (!jobs[at].is_held) {
            return &jobs[at];
        }
    }
    return NULL;
}

static void
begin(struct board *board, const char *class, const char *jid, bool is_named)
{
    struct job *job = find_free();

    if (job == NULL) {
        return;
    }
    *job = (struct job){.is_held = true, .is_named = is_named, .started_ms = util_now_ms()};
    util_copy_text(job->class, sizeof(job->class), class);
    util_copy_text(job->jid, sizeof(job->jid), jid);
    job->row = row_of(board, job->class);
    if (job < &jobs[BOARD_RECORDS]) {
        write_record(board, job, (unsigned)(job - jobs));
    }
    add64(&board->classes[job->row].started, 1);
    add64(&board->started, 1);
    show_busy(board);
}

static void
let_go(struct board *board, struct job *job)
{
    if (job < &jobs[BOARD_RECORDS]) {
        clear_record(board, (unsigned)(job - jobs));
    }
    job->is_held = false;
}

static void
finish(struct board *board, struct job *job)
{
    let_go(board, job);
    add64(&board->classes[job->row].work_us, (uint64_t)(util_now_ms() - job->started_ms) * 1000);
    add64(&board->classes[job->row].done, 1);
    show_busy(board);
    /* Last: a test that waits for it finds the rest in place. */
    add64(&board->done, 1);
}

void
jobs_forget(void)
{
    memset(jobs, 0, sizeof(jobs));
    memset(rows, 0, sizeof(rows));
    row_count = 0;
}

unsigned
jobs_count(void)
{
    unsigned count = 0;

    for (unsigned at = 0; at < JOBS_MAX; at++) {
        count += jobs[at].is_held;
    }
    return count;
}

/* `jobs busy N`: so many in all, numbered through the worker's life. */
static void
follow_count(const struct actor *actor, bool is_quiet)
{
    static unsigned number;
    char text[ORDERS_ARGUMENT_MAX];
    bool is_ordered = orders_take(actor, "jobs", "busy", text);
    unsigned wanted = is_ordered ? (unsigned)strtoul(text, NULL, 10) : 0;
    unsigned held = 0;

    wanted = wanted < JOBS_MAX ? wanted : JOBS_MAX;
    for (unsigned at = 0; at < JOBS_MAX; at++) {
        if (!jobs[at].is_held || jobs[at].is_named) {
            continue;
        }
        if (held < wanted) {
            held++;
        } else {
            finish(actor->board, &jobs[at]);
        }
    }
    for (; held < wanted && !is_quiet; held++) {
        number++;
        snprintf(text, sizeof(text), "fake-%u-%u", actor->slot, number);
        begin(actor->board, COUNTED_CLASS, text, false);
    }
}

/* A longer jid is cut on the board, and is the same job all the same. */
static bool
is_same(const struct job *job, const struct orders_item *item)
{
    return job->is_held && job->is_named && strcmp(job->class, item->verb) == 0 &&
           strncmp(job->jid, item->argument, sizeof(job->jid) - 1) == 0;
}

/* The job of that order; NULL if it is not at work. */
static struct job *
find_named(const struct orders_item *item)
{
    for (unsigned at = 0; at < JOBS_MAX; at++) {
        if (is_same(&jobs[at], item)) {
            return &jobs[at];
        }
    }
    return NULL;
}

static bool
is_listed(const struct job *job, const struct orders_item *items, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (is_same(job, &items[i])) {
            return true;
        }
    }
    return false;
}

/* `job CLASS JID`: this one. */
static void
follow_names(const struct actor *actor, bool is_quiet)
{
    static struct orders_item items[NAMED_MAX];
    unsigned count = orders_list(actor, "job", items, NAMED_MAX);

    for (unsigned at = 0; at < JOBS_MAX; at++) {
        if (jobs[at].is_held && jobs[at].is_named && !is_listed(&jobs[at], items, count)) {
            finish(actor->board, &jobs[at]);
        }
    }
    for (unsigned i = 0; i < count && !is_quiet; i++) {
        if (find_named(&items[i]) == NULL) {
            begin(actor->board, items[i].verb, items[i].argument, true);
        }
    }
}

/* `jobs done N CLASS`: at once, without a record. */
static void
follow_done(const struct actor *actor)
{
    struct board *board = actor->board;
    char text[ORDERS_ARGUMENT_MAX];
    char class[BOARD_NAME_SIZE] = COUNTED_CLASS;
    unsigned number;
    unsigned row;

    if (!orders_take(actor, "jobs", "done", text) || sscanf(text, "%u %95s", &number, class) < 1) {
        return;
    }
    row = row_of(board, class);
    add64(&board->classes[row].started, number);
    add64(&board->classes[row].done, number);
    add64(&board->started, number);
    add64(&board->done, number);
}

void
jobs_follow(const struct actor *actor, bool is_quiet)
{
    if (orders_stand(actor, "jobs") || jobs_count() > 0) {
        follow_count(actor, is_quiet);
        follow_done(actor);
    }
    follow_names(actor, is_quiet);
}

void
jobs_give_back(const struct actor *actor)
{
    for (unsigned at = 0; at < JOBS_MAX; at++) {
        if (jobs[at].is_held) {
            let_go(actor->board, &jobs[at]);
        }
    }
    show_busy(actor->board);
}
