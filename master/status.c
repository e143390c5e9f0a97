/* status.c: see status.h. */
#include "status.h"

#include <unistd.h>

#include "facts.h"
#include "log.h"
#include "look.h"

/* libproc2 takes no more pids in one call. */
#define LOOK_MAX 255

/* The looks of this answer, in the order in which pids were met. */
struct looks {
    pid_t pids[LOOK_MAX];
    struct look_figures figures[LOOK_MAX];
    unsigned count;
};

static json_t *
seconds(int64_t span_ms)
{
    return json_real((double)span_ms / 1000.0);
}

static json_t *
text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *
kib_or_null(int64_t kib)
{
    return kib == LOOK_UNKNOWN ? json_null() : json_integer(kib * 1024);
}

static json_t *
reason_or_null(enum reason reason)
{
    return reason == REASON_NONE ? json_null() : json_string(reason_name(reason));
}

static json_t *
application_json(const struct supervisor *supervisor)
{
    const struct wire_facts *facts = &supervisor->application;
    json_t *json;

    if (!supervisor->application_known) {
        return json_null();
    }
    json = json_object();
    json_object_set_new(json, "tag", text_or_null(facts->tag));
    json_object_set_new(json, "environment", text_or_null(facts->environment));
    json_object_set_new(json, "sidekiq", text_or_null(facts->sidekiq));
    json_object_set_new(json, "rails", text_or_null(facts->rails));
    json_object_set_new(json, "ruby", text_or_null(facts->ruby));
    json_object_set_new(json, "redis", text_or_null(facts->redis));
    json_object_set_new(json, "queues", text_or_null(facts->queues));
    json_object_set_new(json, "concurrency", json_integer(facts->concurrency));
    json_object_set_new(json, "timeout_s", seconds(facts->timeout_ms));
    return json;
}

static json_t *
limits_json(const struct pool_settings *settings)
{
    json_t *json = json_object();

    json_object_set_new(json, "processes", json_integer(settings->processes));
    json_object_set_new(json, "surge", json_integer(settings->surge));
    json_object_set_new(json, "max_rss_bytes", json_integer((json_int_t)settings->max_rss_bytes));
    json_object_set_new(json, "check_interval_s", seconds(settings->check_interval_ms));
    json_object_set_new(
        json, "drain_timeout_s",
        settings->drain_timeout_ms == NEVER_MS ? json_null() : seconds(settings->drain_timeout_ms));
    return json;
}

static void
want_look(struct looks *looks, pid_t pid)
{
    if (pid != 0 && looks->count < LOOK_MAX) {
        looks->figures[looks->count] =
            (struct look_figures){LOOK_UNKNOWN, LOOK_UNKNOWN, LOOK_UNKNOWN, LOOK_UNKNOWN};
        looks->pids[looks->count++] = pid;
    }
}

static void
look_at_all(const struct pool *pool, struct looks *looks)
{
    const struct worker *worker;
    const struct mold *mold;

    TAILQ_FOREACH (mold, &pool->molds, entry) {
        want_look(looks, mold->ending.known ? 0 : mold->pid);
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        want_look(looks, worker->ending.known ? 0 : worker->pid);
    }
    if (looks->count > 0) {
        /* What cannot be looked at is unknown, and said so by null. */
        (void)!look_at(looks->pids, looks->count, looks->figures);
    }
}

static const struct look_figures *
find_look(const struct looks *looks, pid_t pid)
{
    static const struct look_figures unknown = {LOOK_UNKNOWN, LOOK_UNKNOWN, LOOK_UNKNOWN,
                                                LOOK_UNKNOWN};

    for (unsigned i = 0; i < looks->count; i++) {
        if (looks->pids[i] == pid) {
            return &looks->figures[i];
        }
    }
    return &unknown;
}

