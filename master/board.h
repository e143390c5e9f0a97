/*
 * board.h: the page that a worker writes and the master reads.
 *
 * One memfd per worker, made by the master, mapped by both. The worker writes with relaxed atomics from
 * whichever thread works; the master reads whenever it likes, also after the worker was killed, and
 * believes nothing before board_reader has checked it. Records of single jobs will follow behind this
 * head; `version` tells which.
 */
#ifndef SWARM_BOARD_H
#define SWARM_BOARD_H

#include <stdint.h>

#define BOARD_MAGIC 0x44425753u /* "SWBD" */
#define BOARD_VERSION 1u
#define BOARD_SIZE 4096u

struct board {
    uint32_t magic;
    uint32_t version;
    uint64_t
        beat_ms; /* CLOCK_MONOTONIC of the last sign of life of Sidekiq (its beat, a job's start or end) */
    uint64_t started; /* jobs */
    uint64_t done;
    uint64_t failed; /* raised; counted apart from done */
    uint32_t busy;   /* jobs being worked now */
    uint32_t quiet;  /* 1 once Sidekiq's :quiet has run */
};

#endif
