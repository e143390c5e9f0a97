/*
 * pool.h: everything the master knows at one moment: settings, slots, workers, molds, orders, counters.
 *
 * Facts are recorded here (facts.c), decisions are made from here (plan.h), nothing here does anything. Owns its workers
 * and molds. Pure: no clock, no descriptor, no call that can fail but for memory.
 *
 * A mold's life is STARTING (launched), READY (it may be asked to fork), LEAVING (killed, out of service at once, the next may
 * start before it is gone), GONE. Every start of a mold is a new generation. `pool.mold` is the one in service or on
 * its way there; `pool.mold_before` stands by while a re-fork proves its successor; one that a worker is becoming is named by
 * `pool.refork`; all others leave.
 */
#ifndef SWARM_POOL_H
#define SWARM_POOL_H

#include "slot.h"

#define POOL_SLOTS_MAX 512
#define POOL_VERDICT_FAILURES 3

enum mold_state { MOLD_STARTING, MOLD_READY, MOLD_LEAVING, MOLD_GONE };

struct mold {
    TAILQ_ENTRY(mold) entry;
    uint64_t id;
    unsigned generation;
    enum mold_state state;
    enum reason reason;
    enum reason condemned;
    pid_t pid;
    int64_t asked_ms;
    int64_t since_ms;
    int64_t link_lost_ms;
    int64_t trace_ms;
    bool traced;
    bool said_failure;
    bool is_promoted;   /* it was a worker, */
    unsigned from_slot; /* of this slot */
    struct ending ending;
    uint64_t request; /* the worker it was asked for last and has not answered about; 0: none */
    int64_t request_ms;
    unsigned boot_ms;
    struct memory_figures memory;
    uint64_t fresh_rss_bytes; /* right after ready; 0: not known */
    uint64_t fresh_file_bytes;
    uint64_t peak_rss_bytes;
    bool is_looked_for; /* somebody wants to see its PSS and USS */
    bool wants_rollup;  /* the total needs them */
    uint64_t rollup_rss_bytes;
    struct ties ties;
};

TAILQ_HEAD(mold_list, mold);

/* What is done about a worker that hangs. */
enum remedy { REMEDY_LOG, REMEDY_RECYCLE, REMEDY_KILL };

/* As the options have it. */
const char *remedy_name(enum remedy remedy);

/* pool_settings.max_total_bytes: POOL_TOTAL_AUTO_PERCENT of what the container allows, no limit where nothing limits it. */
#define POOL_TOTAL_AUTO UINT64_MAX
#define POOL_TOTAL_AUTO_PERCENT 90

/* pool_settings.refork_jobs: after POOL_REFORK_FIRST jobs of a worker, then after ever more. */
#define POOL_REFORK_AUTO UINT64_MAX
#define POOL_REFORK_FIRST 1000

/* What the plan needs of the configuration; all spans in milliseconds, NEVER_MS = none. */
struct pool_settings {
    unsigned processes;
    unsigned surge;
    unsigned
        spare; /* workers that wait at the run gate; their positions come after those of `processes` */
    bool prefork;
    uint64_t refork_jobs; /* 0: never; or POOL_REFORK_AUTO */
    int64_t boot_timeout_ms;
    int64_t spawn_timeout_ms;
    int64_t drain_timeout_ms;
    int64_t stop_limit_ms; /* the whole stop, on a platform that sets one; NEVER_MS: none */

    int64_t check_interval_ms;   /* a cycle */
    struct policy_limits limits; /* of each worker */
    int64_t kill_grace_ms;
    uint64_t max_total_bytes; /* 0: no limit; or POOL_TOTAL_AUTO */
    uint64_t max_mold_rss_bytes;
    unsigned max_recycles;
    unsigned rollup_percent;
    bool dry_run;

    int64_t hang_timeout_ms;
    enum remedy hang_action;
    int64_t max_job_time_ms;
    enum remedy job_time_action;
    int64_t stopped_timeout_ms;
    unsigned give_up_restarts; /* within give_up_cycles; 0: never */
    unsigned give_up_cycles;
    const struct rule *rules; /* borrowed */
    unsigned rule_count;
};

/* How far a stop has gone; see design of the stop in plan_stop. */
enum stop_stage { STOP_NONE, STOP_GRACEFUL, STOP_HURRIED, STOP_NOW };

struct stop {
    enum stop_stage stage;
    int64_t began_ms;
    int64_t hurried_ms;
    int exit_code;
};

struct pool_counters {
    uint64_t
        jobs_started; /* of workers that are gone; those that live have theirs on their boards */
    uint64_t jobs_done;
    uint64_t jobs_failed;
    uint64_t deaths;
    uint64_t recycles;
    uint64_t kills;
    uint64_t spawn_failures;
    uint64_t mold_starts;
    uint64_t limit_recycles; /* of recycles: for a limit or a rule */
    uint64_t hard_kills;     /* hard limits and remedies */
    uint64_t ooms;
    uint64_t hangs;
};

/* Memory of the whole service, as --max-total compares it. */
struct pool_total {
    bool known;
    uint64_t bytes;
    uint64_t limit_bytes; /* in force; 0: none */
    uint32_t above;       /* bit 0: the newest cycle was above */
    bool told;
};

/* What one process took that had booted the application and of which nothing was forked yet: the mold that was last. */
struct pool_booted {
    unsigned generation; /* 0: none yet */
    uint64_t rss_bytes;
    uint64_t file_bytes; /* of that, pages of files; 0: not known */
};

/* How far a re-fork is; the essay is in plan_refork.h. */
enum refork_stage { REFORK_NONE, REFORK_DRAIN, REFORK_PROMOTE, REFORK_CANARY, REFORK_REPLACE };