/* Prefers the look; the last check's figure stands in where nobody looked. */
static void
add_memory(json_t *json, const struct look_figures *look, bool rss_known, uint64_t rss_bytes)
{
    json_t *rss = look->rss_kib == LOOK_UNKNOWN && rss_known ? json_integer((json_int_t)rss_bytes)
                                                             : kib_or_null(look->rss_kib);

    json_object_set_new(json, "rss_bytes", rss);
    json_object_set_new(json, "pss_bytes", kib_or_null(look->pss_kib));
    json_object_set_new(json, "uss_bytes", kib_or_null(look->uss_kib));
    json_object_set_new(json, "swap_bytes", kib_or_null(look->swap_kib));
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
molds_json(const struct supervisor *supervisor, const struct looks *looks, int64_t now_ms)
{
    json_t *list = json_array();
    const struct mold *mold;

    TAILQ_FOREACH (mold, &supervisor->pool.molds, entry) {
        json_t *json = json_object();

        json_object_set_new(json, "generation", json_integer(mold->generation));
        json_object_set_new(json, "pid", mold->pid != 0 ? json_integer(mold->pid) : json_null());
        json_object_set_new(json, "state", json_string(mold_state_name(mold->state)));
        json_object_set_new(json, "age_s", seconds(now_ms - mold->asked_ms));
        json_object_set_new(json, "boot_s",
                            mold->boot_ms != 0 ? seconds(mold->boot_ms) : json_null());
        add_memory(json, find_look(looks, mold->pid), mold->rss_known, mold->rss_bytes);
        json_array_append_new(list, json);
    }
    return list;
}

static const char *
role_name(const struct slot *slot, const struct worker *worker)
{
    return worker == slot->current     ? "current"
           : worker == slot->successor ? "successor"
                                       : "leaving";
}

static void
add_jobs(json_t *json, const struct board_figures *figures)
{
    bool known = figures->known;

    json_object_set_new(json, "busy", known ? json_integer(figures->busy) : json_null());
    json_object_set_new(json, "started",
                        known ? json_integer((json_int_t)figures->started) : json_null());
    json_object_set_new(json, "done",
                        known ? json_integer((json_int_t)figures->done) : json_null());
    json_object_set_new(json, "failed",
                        known ? json_integer((json_int_t)figures->failed) : json_null());
}

static const char *
state_name(const struct worker *worker)
{
    if (worker_is_stuck(worker)) {
        return "stuck";
    }
    return worker->stopped && worker->state < WORKER_KILLED ? "stopped"
                                                            : worker_state_name(worker->state);
}

static json_t *
worker_json(const struct slot *slot, const struct worker *worker, const struct looks *looks,
            int64_t now_ms)
{
    json_t *json = json_object();

    json_object_set_new(json, "role", json_string(role_name(slot, worker)));
    json_object_set_new(json, "pid", worker->pid != 0 ? json_integer(worker->pid) : json_null());
    json_object_set_new(json, "generation", json_integer(worker->generation));
    json_object_set_new(json, "state", json_string(state_name(worker)));
    json_object_set_new(
        json, "reason",
        reason_or_null(worker->reason != REASON_NONE ? worker->reason : worker->wanted));
    json_object_set_new(json, "age_s", seconds(now_ms - worker->asked_ms));
    add_memory(json, find_look(looks, worker->pid), worker->rss_known, worker->rss_bytes);
    add_jobs(json, &worker->figures);
    return json;
}

static json_t *
workers_json(const struct supervisor *supervisor, const struct slot *slot,
             const struct looks *looks, int64_t now_ms)
{
    json_t *list = json_array();
    const struct worker *worker;

    TAILQ_FOREACH (worker, &supervisor->pool.workers, entry) {
        if (worker->slot == slot->number) {
            json_array_append_new(list, worker_json(slot, worker, looks, now_ms));
        }
    }
    return list;
}

static json_t *
slots_json(const struct supervisor *supervisor, const struct looks *looks, int64_t now_ms)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < supervisor->pool.settings.processes; i++) {
        const struct slot *slot = &supervisor->pool.slots[i];
        int64_t wait_ms = slot->current == NULL ? slot->backoff.retry_ms - now_ms : 0;
        json_t *json = json_object();

        json_object_set_new(json, "slot", json_integer(i));
        json_object_set_new(json, "index", json_integer(supervisor->config->index_base + i));
        json_object_set_new(json, "restarts", json_integer(slot->restarts));
        json_object_set_new(json, "recycles", json_integer(slot->recycles));
        json_object_set_new(json, "last_reason", reason_or_null(slot->last_reason));
        json_object_set_new(json, "wait_s", wait_ms > 0 ? seconds(wait_ms) : json_null());
        json_object_set_new(json, "workers", workers_json(supervisor, slot, looks, now_ms));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *
totals_json(const struct pool *pool, const struct looks *looks)
{
    uint64_t started = pool->counters.jobs_started;
    uint64_t done = pool->counters.jobs_done;
    uint64_t failed = pool->counters.jobs_failed;
    unsigned busy = 0;
    int64_t pss_kib = 0;
    const struct worker *worker;
    json_t *json = json_object();

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        started += worker->figures.started;
        done += worker->figures.done;
        failed += worker->figures.failed;
        busy += worker->figures.busy;
    }
    for (unsigned i = 0; i < looks->count; i++) {
        pss_kib = looks->figures[i].pss_kib == LOOK_UNKNOWN || pss_kib == LOOK_UNKNOWN
                      ? LOOK_UNKNOWN
                      : pss_kib + looks->figures[i].pss_kib;
    }
    json_object_set_new(json, "ready", json_integer(pool_count_state(pool, WORKER_READY)));
    json_object_set_new(json, "busy", json_integer(busy));
    json_object_set_new(json, "started", json_integer((json_int_t)started));
    json_object_set_new(json, "done", json_integer((json_int_t)done));
    json_object_set_new(json, "failed", json_integer((json_int_t)failed));
    json_object_set_new(json, "pss_bytes", looks->count > 0 ? kib_or_null(pss_kib) : json_null());
    return json;
}

