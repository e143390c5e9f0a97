/*
 * cpu_quota.c: see cpu_quota.h.
 *
 * Owns the reading of the quota files. Must not know how many workers are wanted.
 */
#include "cpu_quota.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>

#include "group_path.h"

#define QUOTA_TEXT_SIZE 128
#define CPUS_MAX 65536

/* Where a kind of cgroup keeps its quota: the folder of its mount below `sys`, and how it is read.
 */
struct hierarchy {
    const char *controller; /* as group_path_find takes it */
    const char *mounts[3];  /* the first that holds a quota wins */
    unsigned (*read)(const char *folder);
};

static unsigned
cores_of(uint64_t quota, uint64_t period)
{
    uint64_t cores;

    if (period == 0) {
        return UINT_MAX;
    }
    cores = quota / period + (quota % period != 0);
    return cores == 0 ? 1 : cores > UINT_MAX ? UINT_MAX : (unsigned)cores;
}

/* Reads FOLDER/FILE as one line. Returns false when there is none. */
static bool
read_line(const char *folder, const char *file, char to[QUOTA_TEXT_SIZE])
{
    char path[PATH_MAX];

    if (!group_path_file(folder, file, path) || util_read_file(path, to, QUOTA_TEXT_SIZE) < 0) {
        return false;
    }
    to[strcspn(to, "\n")] = '\0';
    return true;
}

/* cgroup v2: "150000 100000", or "max 100000". */
static unsigned
read_v2(const char *folder)
{
    char text[QUOTA_TEXT_SIZE];
    uint64_t quota, period;
    char *space;

    if (!read_line(folder, "cpu.max", text) || (space = strchr(text, ' ')) == NULL) {
        return UINT_MAX;
    }
    *space = '\0';
    if (util_parse_u64(text, &quota) != 0 || util_parse_u64(space + 1, &period) != 0) {
        return UINT_MAX;
    }
    return cores_of(quota, period);
}

/* cgroup v1: two files; a quota of -1 is none. */
static unsigned
read_v1(const char *folder)
{
    char text[QUOTA_TEXT_SIZE];
    uint64_t quota, period;

    if (!read_line(folder, "cpu.cfs_quota_us", text) || util_parse_u64(text, &quota) != 0 ||
        !read_line(folder, "cpu.cfs_period_us", text) || util_parse_u64(text, &period) != 0) {
        return UINT_MAX;
    }
    return cores_of(quota, period);
}

static const struct hierarchy hierarchies[] = {
    {.controller = "", .mounts = {"", "unified", NULL}, .read = read_v2},
    {.controller = "cpu", .mounts = {"cpu", "cpu,cpuacct", NULL}, .read = read_v1},
};

/* The smallest quota from our group up to the root of its mount. */
static unsigned
walk_up(struct group_folder *folder, unsigned (*read)(const char *folder))
{
    unsigned least = UINT_MAX;

    do {
        unsigned cores = read(folder->path);

        least = cores < least ? cores : least;
    } while (group_path_up(folder));
    return least;
}

static unsigned
ask_hierarchy(const struct hierarchy *hierarchy, const char *lines, const char *sys)
{
    char path[PATH_MAX];
    struct group_folder folder;
    unsigned least = UINT_MAX;

    if (!group_path_find(lines, hierarchy->controller, path)) {
        return least;
    }
    for (size_t i = 0; hierarchy->mounts[i] != NULL && least == UINT_MAX; i++) {
        if (group_path_folder(sys, hierarchy->mounts[i], path, &folder)) {
            least = walk_up(&folder, hierarchy->read);
        }
    }
    return least;
}

unsigned
cpu_quota_of_cgroups(const char *proc, const char *sys)
{
    char lines[GROUP_PATH_LINES_SIZE];
    unsigned least = UINT_MAX;

    if (group_path_lines(proc, lines) != 0) {
        return least;
    }
    for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
        unsigned cores = ask_hierarchy(&hierarchies[i], lines, sys);

        least = cores < least ? cores : least;
    }
    return least;
}

/* How many CPUs our affinity mask names; a cpuset shows in it, too (sched_getaffinity(2)). */
static unsigned
cores_of_affinity(void)
{
    unsigned cores = 1;

    /* The call refuses a mask smaller than the kernel's own, whose size is not told. */
    for (size_t cpus = CPU_SETSIZE; cpus <= CPUS_MAX; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        size_t size = CPU_ALLOC_SIZE(cpus);
        int error = set == NULL ? ENOMEM : sched_getaffinity(0, size, set) == 0 ? 0 : errno;

        if (error == 0) {
            cores = (unsigned)CPU_COUNT_S(size, set);
        }
        CPU_FREE(set);
        if (error != EINVAL) {
            break;
        }
    }
    return cores == 0 ? 1 : cores;
}

unsigned
cpu_quota_cores(const char *proc, const char *sys)
{
    unsigned affinity = cores_of_affinity();
    unsigned quota = cpu_quota_of_cgroups(proc, sys);

    return quota < affinity ? quota : affinity;
}
