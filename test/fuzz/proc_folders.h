/*
 * proc_folders.h: folders that stand for /proc and /sys/fs/cgroup, with files of any contents.
 *
 * Owns one folder below $TMPDIR and removes it when the process ends. Its files are links to
 * memfds, so that a new text costs no work of the file system.
 */
#ifndef SWARM_FUZZ_PROC_FOLDERS_H
#define SWARM_FUZZ_PROC_FOLDERS_H

#include <stddef.h>

/* How many processes the family has whose stats PROC_FOLDERS_FAMILY begins. */
#define PROC_FOLDERS_FAMILY_SIZE 6u
/* The pid of its first one; the others follow. */
#define PROC_FOLDERS_FAMILY_PID 11

/*
 * The texts that one input sets. Several files share one where only one of them is read at a time, or where what matters
 * is only whether it is a number.
 */
enum proc_folders_file {
    PROC_FOLDERS_CGROUP,  /* proc/self/cgroup */
    PROC_FOLDERS_QUOTA,   /* sys/cpu.max, sys/cpu/cpu.cfs_quota_us */
    PROC_FOLDERS_PERIOD,  /* sys/cpu/cpu.cfs_period_us, sys/memory.oom.group */
    PROC_FOLDERS_EVENTS,  /* sys/memory.events, sys/memory/memory.oom_control, proc/vmstat */
    PROC_FOLDERS_USED,    /* memory.current, memory.swap.current, memory.usage_in_bytes */
    PROC_FOLDERS_STAT,    /* memory.stat */
    PROC_FOLDERS_LIMIT,   /* memory.max, memory.limit_in_bytes */
    PROC_FOLDERS_HIGH,    /* memory.high, and the limits of the group "shop" within */
    PROC_FOLDERS_MACHINE, /* proc/meminfo */
    PROC_FOLDERS_PROCESS, /* proc/1/stat, proc/1/statm, proc/1/wchan */
    PROC_FOLDERS_RSS,     /* proc/11/statm and those of the rest of the family */
    PROC_FOLDERS_FAMILY,  /* proc/11/stat, the next one proc/12/stat, and so on */
    PROC_FOLDERS_FILES = PROC_FOLDERS_FAMILY + PROC_FOLDERS_FAMILY_SIZE
};

/* Replaces a file's contents; makes the folders first. `file` is an enum proc_folders_file, or a later member of the family. */
void proc_folders_write(unsigned file, const char *text, size_t length);

/* The folders' paths. */
const char *proc_folders_proc(void);
const char *proc_folders_sys(void);

#endif
