/* status_memory.c: limits, the group, classes of jobs and the last ends, as JSON. See docs/status.md. */
#include "status_json.h"

#include <string.h>

void
status_add_memory(json_t *json, const struct memory_figures *memory, int64_t now_ms)
{
    bool both = memory->private_known && memory->rss_known;
    uint64_t shared =
        both && memory->rss_bytes > memory->uss_bytes ? memory->rss_bytes - memory->uss_bytes : 0;

    json_object_set_new(json, "rss_bytes", json_if(memory->rss_known, memory->rss_bytes));
    json_object_set_new(json, "pss_bytes", json_if(memory->private_known, memory->pss_bytes));
    json_object_set_new(json, "uss_bytes", json_if(memory->private_known, memory->uss_bytes));
    json_object_set_new(json, "swap_bytes", json_if(memory->private_known, memory->swap_bytes));
    json_object_set_new(json, "shared_bytes", json_if(both, shared));
    json_object_set_new(json, "private_age_s",
                        memory->private_known ? json_seconds(now_ms - memory->private_ms)
                                              : json_null());
    json_object_set_new(json, "start_ticks",
                        json_if(memory->start_ticks != 0, memory->start_ticks));
}

static void
add_bounds(json_t *json, const struct policy_limits *limits)
{
    static const struct {
        const char *key;
        enum policy_limit limit;
    } rows[] = {
        {"max_rss_bytes", POLICY_MAX_RSS},   {"max_pss_bytes", POLICY_MAX_PSS},
        {"max_uss_bytes", POLICY_MAX_USS},   {"kill_rss_bytes", POLICY_KILL_RSS},
        {"kill_pss_bytes", POLICY_KILL_PSS}, {"kill_uss_bytes", POLICY_KILL_USS},
        {"max_jobs", POLICY_MAX_JOBS},
    };
    uint64_t age_ms = limits->bound[POLICY_MAX_AGE];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_object_set_new(json, rows[i].key, json_count(limits->bound[rows[i].limit]));
    }
    json_object_set_new(json, "max_age_s",
                        age_ms == 0 ? json_null() : json_seconds((int64_t)age_ms));
    json_object_set_new(json, "memory_cycles", json_count(limits->cycles));
    json_object_set_new(json, "memory_window", json_count(limits->window));
    json_object_set_new(json, "memory_grace_s", json_seconds(limits->grace_ms));
}

json_t *
status_limits(const struct pool_settings *settings)
{
    json_t *json = json_object();

    json_object_set_new(json, "processes", json_count(settings->processes));
    json_object_set_new(json, "surge", json_count(settings->surge));
    json_object_set_new(json, "check_interval_s", json_seconds(settings->check_interval_ms));
    json_object_set_new(json, "drain_timeout_s", json_span(settings->drain_timeout_ms));
    add_bounds(json, &settings->limits);
    json_object_set_new(json, "kill_grace_s", json_seconds(settings->kill_grace_ms));
    json_object_set_new(json, "max_total_bytes",
                        settings->max_total_bytes == POOL_TOTAL_AUTO
                            ? json_integer(-1)
                            : json_count(settings->max_total_bytes));
    json_object_set_new(json, "max_mold_rss_bytes", json_count(settings->max_mold_rss_bytes));
    json_object_set_new(json, "max_recycles", json_count(settings->max_recycles));
    json_object_set_new(json, "dry_run", json_boolean(settings->dry_run));
    json_object_set_new(json, "hang_timeout_s", json_span(settings->hang_timeout_ms));
    json_object_set_new(json, "hang_action", json_string(remedy_name(settings->hang_action)));
    json_object_set_new(json, "max_job_time_s", json_span(settings->max_job_time_ms));
    json_object_set_new(json, "job_time_action",
                        json_string(remedy_name(settings->job_time_action)));
    json_object_set_new(json, "stopped_timeout_s", json_span(settings->stopped_timeout_ms));
    json_object_set_new(json, "give_up_restarts", json_count(settings->give_up_restarts));
    json_object_set_new(json, "give_up_cycles", json_count(settings->give_up_cycles));
    return json;
}

json_t *
status_group(const struct pool *pool, int64_t now_ms)
{
    static const char *const kinds[] = {
        [GROUP_NONE] = "machine",
        [GROUP_V1] = "cgroup1",
        [GROUP_V2] = "cgroup2",
    };
    const struct group_figures *group = &pool->group;
    const struct pool_total *total = &pool->total;
    json_t *json = json_object();

    json_object_set_new(json, "kind", json_string(kinds[group->kind]));
    json_object_set_new(json, "used_bytes", json_if(group->used_known, group->used_bytes));
    json_object_set_new(json, "cache_bytes", json_if(group->used_known, group->cache_bytes));
    json_object_set_new(json, "limit_bytes", json_if(group->limit_bytes != 0, group->limit_bytes));
    json_object_set_new(json, "available_bytes",
                        json_if(group->available_bytes != 0, group->available_bytes));
    json_object_set_new(json, "total_bytes", json_if(total->known, total->bytes));
    json_object_set_new(json, "total_limit_bytes",
                        json_if(total->limit_bytes != 0, total->limit_bytes));
    json_object_set_new(json, "ooms", json_if(group->ooms_known, group->ooms));
    json_object_set_new(json, "pressure_ago_s",
                        pool->pressed_ms != 0 ? json_seconds(now_ms - pool->pressed_ms)
                                              : json_null());
    return json;
}

