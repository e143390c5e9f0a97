/*
 * policy.h: from samples to verdicts. Pure: literals in, verdict out.
 *
 * policy.c weighs the limits; policy_look.c says when a look at a worker is worth its cost.
 */
#ifndef SWARM_RSS_POLICY_H
#define SWARM_RSS_POLICY_H

#include "figures.h"
#include "history.h"

/*
 * The limits of one worker. A graceful limit (MAX) replaces it, its successor first; a hard one
 * (KILL) ends it at once. Bounds are bytes, jobs or milliseconds; 0 is no limit.
 */
enum policy_limit {
    POLICY_MAX_RSS,
    POLICY_MAX_PSS,
    POLICY_MAX_USS,
    POLICY_MAX_JOBS,
    POLICY_MAX_AGE,
    POLICY_KILL_RSS,
    POLICY_KILL_PSS,
    POLICY_KILL_USS,
    POLICY_LIMIT_COUNT
};

struct policy_limits {
    uint64_t bound[POLICY_LIMIT_COUNT];
    unsigned cycles;  /* so many of the last `window` samples have to be above: 1 to window */
    unsigned window;  /* at most HISTORY_RECENT */
    int64_t grace_ms; /* after ready, graceful limits of memory are only counted, not acted on */
};

/*
 * What is known of one worker. Each pointer may be NULL: nothing is known of that. A figure of 0
 * bytes is not known, either.
 */
struct policy_worker {
    int64_t now_ms;
    int64_t ready_ms;
    uint64_t jobs;
    uint64_t seed; /* of its slot and generation of worker: its share of the jitter comes from it */
    const struct memory_figures *now;
    const struct memory_figures *fresh; /* as it was right after ready */
    const struct history *history;      /* the newest sample is this cycle's */
    unsigned sharers; /* living processes that were forked from its mold, and that mold: now, */
    unsigned sharers_fresh; /* and when `fresh` was read; 0: not known */
    unsigned sharers_whole; /* and how many there are when every slot is filled; 0: not known */
    unsigned sharers_read; /* and when PSS of `now` was; 0: as `fresh` if it is that, else as now */
    bool is_pressed;       /* the kernel reports memory pressure: one sample above is enough */
};

enum policy_weight {
    POLICY_NO_LIMIT,
    POLICY_NOT_KNOWN, /* its figure is not known: never acted on */
    POLICY_WITHIN,
    POLICY_COUNTING, /* above, but not for enough cycles yet */
    POLICY_IN_GRACE, /* above for enough cycles, but too young */
    POLICY_HOPELESS, /* above, as a fresh worker is or nearly: replacing it would change nothing */
    POLICY_EXCEEDED,
};

/* One limit weighed for one worker. */
struct policy_finding {
    enum policy_limit limit;
    enum policy_weight weight;
    uint64_t bound; /* with this slot's jitter */
    uint64_t value; /* what it is compared with; 0 when not known */
    uint64_t fresh; /* the same figure right after ready; 0 when not known */
    unsigned above; /* of the last `window` samples */
    unsigned seen;  /* how many of them there are */
};

/*
 * Weighs every limit. What is filled in of a limit that is not set (POLICY_NO_LIMIT) is `value` and
 * `fresh`.
 *
 * Memory is above when it is more than the bound; jobs and age are when they reach it. Jobs and age
 * are drawn up to a tenth below their bound by the seed, so that workers that began together do not
 * leave together (FS-19); they know no cycles and no grace. A worker that is not ready yet (now_ms
 * before ready_ms) has the age 0.
 *
 * For memory the first that holds is the weight:
 *   NOT_KNOWN  the figure is not known now, whatever it was before. But PSS and USS are never more
 *              than RSS: where that is within the bound, they are WITHIN, read or not (`value` is
 *              then 0).
 *   WITHIN     now it is not above, whatever it was before.
 *   HOPELESS   the same figure right after ready is known and was at the bound or above it (FS-20):
 *              hard limits, too.
 *   EXCEEDED   a hard limit: it looks at this moment alone, and knows no cycles and no grace.
 *   COUNTING   fewer than `cycles` of the last `window` samples were above, and the kernel reports
 *              no pressure. Samples that do not know the figure count neither as above nor as
 *              within: they are passed over, so that a figure that is read in every third cycle
 *              only is counted over its readings. Where there are fewer samples than `window`,
 *              those count that there are.
 *   IN_GRACE   it is ready for less than grace_ms.
 *   EXCEEDED   a graceful limit.
 *
 * PSS is compared as it would be with all its sharers alive (a sibling's end raises it without any
 * growth, FS-22): its shared part, PSS - USS, times the sharers when it was read / the most sharers
 * there are, should be, or were when `fresh` was read. `fresh` is compared like that, too: the first
 * worker of a mold is fresh while its siblings are not there yet, which makes no limit hopeless.
 */
void policy_weigh(const struct policy_limits *limits, const struct policy_worker *worker,
                  struct policy_finding ret_findings[POLICY_LIMIT_COUNT]);

/* What policy_weigh compares with that limit: bytes, jobs or milliseconds; 0: not known. */
uint64_t policy_value(enum policy_limit limit, const struct policy_worker *worker);

/*
 * The finding to act on: an exceeded hard limit before an exceeded graceful one, then the one that
 * is exceeded most (its value in proportion to its bound; of equals the first). NULL: none.
 */
const struct policy_finding *policy_worst(const struct policy_finding findings[POLICY_LIMIT_COUNT]);

bool policy_is_hard(enum policy_limit limit);
bool policy_is_memory(enum policy_limit limit);
/* "max-rss", as the option is called. */
const char *policy_limit_name(enum policy_limit limit);

/*
 * May a reading of PSS and USS change a verdict now? Not while RSS, or what the worker can have
 * un-shared since it was forked (minor faults), is far below each of those limits (less than four
 * fifths), and not when the last reading is younger than `min_age_ms`.
 *
 * Minor faults are an estimate: one fault maps 2 MiB where huge pages are on, and the end of the
 * last sharer makes pages private without any. So growth of RSS since `fresh` counts as well; the
 * estimate is not asked where a reading has refuted it or where nobody else has the pages (sharers
 * is 1); and where RSS is near, a reading is due each POLICY_STALE_MS, and when there was none.
 */
#define POLICY_STALE_MS 300000
bool policy_wants_rollup(const struct policy_limits *limits, const struct policy_worker *worker,
                         uint64_t page_bytes, int64_t min_age_ms);

/*
 * When RSS should be glanced at again: `slow_ms` with headroom, down to POLICY_FAST_MS when, at the
 * growth between the last two glances, a limit of memory is near: half of the time that is left.
 * `before` is the glance before `worker->now` (NULL: none). A limit that is above already hurries
 * nobody. Growth that begins at once is seen after slow_ms, so a hard limit is seen exceeded by no
 * more than what grows in slow_ms, and by what grows in POLICY_FAST_MS once growth is known
 * (FS-18).
 */
#define POLICY_FAST_MS 50
int64_t policy_pace_ms(const struct policy_limits *limits, const struct policy_worker *worker,
                       const struct memory_figures *before, int64_t slow_ms);

/*
 * The --max-uss to suggest where a limit is below a fresh worker's size: what it costs alone plus
 * what the limit left for growth (at least two fifths of the limit, since such a limit left
 * nothing), rounded up to 50 MiB; 0 when its USS is not known or no better: not below the limit
 * that was asked for.
 */
uint64_t policy_suggest_uss(uint64_t bound_bytes, const struct memory_figures *fresh);

#endif
