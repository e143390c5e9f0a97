/*
 * board_reader.h: what a worker's board says, after every field was checked.
 *
 * The writer may be dying, dead or gone mad (FS-13): a page of garbage is "unknown", never a figure. Pure: reads the
 * page it is given and nothing else. Must not decide what a figure means.
 */
#ifndef SWARM_BOARD_READER_H
#define SWARM_BOARD_READER_H

#include "board.h"
#include "util.h"

struct board_figures {
    bool known;       /* false: the rest is zero and says nothing */
    int64_t beat_ms;  /* CLOCK_MONOTONIC of the last sign of life; 0 = none yet */
    uint64_t started; /* jobs since the start of that worker */
    uint64_t done;
    uint64_t failed;
    unsigned busy; /* jobs being worked now */
    bool quiet;
};

/*
 * Reads one board. `threads_max` is the number of threads that worker has, 0 if not known: more jobs at once than
 * that are not believed. Always writes *ret_figures.
 */
void board_read(const struct board *board, unsigned threads_max, struct board_figures *ret_figures);

#endif