static json_t *
counters_json(const struct pool_counters *counters)
{
    json_t *json = json_object();

    json_object_set_new(json, "deaths", json_integer((json_int_t)counters->deaths));
    json_object_set_new(json, "recycles", json_integer((json_int_t)counters->recycles));
    json_object_set_new(json, "kills", json_integer((json_int_t)counters->kills));
    json_object_set_new(json, "spawn_failures", json_integer((json_int_t)counters->spawn_failures));
    json_object_set_new(json, "mold_starts", json_integer((json_int_t)counters->mold_starts));
    return json;
}

static json_t *
degraded_json(const struct pool *pool)
{
    if (pool->is_held) {
        return json_string("waiting for workers of an earlier service");
    }
    if (pool->settings.prefork && pool->ever_booted && pool->stop.stage == STOP_NONE &&
        (pool->mold == NULL || pool->mold->state != MOLD_READY)) {
        return json_string("no mold");
    }
    return json_null();
}

json_t *
status_json(struct supervisor *supervisor, bool look)
{
    const struct pool *pool = &supervisor->pool;
    struct looks looks = {.count = 0};
    int64_t now_ms = supervisor_now_ms(supervisor);
    json_t *json = json_object();

    facts_read_boards(supervisor, true);
    if (look) {
        look_at_all(pool, &looks);
    }
    json_object_set_new(json, "ok", json_true());
    json_object_set_new(json, "version", json_string(SWARM_VERSION));
    json_object_set_new(json, "pid", json_integer(getpid()));
    json_object_set_new(json, "uptime_s", seconds(util_now_ms() - supervisor->started_ms));
    json_object_set_new(json, "state", json_string(pool_state_name(pool)));
    json_object_set_new(json, "degraded", degraded_json(pool));
    json_object_set_new(json, "log_dropped", json_integer((json_int_t)log_dropped()));
    json_object_set_new(json, "application", application_json(supervisor));
    json_object_set_new(json, "limits", limits_json(&pool->settings));
    json_object_set_new(json, "molds", molds_json(supervisor, &looks, now_ms));
    json_object_set_new(json, "slots", slots_json(supervisor, &looks, now_ms));
    json_object_set_new(json, "totals", totals_json(pool, &looks));
    json_object_set_new(json, "counters", counters_json(&pool->counters));
    return json;
}
