/*
 * rollup.h: PSS, USS and swap of one process, from smaps_rollup through libproc2.
 *
 * Costs some 7 µs for each MiB of the process and holds its mmap lock meanwhile, so it is read rarely, one process at a
 * time: rollup_pace says when the next one is allowed. libproc2 is opened (dlopen) at the first use, so that a service
 * without limits stays small. One accessor compiles against 4.0.2, 4.0.4 and 4.0.7 (PIDS_VAL changed its arity).
 */
#ifndef SWARM_RSS_ROLLUP_H
#define SWARM_RSS_ROLLUP_H

#include "figures.h"

/*
 * Reads one process into *figures (private_known, pss_bytes, uss_bytes, swap_bytes, private_ms = now_ms). Returns how many
 * microseconds it took (at least 1), or
 * -ESRCH   it is gone, or a zombie;
 * -EACCES  the kernel gave zeros: no permission, no such file, or a race with its end (FS-23);
 * -ENOENT, -ENOSYS  libproc2 is not there or lacks a function.
 * On failure private_known is false.
 */
int64_t rollup_read(pid_t pid, int64_t now_ms, struct memory_figures *figures);

/* Closes libproc2. */
void rollup_done(void);

/*
 * How long to leave everybody alone after a reading of `took_us`, so that readings take no more than `percent` of the time:
 * milliseconds. Pure.
 */
int64_t rollup_rest_ms(int64_t took_us, unsigned percent);

#endif
