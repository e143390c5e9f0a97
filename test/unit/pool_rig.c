/* pool_rig.c: see pool_rig.h. */
#include "pool_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

const struct pool_settings rig_settings = {
    .processes = 3,
    .surge = 1,
    .prefork = true,
    .boot_timeout_ms = 60000,
    .spawn_timeout_ms = 10000,
    .drain_timeout_ms = 300000,
    .check_interval_ms = 5000,
    .stop_limit_ms = NEVER_MS,
    .limits = {.cycles = 1, .window = 1},
    .kill_grace_ms = 5000,
    .max_recycles = 1,
    .rollup_percent = 1,
    .hang_timeout_ms = NEVER_MS,
    .max_job_time_ms = NEVER_MS,
    .stopped_timeout_ms = NEVER_MS,
};

void
rig_init(struct rig *rig, const struct pool_settings *settings)
{
    *rig = (struct rig){.now_ms = 1000000, .last_pid = 100};
    assert_int_equal(pool_init(&rig->pool, settings), 0);
    rig->pool.next_check_ms = NEVER_MS;
    rig->pool.next_glance_ms = NEVER_MS;
}

void
rig_done(struct rig *rig)
{
    actions_done(&rig->actions);
    pool_done(&rig->pool);
}

static void
sweep(struct rig *rig)
{
    struct worker *worker = TAILQ_FIRST(&rig->pool.workers);
    struct mold *mold = TAILQ_FIRST(&rig->pool.molds);

    while (worker != NULL) {
        struct worker *next = TAILQ_NEXT(worker, entry);

        if (worker->state == WORKER_GONE) {
            pool_remove_worker(&rig->pool, worker);
        }
        worker = next;
    }
    while (mold != NULL) {
        struct mold *next = TAILQ_NEXT(mold, entry);

        if (mold->state == MOLD_GONE) {
            pool_remove_mold(&rig->pool, mold);
        }
        mold = next;
    }
}

void
rig_turn(struct rig *rig, int64_t span_ms)
{
    rig->now_ms += span_ms;
    rig->next_ms = plan_turn(&rig->pool, rig->now_ms, &rig->actions);
    sweep(rig);
}

unsigned
rig_count(const struct rig *rig, enum action_kind kind)
{
    unsigned count = 0;

    for (unsigned i = 0; i < rig->actions.count; i++) {
        count += rig->actions.list[i].kind == kind;
    }
    return count;
}

const struct action *
rig_action(const struct rig *rig, enum action_kind kind)
{
    for (unsigned i = 0; i < rig->actions.count; i++) {
        if (rig->actions.list[i].kind == kind) {
            return &rig->actions.list[i];
        }
    }
    return NULL;
}

void
rig_mold_ready(struct rig *rig)
{
    struct mold *mold = rig->pool.mold;

    assert_non_null(mold);
    mold->pid = ++rig->last_pid;
    mold->state = MOLD_READY;
    mold->since_ms = rig->now_ms;
    rig->pool.ever_booted = true;
}

void
rig_hello(struct rig *rig, struct worker *worker)
{
    worker->pid = ++rig->last_pid;
    assert_int_equal(worker_move(worker, WORKER_BOOTING, rig->now_ms), 0);
    if (rig->pool.mold != NULL && rig->pool.mold->request == worker->id) {
        rig->pool.mold->request = 0;
    }
}

void
rig_ready(struct rig *rig, struct worker *worker)
{
    assert_int_equal(worker_move(worker, WORKER_WAITING, rig->now_ms), 0);
    worker->ready_ms = rig->now_ms;
    worker->is_weighed = true;
}

void
rig_exit(struct worker *worker, int code)
{
    worker->ending = (struct ending){.known = true, .code = code};
}

void
rig_kill(struct worker *worker, int signal)
{
    worker->ending = (struct ending){.known = true, .signaled = true, .code = signal};
}

