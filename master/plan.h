/*
 * plan.h: what is to be done now. The one place where the master decides.
 *
 * Adapters record facts in the pool, in any number and any order. Before the loop sleeps, plan_turn compares
 * what is with what is wanted, moves states, and writes down actions; act.c carries them out in their
 * order. Pure: the same pool and the same `now_ms` give the same actions; a test is a table of both.
 *
 * A turn asks, in this order: who died (plan_worker, plan_mold)? does the service stop (plan_stop)? is a mold
 * there (plan_mold)? is each worker within its deadlines (plan_worker)? is one too large (plan_memory)? should a worker become
 * the next mold (plan_refork)? is each slot filled by whom it should be (plan_slot)?
 */
#ifndef SWARM_PLAN_H
#define SWARM_PLAN_H

#include "pool.h"

enum action_kind {
    ACTION_START_MOLD,
    ACTION_KILL_MOLD,
    ACTION_TRACE_MOLD,   /* ask where it is, before it is killed */
    ACTION_MOLD_GONE,    /* tell its end */
    ACTION_MOLD_BACKOFF, /* tell that the next one waits `span_ms` */
    ACTION_SPAWN,        /* ask the mold in service for this worker */
    ACTION_LAUNCH,       /* start it as a program of its own (--no-prefork) */
    ACTION_GO,
    ACTION_REFORK_BEGIN,    /* tell that it is to become the next mold */
    ACTION_PROMOTE,         /* ask `worker` to become `mold`, which takes over its ties */
    ACTION_REFORK_PROMOTED, /* tell that the new mold is in service, on trial */
    ACTION_REFORK_DONE,
    ACTION_REFORK_FAILED, /* tell at which `stage`, and why */
    ACTION_MOVE,          /* tell that it is on another position now; it was on `from` */
    ACTION_RUN,           /* open the run gate */
    ACTION_QUIET,         /* TSTP */
    ACTION_QUIET_AGAIN,   /* TSTP once more, without a line: the first one was not taken */
    ACTION_TERM,          /* TERM; `reason` when it is not the worker's own */
    ACTION_KILL,
    ACTION_TRACE,
    ACTION_DROP,          /* a request without a process: forget it, close its link */
    ACTION_WORKER_GONE,   /* tell its end */
    ACTION_STUCK,         /* tell that the kernel cannot end it */
    ACTION_STOPPED,       /* tell that a signal stopped it */
    ACTION_LINK_LOST,     /* tell that it works on without its link */
    ACTION_SLOT_BACKOFF,  /* tell that the slot waits `span_ms` */
    ACTION_RECYCLE,       /* tell that it will be replaced, and why */
    ACTION_WOULD_RECYCLE, /* tell what --dry-run-limits keeps from happening */
    ACTION_LIMIT_TOO_LOW, /* tell that a fresh worker is above the limit */
    ACTION_DRAIN_FIRST,   /* tell that it leaves before its successor starts, for want of memory */
    ACTION_TOTAL_HIGH, /* tell that the service is above its total, and whether anybody's end helps */
    ACTION_HANG,       /* tell that it hangs, and have it tell where */
    ACTION_HANG_OVER,  /* tell that it goes on */
    ACTION_RULE_FIRED, /* tell, and run the rule's program; `rule` */
    ACTION_RULE_OVER,
    ACTION_SLOT_GIVEN_UP,
    ACTION_OOM_WAIT, /* tell that the next start waits for memory */
    ACTION_GIVE_UP,  /* tell that nothing could be booted; the service stops with exit code 75 */
    ACTION_LEAVE,    /* everything is gone: end the loop */
    ACTION_KIND_COUNT
};

struct action {
    enum action_kind kind;
    struct worker *worker; /* valid until the sweep at the end of the turn */
    struct mold *mold;
    enum reason reason;
    int64_t span_ms;
    struct policy_finding finding; /* of the limit, where it is about one */
    unsigned rule;
    unsigned from;
    enum refork_stage stage;
};

/* A list that keeps its memory from turn to turn. */
struct actions {
    struct action *list;
    unsigned count;
    unsigned room;
};

void actions_done(struct actions *actions);

