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
    bool known;        /* false: the rest is zero and says nothing */
    int64_t beat_ms;   /* the native thread's last beat; 0 = none yet */
    uint64_t progress; /* of Ruby code: says something only by changing */
    uint64_t started;  /* jobs since the start of that worker */
    uint64_t done;
    uint64_t failed;
    unsigned busy; /* jobs being worked now */
    bool quiet;
};

/*
 * Reads one board: its head, no other page (to read a page of the file that was never written would make it cost memory).
 * `threads_max` is the number of threads that worker has, 0 if not known: more jobs at once than
 * that are not believed. Always writes *ret_figures.
 */
void board_read(const struct board *board, unsigned threads_max, struct board_figures *ret_figures);

/* One job at work. Texts are terminated, valid UTF-8 without control characters ("?" stands for what is neither). */
struct board_job {
    unsigned record; /* for board_read_payload */
    uint32_t
        sequence; /* for board_read_payload: which of the jobs that the record held one after another */
    char name[BOARD_NAME_SIZE];
    char jid[BOARD_JID_SIZE];
    char queue[BOARD_QUEUE_SIZE];
    int64_t started_ms;    /* CLOCK_MONOTONIC, never later than `now_ms` */
    uint32_t payload_size; /* as it stands in Redis */
    bool payload_cut;      /* the board holds only its beginning */
};

/*
 * Copies the jobs at work, the oldest first, at most `room` of them. Records that do not stand up to checks, or change while
 * they are read, are left out. Returns how many.
 */
unsigned board_read_jobs(const struct board *board, int64_t now_ms, struct board_job *ret_jobs,
                         unsigned room);

/*
 * Copies the payload of the job that `job` was read from, as bytes, always terminated; what does not fit into `size` (at
 * least 1; BOARD_PAYLOAD_SIZE + 1 is always enough) is cut. Returns the length of what was copied, -ENOENT if that job is
 * no longer there (the copy is empty), -EFBIG if the board holds only its beginning (which is copied).
 */
MUST_CHECK ssize_t board_read_payload(const struct board *board, const struct board_job *job,
                                      char *to, size_t size);

struct board_class_figures {
    char name[BOARD_NAME_SIZE];
    uint64_t started;
    uint64_t done;
    uint64_t failed;
    uint64_t work_ms;
};

/* Copies the classes of jobs this worker has met, in the order of their rows. Returns how many; 0 too when the board is
 * not to be believed. */
unsigned board_read_classes(const struct board *board, struct board_class_figures *ret_classes,
                            unsigned room);

#endif
