/*
 * sampler.h: what a process costs, the cheap way: RSS from /proc/PID/statm (0.5 µs), minor faults, CPU time and state from
 * /proc/PID/stat (1 µs), each by pread on a descriptor that stays open.
 *
 * A descriptor of a dead process gives ESRCH and never means another process of the same pid. Owns the two descriptors and
 * the reading of the texts. Must not know workers.
 */
#ifndef SWARM_RSS_SAMPLER_H
#define SWARM_RSS_SAMPLER_H

#include "figures.h"

struct sampler {
    int statm_fd; /* -1: not open */
    int stat_fd;
};

#define SAMPLER_CLOSED                                                                             \
    {                                                                                              \
        .statm_fd = -1, .stat_fd = -1                                                              \
    }

/* `proc` is "/proc", or a folder that stands for it in tests. Returns 0, -ESRCH for a process that is gone, or -errno; what
 * opened stays open. */
MUST_CHECK int sampler_open(struct sampler *sampler, const char *proc, pid_t pid);
/* Closes what is open. A closed one is fine. */
void sampler_close(struct sampler *sampler);

/*
 * Reads RSS into *figures (rss_known, rss_bytes, rss_ms = now_ms), nothing else. Returns 0, -ESRCH for a process that is
 * gone or a zombie, -EBADMSG for a text that is no statm, or -errno; on failure rss_known is false.
 */
int sampler_read_rss(const struct sampler *sampler, int64_t now_ms, struct memory_figures *figures);

/* Reads file_bytes and nothing else; 0 there where it cannot be read. */
void sampler_read_files(const struct sampler *sampler, struct memory_figures *figures);

/* The same as sampler_read_rss for minor_faults, cpu_ms, state and start_ticks (stat_known). A zombie still has these. */
int sampler_read_stat(const struct sampler *sampler, struct memory_figures *figures);

#endif
