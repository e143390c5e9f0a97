/*
 * cpu_quota.h: how many cores this container may use: affinity mask, cgroup v2 cpu.max walking up, cgroup v1
 * cpu.cfs_quota_us; the smallest, rounded up, at least 1.
 */
#ifndef SWARM_RSS_CPU_QUOTA_H
#define SWARM_RSS_CPU_QUOTA_H

#include "../master/util.h"

/* `proc` and `sys` are "/proc" and "/sys/fs/cgroup", or folders that stand for them in tests. */
unsigned cpu_quota_cores(const char *proc, const char *sys);

/*
 * What the cgroups alone allow, rounded up and at least 1; UINT_MAX without a quota. v2 and v1 are both asked, since a
 * hybrid host has both (cgroups(7); cpu.max: kernel, admin-guide/cgroup-v2.rst; cpu.cfs_quota_us: scheduler/sched-bwc.rst).
 */
unsigned cpu_quota_of_cgroups(const char *proc, const char *sys);

#endif
