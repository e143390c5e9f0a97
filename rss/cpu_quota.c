/*
 * cpu_quota.c: see cpu_quota.h.
 *
 * Owns the way from /proc/self/cgroup to the quota files. Must not know how many workers are
 * wanted.
 */
#include "cpu_quota.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define CGROUP_TEXT_SIZE 16384
#define QUOTA_TEXT_SIZE 128
#define CPUS_MAX 65536

/* Where a kind of cgroup keeps its quota: the folder of its mount below `sys`, and how it is read.
 */
struct hierarchy {
    const char
        *controllers; /* as the second field of /proc/self/cgroup has them, wanted word alone */
    const char *mounts[3]; /* the first that holds a quota wins */
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
    int length = snprintf(path, sizeof(path), "%s/%s", folder, file);

    if (length < 0 || (size_t)length >= sizeof(path) ||
        util_read_file(path, to, QUOTA_TEXT_SIZE) < 0) {
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
    {.controllers = "", .mounts = {".", "unified", NULL}, .read = read_v2},
    {.controllers = "cpu", .mounts = {"cpu", "cpu,cpuacct", NULL}, .read = read_v1},
};

static bool
has_word(const char *list, size_t length, const char *word)
{
    size_t word_length = strlen(word);

    if (word_length == 0) {
        return length == 0;
    }
    for (const char *at = list; at < list + length;) {
        size_t span = strcspn(at, ",:");

        if (span == word_length && strncmp(at, word, span) == 0) {
            return true;
        }
        at += span + 1;
    }
    return false;
}

/*
 * Finds our path in a hierarchy from lines like "4:cpu,cpuacct:/user.slice" and "0::/user.slice".
 * Copies it without its line's end; "" for the root.
 */
static bool
find_path(const char *lines, const char *controllers, char to[PATH_MAX])
{
    for (const char *line = lines; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        const char *list, *path;

        line += *line == '\n';
        list = strchr(line, ':');
        path = list == NULL ? NULL : strchr(list + 1, ':');
        if (path != NULL && has_word(list + 1, (size_t)(path - list - 1), controllers)) {
            size_t length = strcspn(path + 1, "\n");

            length = length < PATH_MAX ? length : 0;
            memcpy(to, path + 1, length);
            to[length] = '\0';
            return true;
        }
    }
    return false;
}

/*
 * The smallest quota from `path` up to the root of the mount. Within a container the host's path
 * may not exist below the mount; its root is then the container's own group, and is asked last.
 */
static unsigned
walk_up(const char *mount, const char *path, unsigned (*read)(const char *folder))
{
    char folder[PATH_MAX * 2];
    size_t root = strlen(mount);
    unsigned least = UINT_MAX;
    bool outside = strstr(path, "/..") != NULL; /* a group above the root of our namespace */
    char *slash;

    if (root >= PATH_MAX) {
        return least;
    }
    snprintf(folder, sizeof(folder), "%s%s", mount, outside ? "" : path);
    do {
        unsigned cores = read(folder);

        least = cores < least ? cores : least;
        slash = strrchr(folder + root, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    } while (slash != NULL);
    return least;
}

static unsigned
ask_hierarchy(const struct hierarchy *hierarchy, const char *lines, const char *sys)
{
    char path[PATH_MAX];
    unsigned least = UINT_MAX;

    if (!find_path(lines, hierarchy->controllers, path)) {
        return least;
    }
    for (size_t i = 0; hierarchy->mounts[i] != NULL && least == UINT_MAX; i++) {
        char mount[PATH_MAX];
        int length = snprintf(mount, sizeof(mount), "%s/%s", sys, hierarchy->mounts[i]);

        if (length > 0 && (size_t)length < sizeof(mount)) {
            least = walk_up(mount, path, hierarchy->read);
        }
    }
    return least;
}

unsigned
cpu_quota_of_cgroups(const char *proc, const char *sys)
{
    char path[PATH_MAX];
    char lines[CGROUP_TEXT_SIZE];
    unsigned least = UINT_MAX;
    int length = snprintf(path, sizeof(path), "%s/self/cgroup", proc);

    if (length < 0 || (size_t)length >= sizeof(path) ||
        util_read_file(path, lines, sizeof(lines)) < 0) {
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
