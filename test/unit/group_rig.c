/*
 * group_rig.c: see group_rig.h.
 */
#include "group_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/util.h"

bool
group_rig_make(struct group_rig *rig, const char *purpose)
{
    snprintf(rig->name, sizeof(rig->name), "/swarm-unit-%s-%d", purpose, (int)getpid());
    snprintf(rig->folder, sizeof(rig->folder), GROUP_RIG_ROOT "%s", rig->name);
    if (access(GROUP_RIG_ROOT "/memory.usage_in_bytes", R_OK) != 0) {
        print_message("skipped: no cgroup v1 memory controller at " GROUP_RIG_ROOT "\n");
        return false;
    }
    if (mkdir(rig->folder, 0755) != 0) {
        print_message("skipped: %s cannot be made: %s\n", rig->folder, strerror(errno));
        return false;
    }
    return true;
}

bool
group_rig_write(const struct group_rig *rig, const char *file, const char *text)
{
    char path[256];
    int fd;
    bool done;

    snprintf(path, sizeof(path), "%s/%s", rig->folder, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    util_close(&fd);
    return done;
}

bool
group_rig_enter(const struct group_rig *rig)
{
    return group_rig_write(rig, "cgroup.procs", "0");
}

static bool
is_removed(void *context)
{
    const struct group_rig *rig = context;

    return rmdir(rig->folder) == 0 || errno == ENOENT;
}

bool
group_rig_remove(struct group_rig *rig)
{
    return machine_until(is_removed, rig);
}
