/*
 * group_path.h: from /proc/self/cgroup to the folders of our cgroups below /sys/fs/cgroup, and upward.
 *
 * Shared by all who read cgroup files. Owns the reading of paths. Must not read what is in the folders.
 */
#ifndef SWARM_RSS_GROUP_PATH_H
#define SWARM_RSS_GROUP_PATH_H

#include "../master/util.h"

#include <limits.h>

#define GROUP_PATH_LINES_SIZE 16384

/* A folder of a mounted hierarchy; what stands before `mount_length` is the mount itself. */
struct group_folder {
    char path[PATH_MAX];
    size_t mount_length;
};

/* Reads PROC/self/cgroup. Returns 0 or -errno; on failure `to` is "". */
MUST_CHECK int group_path_lines(const char *proc, char to[GROUP_PATH_LINES_SIZE]);

/*
 * Our path in the hierarchy of a v1 controller, or of v2 (controller ""), from lines like "4:cpu,cpuacct:/user.slice" and
 * "0::/user.slice" (cgroups(7)). False if no line names it with a path.
 */
bool group_path_find(const char *lines, const char *controller, char to[PATH_MAX]);

/*
 * The folder of `path` below SYS/MOUNT ("": SYS itself). Within a container the path may be the host's, and does not exist below the mount,
 * or lie above the root of our namespace ("/.."); the root of the mount is our own group then. False if it is too long.
 */
bool group_path_folder(const char *sys, const char *mount, const char *path,
                       struct group_folder *ret_folder);

/* Makes it the folder's parent. False, and nothing changes, at the mount. */
bool group_path_up(struct group_folder *folder);

/* Writes FOLDER/FILE. False if it does not fit. */
bool group_path_file(const char *folder, const char *file, char to[PATH_MAX]);

#endif
