/*
 * figures.h: what is known of memory at one moment, of a process and of the group that all of it is charged to.
 *
 * Plain data between those who read (sampler, rollup, group) and those who judge (policy, plan). Unknown is a value of its
 * own: a figure without its `known` says nothing, and never recycles anybody.
 */
#ifndef SWARM_RSS_FIGURES_H
#define SWARM_RSS_FIGURES_H

#include "../master/util.h"

struct memory_figures {
    bool rss_known;
    bool private_known; /* pss, uss and swap: of one smaps_rollup */
    bool stat_known;    /* minor_faults, cpu_ms and state */
    uint64_t rss_bytes;
    int64_t rss_ms;      /* when it was read */
    uint64_t file_bytes; /* of RSS, pages of files and of shared memory; 0: not read */
    uint64_t pss_bytes;
    uint64_t uss_bytes; /* private clean + private dirty */
    uint64_t swap_bytes;
    int64_t private_ms; /* when those were read */
    uint64_t
        minor_faults; /* since the process began: times the page size never less than what it un-shared */
    uint64_t cpu_ms;      /* user and system, since the process began */
    char state;           /* of /proc/PID/stat: R S D T Z … */
    uint64_t start_ticks; /* since boot: with the pid it names the process for good; 0: not read */
};

enum group_kind {
    GROUP_NONE, /* no cgroup has a say: the machine is the limit */
    GROUP_V1,
    GROUP_V2,
};

struct group_figures {
    enum group_kind kind;
    bool used_known;
    uint64_t used_bytes;  /* charged to the group, page cache included */
    uint64_t cache_bytes; /* of that, pages of files and tmpfs: no worker's end gives them back */
    uint64_t
        limit_bytes; /* the least of the group's and its parents'; 0: nothing limits it below the machine */
    uint64_t high_bytes; /* v2 memory.high, the least upward; 0: none */
    uint64_t swap_bytes;
    uint64_t machine_bytes;   /* MemTotal */
    uint64_t available_bytes; /* MemAvailable; 0: not known */
    bool ooms_known;
    uint64_t ooms;      /* how often the kernel killed for want of memory in this group, ever */
    bool dies_together; /* v2 memory.oom.group: one OOM kill ends the whole group */
};

#endif
