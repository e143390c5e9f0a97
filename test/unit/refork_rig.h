/*
 * refork_rig.h: the steps of a re-fork, for the tests of the plan: each goes through those before it.
 */
#ifndef TEST_REFORK_RIG_H
#define TEST_REFORK_RIG_H

#include "pool_rig.h"

/* --refork-after */
#define REFORK_JOBS 100

/* For cmocka: three workers that fetch, and the option. */
int refork_set_up(void **state);
void refork_set_up_with(struct rig *rig, const struct pool_settings *settings);

/* The worker that fills a slot, and the jobs it has done. */
struct worker *refork_current(const struct rig *rig, unsigned slot);
void refork_work(struct rig *rig, unsigned slot, uint64_t jobs);

/* The worker of slot 1 is chosen, its successor runs, it is quiet and still busy. Returns it. */
struct worker *refork_drain(struct rig *rig);
/* … it is idle, and asked to become a mold. Returns that. */
struct mold *refork_ask(struct rig *rig);
/* … it has become one, and is on trial. */
struct mold *refork_put_on_trial(struct rig *rig);
/* … and proven by a worker of its own. */
struct mold *refork_prove(struct rig *rig);

/* The slot whose worker was told to make room for one of the new mold. */
unsigned refork_canary_slot(const struct rig *rig);
/* A quieted worker is idle, gets TERM and leaves. */
void refork_end(struct rig *rig, struct worker *worker);

#endif
