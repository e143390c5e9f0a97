/*
 * group_rig.h: a real memory group of cgroup v1, for tests that need the kernel's own answers.
 *
 * Owns one folder below GROUP_RIG_ROOT, and removes it. Must not touch any other group.
 */
#ifndef SWARM_TEST_GROUP_RIG_H
#define SWARM_TEST_GROUP_RIG_H

#include "machine_rig.h"

/* The mount, and the folder in which it stands. */
#define GROUP_RIG_SYS "/sys/fs/cgroup"
#define GROUP_RIG_ROOT GROUP_RIG_SYS "/memory"

struct group_rig {
    char name[64]; /* below the root, with its slash, as /proc/self/cgroup tells it */
    char folder[128];
};

/* Makes a group of this process's own. Returns false, and prints why, where none can be made. */
bool group_rig_make(struct group_rig *rig, const char *purpose);

/* Writes a file of the group. Returns false for a failure. */
bool group_rig_write(const struct group_rig *rig, const char *file, const char *text);

/* Lets the calling process enter the group. Returns false for a failure. */
bool group_rig_enter(const struct group_rig *rig);

/* Waits until the group is empty and removes it. Returns false when it never is. */
bool group_rig_remove(struct group_rig *rig);

#endif
