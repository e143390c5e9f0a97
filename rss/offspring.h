/*
 * offspring.h: what workers cost with the programs that their jobs started.
 *
 * One pass over /proc serves all workers: a process belongs to the worker that is its ancestor, or whose process group it
 * is in (its parent may be dead). Owns one scan. Must not signal anybody.
 */
#ifndef SWARM_RSS_OFFSPRING_H
#define SWARM_RSS_OFFSPRING_H

#include "../master/util.h"

struct offspring {
    pid_t worker;       /* in: the worker */
    uint64_t rss_bytes; /* out: RSS of its descendants, itself not counted */
    unsigned count;     /* out: how many they are */
};

/* Fills `list` by one pass. `proc` as in sampler.h. Returns 0 or -errno (then all are zero). */
MUST_CHECK int offspring_read(const char *proc, struct offspring *list, unsigned count);

#endif
