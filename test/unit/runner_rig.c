/*
 * runner_rig.c: see runner_rig.h.
 */
#include "runner_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
on_process_end(void *context, uint64_t id, const struct process_end *end)
{
    const struct runner_rig *rig = context;

    assert_true((id & RUNNER_ID_BIT) != 0);
    runner_on_process_end(rig->runner, id, end);
}

void
runner_rig_open(struct runner_rig *rig, char *const *envp, const struct runner_handlers *handlers)
{
    const struct reaper_handlers ends = {.context = rig, .on_end = on_process_end};

    rig->loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(rig->loop);
    assert_int_equal(reaper_open(rig->loop, &ends, &rig->reaper), 0);
    assert_int_equal(runner_open(rig->loop, rig->reaper, envp, handlers, &rig->runner), 0);
}

int
runner_rig_close(struct runner_rig *rig)
{
    bool are_gone;

    runner_close(rig->runner);
    are_gone = loop_until(rig->loop, loop_has_no_children, NULL);
    reaper_close(rig->reaper);
    ev_loop_destroy(rig->loop);
    return are_gone ? 0 : -1;
}