/* How many jobs of a class one worker has at work. */
static uint64_t
count_running_in(const struct worker *worker, const char *name)
{
    struct board_class_figures classes[BOARD_CLASSES];
    unsigned count = worker->ties.board == NULL
                         ? 0
                         : board_read_classes(worker->ties.board, classes, BOARD_CLASSES);

    for (unsigned i = 0; i < count; i++) {
        uint64_t ended = classes[i].done + classes[i].failed;

        if (strcmp(classes[i].name, name) == 0) {
            return classes[i].started > ended ? classes[i].started - ended : 0;
        }
    }
    return 0;
}

static uint64_t
count_running(const struct pool *pool, const char *name)
{
    const struct worker *worker;
    uint64_t running = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        running += count_running_in(worker, name);
    }
    return running;
}

static json_t *
class_json(const struct pool *pool, const struct growth_class *class)
{
    json_t *json = json_object();
    double per_job = 0;
    bool is_alone = false;
    bool is_known = growth_per_job(class, &per_job, &is_alone);

    json_object_set_new(json, "class", json_string(class->name));
    json_object_set_new(json, "jobs", json_count(class->jobs));
    json_object_set_new(json, "running", json_count(count_running(pool, class->name)));
    json_object_set_new(json, "failed", json_count(class->failed));
    json_object_set_new(json, "alone_jobs", json_count(class->alone_jobs));
    json_object_set_new(json, "growth_bytes",
                        json_integer(class->alone_bytes + class->shared_bytes));
    json_object_set_new(json, "growth_bytes_per_job",
                        is_known ? json_integer((json_int_t)per_job) : json_null());
    json_object_set_new(json, "basis",
                        is_known ? json_string(is_alone ? "alone" : "shared") : json_null());
    json_object_set_new(json, "work_s", json_seconds((int64_t) class->work_ms));
    return json;
}

static int64_t
growth_in_all(const struct growth_class *class)
{
    return class->alone_bytes + class->shared_bytes;
}

/* Positions in pool->growth.classes, the largest growth first: a handful, so that inserting does. */
static void
sort_by_growth(const struct growth *growth, unsigned *sorted)
{
    for (unsigned i = 0; i < growth->count; i++) {
        unsigned at = i;

        for (; at > 0 &&
               growth_in_all(&growth->classes[sorted[at - 1]]) < growth_in_all(&growth->classes[i]);
             at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = i;
    }
}

json_t *
status_growth(const struct pool *pool)
{
    unsigned sorted[GROWTH_CLASSES];
    json_t *list = json_array();

    sort_by_growth(&pool->growth, sorted);
    for (unsigned i = 0; i < pool->growth.count; i++) {
        json_array_append_new(list, class_json(pool, &pool->growth.classes[sorted[i]]));
    }
    return list;
}

static const char *
what_happened(const struct recent_end *end)
{
    if (end->was_asked) {
        return end->reason == REASON_STOP || end->reason == REASON_QUIET ? "stopped" : "recycled";
    }
    return end->oom ? "killed by the kernel" : reason_name(end->reason);
}

/* The log's comma list as an array. */
static json_t *
jobs_of_end(const struct recent_end *end)
{
    json_t *list = json_array();
    char text[RECENT_JOBS_SIZE];
    char *rest = text;
    char *job;

    util_copy_text(text, sizeof(text), end->jobs);
    while ((job = strsep(&rest, ",")) != NULL) {
        if (job[0] != '\0') {
            json_array_append_new(list, json_string(job));
        }
    }
    return list;
}

json_t *
status_recent(const struct supervisor *supervisor, int64_t now_ms)
{
    json_t *list = json_array();
    const struct recent_end *end;

    for (unsigned back = 0; (end = recent_at(&supervisor->recent, back)) != NULL; back++) {
        json_t *json = json_object();

        json_object_set_new(json, "ago_s", json_seconds(now_ms - end->at_ms));
        json_object_set_new(json, "slot", json_count(end->slot));
        json_object_set_new(json, "generation", json_count(end->generation));
        json_object_set_new(json, "pid", json_integer(end->pid));
        json_object_set_new(json, "reason", json_reason(end->reason));
        json_object_set_new(json, "what", json_string(what_happened(end)));
        json_object_set_new(json, "rss_bytes", json_if(end->rss_known, end->rss_bytes));
        json_object_set_new(json, "uss_bytes", json_if(end->uss_known, end->uss_bytes));
        json_object_set_new(json, "peak_bytes", json_if(end->peak_bytes != 0, end->peak_bytes));
        json_object_set_new(json, "detail", json_text(end->detail));
        json_object_set_new(json, "jobs", jobs_of_end(end));
        json_array_append_new(list, json);
    }
    return list;
}
