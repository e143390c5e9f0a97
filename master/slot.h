/*
 * slot.h: one worker process, the position it fills, and the only mover of its state.
 *
 * The life of a worker
 *
 *     FORKING ──▶ BOOTING ──▶ WAITING ──▶ READY ──▶ QUIETING ──▶ DRAINING ──▶ KILLED ──▶ GONE
 *
 * FORKING   A mold (or the kernel, without preloading) was asked for it. Its pid is not known for sure: a mold may lie or
 *           die. The deadline of the request is the master's own.
 * BOOTING   It said hello, and the kernel named its pid. From here on it has a pidfd, and its death is seen whatever
 *           it does. It got its `go` and runs after_fork hooks, connects, perhaps loads the application.
 * WAITING   It is inside Sidekiq's :startup, one step before its first fetch, and stands at the run gate.
 *           A quiet service keeps it here; a successor waits here for its turn.
 * READY     It was let through the gate: it fetches jobs. Only this state is capacity.
 * QUIETING  It got TSTP: it works what it holds and fetches no more. Sidekiq cannot take that back, so a quieted worker can
 *           only leave; the operator's quiet (reason `quiet`) keeps it until then.
 * DRAINING  It got TERM: Sidekiq gives its jobs -t seconds and pushes the rest back. KILL comes no
 *           earlier than STOP_MARGIN_MS after that.
 * KILLED    It got KILL and will not work again. If the kernel cannot end it (D state) it is `stuck`: the slot goes on without it.
 * GONE      Dead, its status known. Swept at the end of the turn.
 *
 * From any state it may fall to GONE, since any process may die at any moment; nothing ever moves back. Why it leaves stands
 * beside the state (`reason`), written once, when leaving begins. What somebody wants of it but is not begun yet stands
 * in `wanted` (replace it when its successor is ready) or `condemned` (kill it now).
 *
 * A slot is a position with an index, not a process. `current` fills it; `successor` is being made ready to; every other
 * worker of the slot is leaving. The index belongs to the slot, so a successor has the index of the worker
 * that still drains.
 *
 * Behind the slots stand the positions of the spares (--spare): their `current` stays WAITING, until a slot needs somebody.
 * Then the two change places (plan_spare.c), and their positions change indices with them, since a worker learns its index
 * at its fork. So nobody who stays has an index that another one has who stays.
 */
#ifndef SWARM_SLOT_H
#define SWARM_SLOT_H

#include <sys/queue.h>

#include "../rss/policy.h"
#include "backoff.h"
#include "board_reader.h"
#include "growth.h"
#include "rule.h"
#include "util.h"

/* How many restarts of a slot are remembered: the most that --give-up can count. */
#define SLOT_RESTARTS 16
/* Room for the sentence that says why a worker is replaced. */
#define SLOT_DETAIL_SIZE 192

enum worker_state {
    WORKER_FORKING,
    WORKER_BOOTING,
    WORKER_WAITING,
    WORKER_READY,
    WORKER_QUIETING,
    WORKER_DRAINING,
    WORKER_KILLED,
    WORKER_GONE,
    WORKER_STATE_COUNT
};

/* Why a worker, or a mold, leaves. Names are part of the log and of the status. */
enum reason {
    REASON_NONE,
    REASON_RSS,      /* above --max-rss */
    REASON_PSS,      /* above --max-pss */
    REASON_USS,      /* above --max-uss */
    REASON_TOTAL,    /* the service is above --max-total, and this worker's end gives most back */
    REASON_JOBS,     /* --max-jobs */
    REASON_AGE,      /* --max-age */
    REASON_KILL_RSS, /* above --kill-rss */
    REASON_KILL_PSS, /* above --kill-pss */
    REASON_KILL_USS, /* above --kill-uss */
    REASON_HANG,     /* no sign of life within --hang-timeout */
    REASON_JOB_TIME, /* a job older than --max-job-time */
    REASON_STOPPED,  /* stopped by a signal for longer than --stopped-timeout */
    REASON_RULE,     /* a rule of the file */
    REASON_MOLD_RSS, /* a mold above --max-mold-rss */
    REASON_REFORK, /* a worker becomes the next mold, and what came from the one before it is replaced */
    REASON_RECYCLE,       /* the operator's recycle */
    REASON_QUIET,         /* the operator's quiet */
    REASON_RESUME,        /* it was quiet; resume replaces it */
    REASON_STOP,          /* the service stops */
    REASON_BOOT_TIMEOUT,  /* not ready within --boot-timeout */
    REASON_SPAWN_TIMEOUT, /* the mold did not answer */
    REASON_SPAWN_FAILED,  /* fork or start failed */
    REASON_DRAIN_TIMEOUT, /* not idle within --drain-timeout; only told beside a TERM */
    REASON_PROTOCOL,      /* it sent what is no message of ours */
    REASON_LINK_LOST,     /* its link ended before it was ready */
    REASON_MOLD_LOST,     /* its mold died before it said hello */
    REASON_CRASHED,       /* it died by itself */
    REASON_EXITED,        /* it left with code 0, unasked */
    REASON_FAILED,        /* it said why it could not become ready */
    REASON_COUNT
};

