/*
 * proc_folders.c: see proc_folders.h.
 *
 * Owns the folder and its memfds. Must not know who reads them.
 */
#include "proc_folders.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/util.h"
#include "targets.h"

struct place {
    const char *path;
    unsigned file; /* enum proc_folders_file, or a later member of the family */
};

static const char *const folders[] = {
    "proc",    "proc/self", "proc/1", "proc/11", "proc/12",    "proc/13",         "proc/14",
    "proc/15", "proc/16",   "sys",    "sys/cpu", "sys/memory", "sys/memory/shop", "sys/shop",
};

static const struct place places[] = {
    {"proc/self/cgroup", PROC_FOLDERS_CGROUP},
    {"proc/meminfo", PROC_FOLDERS_MACHINE},
    {"proc/vmstat", PROC_FOLDERS_EVENTS},
    {"proc/1/stat", PROC_FOLDERS_PROCESS},
    {"proc/1/statm", PROC_FOLDERS_PROCESS},
    {"proc/1/wchan", PROC_FOLDERS_PROCESS},
    {"proc/11/stat", PROC_FOLDERS_FAMILY},
    {"proc/12/stat", PROC_FOLDERS_FAMILY + 1},
    {"proc/13/stat", PROC_FOLDERS_FAMILY + 2},
    {"proc/14/stat", PROC_FOLDERS_FAMILY + 3},
    {"proc/15/stat", PROC_FOLDERS_FAMILY + 4},
    {"proc/16/stat", PROC_FOLDERS_FAMILY + 5},
    {"proc/11/statm", PROC_FOLDERS_RSS},
    {"proc/12/statm", PROC_FOLDERS_RSS},
    {"proc/13/statm", PROC_FOLDERS_RSS},
    {"proc/14/statm", PROC_FOLDERS_RSS},
    {"proc/15/statm", PROC_FOLDERS_RSS},
    {"proc/16/statm", PROC_FOLDERS_RSS},
    {"sys/cpu.max", PROC_FOLDERS_QUOTA},
    {"sys/cpu/cpu.cfs_quota_us", PROC_FOLDERS_QUOTA},
    {"sys/cpu/cpu.cfs_period_us", PROC_FOLDERS_PERIOD},
    {"sys/memory.current", PROC_FOLDERS_USED},
    {"sys/memory.events", PROC_FOLDERS_EVENTS},
    {"sys/memory.high", PROC_FOLDERS_HIGH},
    {"sys/memory.max", PROC_FOLDERS_LIMIT},
    {"sys/memory.oom.group", PROC_FOLDERS_PERIOD},
    {"sys/memory.stat", PROC_FOLDERS_STAT},
    {"sys/memory.swap.current", PROC_FOLDERS_USED},
    {"sys/memory/memory.limit_in_bytes", PROC_FOLDERS_LIMIT},
    {"sys/memory/memory.oom_control", PROC_FOLDERS_EVENTS},
    {"sys/memory/memory.stat", PROC_FOLDERS_STAT},
    {"sys/memory/memory.usage_in_bytes", PROC_FOLDERS_USED},
    {"sys/memory/shop/memory.limit_in_bytes", PROC_FOLDERS_HIGH},
    {"sys/memory/shop/memory.usage_in_bytes", PROC_FOLDERS_USED},
    {"sys/shop/memory.current", PROC_FOLDERS_USED},
    {"sys/shop/memory.max", PROC_FOLDERS_HIGH},
};

static char root[128]; /* "" until they are made */
static char proc[160];
static char sys[160];
static int fds[PROC_FOLDERS_FILES];

static void
path_of(const char *name, char to[PATH_MAX])
{
    snprintf(to, PATH_MAX, "%s/%s", root, name);
}

static void
remove_all(void)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        path_of(places[i].path, path);
        unlink(path);
    }
    for (size_t i = ARRAY_LEN(folders); i > 0; i--) {
        path_of(folders[i - 1], path);
        rmdir(path);
    }
    rmdir(root);
}

static void
make_links(void)
{
    char path[PATH_MAX], target[64];

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        path_of(places[i].path, path);
        snprintf(target, sizeof(target), "/proc/self/fd/%d", fds[places[i].file]);
        FUZZ_CHECK(symlink(target, path) == 0);
    }
}

static void
make_all(void)
{
    const char *temporary = getenv("TMPDIR");
    char path[PATH_MAX];

    if (root[0] != '\0') {
        return;
    }
    snprintf(root, sizeof(root), "%.100s/swarm-fuzz-XXXXXX",
             temporary != NULL ? temporary : "/tmp");
    FUZZ_CHECK(mkdtemp(root) != NULL);
    atexit(remove_all);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        path_of(folders[i], path);
        FUZZ_CHECK(mkdir(path, 0700) == 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = memfd_create("swarm-fuzz", MFD_CLOEXEC);
        FUZZ_CHECK(fds[i] >= 0);
    }
    make_links();
    snprintf(proc, sizeof(proc), "%s/proc", root);
    snprintf(sys, sizeof(sys), "%s/sys", root);
}

void
proc_folders_write(unsigned file, const char *text, size_t length)
{
    make_all();
    FUZZ_CHECK(ftruncate(fds[file], 0) == 0);
    FUZZ_CHECK(length == 0 || pwrite(fds[file], text, length, 0) == (ssize_t)length);
}

const char *
proc_folders_proc(void)
{
    make_all();
    return proc;
}

const char *
proc_folders_sys(void)
{
    make_all();
    return sys;
}
