/*
 * group.h: the memory that the kernel charges to the group this service runs in, and what limits it.
 *
 * cgroup v2, cgroup v1, both at once (hybrid), or none, where the machine itself is the limit. Limits are looked for upward to
 * the root. Files stay open where the kernel allows it. Owns the paths and descriptors. Must not decide anything.
 */
#ifndef SWARM_RSS_GROUP_H
#define SWARM_RSS_GROUP_H

#include "figures.h"

struct group;

/* `proc` and `sys` are "/proc" and "/sys/fs/cgroup", or folders that stand for them in tests. Returns 0 or -ENOMEM; where
 * nothing can be read, figures are unknown. */
MUST_CHECK int group_open(const char *proc, const char *sys, struct group **ret_group);
void group_close(struct group *group); /* accepts NULL */

/* Reads everything anew. Always writes *ret_figures. */
void group_read(struct group *group, struct group_figures *ret_figures);

/* The file of memory pressure that speaks of this group: its memory.pressure, else PROC/pressure/memory; "" if there is
 * none. */
const char *group_pressure_path(const struct group *group);

/* The path of our cgroup as the kernel tells it ("/system.slice/shop.service"), "" if unknown. */
const char *group_name(const struct group *group);

#endif
