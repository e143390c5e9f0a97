/*
 * runner_rig.h: a real loop with a real reaper and a runner, for tests of those who start programs.
 *
 * Owns the three. What the runner started is ended and reaped when the rig is closed.
 */
#ifndef SWARM_TEST_RUNNER_RIG_H
#define SWARM_TEST_RUNNER_RIG_H

#include "loop_until.h"
#include "master/reaper.h"
#include "master/runner.h"

struct runner_rig {
    struct ev_loop *loop;
    struct reaper *reaper;
    struct runner *runner; /* a test may close it sooner, and makes it NULL then */
};

/* Programs get `envp`; ends are told to `handlers`. The rig must not move. The test fails if it cannot be opened. */
void runner_rig_open(struct runner_rig *rig, char *const *envp,
                     const struct runner_handlers *handlers);

/* Closes the runner and waits until no child is left. Returns 0, or -1 if one is, as a tear-down does. */
MUST_CHECK int runner_rig_close(struct runner_rig *rig);

#endif
