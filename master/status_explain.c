/* status_explain.c: the facts of one slot for `swarm explain`, and the answer. The sentences are explain.c's. */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "facts.h"
#include "status.h"
#include "status_json.h"

static int64_t
or_unset(int64_t span_ms)
{
    return span_ms == NEVER_MS ? -1 : span_ms;
}

static struct explain_hang
hang_of(const struct pool_settings *settings, const struct worker *worker, int64_t now_ms)
{
    const struct pulse *pulse = &worker->pulse;

    return (struct explain_hang){
        .timeout_ms = or_unset(settings->hang_timeout_ms),
        .action = remedy_name(settings->hang_action),
        .max_job_time_ms = or_unset(settings->max_job_time_ms),
        .job_action = remedy_name(settings->job_time_action),
        .beat_age_ms = pulse->beat_seen_ms != 0 ? now_ms - pulse->beat_seen_ms : -1,
        .progress_age_ms = pulse->progress_seen_ms != 0 ? now_ms - pulse->progress_seen_ms : -1,
        .is_hanging = worker->hang != HANG_NONE,
        .is_stopped = worker->stopped,
    };
}

static unsigned
count_recycling(const struct pool *pool, unsigned but_slot)
{
    const struct worker *worker;
    unsigned count = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        count += worker->slot != but_slot &&
                 (worker->wanted != REASON_NONE || worker_is_leaving(worker));
    }
    return count;
}

/* Of the slot and the service, whether or not it has a worker. */
static struct explain_facts
facts_of_slot(const struct supervisor *supervisor, const struct slot *slot, int64_t now_ms)
{
    const struct pool *pool = &supervisor->pool;
    const struct recent_end *last = recent_of_slot(&supervisor->recent, slot->number);
    int64_t wait_ms = slot->current == NULL ? slot->backoff.retry_ms - now_ms : 0;

    return (struct explain_facts){
        .slot = slot->number,
        .state = "empty",
        .now_ms = now_ms,
        .wait_ms = wait_ms > 0 ? wait_ms : 0,
        .is_given_up = slot->given_up,
        .is_quiet = pool->quiet,
        .limits = &pool->settings.limits,
        .hang = {.timeout_ms = -1, .max_job_time_ms = -1, .beat_age_ms = -1, .progress_age_ms = -1},
        .total = {.is_known = pool->total.known,
                  .bytes = pool->total.bytes,
                  .limit_bytes = pool->total.limit_bytes},
        .kill_grace_ms = pool->settings.kill_grace_ms,
        .drain_timeout_ms = pool->settings.drain_timeout_ms,
        .max_recycles = pool->settings.max_recycles,
        .recycling = count_recycling(pool, slot->number),
        .is_dry_run = pool->settings.dry_run,
        .last_text = last == NULL              ? NULL
                     : last->detail[0] != '\0' ? last->detail
                                               : reason_name(last->reason),
        .last_age_ms = last != NULL ? now_ms - last->at_ms : 0,
    };
}

static void
add_worker(struct explain_facts *facts, const struct pool *pool, const struct worker *worker)
{
    const struct board_figures *figures = &worker->figures;
    enum reason leaving = worker->reason != REASON_NONE ? worker->reason : worker->wanted;

    facts->state = worker->stopped ? "stopped" : worker_state_name(worker->state);
    facts->pid = worker->pid;
    facts->generation = worker->generation;
    facts->ready_ms = worker->ready_ms;
    facts->drains_first = worker->drains_first;
    facts->leaving = leaving != REASON_NONE ? reason_name(leaving) : NULL;
    facts->now = worker->memory;
    facts->fresh = worker->fresh;
    facts->peak_rss_bytes = report_peak_bytes(worker);
    facts->jobs_known = figures->known;
    facts->jobs_done = figures->done;
    facts->jobs_failed = figures->failed;
    facts->busy = figures->busy;
    facts->hang = hang_of(&pool->settings, worker, facts->now_ms);
    trend_of(&worker->history, worker->ready_ms, &facts->trend);
}

/* The text as an array of lines. */
static json_t *
answer_of(const char *text)
{
    json_t *lines = json_array();

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        json_array_append_new(lines, json_stringn(text, length));
        text += length + (text[length] == '\n');
    }
    return json_pack("{s:b,s:o}", "ok", 1, "lines", lines);
}

json_t *
status_explain(struct supervisor *supervisor, unsigned number)
{
    const struct pool *pool = &supervisor->pool;
    const struct slot *slot = &pool->slots[number];
    int64_t now_ms = supervisor_now_ms(supervisor);
    struct explain_facts facts = facts_of_slot(supervisor, slot, now_ms);
    struct policy_finding findings[POLICY_LIMIT_COUNT];
    struct board_job job;
    json_t *answer;
    char *text;

    facts_read_boards(supervisor, true);
    if (slot->current != NULL) {
        add_worker(&facts, pool, slot->current);
        plan_weigh(pool, slot->current, now_ms, findings);
        facts.findings = slot->current->ready_ms != 0 ? findings : NULL;
        if (slot->current->ties.board != NULL && facts.busy > 0 &&
            board_read_jobs(slot->current->ties.board, util_now_ms(), &job, 1) == 1) {
            facts.job = (struct explain_job){
                .name = job.name, .jid = job.jid, .age_ms = util_now_ms() - job.started_ms};
        }
    }
    text = explain(&facts);
    answer = text != NULL ? answer_of(text) : NULL;
    free(text);
    return answer;
}