/* What of a worker does not go on as it should; see plan_hang.c. */
enum hang {
    HANG_NONE,
    HANG_NO_BEAT,     /* not even its native thread beats, and nobody stopped it */
    HANG_NO_PROGRESS, /* it beats, but no Ruby code runs */
    HANG_JOB_TIME,    /* a job is older than --max-job-time */
};

struct process;
struct link;
struct board;
struct sampler;
struct thread_watch;

/* How a process ended; `known` once it has. */
struct ending {
    bool known;
    bool signaled;
    bool core;
    int code;
};

/* The handles of adapters. Opened and closed by facts.c and act.c; pure code never looks inside. */
struct ties {
    struct process *process;
    struct link *link;
    struct board *board;
    struct sampler *sampler;
    struct thread_watch *threads; /* where spares may take its place */
    int board_fd;                 /* until the worker has its own */
};

/* When the master last saw something change, by its own clock; the values themselves are the worker's. */
struct pulse {
    int64_t beat;
    int64_t beat_seen_ms;
    uint64_t progress;
    int64_t progress_seen_ms;
    int64_t oldest_job_ms; /* when its oldest job began; 0: none */
    int64_t stopped_ms;    /* since when a signal stops it; 0: it is not stopped */
};

struct worker {
    TAILQ_ENTRY(worker) entry;
    uint64_t id; /* never used twice; also the number of its spawn request */
    unsigned slot;
    unsigned generation;

    enum worker_state state;
    enum reason reason;
    enum reason wanted;
    enum reason condemned;
    enum worker_state died_in; /* the state before KILLED or GONE, for the log */
    pid_t pid;                 /* 0 until the kernel named it */
    pid_t
        early_pid; /* said hello before its middle process was gone; heard again when the mold answers */
    pid_t claimed_pid;    /* what the mold said; only ever compared */
    int64_t asked_ms;     /* when it was asked for */
    int64_t since_ms;     /* in this state */
    int64_t ready_ms;     /* when it was ready, then when it was let through the gate; 0: never */
    int64_t go_ms;        /* 0: not let go on yet */
    int64_t link_lost_ms; /* 0: its link stands */
    int64_t trace_ms;     /* 0: not asked where it is */
    int64_t quiet_ms;     /* when TSTP was last sent; 0: never */
    int64_t stuck_ms;     /* 0: not known that the kernel cannot end it */
    bool traced;          /* it answered */
    bool link_told;       /* a lost link was said */
    bool stopped;         /* a signal stopped it, when the kernel was asked last */
    bool stop_told;       /* that was said */
    bool said_failure;    /* it told the exception it dies of */
    bool replayed;        /* its request was lost once with a mold, and asked again */
    bool is_hard;         /* it is ended for a hard limit: KILL follows at --kill-grace */
    int64_t hard_ms;      /* since when */
    bool drains_first;    /* there is no memory for a successor beside it */
    bool is_dying; /* a signal ends it: it runs no more, but the kernel has not taken it apart */
    struct ending ending;
    bool oom_evidence; /* the kernel counted an OOM kill about the time of its death */

