/*
 * tally.h: the worker's side of its board (master/board.h): signs of life, counts, classes of jobs,
 * and the jobs at work.
 *
 * Owns the mapping, and knows which records are taken. No function costs a system call: copies, and
 * the vDSO's clock. Nothing happens where there is no board: in a mold, and in a child that a job
 * forked. The VM's lock is the only lock: each call but tally_beat's is Ruby's.
 */
#ifndef SWARM_MOLD_TALLY_H
#define SWARM_MOLD_TALLY_H

#include "master/util.h"

/* Maps the board behind `take_fd` and closes the descriptor. Returns 0, -errno, or -EPROTO for a
 * board of another make. */
MUST_CHECK int tally_open(int take_fd);

/* Gives the board up: in a worker that becomes a mold, when none of its threads writes on it any more. */
void tally_close(void);

/* Forgets the board: in a child of the worker, which must not count on its behalf.
 * Async-signal-safe. */
void tally_forget(void);

/* Bytes of anybody's making, not terminated. */
struct tally_text {
    const char *bytes;
    size_t length;
};

/* A job as Sidekiq hands it to its middleware. Absent texts have the length 0. */
struct tally_job {
    struct tally_text name; /* of its class */
    struct tally_text jid;
    struct tally_text queue;
    struct tally_text payload; /* as it stands in Redis */
};

/*
 * Notes a job that begins. Returns true and a ticket for its end, below 2^62: a small integer in
 * Ruby. Returns false where there is no board. More jobs at once than there are records are counted
 * only.
 */
MUST_CHECK bool tally_job_started(const struct tally_job *job, uint64_t *ret_ticket);

/* The job of that ticket has ended: well, or by an exception. */
void tally_job_done(uint64_t ticket);
void tally_job_failed(uint64_t ticket);

/* A sign of life of the native thread; the only call that needs no VM's lock. */
void tally_beat(void);

/* A sign of life of Ruby. */
void tally_progress(void);

void tally_quiet(void);

#endif
