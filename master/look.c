/*
 * look.c: see look.h.
 *
 * Owns which zeros mean unknown when a person looks. Must not know workers, nor libproc2 itself (rss/proc2).
 */
#include "look.h"

#include <errno.h>

#include "../rss/proc2.h"

/*
 * A zombie has no memory at all; smaps_rollup of a process that we may not read, or that went away
 * meanwhile, gives zeros without an error (FS-23).
 */
static void
keep_figures(const struct proc2_row *row, struct look_figures *ret_figures)
{
    if (row->rss_kib > 0) {
        ret_figures->rss_kib = (int64_t)row->rss_kib;
    }
    if (row->rss_kib > 0 && row->pss_kib > 0) {
        ret_figures->pss_kib = (int64_t)row->pss_kib;
        ret_figures->uss_kib = (int64_t)row->uss_kib;
        ret_figures->swap_kib = (int64_t)row->swap_kib;
    }
}

int
look_at(const pid_t *pids, unsigned count, struct look_figures *ret_figures)
{
    struct proc2_row rows[PROC2_PIDS_MAX];
    int error = count > PROC2_PIDS_MAX ? -E2BIG : proc2_read(pids, count, rows);

    for (unsigned i = 0; i < count; i++) {
        ret_figures[i] = (struct look_figures){.rss_kib = LOOK_UNKNOWN,
                                               .pss_kib = LOOK_UNKNOWN,
                                               .uss_kib = LOOK_UNKNOWN,
                                               .swap_kib = LOOK_UNKNOWN};
    }
    for (unsigned i = 0; error == 0 && i < count; i++) {
        keep_figures(&rows[i], &ret_figures[i]);
    }
    return error;
}

void
look_done(void)
{
    proc2_done();
}
