/*
 * proc_folders.h: folders that stand for /proc and /sys/fs/cgroup, with files of any contents.
 *
 * Owns one folder below $TMPDIR and removes it when the process ends. Its files are links to
 * memfds, so that a new text costs no work of the file system.
 */
#ifndef SWARM_FUZZ_PROC_FOLDERS_H
#define SWARM_FUZZ_PROC_FOLDERS_H

#include <stddef.h>

/* The texts that one input sets. Several files share one where only one of them is read at a time. */
enum proc_folders_file {
    PROC_FOLDERS_CGROUP,  /* proc/self/cgroup */
    PROC_FOLDERS_QUOTA,   /* sys/cpu.max, sys/cpu/cpu.cfs_quota_us */
    PROC_FOLDERS_PERIOD,  /* sys/cpu/cpu.cfs_period_us */
    PROC_FOLDERS_EVENTS,  /* sys/memory.events, sys/memory/memory.oom_control, proc/vmstat */
    PROC_FOLDERS_PROCESS, /* proc/1/stat, proc/1/statm, proc/1/wchan */
    PROC_FOLDERS_FILES
};

/* Replaces a file's contents; makes the folders first. */
void proc_folders_write(enum proc_folders_file file, const char *text, size_t length);

/* The folders' paths. */
const char *proc_folders_proc(void);
const char *proc_folders_sys(void);

#endif
