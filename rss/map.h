/*
 * map.h: where the memory of one process is, by kind: what it has, what is its own, what it shares.
 *
 * For the asking side (a verb, a benchmark). It takes tens of milliseconds for each 100 MiB, and the kernel holds the mmap lock
 * of the process for a part of them, so it must not be called by the master. It looks at a process that goes on meanwhile: who
 * needs figures of one moment stops it before. It writes nothing to the process and brings no page of it into memory.
 */
#ifndef SWARM_RSS_MAP_H
#define SWARM_RSS_MAP_H

#include "map_kind.h"

/*
 * Reads one process; whether the pid still means it, the caller must know. Returns 0, or
 * -ESRCH   it is gone, or a zombie;
 * -EACCES  we may not read it (PTRACE_MODE_READ, see ptrace(2));
 * -ENOENT  this kernel has no smaps;
 * -ENOMEM, -EBADMSG, -errno.
 * Where the contents may not be read (PTRACE_MODE_ATTACH: Yama, a container), it succeeds, and is_content_known is false.
 */
MUST_CHECK int map_read(pid_t pid, struct map_report *ret_report);

#endif
