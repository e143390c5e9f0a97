/*
 * recent.h: the last ends of workers, with their reasons, for who looks later. Pure.
 */
#ifndef SWARM_RECENT_H
#define SWARM_RECENT_H

#include "slot.h"

#define RECENT_MAX 16
#define RECENT_JOBS_SIZE 512

struct recent_end {
    int64_t at_ms;
    unsigned slot;
    unsigned generation;
    pid_t pid;
    enum reason reason;
    bool was_asked; /* else it was a loss */
    bool oom;
    bool rss_known;
    uint64_t rss_bytes;
    bool uss_known;
    uint64_t uss_bytes;
    uint64_t peak_bytes; /* the kernel's own, or the highest that was seen; 0: not known */
    char detail[SLOT_DETAIL_SIZE];
    char jobs[RECENT_JOBS_SIZE]; /* that it held, as in the log */
};

struct recent {
    struct recent_end ends[RECENT_MAX];
    uint64_t count; /* ever */
};

void recent_add(struct recent *recent, const struct recent_end *end);
/* The end `back` ends ago (0: the last); NULL if there is none, or it is forgotten. */
const struct recent_end *recent_at(const struct recent *recent, unsigned back);
/* The last end of a slot; NULL if it is not remembered. */
const struct recent_end *recent_of_slot(const struct recent *recent, unsigned slot);

#endif
