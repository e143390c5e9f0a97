/*
 * board.h: the pages that a worker writes and the master reads.
 *
 * One memfd per worker, made by the master, mapped by both. The worker writes with relaxed atomics from
 * whichever thread works; the master reads whenever it likes, also after the worker was killed, and
 * believes nothing before board_reader has checked it. The file is sparse: a page that was never written costs nothing.
 *
 * Three parts, each on pages of its own:
 *   head      signs of life and counters;
 *   classes   a row for each class of job this worker has met; rows are only added, `class_count` is raised (release)
 *             after the row's name stands;
 *   records   one for each job at work. A thread takes a free record, writes its fields, and makes `sequence` odd
 *             (release); at the job's end it makes it even. A reader copies what it wants and believes the copy if `sequence`
 *             was odd before (acquire) and the same after it.
 */
#ifndef SWARM_BOARD_H
#define SWARM_BOARD_H

#include <stdint.h>

#define BOARD_MAGIC 0x44425753u /* "SWBD" */
#define BOARD_VERSION 2u
#define BOARD_PAGE 4096u

/* More classes than this are counted together, under the last row, which is called BOARD_CLASS_REST. */
#define BOARD_CLASSES 64u
#define BOARD_CLASS_REST "(other)"
#define BOARD_NAME_SIZE 96u

/* Jobs at once that have a record; more are counted only. */
#define BOARD_RECORDS 128u
#define BOARD_RECORD_SIZE 32768u
#define BOARD_JID_SIZE 48u
#define BOARD_QUEUE_SIZE 80u

/* Names are UTF-8, cut to whole characters, always terminated. */
struct board_class {
    char name[BOARD_NAME_SIZE];
    uint64_t started;
    uint64_t done;
    uint64_t failed;
    uint64_t work_us; /* how long the finished ones took together */
};

struct board_record {
    uint32_t sequence; /* odd: holds a job */
    uint32_t
        payload_size; /* of the job as it stands in Redis; larger than payload_kept: it was cut */
    uint32_t payload_kept;
    uint32_t class_row;  /* in classes */
    uint64_t started_ms; /* CLOCK_MONOTONIC */
    char name[BOARD_NAME_SIZE];
    char jid[BOARD_JID_SIZE];
    char queue[BOARD_QUEUE_SIZE];
    char payload[BOARD_RECORD_SIZE - BOARD_NAME_SIZE - BOARD_JID_SIZE - BOARD_QUEUE_SIZE - 24];
};

#define BOARD_PAYLOAD_SIZE (sizeof(((struct board_record *)0)->payload))

struct board {
    uint32_t magic;
    uint32_t version;
    uint64_t
        beat_ms; /* CLOCK_MONOTONIC of the last beat of the worker's native thread, once a second */
    uint64_t
        progress; /* raised once a second by Ruby code: stands still when the VM does, whatever the native thread says */
    uint64_t started; /* jobs */
    uint64_t done;
    uint64_t failed; /* raised; counted apart from done */
    uint32_t busy;   /* jobs being worked now */
    uint32_t quiet;  /* 1 once Sidekiq's :quiet has run */
    uint32_t class_count;
    uint32_t
        record_count; /* records below this number were used at least once: where a reader may stop */

    struct board_class classes[BOARD_CLASSES] __attribute__((aligned(BOARD_PAGE)));
    struct board_record records[BOARD_RECORDS] __attribute__((aligned(BOARD_PAGE)));
};

#define BOARD_SIZE ((uint32_t)sizeof(struct board))

_Static_assert(sizeof(struct board_class) == 128, "a class is 128 bytes");
_Static_assert(sizeof(struct board_record) == BOARD_RECORD_SIZE, "a record has its size");
_Static_assert(sizeof(struct board) == BOARD_PAGE * 3 + BOARD_RECORDS * BOARD_RECORD_SIZE,
               "head, classes and records stand on pages of their own");

#endif
