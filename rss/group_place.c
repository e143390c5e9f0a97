/*
 * group_place.c: see group_place.h.
 */
#include "group_place.h"

#include <string.h>
#include <unistd.h>

/* v2 alone is mounted at SYS itself; beside v1 (hybrid) at SYS/unified. */
static const char *const mounts_v2[] = {"", "unified", NULL};
static const char *const mounts_v1[] = {"memory", NULL};

/* What /proc/self/cgroup tells of us. */
struct paths {
    const char *sys;
    bool has_v2;
    bool has_v1;
    char v2[PATH_MAX];
    char v1[PATH_MAX]; /* of the memory controller */
};

static bool
has_file(const char *folder, const char *file, int mode)
{
    char path[PATH_MAX];

    return group_path_file(folder, file, path) && access(path, mode) == 0;
}

static bool
walk_up_to(struct group_folder *folder, const char *file)
{
    do {
        if (has_file(folder->path, file, R_OK)) {
            return true;
        }
    } while (group_path_up(folder));
    return false;
}

/*
 * The nearest folder from ours upward that holds the file. A v2 group whose parent has not enabled a controller for it
 * has none of its files, and is charged to the nearest one that has (kernel, admin-guide/cgroup-v2.rst).
 */
static bool
find_up(const struct paths *paths, bool is_v2, const char *file, struct group_folder *ret_folder)
{
    const char *const *mounts = is_v2 ? mounts_v2 : mounts_v1;
    const char *path = is_v2 ? paths->v2 : paths->v1;

    if (is_v2 ? !paths->has_v2 : !paths->has_v1) {
        return false;
    }
    for (; *mounts != NULL; mounts++) {
        if (group_path_folder(paths->sys, *mounts, path, ret_folder) &&
            walk_up_to(ret_folder, file)) {
            return true;
        }
    }
    return false;
}

/* Files that v1 has at the root of a hierarchy only (cgroups(7)): not in a container, whose root is the host's child. */
static bool
is_root_of_v1(const struct group_folder *folder)
{
    return folder->path[folder->mount_length] == '\0' &&
           has_file(folder->path, "release_agent", F_OK);
}

static enum group_kind
find_kind(const struct paths *paths, struct group_folder *ret_folder)
{
    /* v1 first: a controller that a v1 hierarchy holds is not available to v2. */
    if (find_up(paths, false, "memory.usage_in_bytes", ret_folder) && !is_root_of_v1(ret_folder)) {
        return GROUP_V1;
    }
    if (find_up(paths, true, "memory.current", ret_folder)) {
        return GROUP_V2;
    }
    ret_folder->path[0] = '\0';
    ret_folder->mount_length = 0;
    return GROUP_NONE;
}

/* v2's memory.events counts its children, too; /proc/vmstat the whole machine. */
static void
find_ooms(const struct paths *paths, const char *proc, char to[PATH_MAX])
{
    struct group_folder folder;
    bool found = false;

    if (find_up(paths, true, "memory.events", &folder)) {
        found = group_path_file(folder.path, "memory.events", to);
    } else if (find_up(paths, false, "memory.oom_control", &folder)) {
        found = group_path_file(folder.path, "memory.oom_control", to);
    } else if (has_file(proc, "vmstat", R_OK)) {
        found = group_path_file(proc, "vmstat", to);
    }
    if (!found) {
        to[0] = '\0';
    }
}

/* A trigger is set by writing, and the group's file may not be ours to write: the machine's is better than none then. */
static void
find_pressure(const struct paths *paths, const char *proc, char to[PATH_MAX])
{
    struct group_folder folder;
    bool has_own = find_up(paths, true, "memory.pressure", &folder);
    bool has_machine = has_file(proc, "pressure/memory", R_OK);
    bool found = false;

    if (has_own && (!has_machine || has_file(folder.path, "memory.pressure", W_OK))) {
        found = group_path_file(folder.path, "memory.pressure", to);
    } else if (has_machine) {
        found = group_path_file(proc, "pressure/memory", to);
    }
    if (!found) {
        to[0] = '\0';
    }
}

/* Of two hierarchies the one that charges us names us; without one, that in which we are not at the root. */
static const char *
choose_name(const struct paths *paths, enum group_kind kind)
{
    bool is_v1 = kind == GROUP_V1;

    if (kind == GROUP_NONE) {
        is_v1 = !paths->has_v2 || strcmp(paths->v2, "/") == 0;
    }
    return is_v1 && paths->has_v1 ? paths->v1 : paths->v2;
}

void
group_place_find(const char *proc, const char *sys, struct group_place *ret_place)
{
    char lines[GROUP_PATH_LINES_SIZE];
    struct paths paths = {.sys = sys};

    if (group_path_lines(proc, lines) == 0) {
        paths.has_v2 = group_path_find(lines, "", paths.v2);
        paths.has_v1 = group_path_find(lines, "memory", paths.v1);
    }
    ret_place->kind = find_kind(&paths, &ret_place->folder);
    util_copy_text(ret_place->name, sizeof(ret_place->name), choose_name(&paths, ret_place->kind));
    find_ooms(&paths, proc, ret_place->ooms);
    find_pressure(&paths, proc, ret_place->pressure);
}
