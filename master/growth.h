/*
 * growth.h: which jobs make workers grow: memory by class of job, over the life of the service.
 *
 * From one cycle to the next a worker's RSS changes, and its board tells which jobs ended meanwhile. When all of them were
 * of one class and no other class was at work, the change is that class's own ("alone"); else it is shared out by the number of
 * jobs ("shared"). Changes are signed: what a job takes and its end gives back comes to nothing. Pure.
 */
#ifndef SWARM_GROWTH_H
#define SWARM_GROWTH_H

#include "board_reader.h"

/* Classes the service remembers; the rest are counted under BOARD_CLASS_REST. */
#define GROWTH_CLASSES 128

struct growth_class {
    char name[BOARD_NAME_SIZE];
    uint64_t jobs; /* finished, failed ones included */
    uint64_t failed;
    uint64_t work_ms;
    uint64_t alone_jobs;
    int64_t alone_bytes;
    uint64_t shared_jobs;
    int64_t shared_bytes;
};

struct growth {
    struct growth_class classes[GROWTH_CLASSES];
    unsigned count;
};

/* What was known of one worker at its last cycle. Zero at first. */
struct growth_mark {
    bool known;
    bool is_idle;     /* no job was at work then */
    uint64_t started; /* of all classes together */
    uint64_t rss_bytes;
    unsigned class_count;
    struct {
        uint64_t started;
        uint64_t done;
        uint64_t failed;
        uint64_t work_ms;
    } classes[BOARD_CLASSES];
};

/*
 * Counts what happened to one worker since `mark`, which becomes this moment. `rss_bytes` 0 (not known, or it is dead):
 * jobs are counted, but no growth.
 */
void growth_count(struct growth *growth, struct growth_mark *mark,
                  const struct board_class_figures *classes, unsigned class_count,
                  uint64_t rss_bytes);

/* Has no job begun since `mark`, when `started` jobs have by now? Then, and with no job at work, growth_rest does as well. */
bool growth_is_idle(const struct growth_mark *mark, uint64_t started);
/* Nothing was worked since `mark`: what RSS did meanwhile is no job's. */
void growth_rest(struct growth_mark *mark, uint64_t rss_bytes);

/* Signed bytes of growth that a job of this class leaves; false when nothing is known yet. `*ret_alone` tells what it rests on. */
bool growth_per_job(const struct growth_class *class, double *ret_bytes, bool *ret_alone);

#endif
