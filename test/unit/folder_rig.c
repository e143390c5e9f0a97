/*
 * folder_rig.c: see folder_rig.h.
 */
#include "folder_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void
folder_rig_make(char to[FOLDER_RIG_SIZE], const char *purpose)
{
    snprintf(to, FOLDER_RIG_SIZE, "/tmp/swarm-%s-XXXXXX", purpose);
    assert_non_null(mkdtemp(to));
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

void
folder_rig_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
