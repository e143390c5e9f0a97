/* status_worker.c: one worker as JSON. See docs/status.md. */
#include "status_json.h"

static const char *
role_name(const struct slot *slot, const struct worker *worker)
{
    return worker == slot->current     ? "current"
           : worker == slot->successor ? "successor"
                                       : "leaving";
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

static void
add_counts(json_t *json, const struct board_figures *figures)
{
    json_object_set_new(json, "busy", json_if(figures->known, figures->busy));
    json_object_set_new(json, "started", json_if(figures->known, figures->started));
    json_object_set_new(json, "done", json_if(figures->known, figures->done));
    json_object_set_new(json, "failed", json_if(figures->known, figures->failed));
}

/* The limit that is reached first at the present growth, or that is nearest where there is none. */
static void
add_nearest_limit(json_t *json, const struct supervisor *supervisor, const struct worker *worker,
                  const struct trend *trend, int64_t now_ms)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT];
    const struct policy_finding *nearest = NULL;
    int64_t in_ms = NEVER_MS;
    double share = -1;

    plan_weigh(&supervisor->pool, worker, now_ms, findings);
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        double own =
            findings[i].bound == 0 ? -1 : (double)findings[i].value / (double)findings[i].bound;

        if (policy_is_memory(findings[i].limit) && findings[i].weight != POLICY_NO_LIMIT &&
            findings[i].weight != POLICY_NOT_KNOWN && own > share) {
            nearest = &findings[i];
            share = own;
        }
    }
    if (nearest != NULL) {
        in_ms = trend_time_to_ms(trend, nearest->value, nearest->bound);
    }
    json_object_set_new(json, "limit",
                        nearest != NULL ? json_string(policy_limit_name(nearest->limit))
                                        : json_null());
    json_object_set_new(json, "limit_in_s", json_span(in_ms));
}

static void
add_growth(json_t *json, const struct supervisor *supervisor, const struct worker *worker,
           int64_t now_ms)
{
    struct trend trend;

    trend_of(&worker->history, worker->ready_ms, &trend);
    json_object_set_new(json, "growth_bytes_per_hour",
                        trend.known ? json_integer((json_int_t)trend.bytes_per_hour) : json_null());
    json_object_set_new(json, "growth_bytes_per_job",
                        trend.per_job_known ? json_integer((json_int_t)trend.bytes_per_job)
                                            : json_null());
    add_nearest_limit(json, supervisor, worker, &trend, now_ms);
}

static void
add_life(json_t *json, const struct worker *worker, int64_t now_ms)
{
    const struct pulse *pulse = &worker->pulse;

    json_object_set_new(json, "cpu_percent",
                        worker->cpu_known ? json_real((double)worker->cpu_centi / 100)
                                          : json_null());
    json_object_set_new(json, "beat_age_s",
                        pulse->beat_seen_ms != 0 ? json_seconds(now_ms - pulse->beat_seen_ms)
                                                 : json_null());
    json_object_set_new(json, "progress_age_s",
                        pulse->progress_seen_ms != 0
                            ? json_seconds(now_ms - pulse->progress_seen_ms)
                            : json_null());
    json_object_set_new(json, "hanging", json_boolean(worker->hang != HANG_NONE));
}

static json_t *
jobs_json(const struct worker *worker)
{
    struct board_job jobs[BOARD_RECORDS];
    int64_t real_ms = util_now_ms();
    json_t *list = json_array();
    unsigned count = 0;

    if (worker->ties.board != NULL && worker->figures.busy > 0) {
        count = board_read_jobs(worker->ties.board, real_ms, jobs, BOARD_RECORDS);
    }
    for (unsigned i = 0; i < count; i++) {
        json_t *json = json_object();

        json_object_set_new(json, "class", json_text(jobs[i].name));
        json_object_set_new(json, "jid", json_text(jobs[i].jid));
        json_object_set_new(json, "queue", json_text(jobs[i].queue));
        json_object_set_new(json, "age_s", json_seconds(real_ms - jobs[i].started_ms));
        json_object_set_new(json, "payload_bytes", json_count(jobs[i].payload_size));
        json_array_append_new(list, json);
    }
    return list;
}

json_t *
status_worker(const struct supervisor *supervisor, const struct worker *worker, int64_t now_ms)
{
    const struct slot *slot = &supervisor->pool.slots[worker->slot];
    uint64_t peak = report_peak_bytes(worker);
    json_t *json = json_object();

    json_object_set_new(json, "id", json_count(worker->id));
    json_object_set_new(json, "role", json_string(role_name(slot, worker)));
    json_object_set_new(json, "spare", json_boolean(pool_is_spare(&supervisor->pool, worker)));
    json_object_set_new(json, "pid", worker->pid != 0 ? json_integer(worker->pid) : json_null());
    json_object_set_new(json, "generation", json_count(worker->generation));
    json_object_set_new(json, "state", json_string(state_name(worker)));
    json_object_set_new(
        json, "reason",
        json_reason(worker->reason != REASON_NONE ? worker->reason : worker->wanted));
    json_object_set_new(json, "age_s", json_seconds(now_ms - worker->asked_ms));
    status_add_memory(json, &worker->memory, now_ms);
    status_add_sharing(json, worker);
    json_object_set_new(json, "peak_bytes", json_if(peak != 0, peak));
    add_growth(json, supervisor, worker, now_ms);
    add_life(json, worker, now_ms);
    add_counts(json, &worker->figures);
    json_object_set_new(json, "jobs", jobs_json(worker));
    return json;
}
