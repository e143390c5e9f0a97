/*
 * plan_refork.h: a worker becomes the next mold, so that workers share again what theirs have un-shared since (--refork-after).
 * For plan*.c only.
 *
 *     NONE ──▶ DRAIN ──▶ PROMOTE ──▶ CANARY ──▶ REPLACE ──▶ NONE
 *
 * NONE     A worker of the mold in service has done enough jobs, every slot is filled, nobody leaves, nothing is short: the
 *          one with the most jobs that is fit is chosen. Not one of an earlier mold, which may have older code.
 * DRAIN    It goes the way of every recycle (reason `refork`): its successor is ready first, then it is quieted and drains.
 * PROMOTE  It is idle: its record becomes a mold, STARTING, with its process and link, and it is asked to become that. The slot
 *          has its successor; deadlines and deaths are those of a mold that boots.
 * CANARY   It said that it is ready, and is in service. The mold before is kept. One worker is replaced by one of the new
 *          mold; when that has worked for PLAN_REFORK_TRIAL_MS, the new mold is proven.
 * REPLACE  The mold before is ended, and all workers of earlier molds are replaced, as many at a time as --max-recycles has it.
 *
 * Whatever fails before the proof costs nothing: the mold in service, or the one that was kept, goes on, and the next try waits
 * for twice the jobs. After the proof a death of the new mold is that of any mold. One re-fork at a time; the service's
 * stop ends it, its quiet holds it up, since nobody is started then.
 */
#ifndef SWARM_PLAN_REFORK_H
#define SWARM_PLAN_REFORK_H

#include "plan_turn.h"

/* Begins, goes on with, ends a re-fork. */
void plan_refork(struct turn *turn);

/* A quieted worker is idle: it becomes a mold if it was chosen to (true), else it leaves (false). */
bool plan_refork_promote(struct turn *turn, struct worker *worker);

/* A worker died: it may tell that the new mold is no good. */
void plan_refork_count_failure(struct turn *turn, const struct worker *worker);

/* The mold in service has left it (pool.mold is NULL): the one that was kept takes its place (true), if there is one. */
bool plan_refork_roll_back(struct turn *turn, struct mold *mold);

/* plan_refork_choose.c */
/* Jobs that a worker must have done. */
uint64_t plan_refork_threshold(const struct pool *pool);
/* Whom to begin with now; NULL: it is not the time, or nobody is fit. */
struct worker *plan_refork_choose(const struct turn *turn);
/* A try has failed: the next one waits for twice the jobs. */
void plan_refork_put_off(struct pool *pool);

#endif
