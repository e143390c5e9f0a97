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

#define RIG_MIB (UINT64_C(1) << 20)

/* Three slots, preforked, a surge of one, 10 s to spawn, 60 s to boot, 300 s to drain, no limit; `now` is 1000 s. */
extern const struct pool_settings rig_settings;

void rig_init(struct rig *rig, const struct pool_settings *settings);
void rig_done(struct rig *rig);

/* What cmocka calls before and after a test, with the rig as its state: an empty one, or one whose workers all fetch. */
int rig_set_up(void **state);
int rig_set_up_filled(void **state);
int rig_tear_down(void **state);

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

/* Figures of memory, in MiB; each leaves the others as they are. */
void rig_rss(struct worker *worker, uint64_t rss_mib);
void rig_private(struct worker *worker, uint64_t pss_mib, uint64_t uss_mib);
/* What it was right after ready. */
void rig_fresh(struct worker *worker, uint64_t rss_mib, uint64_t uss_mib);

/* Turns until every slot has a worker that fetches. */
void rig_fill(struct rig *rig);

/* The successor of a slot is born and ready, and takes over. Returns whom it replaced. */
struct worker *rig_succeed(struct rig *rig, unsigned slot);

/* One turn `span_ms` later that begins a cycle: each worker that was ever ready has a new sample, made of its figures. */
void rig_cycle(struct rig *rig, int64_t span_ms);
/* One turn `span_ms` later for which only RSS was looked at. */
void rig_glance(struct rig *rig, int64_t span_ms);

#endif
