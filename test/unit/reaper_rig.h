/*
 * reaper_rig.h: a real loop with a real reaper, and processes to die under it.
 *
 * The test's process is a subreaper, as the master is. Every process that is started ends at the latest when the rig closes
 * its end of the `life` pipe.
 */
#ifndef SWARM_TEST_REAPER_RIG_H
#define SWARM_TEST_REAPER_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_until.h"
#include "master/reaper.h"

/* What every process is adopted as. */
#define REAPER_RIG_ID 77

struct reaper_rig {
    struct ev_loop *loop;
    struct reaper *reaper; /* a test may close it sooner, and makes it NULL then */
    int life[2];           /* nothing is ever written to it */
    int voice
        [2]; /* what started processes write to; its end of file tells that all of them are dead */
    unsigned ends;
    struct process_end last;
    uint64_t last_id;
    int64_t told_ms;
    struct process *drop_in_end;
};

/* Set-up and tear-down of a cmocka test: *state is a struct reaper_rig. */
int reaper_rig_set_up(void **state);
int reaper_rig_tear_down(void **state);

#define REAPER_CASE(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, reaper_rig_set_up, reaper_rig_tear_down)

/* Opens a reaper after the rig's was closed. */
void reaper_rig_open(struct reaper_rig *rig);

/* Starts a process that calls `run` and leaves with 0. */
pid_t reaper_rig_start(struct reaper_rig *rig, void (*run)(struct reaper_rig *rig));
struct process *reaper_rig_adopt(struct reaper_rig *rig, pid_t pid);

/* For a started process: stays until the test ends or a signal comes; leaves at once; writes a byte; starts another. */
void reaper_rig_live(struct reaper_rig *rig);
void reaper_rig_leave_42(struct reaper_rig *rig);
void reaper_rig_speak(struct reaper_rig *rig);
pid_t reaper_rig_start_in_child(struct reaper_rig *rig, void (*run)(struct reaper_rig *rig));

/* Waits until a child is dead, and does not reap it. */
void reaper_rig_wait_dead(pid_t pid);
/* Waits for a byte of a started process; false at the end of file, that is, when all are dead. */
bool reaper_rig_hear(struct reaper_rig *rig);

/* Facts for loop_until. Of the rig: somebody's end was told; nobody has the voice any more (our own end must be closed). */
bool reaper_rig_has_ended(void *rig);
bool reaper_rig_is_silent(void *rig);
/* Of a struct process, and of a struct reaper. */
bool reaper_rig_is_over(void *process);
bool reaper_rig_is_idle(void *reaper);

#endif
