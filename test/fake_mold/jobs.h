/*
 * jobs.h: the jobs that a fake worker shows on its board, by order.
 *
 * Owns the counters, classes and records of this process's board. Works on no job: each is done when its order goes.
 */
#ifndef FAKE_JOBS_H
#define FAKE_JOBS_H

#include "actor.h"

/* Takes up the jobs that are ordered, unless `is_quiet`, and ends those whose order is gone. */
void jobs_follow(const struct actor *actor, bool is_quiet);

/* Gives back what is at work, as Sidekiq does at the end of its time: it is neither done nor failed. */
void jobs_give_back(const struct actor *actor);

/* In a worker whose mold was one: its board is new. */
void jobs_forget(void);

/* How many jobs are at work, whatever became of the board. */
unsigned jobs_count(void);

#endif
