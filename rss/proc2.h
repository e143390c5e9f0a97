/*
 * proc2.h: libproc2, opened (dlopen) at the first use, so that a service that never needs it stays small.
 *
 * The one place that knows that library. One accessor compiles against 4.0.2, 4.0.4 and 4.0.7 (PIDS_VAL changed its
 * arity). Owns its handle. Must not judge figures: zeros are passed on as they come.
 */
#ifndef SWARM_RSS_PROC2_H
#define SWARM_RSS_PROC2_H

#include "../master/util.h"

/* What one call may ask for (FILL_ID_MAX, libproc2 up to 4.0.5). */
#define PROC2_PIDS_MAX 255

struct proc2_row {
    bool found; /* a zombie is, with zeros */
    uint64_t rss_kib;
    uint64_t
        pss_kib; /* this and the next: 0, without an error, where smaps_rollup cannot be read */
    uint64_t uss_kib;
    uint64_t swap_kib;
};

/*
 * Reads up to PROC2_PIDS_MAX processes at once; a pid below 1 is never found. Returns 0, -E2BIG, -ENOENT (no such library), -ENOSYS (it
 * lacks a function), or -errno; then no row is found.
 */
MUST_CHECK int proc2_read(const pid_t *pids, unsigned count, struct proc2_row *ret_rows);

/* Closes it. The next reading opens it again. */
void proc2_done(void);

#endif
