/* report_refork.c: see report_refork.h. */
#include "report_refork.h"

#include "report_memory.h"

static const char *const stages[] = {
    [REFORK_NONE] = "none",     [REFORK_DRAIN] = "drain",     [REFORK_PROMOTE] = "promote",
    [REFORK_CANARY] = "canary", [REFORK_REPLACE] = "replace",
};

static void
add_begin(struct log_line *line, const struct worker *worker)
{
    log_number(line, "done", (int64_t)worker_jobs(worker));
    report_last_figures(line, worker);
    log_number(line, "busy", worker->figures.busy);
    log_say(line, "its successor comes first; when it is idle it becomes the next mold");
}

static void
add_promote(struct log_line *line, const struct mold *mold)
{
    log_number(line, "next_gen", mold->generation);
    log_say(line, "it is idle and becomes a mold; its slot has its successor");
}

static void
add_figures(struct log_line *line, const struct mold *mold)
{
    if (mold->memory.rss_known) {
        report_kib(line, "rss_kib", mold->memory.rss_bytes);
    }
}

static void
add_promoted(struct log_line *line, const struct mold *mold, bool has_before)
{
    log_number(line, "from_slot", mold->from_slot);
    log_number(line, "boot_ms", mold->boot_ms);
    add_figures(line, mold);
    log_say(line, "%s a worker of this one has worked for %d s",
            has_before ? "the mold before stands by until" : "all others are replaced when",
            PLAN_REFORK_TRIAL_MS / 1000);
}

static void
add_done(struct log_line *line, const struct refork *refork, const struct mold *mold,
         int64_t now_ms)
{
    log_number(line, "replaced", refork->replaced);
    log_number(line, "took_s", (now_ms - refork->began_ms) / 1000);
    add_figures(line, mold);
}

static void
add_failed(struct log_line *line, const struct pool *pool, const struct action *action)
{
    log_text(line, "stage", stages[action->stage]);
    log_text(line, "reason", reason_name(action->reason));
    log_number(line, "next_done", (int64_t)pool->refork.threshold);
    if (pool->mold != NULL && pool->mold->state == MOLD_READY) {
        log_say(line, "the mold of generation %u is in service; the next try waits for more jobs",
                pool->mold->generation);
    } else {
        log_say(line, "a fresh mold comes; the next try waits for more jobs");
    }
}

void
report_refork(struct log_line *line, const struct supervisor *supervisor,
              const struct action *action, int64_t now_ms)
{
    const struct pool *pool = &supervisor->pool;

    if (action->kind == ACTION_REFORK_BEGIN) {
        add_begin(line, action->worker);
    } else if (action->kind == ACTION_PROMOTE) {
        add_promote(line, action->mold);
    } else if (action->kind == ACTION_REFORK_PROMOTED) {
        add_promoted(line, action->mold, pool->mold_before != NULL);
    } else if (action->kind == ACTION_REFORK_DONE) {
        add_done(line, &pool->refork, action->mold, now_ms);
    } else if (action->kind == ACTION_REFORK_FAILED) {
        add_failed(line, pool, action);
    }
}
