/*
 * rule.h: the operator's own rules, `[[rule]]` of the file: a figure of a worker, a bound, for how long, then what.
 *
 * Pure: judges one rule for one worker. Reading them from the file is config_rule's, acting on them plan_rule's.
 */
#ifndef SWARM_RULE_H
#define SWARM_RULE_H

#include "util.h"

enum rule_subject {
    RULE_RSS,     /* bytes */
    RULE_PSS,     /* bytes */
    RULE_USS,     /* bytes */
    RULE_TOTAL,   /* bytes: RSS of the worker and of the programs its jobs started */
    RULE_CPU,     /* percent of one core, times 100, since the last cycle */
    RULE_JOBS,    /* finished */
    RULE_AGE,     /* ms since ready */
    RULE_JOB_AGE, /* ms that its oldest job has been at work; 0 without a job */
    RULE_SUBJECT_COUNT
};

enum rule_comparison { RULE_ABOVE, RULE_AT_LEAST, RULE_BELOW, RULE_AT_MOST };

enum rule_action { RULE_DO_NOTHING, RULE_DO_LOG, RULE_DO_EXEC, RULE_DO_RECYCLE };

#define RULE_WINDOW_MAX 64

struct rule {
    char *name; /* as given, else "rule 2"; never NULL */
    enum rule_subject subject;
    enum rule_comparison comparison;
    uint64_t value;  /* in the subject's unit */
    unsigned cycles; /* so many of the last `window` cycles */
    unsigned window;
    enum rule_action then;
    char **then_exec;           /* for RULE_DO_EXEC: words, terminated by NULL */
    enum rule_action otherwise; /* when it recovers; never RULE_DO_RECYCLE */
    char **otherwise_exec;
    unsigned line; /* in the file */
};

/* What is known of one worker in one cycle. */
struct rule_facts {
    bool known[RULE_SUBJECT_COUNT];
    uint64_t value[RULE_SUBJECT_COUNT];
};

/* Of one rule for one worker; zero at first. */
struct rule_state {
    uint64_t hits; /* bit 0: the newest cycle */
    unsigned seen;
    bool is_active;
};

enum rule_outcome {
    RULE_STILL,     /* nothing new */
    RULE_FIRED,     /* it holds now, and did not before */
    RULE_RECOVERED, /* it held, and not one cycle of its window is a hit any more */
};

/* Judges one cycle. A figure that is not known counts neither way: the state stays as it is. */
enum rule_outcome rule_judge(const struct rule *rule, const struct rule_facts *facts,
                             struct rule_state *state);

/* "rss", as the file has it. */
const char *rule_subject_name(enum rule_subject subject);
const char *rule_action_name(enum rule_action action);

/* Writes "rss > 800M for 3 of 5 cycles". Returns `to`. */
#define RULE_TEXT_SIZE 96
char *rule_format(const struct rule *rule, char to[RULE_TEXT_SIZE]);

/* Frees what the rule holds. */
void rule_done(struct rule *rule);

#endif
