/*
 * map_smaps.h: the mappings of a process, from /proc/PID/smaps, or their sum from smaps_rollup, which has the same form.
 *
 * Owns the list. The kernel holds the process's mmap lock while it writes: some 30 µs for each MiB. Must not be called in the
 * master's loop.
 */
#ifndef SWARM_RSS_MAP_SMAPS_H
#define SWARM_RSS_MAP_SMAPS_H

#include <stdio.h>

#include "map_kind.h"

/* In the order of their addresses. Zeroed: empty. */
struct map_areas {
    struct map_area *list;
    size_t count;
    size_t room;
};

/*
 * Reads a whole text. Fields that an older kernel lacks stay 0, those of a newer one are passed over. Returns 0, -EBADMSG for
 * what is no smaps or was cut, or -errno. The list is to be done with in any case.
 */
MUST_CHECK int map_smaps_parse(FILE *from, struct map_areas *areas);

/*
 * Reads /proc/PID/FILE, "smaps" or "smaps_rollup". Returns 0, -ESRCH for a process that is gone or has no memory (a zombie),
 * -EACCES for one that we may not read (PTRACE_MODE_READ, ptrace(2)), or -errno.
 */
MUST_CHECK int map_smaps_read(pid_t pid, const char *file, struct map_areas *areas);

/* The mapping that holds an address, or NULL. */
const struct map_area *map_smaps_find(const struct map_areas *areas, uint64_t address);

void map_smaps_done(struct map_areas *areas);

#endif