struct refork {
    enum refork_stage stage;
    uint64_t id; /* of the chosen worker, and of the mold that it becomes */
    int64_t began_ms;
    unsigned failures;  /* of workers of the new mold before one has proven it */
    unsigned replaced;  /* workers that were told to leave for workers of the new mold */
    unsigned done;      /* re-forks of this service that went well */
    uint64_t threshold; /* jobs, after a re-fork that failed; 0: as the setting says */
};

struct pool {
    struct pool_settings settings;
    struct slot *slots; /* settings.processes of them, and behind them those of the spares */
    struct worker_list workers;
    struct mold_list molds;
    struct mold *mold;
    struct mold *mold_before; /* ready, and out of service unless the one that replaced it fails */
    struct refork refork;

    uint64_t last_id;
    unsigned last_generation;
    bool quiet;
    bool is_held; /* workers of an earlier service still live: nothing is started */
    struct stop stop;
    int64_t timeout_ms; /* Sidekiq's -t, as the application told */
    bool ever_ready;    /* some worker once was */
    bool ever_booted;   /* some mold once was ready */
    struct backoff mold_backoff;
    struct backoff spawn_backoff; /* fork itself fails: the machine's trouble, not the slot's */
    int64_t next_check_ms;        /* the next cycle */
    int64_t next_glance_ms;       /* at RSS alone; never later than the cycle */
    int64_t next_rollup_ms;       /* no reading of PSS and USS before this */
    bool is_cycle;                /* this turn begins a cycle */
    bool sampled;                 /* memory was looked at for this turn */
    unsigned limit_told;          /* limits (bits) that a fresh worker is above, told */
    struct group_figures group;   /* as last read */
    struct pool_total total;
    struct pool_booted booted;
    int64_t pressed_until_ms; /* the kernel reported memory pressure */
    int64_t pressed_ms;       /* when it did last; 0: never */
    bool oom_wait; /* after an OOM kill: one start at a time, and only when there is memory */
    bool oom_told;
    int64_t oom_ms;
    uint64_t last_cost_bytes; /* of a fresh worker that is gone, for when nobody is left to tell */
    struct growth growth;     /* of memory, by class of job */
    unsigned next_slot;       /* where the search for an empty slot goes on, so that none starves */
    struct pool_counters counters;
};

/* Returns 0 or -ENOMEM. */
MUST_CHECK int pool_init(struct pool *pool, const struct pool_settings *settings);
/* Frees the rest; the handles in ties must be closed before. */
void pool_done(struct pool *pool);

/* A new worker for that slot, FORKING, owned by the pool. NULL without memory. */
struct worker *pool_add_worker(struct pool *pool, unsigned slot, int64_t now_ms);
struct mold *pool_add_mold(struct pool *pool, int64_t now_ms);

/*
 * A worker becomes a mold: one of a new generation, STARTING, with the worker's id (so that adapters need not be told), pid and
 * figures. The worker itself is left as it is. NULL without memory.
 */
struct mold *pool_promote(struct pool *pool, const struct worker *worker, int64_t now_ms);

/* NULL when there is none (any more). */
struct worker *pool_find_worker(const struct pool *pool, uint64_t id);
struct mold *pool_find_mold(const struct pool *pool, uint64_t id);

/* Takes it out and frees it. */
void pool_remove_worker(struct pool *pool, struct worker *worker);
void pool_remove_mold(struct pool *pool, struct mold *mold);

/* Workers with a process or a request, but for those that the kernel cannot end (stuck). */
unsigned pool_living(const struct pool *pool);
unsigned pool_count_state(const struct pool *pool, enum worker_state state);

/* Slots and positions of spares: as many as there are in pool.slots. */
unsigned pool_positions(const struct pool_settings *settings);
/* Does it stand behind the slots? The pool's own settings say where those end. */
bool pool_is_spare(const struct pool *pool, const struct worker *worker);
/* Living workers of slots: pool_living without who stands behind them. */
unsigned pool_living_in_slots(const struct pool *pool);
/* Spares that stand at the run gate. */
unsigned pool_spares(const struct pool *pool);

/* Is anything looked for at each cycle: a limit, a rule, a hang, the jobs for a re-fork? Else cycles are a minute long and only feed the trend. */
bool pool_is_watching(const struct pool_settings *settings);
/* Does any rule of the file look at that figure? */
bool pool_has_rule_on(const struct pool_settings *settings, enum rule_subject subject);
/* Does any limit or rule compare PSS or USS, or the total that is made of them? */
bool pool_needs_private(const struct pool_settings *settings);

/* The processes that share pages of one mold: its living workers, and itself while it lives. 0 without molds. */
unsigned pool_sharers(const struct pool *pool, unsigned generation);
/* How many that are when every slot is filled; 0 without molds. */
unsigned pool_sharers_whole(const struct pool *pool);

/* What the group may take: the kernel kills above memory.max and brakes above memory.high, so the lesser of both; 0: no limit. */
uint64_t pool_group_limit(const struct pool *pool);
/* What is charged to the group but for the cache of files, which no worker's end gives back. */
uint64_t pool_group_held(const struct pool *pool);

/*
 * Bytes that are left for another worker: of the container, the machine, --max-total, whichever is least. UINT64_MAX when nothing is
 * known.
 */
uint64_t pool_room(const struct pool *pool);
/* What a fresh worker takes of it, as those that live did, else the last one; 0 when not known. */
uint64_t pool_worker_cost(const struct pool *pool);

/* "booting", "running", "quiet", "stopping". */
const char *pool_state_name(const struct pool *pool);

#endif
