/*
 * pool_rig.h: a pool without processes for the tests of the plan: facts are set by hand, actions are read.
 */
#ifndef TEST_POOL_RIG_H
#define TEST_POOL_RIG_H

#include "master/plan.h"

struct rig {
    struct pool pool;
    struct actions actions;
    int64_t now_ms;
    int64_t next_ms; /* what the last turn returned */
    pid_t last_pid;
};

/* Three slots, preforked, a surge of one, 10 s to spawn, 60 s to boot, 300 s to drain, no limit; `now` is 1000 s. */
extern const struct pool_settings rig_settings;

void rig_init(struct rig *rig, const struct pool_settings *settings);
void rig_done(struct rig *rig);

/* One turn `span_ms` later, and the sweep that follows it. */
void rig_turn(struct rig *rig, int64_t span_ms);

/* How many actions of a kind the last turn gave; the first of them (NULL if none). */
unsigned rig_count(const struct rig *rig, enum action_kind kind);
const struct action *rig_action(const struct rig *rig, enum action_kind kind);

/* Facts. */
void rig_mold_ready(struct rig *rig);
void rig_hello(struct rig *rig, struct worker *worker);
void rig_ready(struct rig *rig, struct worker *worker);
void rig_exit(struct worker *worker, int code);
void rig_kill(struct worker *worker, int signal);
void rig_idle(struct worker *worker); /* Sidekiq is quiet and holds no job */

/* Turns until every slot has a worker that fetches. */
void rig_fill(struct rig *rig);

#endif
