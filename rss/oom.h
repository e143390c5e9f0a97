/*
 * oom.h: did the kernel kill somebody for want of memory? A counter of the kernel's, not a guess: cgroup v2
 * memory.events, cgroup v1 memory.oom_control (both of our own cgroup), else /proc/vmstat (the whole machine's).
 */
#ifndef SWARM_RSS_OOM_H
#define SWARM_RSS_OOM_H

#include "master/util.h"

struct oom_watch {
    char path[512]; /* the file that holds the counter; "" where none can be read */
    uint64_t count;
};

/* `proc` and `sys` are "/proc" and "/sys/fs/cgroup", or folders that stand for them in tests. Without a counter nothing ever grows. */
void oom_open(struct oom_watch *watch, const char *proc, const char *sys);

/* Has it grown since the last call (or the opening)? */
bool oom_has_grown(struct oom_watch *watch);

#endif