void
rig_idle(struct worker *worker)
{
    worker->figures = (struct board_figures){.known = true, .quiet = true};
}

void
rig_fill(struct rig *rig)
{
    struct worker *worker;

    rig_turn(rig, 1);
    for (unsigned i = 0;
         i < 100 && pool_count_state(&rig->pool, WORKER_READY) < rig->pool.settings.processes;
         i++) {
        if (rig->pool.mold != NULL && rig->pool.mold->state == MOLD_STARTING) {
            rig_mold_ready(rig);
        }
        TAILQ_FOREACH (worker, &rig->pool.workers, entry) {
            if (worker->state == WORKER_FORKING) {
                rig_hello(rig, worker);
            } else if (worker->state == WORKER_BOOTING) {
                rig_ready(rig, worker);
            }
        }
        rig_turn(rig, 1);
    }
    assert_int_equal(pool_count_state(&rig->pool, WORKER_READY), rig->pool.settings.processes);
}

void
rig_rss(struct worker *worker, uint64_t rss_mib)
{
    worker->memory.rss_known = true;
    worker->memory.rss_bytes = rss_mib * RIG_MIB;
}

void
rig_private(struct worker *worker, uint64_t pss_mib, uint64_t uss_mib)
{
    worker->memory.private_known = true;
    worker->memory.pss_bytes = pss_mib * RIG_MIB;
    worker->memory.uss_bytes = uss_mib * RIG_MIB;
}

void
rig_fresh(struct worker *worker, uint64_t rss_mib, uint64_t uss_mib)
{
    worker->fresh = (struct memory_figures){
        .rss_known = rss_mib != 0,
        .rss_bytes = rss_mib * RIG_MIB,
        .private_known = uss_mib != 0,
        .pss_bytes = uss_mib * RIG_MIB,
        .uss_bytes = uss_mib * RIG_MIB,
    };
}

struct worker *
rig_succeed(struct rig *rig, unsigned slot)
{
    struct worker *old = rig->pool.slots[slot].current;
    struct worker *successor = rig->pool.slots[slot].successor;

    assert_non_null(successor);
    rig_hello(rig, successor);
    rig_turn(rig, 1);
    rig_ready(rig, successor);
    rig_turn(rig, 1);
    assert_ptr_equal(rig->pool.slots[slot].current, successor);
    return old;
}

static void
take_sample(struct worker *worker, int64_t now_ms)
{
    const struct memory_figures *memory = &worker->memory;
    const struct history_sample sample = {
        .at_ms = now_ms,
        .rss_bytes = memory->rss_known ? memory->rss_bytes : 0,
        .pss_bytes = memory->private_known ? memory->pss_bytes : 0,
        .uss_bytes = memory->private_known ? memory->uss_bytes : 0,
        .jobs = worker->figures.done + worker->figures.failed,
        .sharers = worker->sharers_read,
    };

    history_add(&worker->history, &sample);
    worker->is_sampled = true;
}

void
rig_cycle(struct rig *rig, int64_t span_ms)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &rig->pool.workers, entry) {
        if (worker->ready_ms != 0) {
            take_sample(worker, rig->now_ms + span_ms);
        }
    }
    rig->pool.is_cycle = true;
    rig_glance(rig, span_ms);
    rig->pool.is_cycle = false;
    TAILQ_FOREACH (worker, &rig->pool.workers, entry) {
        worker->is_sampled = false;
    }
}

void
rig_glance(struct rig *rig, int64_t span_ms)
{
    rig->pool.sampled = true;
    rig_turn(rig, span_ms);
    rig->pool.sampled = false;
}

int
rig_set_up(void **state)
{
    static struct rig rig;

    rig_init(&rig, &rig_settings);
    *state = &rig;
    return 0;
}

int
rig_set_up_filled(void **state)
{
    (void)rig_set_up(state);
    rig_fill(*state);
    return 0;
}

int
rig_tear_down(void **state)
{
    rig_done(*state);
    return 0;
}
