/*
 * explain.h: why a worker was replaced, or was not, in sentences.
 *
 * Pure: facts in, text out. Owns the sentences of `swarm explain`. Must not judge: the findings are the policy's.
 */
#ifndef SWARM_EXPLAIN_H
#define SWARM_EXPLAIN_H

#include "../rss/history.h"
#include "../rss/policy.h"

/* No line is wider. */
#define EXPLAIN_WIDTH 78

/* The oldest job that a worker holds. */
struct explain_job {
    const char *name; /* its class; NULL: it works on nothing, or that is not known */
    const char *jid;  /* NULL: not known */
    int64_t age_ms;
};

/* The signs of life of a worker, and what is done without them. Spans in ms; -1: not known, or not set. */
struct explain_hang {
    int64_t timeout_ms;      /* --hang-timeout; -1: hangs are not looked for */
    const char *action;      /* --hang-action */
    int64_t max_job_time_ms; /* --max-job-time; -1: any */
    const char *job_action;  /* --job-time-action */
    int64_t beat_age_ms;     /* of its native thread */
    int64_t progress_age_ms; /* of its Ruby code */
    bool is_hanging;
    bool is_stopped; /* by a signal */
};

/* The sum that --max-total compares. */
struct explain_total {
    bool is_known;
    uint64_t bytes;
    uint64_t limit_bytes; /* the effective one; 0: no limit */
};

/* What is known of one slot. Texts are borrowed and may hold anything; NULL: not known, or does not apply. */
struct explain_facts {
    unsigned slot;
    const char *state;   /* as the status has it: "ready", "empty", … */
    pid_t pid;           /* 0: the slot has no worker */
    unsigned generation; /* of the mold that it was forked from */
    int64_t now_ms;
    int64_t ready_ms; /* 0: it is not ready yet */
    int64_t wait_ms;  /* until a worker is tried again; 0: none is waited for */
    bool is_given_up;
    bool is_quiet;       /* the service is: nobody is started */
    bool drains_first;   /* there is no memory for a successor beside it */
    const char *leaving; /* why it is being replaced; NULL while it stays */

    const struct policy_limits *limits;
    const struct policy_finding *findings; /* POLICY_LIMIT_COUNT of them; NULL: not weighed yet */
    struct memory_figures now;
    struct memory_figures fresh; /* right after ready */
    uint64_t peak_rss_bytes;     /* 0: not known */
    struct trend trend;

    bool jobs_known;
    uint64_t jobs_done;
    uint64_t jobs_failed;
    unsigned busy;
    struct explain_job job;
    struct explain_hang hang;
    struct explain_total total;

    int64_t kill_grace_ms;
    int64_t drain_timeout_ms; /* NEVER_MS: none */
    unsigned max_recycles;
    unsigned recycling; /* workers of other slots that are being replaced now */
    bool is_dry_run;

    const char *last_text; /* how the last worker of this slot left; NULL: none did */
    int64_t last_age_ms;
};

/*
 * Returns a malloc'd text of lines of at most EXPLAIN_WIDTH columns, each ended by a line's end, or NULL without
 * memory.
 */
char *explain(const struct explain_facts *facts);

#endif