    struct board_figures figures; /* as last read */
    struct pulse pulse;
    struct memory_figures memory;        /* as last read */
    struct memory_figures memory_before; /* at the glance before that */
    struct memory_figures fresh;         /* at the run gate */
    struct memory_figures first;         /* when PSS and USS were read first, soon after that */
    uint64_t first_jobs;                 /* so many jobs it had done then */
    int64_t stat_ms;                     /* when its CPU time and state were read; 0: never */
    uint64_t last_cpu_ms;                /* the time before that; for cpu_centi */
    uint64_t cpu_centi;                  /* CPU between the two, in hundredths of a percent */
    bool cpu_known;
    bool is_weighed;    /* its fresh figures were read, or cannot be */
    bool is_looked_for; /* somebody wants to see its PSS and USS */
    bool wants_first;   /* its first reading is still to be made, when there is time for it */
    uint64_t rollup_rss_bytes; /* RSS when those were read */
    bool wants_rollup;         /* its cycle's sample waits for a reading of PSS and USS */
    bool is_sampled;           /* this turn has a new sample of it in its history */
    struct history history;
    struct growth_mark growth;
    unsigned sharers;         /* the same now, as the last look counted them; 0: count them anew */
    unsigned sharers_fresh;   /* processes that shared its mold's pages when `fresh` was read, */
    unsigned sharers_read;    /* and when PSS was read last */
    uint64_t offspring_bytes; /* of the programs that its jobs started; read for rules on `total` */
    bool offspring_known;
    char detail[SLOT_DETAIL_SIZE];  /* why it was told to leave, in words */
    uint64_t maxrss_kib;            /* the kernel's peak of it, once it is dead; 0: not known */
    struct policy_finding finding;  /* why it was told to leave, for the line and the record */
    unsigned dry_told;              /* limits (bits) that --dry-run-limits has told of */
    struct rule_state *rule_states; /* one for each rule */
    unsigned rule;                  /* that fired, for REASON_RULE */
    bool is_expected; /* it will reach a limit soon: its successor is booted already */
    int64_t expected_ms;
    enum hang hang;
    int64_t hang_ms; /* when it was told */
    unsigned boot_ms;
    struct ties ties;
};

TAILQ_HEAD(worker_list, worker);

struct slot {
    unsigned number;
    unsigned index; /* of who is forked for it; --index-base is not in it */
    struct worker *current;
    struct worker *successor;
    struct backoff backoff;           /* for current */
    struct backoff successor_backoff; /* a successor that fails must not hurt the slot */
    unsigned restarts;
    unsigned recycles;
    enum reason last_reason;
    bool replay; /* ask again at once, once: the mold took the request with it */
    int64_t restarted_ms[SLOT_RESTARTS]; /* the last ones, at restarts % SLOT_RESTARTS */
    unsigned forgiven; /* so many of the restarts were before the operator had it tried again */
    bool given_up;     /* --give-up: nobody is started here until somebody says so */
};

const char *worker_state_name(enum worker_state state);
const char *reason_name(enum reason reason);
/* Did somebody want it to leave? Else its end is a loss. */
bool reason_is_asked(enum reason reason);

/* Whether `to` may follow `from`. */
bool worker_may_move(enum worker_state from, enum worker_state to);

/*
 * The only writer of a worker's state. Returns 0, or -EPROTO for an illegal move, which changes nothing: in builds with
 * SWARM_STRICT it aborts; else the caller condemns the worker.
 */
MUST_CHECK int worker_move(struct worker *worker, enum worker_state to, int64_t now_ms);

/* Begins or goes on leaving, with its reason; the first reason stays. An illegal move condemns the worker. */
void worker_leave(struct worker *worker, enum worker_state to, enum reason reason, int64_t now_ms);

/* It was quiet and is to be replaced now: it leaves for REASON_RESUME, its drain begins at `now_ms`. */
void worker_leave_quiet(struct worker *worker, int64_t now_ms);

/* Jobs it has finished, failed ones included; 0 when not known. */
uint64_t worker_jobs(const struct worker *worker);

/* Has it a process that may still do something? */
bool worker_is_living(const struct worker *worker);
/* On its way out: quieted to leave, terminated, or killed? */
bool worker_is_leaving(const struct worker *worker);

/* Killed, and the kernel cannot end it: the slot goes on without it. */
bool worker_is_stuck(const struct worker *worker);

/*
 * When the first reading of what it shares is due: WORKER_FIRST_AFTER_MS after it came to a rest, so that neither its gate nor
 * its first fetch waits for it. NEVER_MS: it was made, or cannot be.
 */
#define WORKER_FIRST_AFTER_MS 50
int64_t worker_first_due_ms(const struct worker *worker);

/* Bytes that its end gives back: USS and swap as they were read, and what RSS has grown since. 0: not known. */
uint64_t worker_gain(const struct worker *worker);

/* Neither current nor successor. */
bool slot_has_left(const struct slot *slot, const struct worker *worker);

#endif
