/* status.c: see status.h. */
#include "status.h"

#include <stdio.h>
#include <unistd.h>

#include "facts.h"
#include "log.h"
#include "status_json.h"

static json_t *
application_json(const struct supervisor *supervisor)
{
    const struct wire_facts *facts = &supervisor->application;
    json_t *json;

    if (!supervisor->application_known) {
        return json_null();
    }
    json = json_object();
    json_object_set_new(json, "tag", json_text(facts->tag));
    json_object_set_new(json, "environment", json_text(facts->environment));
    json_object_set_new(json, "sidekiq", json_text(facts->sidekiq));
    json_object_set_new(json, "rails", json_text(facts->rails));
    json_object_set_new(json, "ruby", json_text(facts->ruby));
    json_object_set_new(json, "redis", json_text(facts->redis));
    json_object_set_new(json, "queues", json_text(facts->queues));
    json_object_set_new(json, "concurrency", json_integer(facts->concurrency));
    json_object_set_new(json, "timeout_s", json_seconds(facts->timeout_ms));
    json_object_set_new(json, "allocator", json_text(facts->allocator));
    return json;
}

static const char *
mold_state_name(enum mold_state state)
{
    static const char *const names[] = {
        [MOLD_STARTING] = "starting",
        [MOLD_READY] = "ready",
        [MOLD_LEAVING] = "leaving",
        [MOLD_GONE] = "gone",
    };

    return names[state];
}

static json_t *
molds_json(const struct supervisor *supervisor, int64_t now_ms)
{
    json_t *list = json_array();
    const struct mold *mold;

    TAILQ_FOREACH (mold, &supervisor->pool.molds, entry) {
        json_t *json = json_object();

        json_object_set_new(json, "generation", json_integer(mold->generation));
        json_object_set_new(json, "pid", mold->pid != 0 ? json_integer(mold->pid) : json_null());
        json_object_set_new(json, "state", json_string(mold_state_name(mold->state)));
        json_object_set_new(json, "age_s", json_seconds(now_ms - mold->asked_ms));
        json_object_set_new(json, "boot_s",
                            mold->boot_ms != 0 ? json_seconds(mold->boot_ms) : json_null());
        json_object_set_new(json, "promoted", json_boolean(mold->is_promoted));
        status_add_memory(json, &mold->memory, now_ms);
        json_object_set_new(json, "peak_bytes",
                            json_if(mold->peak_rss_bytes != 0, mold->peak_rss_bytes));
        json_object_set_new(json, "fresh_rss_bytes",
                            json_if(mold->fresh_rss_bytes != 0, mold->fresh_rss_bytes));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *
workers_json(const struct supervisor *supervisor, const struct slot *slot, int64_t now_ms)
{
    json_t *list = json_array();
    const struct worker *worker;

    TAILQ_FOREACH (worker, &supervisor->pool.workers, entry) {
        if (worker->slot == slot->number) {
            json_array_append_new(list, status_worker(supervisor, worker, now_ms));
        }
    }
    return list;
}

static json_t *
slots_json(const struct supervisor *supervisor, int64_t now_ms)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < pool_positions(&supervisor->pool.settings); i++) {
        const struct slot *slot = &supervisor->pool.slots[i];
        int64_t wait_ms = slot->current == NULL ? slot->backoff.retry_ms - now_ms : 0;
        json_t *json = json_object();

        json_object_set_new(json, "slot", json_integer(i));
        json_object_set_new(json, "index",
                            json_integer(supervisor->config->index_base + slot->index));
        json_object_set_new(json, "spare", json_boolean(i >= supervisor->pool.settings.processes));
        json_object_set_new(json, "restarts", json_integer(slot->restarts));
        json_object_set_new(json, "recycles", json_integer(slot->recycles));
        json_object_set_new(json, "last_reason", json_reason(slot->last_reason));
        json_object_set_new(json, "given_up", json_boolean(slot->given_up));
        json_object_set_new(json, "drain_first",
                            json_boolean(slot->current != NULL && slot->current->drains_first));
        json_object_set_new(json, "wait_s", wait_ms > 0 ? json_seconds(wait_ms) : json_null());
        json_object_set_new(json, "workers", workers_json(supervisor, slot, now_ms));
        json_array_append_new(list, json);
    }
    return list;
}

/* Sums of what all molds and workers are; unknown as soon as one is. */
struct sums {
    bool known;
    uint64_t rss_bytes;
    uint64_t pss_bytes;
    uint64_t uss_bytes;
};

static void
add_figures(struct sums *sums, const struct memory_figures *memory)
{
    sums->known = sums->known && memory->rss_known && memory->private_known;
    sums->rss_bytes += memory->rss_bytes;
    sums->pss_bytes += memory->pss_bytes;
    sums->uss_bytes += memory->uss_bytes;
}

