/*
 * proc.h: /proc/PID/stat, read against hostile process names (spaces, parentheses, newlines).
 */
#ifndef SWARM_RSS_PROC_H
#define SWARM_RSS_PROC_H

#include "../master/util.h"

struct proc_stat {
    char state;
    pid_t parent;
    pid_t group;
    uint64_t start_ticks; /* since boot: with the pid it names a process for good */
    uint64_t minor_faults;
    uint64_t cpu_ticks; /* user and system, sysconf(_SC_CLK_TCK) a second */
};

MUST_CHECK int proc_parse_stat(const char *text, struct proc_stat *ret_stat);
/* Returns 0, -ESRCH, -EBADMSG or -errno. */
MUST_CHECK int proc_read_stat(const char *proc, pid_t pid, struct proc_stat *ret_stat);
/* Where the kernel sleeps for it (wchan), "" if not told. Returns 0 or -errno. */
MUST_CHECK int proc_read_wchan(const char *proc, pid_t pid, char *ret_name, size_t size);

#endif
