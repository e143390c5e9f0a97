/*
 * look.c: see look.h.
 *
 * Owns the handle of libproc2 and the few functions of it that are used. Asks for numeric items
 * only: releases before 4.0.6 give NULL texts for processes that vanish. Must not know workers.
 */
#include "look.h"

#include <dlfcn.h>
#include <errno.h>
#include <libproc2/pids.h>
#include <string.h>

/* What one call may ask for (FILL_ID_MAX, libproc2 up to 4.0.5). */
#define LOOK_PIDS_MAX 255

/*
 * The library must be the one whose header we were built with, since the items changed their
 * numbers with .so.1. No macro tells the releases apart, but .so.1 counts one more kind of process.
 */
#define LOOK_LIBRARY                                                                               \
    (sizeof(struct pids_counts) > 6 * sizeof(int) ? "libproc2.so.1" : "libproc2.so.0")

/* PIDS_VAL takes four arguments up to 4.0.4 and three from 4.0.5 on; the structs stayed the same.
 */
#define LOOK_VALUE(stack, item, type) ((stack)->head[item].result.type)

/* The items in the order in which each stack has them. */
enum look_item { LOOK_PID, LOOK_RSS, LOOK_PSS, LOOK_USS, LOOK_SWAP, LOOK_ITEM_COUNT };

static enum pids_item items[LOOK_ITEM_COUNT] = {
    [LOOK_PID] = PIDS_ID_PID,         [LOOK_RSS] = PIDS_MEM_RES,    [LOOK_PSS] = PIDS_SMAP_PSS,
    [LOOK_USS] = PIDS_SMAP_PRV_TOTAL, [LOOK_SWAP] = PIDS_SMAP_SWAP,
};

typedef int open_function(struct pids_info **info, enum pids_item *items, int count);
typedef int close_function(struct pids_info **info);
typedef struct pids_fetch *select_function(struct pids_info *info, unsigned *pids, int count,
                                           enum pids_select_type which);

static struct {
    void *library;
    struct pids_info *info;
    close_function *close;
    select_function *select;
} proc2;

static int
look_open(void)
{
    open_function *open;
    int error;

    if (proc2.info != NULL) {
        return 0;
    }
    /* libproc2 keeps two static buffers of 128 KiB and frees them never: unloading would leak them. */
    proc2.library = dlopen(LOOK_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (proc2.library == NULL) {
        return -ENOENT;
    }
    open = (open_function *)dlsym(proc2.library, "procps_pids_new");
    proc2.close = (close_function *)dlsym(proc2.library, "procps_pids_unref");
    proc2.select = (select_function *)dlsym(proc2.library, "procps_pids_select");
    error = open != NULL && proc2.close != NULL && proc2.select != NULL ? 0 : -ENOSYS;
    if (error == 0) {
        error = open(&proc2.info, items, LOOK_ITEM_COUNT);
    }
    if (error < 0) {
        look_done();
        return error;
    }
    return 0;
}

void
look_done(void)
{
    if (proc2.info != NULL) {
        proc2.close(&proc2.info);
    }
    if (proc2.library != NULL) {
        dlclose(proc2.library);
    }
    memset(&proc2, 0, sizeof(proc2));
}

/*
 * A zombie has no memory at all; smaps_rollup of a process that we may not read, or that went away
 * meanwhile, gives zeros without an error (FS-23).
 */
static void
keep_figures(const struct pids_stack *stack, struct look_figures *ret_figures)
{
    int64_t rss = (int64_t)LOOK_VALUE(stack, LOOK_RSS, ul_int);
    int64_t pss = (int64_t)LOOK_VALUE(stack, LOOK_PSS, ul_int);

    if (rss > 0) {
        ret_figures->rss_kib = rss;
    }
    if (rss > 0 && pss > 0) {
        ret_figures->pss_kib = pss;
        ret_figures->uss_kib = (int64_t)LOOK_VALUE(stack, LOOK_USS, ul_int);
        ret_figures->swap_kib = (int64_t)LOOK_VALUE(stack, LOOK_SWAP, ul_int);
    }
}

/* Processes that are gone are simply missing from an answer, so each row is matched by its pid. */
static const struct pids_stack *
find_row(const struct pids_fetch *fetch, pid_t pid)
{
    for (int row = 0; row < fetch->counts->total; row++) {
        if (LOOK_VALUE(fetch->stacks[row], LOOK_PID, s_int) == pid) {
            return fetch->stacks[row];
        }
    }
    return NULL;
}

static void
keep_fetch(const struct pids_fetch *fetch, const pid_t *pids, unsigned count,
           struct look_figures *ret_figures)
{
    for (unsigned i = 0; i < count; i++) {
        const struct pids_stack *row = find_row(fetch, pids[i]);

        if (row != NULL) {
            keep_figures(row, &ret_figures[i]);
        }
    }
}

/* Makes all figures unknown and copies the pids that can be asked for. Returns how many. */
static int
begin_look(const pid_t *pids, unsigned count, struct look_figures *ret_figures,
           unsigned wanted[LOOK_PIDS_MAX])
{
    int wanted_count = 0;

    for (unsigned i = 0; i < count; i++) {
        ret_figures[i] = (struct look_figures){.rss_kib = LOOK_UNKNOWN,
                                               .pss_kib = LOOK_UNKNOWN,
                                               .uss_kib = LOOK_UNKNOWN,
                                               .swap_kib = LOOK_UNKNOWN};
        /* The library takes a 0 for the end of the list. */
        if (pids[i] > 0 && wanted_count < LOOK_PIDS_MAX) {
            wanted[wanted_count++] = (unsigned)pids[i];
        }
    }
    return wanted_count;
}

int
look_at(const pid_t *pids, unsigned count, struct look_figures *ret_figures)
{
    unsigned wanted[LOOK_PIDS_MAX];
    int wanted_count = begin_look(pids, count, ret_figures, wanted);
    struct pids_fetch *fetch;
    int error = count > LOOK_PIDS_MAX ? -E2BIG : look_open();

    if (error < 0 || wanted_count == 0) {
        return error;
    }
    errno = 0;
    fetch = proc2.select(proc2.info, wanted, wanted_count, PIDS_SELECT_PID);
    if (fetch == NULL) {
        return errno != 0 ? -errno : -EIO;
    }
    keep_fetch(fetch, pids, count, ret_figures);
    return 0;
}