static struct sums
sum_up(const struct pool *pool)
{
    struct sums sums = {.known = true};
    const struct worker *worker;
    const struct mold *mold;

    TAILQ_FOREACH (mold, &pool->molds, entry) {
        if (mold->pid != 0 && !mold->ending.known) {
            add_figures(&sums, &mold->memory);
        }
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->pid != 0 && !worker->ending.known) {
            add_figures(&sums, &worker->memory);
        }
    }
    return sums;
}

static json_t *
totals_json(const struct pool *pool)
{
    uint64_t started = pool->counters.jobs_started;
    uint64_t done = pool->counters.jobs_done;
    uint64_t failed = pool->counters.jobs_failed;
    uint64_t busy = 0;
    struct sums sums = sum_up(pool);
    const struct worker *worker;
    json_t *json = json_object();

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        started += worker->figures.started;
        done += worker->figures.done;
        failed += worker->figures.failed;
        busy += worker->figures.busy;
    }
    json_object_set_new(json, "ready", json_count(pool_count_state(pool, WORKER_READY)));
    json_object_set_new(json, "busy", json_count(busy));
    json_object_set_new(json, "started", json_count(started));
    json_object_set_new(json, "done", json_count(done));
    json_object_set_new(json, "failed", json_count(failed));
    json_object_set_new(json, "rss_bytes", json_if(sums.known, sums.rss_bytes));
    json_object_set_new(json, "pss_bytes", json_if(sums.known, sums.pss_bytes));
    json_object_set_new(json, "uss_bytes", json_if(sums.known, sums.uss_bytes));
    json_object_set_new(
        json, "sharing_saves_bytes",
        json_if(sums.known && sums.rss_bytes > sums.pss_bytes, sums.rss_bytes - sums.pss_bytes));
    return json;
}

static json_t *
counters_json(const struct supervisor *supervisor)
{
    const struct pool_counters *counters = &supervisor->pool.counters;
    json_t *json = json_object();

    json_object_set_new(json, "deaths", json_count(counters->deaths));
    json_object_set_new(json, "recycles", json_count(counters->recycles));
    json_object_set_new(json, "kills", json_count(counters->kills));
    json_object_set_new(json, "spawn_failures", json_count(counters->spawn_failures));
    json_object_set_new(json, "mold_starts", json_count(counters->mold_starts));
    json_object_set_new(json, "limit_recycles", json_count(counters->limit_recycles));
    json_object_set_new(json, "hard_kills", json_count(counters->hard_kills));
    json_object_set_new(json, "ooms", json_count(counters->ooms));
    json_object_set_new(json, "hangs", json_count(counters->hangs));
    json_object_set_new(json, "notify_dropped", json_count(runner_dropped(supervisor->runner)));
    return json;
}

static unsigned
count_given_up(const struct pool *pool)
{
    unsigned count = 0;

    for (unsigned i = 0; i < pool->settings.processes; i++) {
        count += pool->slots[i].given_up;
    }
    return count;
}

static json_t *
degraded_json(const struct pool *pool)
{
    unsigned given_up = count_given_up(pool);
    char text[64];

    if (pool->is_held) {
        return json_string("waiting for workers of an earlier service");
    }
    if (pool->settings.prefork && pool->ever_booted && pool->stop.stage == STOP_NONE &&
        (pool->mold == NULL || pool->mold->state != MOLD_READY)) {
        return json_string("no mold");
    }
    if (given_up > 0) {
        snprintf(text, sizeof(text), "%u of %u slots given up", given_up, pool->settings.processes);
        return json_string(text);
    }
    return pool->oom_wait ? json_string("waiting for memory") : json_null();
}

json_t *
status_json(struct supervisor *supervisor)
{
    const struct pool *pool = &supervisor->pool;
    int64_t now_ms = supervisor_now_ms(supervisor);
    json_t *json = json_object();

    facts_read_boards(supervisor, true);
    json_object_set_new(json, "ok", json_true());
    json_object_set_new(json, "version", json_string(SWARM_VERSION));
    json_object_set_new(json, "pid", json_integer(getpid()));
    json_object_set_new(json, "uptime_s", json_seconds(util_now_ms() - supervisor->started_ms));
    json_object_set_new(json, "state", json_string(pool_state_name(pool)));
    json_object_set_new(json, "degraded", degraded_json(pool));
    json_object_set_new(json, "log_dropped", json_count(log_dropped()));
    json_object_set_new(json, "application", application_json(supervisor));
    json_object_set_new(json, "limits", status_limits(&pool->settings));
    json_object_set_new(json, "group", status_group(pool, now_ms));
    json_object_set_new(json, "molds", molds_json(supervisor, now_ms));
    json_object_set_new(json, "slots", slots_json(supervisor, now_ms));
    json_object_set_new(json, "totals", totals_json(pool));
    json_object_set_new(json, "sharing", status_sharing(supervisor));
    json_object_set_new(json, "counters", counters_json(supervisor));
    json_object_set_new(json, "classes", status_growth(pool));
    json_object_set_new(json, "recent", status_recent(supervisor, now_ms));
    return json;
}