/* KILL comes this long after TERM and Sidekiq's -t: what Sidekiq needs to push its jobs back. */
#define PLAN_STOP_MARGIN_MS 10000
/* An impatient operator's second word. */
#define PLAN_HURRY_MS 5000
/* A repeated TERM within this span is the same order: a dyno and systemd send it to everybody. */
#define PLAN_SAME_ORDER_MS 5000
/* How long a trace is waited for before the KILL. */
#define PLAN_TRACE_MS 2000
/* A link that ended is often the first sign of a death; this long it may be nothing else. */
#define PLAN_LINK_SETTLE_MS 1000
/* After KILL the kernel ends a process at once, unless it cannot. */
#define PLAN_STUCK_MS 5000
/* The kernel drops a waiting TSTP when a stopped process is continued (signal(7)), so it is sent again until it was taken. */
#define PLAN_QUIET_AGAIN_MS 1000
/* How often a draining worker's board is looked at. */
#define PLAN_DRAIN_LOOK_MS 200
/* How often workers of an earlier service are looked for. */
#define PLAN_ORPHANS_LOOK_MS 100
/* After an OOM kill a start waits for memory, but not for ever: then it is tried. */
#define PLAN_OOM_PATIENCE_MS 60000
#define PLAN_OOM_LOOK_MS 1000
/* The total acts this share of it early at most, so that a successor has room. */
#define PLAN_TOTAL_ROOM_PERCENT 10
/* Workers that reach a limit within this time of each other are a crowd, if they are this near to it. */
#define PLAN_CROWD_MS 600000
#define PLAN_EARLY_PERCENT 10
/* A successor that was booted early waits so long at its gate. */
#define PLAN_EXPECT_MS 60000
/* A worker whose end gives back less than this share more than a fresh one takes is not worth replacing for the total. */
#define PLAN_WORTH_PERCENT 110
/* A worker of a promoted mold has proven it when it has worked so long; so many that fail before disprove it. */
#define PLAN_REFORK_TRIAL_MS 5000
#define PLAN_REFORK_FAILURES 3
/* Nearer to a limit than this share, or with a job older than this, a worker is not chosen for a re-fork. */
#define PLAN_REFORK_NEAR_PERCENT 10
#define PLAN_REFORK_JOB_MS 30000
/* With --refork-after auto each re-fork waits for so many times the jobs of the one before. */
#define PLAN_REFORK_GROWTH 4
/* The next spare is forked so long after one took a place: the fork would take a processor from whoever begins to fetch. */
#define PLAN_SPARE_PAUSE_MS 200
/* A worker that leaves unasked with code 0 is replaced after this: a platform may be stopping everybody. */
#define PLAN_EXIT_FLOOR_MS 1000

/*
 * Runs one turn. Moves states in *pool, fills *actions (its former content is dropped).
 * Returns when the next turn is due at the latest, NEVER_MS if only an event can change anything.
 */
int64_t plan_turn(struct pool *pool, int64_t now_ms, struct actions *actions);

/* Orders, recorded as facts; the next turn acts on them. */

/* SIGTERM, `swarm stop` (`is_person` false) or SIGINT (true): the documented steps. Returns the stage that holds now. */
enum stop_stage plan_order_stop(struct pool *pool, bool is_person, int64_t now_ms);
void plan_order_quiet(struct pool *pool);
void plan_order_resume(struct pool *pool);
/* Returns 0, -ENOENT for no such slot, -EAGAIN if nothing there can be replaced now (empty, booting,
 * leaving), -EALREADY if it is being replaced. */
MUST_CHECK int plan_order_recycle(struct pool *pool, unsigned slot);
/* A slot that was given up is tried again. Returns whether it was given up. */
bool plan_order_retry(struct pool *pool, unsigned slot);

/* What the policy needs to know of one worker; it points into the worker. */
struct policy_worker plan_policy_facts(const struct pool *pool, const struct worker *worker,
                                       int64_t now_ms);
/* Weighs all limits of one worker, as the plan does: for those who explain. */
void plan_weigh(const struct pool *pool, const struct worker *worker, int64_t now_ms,
                struct policy_finding ret_findings[POLICY_LIMIT_COUNT]);

/* When this worker is killed if it does not leave. Only for DRAINING workers. */
int64_t plan_kill_at_ms(const struct pool *pool, const struct worker *worker);

#endif
