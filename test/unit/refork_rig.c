/* refork_rig.c: see refork_rig.h. */
#include "refork_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct worker *
refork_current(const struct rig *rig, unsigned slot)
{
    struct worker *worker = rig->pool.slots[slot].current;

    assert_non_null(worker);
    return worker;
}

void
refork_work(struct rig *rig, unsigned slot, uint64_t jobs)
{
    refork_current(rig, slot)->figures = (struct board_figures){.known = true, .done = jobs};
}

void
refork_set_up_with(struct rig *rig, const struct pool_settings *settings)
{
    rig_init(rig, settings);
    rig_fill(rig);
}

int
refork_set_up(void **state)
{
    static struct rig rig;
    struct pool_settings settings = rig_settings;

    settings.refork_jobs = REFORK_JOBS;
    refork_set_up_with(&rig, &settings);
    *state = &rig;
    return 0;
}

/* Slot 1 is chosen, its successor runs, and it is idle. Returns it. */
struct worker *
refork_drain(struct rig *rig)
{
    struct worker *chosen = refork_current(rig, 1);

    refork_work(rig, 1, REFORK_JOBS);
    rig_cycle(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_REFORK_BEGIN), 1);
    assert_int_equal(chosen->wanted, REASON_REFORK);
    assert_int_equal(rig_count(rig, ACTION_SPAWN), 1);
    assert_ptr_equal(rig_succeed(rig, 1), chosen);
    assert_int_equal(chosen->state, WORKER_QUIETING);
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    return chosen;
}

/* … and is asked to become a mold. Returns that. */
struct mold *
refork_ask(struct rig *rig)
{
    struct worker *chosen = refork_drain(rig);
    uint64_t id = chosen->id;
    pid_t pid = chosen->pid;
    struct mold *mold;

    rig_idle(chosen);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_PROMOTE), 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 0);
    assert_null(pool_find_worker(&rig->pool, id));
    mold = pool_find_mold(&rig->pool, id);
    assert_non_null(mold);
    assert_true(mold->is_promoted);
    assert_int_equal(mold->pid, pid);
    assert_int_equal(mold->generation, 2);
    assert_int_equal(mold->from_slot, 1);
    assert_ptr_not_equal(rig->pool.mold, mold);
    return mold;
}

/* … and has done so: it is in service, on trial. */
struct mold *
refork_put_on_trial(struct rig *rig)
{
    struct mold *mold = refork_ask(rig);

    mold->state = MOLD_READY;
    mold->since_ms = rig->now_ms;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_REFORK_PROMOTED), 1);
    assert_ptr_equal(rig->pool.mold, mold);
    assert_non_null(rig->pool.mold_before);
    rig_turn(rig, 1);
    return mold;
}

/* The slot whose worker was told to make room for one of the new mold. */
unsigned
refork_canary_slot(const struct rig *rig)
{
    for (unsigned i = 0; i < rig->pool.settings.processes; i++) {
        if (refork_current(rig, i)->wanted == REASON_REFORK) {
            return i;
        }
    }
    fail();
    return 0;
}

void
refork_end(struct rig *rig, struct worker *worker)
{
    rig_idle(worker);
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_TERM), 1);
    rig_exit(worker, 0);
    rig_turn(rig, 1);
}

/* … and proven. */
struct mold *
refork_prove(struct rig *rig)
{
    struct mold *mold = refork_put_on_trial(rig);

    refork_end(rig, rig_succeed(rig, refork_canary_slot(rig)));
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), 3);
    rig_turn(rig, PLAN_REFORK_TRIAL_MS);
    assert_int_equal(rig->pool.refork.stage, REFORK_REPLACE);
    return mold;
}
