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
    enum proc_folders_file file;
};

static const char *const folders[] = {"proc", "proc/self", "proc/1",
                                      "sys",  "sys/cpu",   "sys/memory"};

static const struct place places[] = {
    {"proc/self/cgroup", PROC_FOLDERS_CGROUP},
    {"proc/vmstat", PROC_FOLDERS_EVENTS},
    {"proc/1/stat", PROC_FOLDERS_PROCESS},
    {"proc/1/statm", PROC_FOLDERS_PROCESS},
    {"proc/1/wchan", PROC_FOLDERS_PROCESS},
    {"sys/cpu.max", PROC_FOLDERS_QUOTA},
    {"sys/memory.events", PROC_FOLDERS_EVENTS},
    {"sys/cpu/cpu.cfs_quota_us", PROC_FOLDERS_QUOTA},
    {"sys/cpu/cpu.cfs_period_us", PROC_FOLDERS_PERIOD},
    {"sys/memory/memory.oom_control", PROC_FOLDERS_EVENTS},
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
proc_folders_write(enum proc_folders_file file, const char *text, size_t length)
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
