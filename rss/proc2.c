/*
 * proc2.c: see proc2.h.
 *
 * Asks for numeric items only: releases before 4.0.6 give NULL texts for processes that vanish.
 */
#include "proc2.h"

#include <dlfcn.h>
#include <errno.h>
#include <libproc2/pids.h>
#include <string.h>

/*
 * The library must be the one whose header we were built with, since the items changed their
 * numbers with .so.1. No macro tells the releases apart, but .so.1 counts one more kind of process.
 */
#define PROC2_LIBRARY                                                                              \
    (sizeof(struct pids_counts) > 6 * sizeof(int) ? "libproc2.so.1" : "libproc2.so.0")

/* PIDS_VAL takes four arguments up to 4.0.4 and three from 4.0.5 on; the structs stayed the same.
 */
#define PROC2_VALUE(stack, item, type) ((stack)->head[item].result.type)

/* The items in the order in which each stack has them. */
enum item { ITEM_PID, ITEM_RSS, ITEM_PSS, ITEM_USS, ITEM_SWAP, ITEM_COUNT };

static enum pids_item items[ITEM_COUNT] = {
    [ITEM_PID] = PIDS_ID_PID,         [ITEM_RSS] = PIDS_MEM_RES,    [ITEM_PSS] = PIDS_SMAP_PSS,
    [ITEM_USS] = PIDS_SMAP_PRV_TOTAL, [ITEM_SWAP] = PIDS_SMAP_SWAP,
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
open_library(void)
{
    open_function *open;
    int error;

    if (proc2.info != NULL) {
        return 0;
    }
    /* libproc2 keeps two static buffers of 128 KiB and frees them never: unloading would leak them. */
    proc2.library = dlopen(PROC2_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (proc2.library == NULL) {
        return -ENOENT;
    }
    open = (open_function *)dlsym(proc2.library, "procps_pids_new");
    proc2.close = (close_function *)dlsym(proc2.library, "procps_pids_unref");
    proc2.select = (select_function *)dlsym(proc2.library, "procps_pids_select");
    error = open != NULL && proc2.close != NULL && proc2.select != NULL ? 0 : -ENOSYS;
    if (error == 0) {
        error = open(&proc2.info, items, ITEM_COUNT);
    }
    if (error < 0) {
        proc2_done();
        return error;
    }
    return 0;
}

void
proc2_done(void)
{
    if (proc2.info != NULL) {
        proc2.close(&proc2.info);
    }
    if (proc2.library != NULL) {
        dlclose(proc2.library);
    }
    memset(&proc2, 0, sizeof(proc2));
}

/* Processes that are gone are simply missing from an answer, so each row is matched by its pid. */
static void
keep_row(const struct pids_fetch *fetch, pid_t pid, struct proc2_row *ret_row)
{
    for (int i = 0; i < fetch->counts->total; i++) {
        const struct pids_stack *stack = fetch->stacks[i];

        if (PROC2_VALUE(stack, ITEM_PID, s_int) == pid) {
            *ret_row = (struct proc2_row){
                .found = true,
                .rss_kib = PROC2_VALUE(stack, ITEM_RSS, ul_int),
                .pss_kib = PROC2_VALUE(stack, ITEM_PSS, ul_int),
                .uss_kib = PROC2_VALUE(stack, ITEM_USS, ul_int),
                .swap_kib = PROC2_VALUE(stack, ITEM_SWAP, ul_int),
            };
            return;
        }
    }
}

int
proc2_read(const pid_t *pids, unsigned count, struct proc2_row *ret_rows)
{
    unsigned wanted[PROC2_PIDS_MAX];
    int wanted_count = 0;
    struct pids_fetch *fetch;
    int error = count > PROC2_PIDS_MAX ? -E2BIG : open_library();

    memset(ret_rows, 0, count * sizeof(*ret_rows));
    if (error < 0) {
        return error;
    }
    for (unsigned i = 0; i < count; i++) {
        /* The library takes a 0 for the end of the list. */
        if (pids[i] > 0) {
            wanted[wanted_count++] = (unsigned)pids[i];
        }
    }
    if (wanted_count == 0) {
        return 0;
    }
    errno = 0;
    fetch = proc2.select(proc2.info, wanted, wanted_count, PIDS_SELECT_PID);
    if (fetch == NULL) {
        return errno != 0 ? -errno : -EIO;
    }
    for (unsigned i = 0; i < count; i++) {
        keep_row(fetch, pids[i], &ret_rows[i]);
    }
    return 0;
}
