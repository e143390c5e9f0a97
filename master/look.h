/*
 * look.h: what one process costs, read through libproc2 when a person looks.
 *
 * libproc2 is opened (dlopen) at the first look, so that a service nobody looks at stays small. One accessor compiles
 * against 4.0.2, 4.0.4 and 4.0.7 (PIDS_VAL changed its arity). Unknown is a value of its own: -1.
 */
#ifndef SWARM_LOOK_H
#define SWARM_LOOK_H

#include "util.h"

#define LOOK_UNKNOWN ((int64_t)-1)

struct look_figures {
    int64_t rss_kib;
    int64_t pss_kib;
    int64_t uss_kib; /* private clean + private dirty */
    int64_t swap_kib;
};

/*
 * Reads up to 255 processes at once. Figures of a process that is gone, forbidden or answers zero are
 * LOOK_UNKNOWN. Returns 0, or -errno when libproc2 cannot be used at all (then all are unknown).
 */
MUST_CHECK int look_at(const pid_t *pids, unsigned count, struct look_figures *ret_figures);
void look_done(void);

#endif
