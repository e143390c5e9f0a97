/*
 * proc.h: files of /proc/PID: how they are opened and read again; stat against hostile process names (spaces, parentheses,
 * newlines); wchan. Must not know workers.
 */
#ifndef SWARM_RSS_PROC_H
#define SWARM_RSS_PROC_H

#include "../master/util.h"

/* The largest stat: 50 numbers of at most 20 digits, and a name of 64 bytes. */
#define PROC_STAT_SIZE 2048

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
/*
 * Opens PROC/PID/FILE; `proc` is "/proc", or a folder that stands for it in tests. Returns a descriptor, -ESRCH for a process
 * that is gone, or -errno.
 */
MUST_CHECK int proc_open(const char *proc, pid_t pid, const char *file);
/*
 * Reads a kept descriptor from its beginning by one call, as the kernel gives such a text, into `to`, always terminated. Returns
 * its length, which is size - 1 where there may be more, or -errno: -ESRCH for a process that is gone.
 */
MUST_CHECK ssize_t proc_read_again(int fd, char *to, size_t size);
/* Where the kernel sleeps for it (wchan), "" if not told. Returns 0 or -errno. */
MUST_CHECK int proc_read_wchan(const char *proc, pid_t pid, char *ret_name, size_t size);

#endif
