/*
 * facts_memory.c: see facts_memory.h.
 *
 * Three paces. A cycle (--check-interval; a minute when nothing is watched) reads everything that is cheap: RSS, CPU, state,
 * boards, the group. A glance reads RSS between cycles, as often as a near limit demands. A reading of PSS and USS holds the
 * worker's mmap lock, so it is made when it can change a verdict or somebody looks, for one process in a turn of the loop,
 * and within --rollup-percent of the time.
 */
#include "facts_memory.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "facts_rollup.h"
#include "facts_total.h"
#include "log.h"
#include "report.h"
#include "rss/offspring.h"
#include "rss/sampler.h"

/* With nothing to watch, cycles only feed the trend and the classes of jobs. */
#define IDLE_CYCLE_MS 60000
/* CPU time, faults and state cost several times what RSS does: with shorter cycles they are not read in each. */
#define STAT_MS 5000
/* Between cycles, where a hard limit is set. */
#define GLANCE_MS 500

/* How long a cycle is. */
static int64_t
cycle_ms_of(const struct pool_settings *settings)
{
    bool is_rare = !pool_is_watching(settings) && settings->check_interval_ms < IDLE_CYCLE_MS;

    return is_rare ? IDLE_CYCLE_MS : settings->check_interval_ms;
}

/* Said once for each cause: what cannot be read is unknown, and never recycles anybody (FS-23). */
void
facts_memory_tell_unknown(struct supervisor *supervisor, const struct worker *worker,
                          enum memory_unknown cause, int error)
{
    static const char *const what[] = {
        [MEMORY_UNKNOWN_RSS] = "rss",
        [MEMORY_UNKNOWN_PRIVATE] = "pss, uss",
    };
    struct log_line line;

    if ((supervisor->unknown_told & (1u << cause)) != 0) {
        return;
    }
    supervisor->unknown_told |= 1u << cause;
    report_begin_worker(&line, EVENT_MEMORY_UNKNOWN, worker);
    log_text(&line, "what", what[cause]);
    log_text(&line, "error", strerror(-error));
    log_say(&line, "%s",
            cause == MEMORY_UNKNOWN_RSS
                ? "limits of memory do not act on workers whose figures are unknown"
                : "limits of PSS and USS do not act while RSS is above them; --max-rss works");
    log_end(&line);
}

static struct sampler *
open_sampler(pid_t pid)
{
    struct sampler *sampler = calloc(1, sizeof(*sampler));

    if (sampler == NULL) {
        return NULL;
    }
    *sampler = (struct sampler)SAMPLER_CLOSED;
    if (sampler_open(sampler, "/proc", pid) != 0) {
        sampler_close(sampler);
        free(sampler);
        return NULL;
    }
    return sampler;
}

int
facts_memory_read_rss(struct ties *ties, pid_t pid, int64_t now_ms, struct memory_figures *figures)
{
    figures->rss_known = false;
    if (pid == 0) {
        return -ESRCH;
    }
    if (ties->sampler == NULL) {
        ties->sampler = open_sampler(pid);
    }
    return ties->sampler == NULL ? -ENOENT : sampler_read_rss(ties->sampler, now_ms, figures);
}

void
facts_memory_glance_at(struct supervisor *supervisor, struct worker *worker, int64_t now_ms)
{
    int error;

    worker->memory_before = worker->memory;
    error = facts_memory_read_rss(&worker->ties, worker->pid, now_ms, &worker->memory);
    if (error == 0) {
        history_note_peak(&worker->history, worker->memory.rss_bytes, now_ms);
    } else if (error != -ESRCH && worker->pid != 0) {
        facts_memory_tell_unknown(supervisor, worker, MEMORY_UNKNOWN_RSS, error);
    }
}

void
facts_memory_glance_at_mold(struct mold *mold, int64_t now_ms)
{
    if (facts_memory_read_rss(&mold->ties, mold->pid, now_ms, &mold->memory) == 0 &&
        mold->memory.rss_bytes > mold->peak_rss_bytes) {
        mold->peak_rss_bytes = mold->memory.rss_bytes;
    }
}

void
facts_memory_look_closer(const struct ties *ties, struct memory_figures *figures)
{
    if (ties->sampler == NULL) {
        return;
    }
    sampler_read_files(ties->sampler, figures);
    if (figures->start_ticks == 0) {
        (void)sampler_read_stat(ties->sampler, figures);
    }
}

static bool
has_hard_limit(const struct policy_limits *limits)
{
    return limits->bound[POLICY_KILL_RSS] != 0 || limits->bound[POLICY_KILL_PSS] != 0 ||
           limits->bound[POLICY_KILL_USS] != 0;
}

/* Once for each generation, since it goes over all workers. */
static void
count_sharers(struct pool *pool)
{
    struct worker *worker;
    unsigned generation = 0;
    unsigned sharers = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->generation != generation) {
            generation = worker->generation;
            sharers = pool_sharers(pool, generation);
        }
        worker->sharers = sharers;
    }
}

/* RSS of everybody, and when to look again. */
static void
glance(struct supervisor *supervisor, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;
    const struct policy_limits *limits = &pool->settings.limits;
    int64_t cycle_ms = cycle_ms_of(&pool->settings);
    int64_t slow_ms = has_hard_limit(limits) && GLANCE_MS < cycle_ms ? GLANCE_MS : cycle_ms;
    int64_t pace_ms = slow_ms;
    struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        facts_memory_glance_at(supervisor, worker, now_ms);
        if (worker->state == WORKER_READY) {
            const struct policy_worker facts = plan_policy_facts(pool, worker, now_ms);
            int64_t own_ms = policy_pace_ms(limits, &facts, &worker->memory_before, slow_ms);

            pace_ms = own_ms < pace_ms ? own_ms : pace_ms;
        }
    }
    pool->sampled = true;
    pool->next_glance_ms = now_ms + pace_ms;
}

static void
keep_pulse(struct worker *worker, int64_t now_ms)
{
    const struct board_figures *figures = &worker->figures;
    struct pulse *pulse = &worker->pulse;
    bool is_new = pulse->beat_seen_ms == 0 || worker->stopped;

    if (figures->known && (is_new || figures->beat_ms != pulse->beat)) {
        pulse->beat = figures->beat_ms;
        pulse->beat_seen_ms = now_ms;
    }
    if (figures->known && (is_new || figures->progress != pulse->progress)) {
        pulse->progress = figures->progress;
        pulse->progress_seen_ms = now_ms;
    }
    if (!worker->stopped) {
        pulse->stopped_ms = 0;
    } else if (pulse->stopped_ms == 0) {
        pulse->stopped_ms = now_ms;
    }
}

/* Its oldest job's beginning, by the plan's clock. */
static void
keep_oldest_job(struct worker *worker, int64_t now_ms)
{
    struct board_job job;
    int64_t real_ms = util_now_ms();

    worker->pulse.oldest_job_ms = 0;
    if (worker->ties.board != NULL && worker->figures.busy > 0 &&
        board_read_jobs(worker->ties.board, real_ms, &job, 1) == 1) {
        worker->pulse.oldest_job_ms = now_ms - (real_ms - job.started_ms);
    }
}

static void
keep_cpu(struct worker *worker, int64_t span_ms)
{
    uint64_t now_ms = worker->memory.cpu_ms;

    worker->cpu_known = worker->memory.stat_known && worker->last_cpu_ms != 0 && span_ms > 0 &&
                        now_ms >= worker->last_cpu_ms;
    if (worker->cpu_known) {
        worker->cpu_centi = (now_ms - worker->last_cpu_ms) * 10000 / (uint64_t)span_ms;
    }
    worker->last_cpu_ms = worker->memory.stat_known ? now_ms : 0;
}

static bool
is_stat_due(const struct pool *pool, const struct worker *worker, int64_t now_ms)
{
    return worker->stat_ms == 0 || now_ms - worker->stat_ms >= STAT_MS ||
           pool_has_rule_on(&pool->settings, RULE_CPU) ||
           pool->settings.hang_timeout_ms != NEVER_MS ||
           pool->settings.stopped_timeout_ms != NEVER_MS;
}

static void
look_at_stat(const struct pool *pool, struct worker *worker, int64_t now_ms)
{
    if (worker->ties.sampler == NULL || !is_stat_due(pool, worker, now_ms)) {
        return;
    }
    sampler_read_stat(worker->ties.sampler, &worker->memory);
    worker->stopped = worker->memory.stat_known && worker->memory.state == 'T';
    keep_cpu(worker, worker->stat_ms != 0 ? now_ms - worker->stat_ms : 0);
    worker->stat_ms = now_ms;
}

static void
count_growth(struct pool *pool, struct worker *worker, uint64_t rss_bytes)
{
    struct board_class_figures classes[BOARD_CLASSES];
    const struct board_figures *figures = &worker->figures;
    unsigned count;

    if (figures->known && figures->busy == 0 && growth_is_idle(&worker->growth, figures->started)) {
        growth_rest(&worker->growth, rss_bytes);
    } else if (worker->ties.board != NULL) {
        count = board_read_classes(worker->ties.board, classes, BOARD_CLASSES);
        growth_count(&pool->growth, &worker->growth, classes, count, rss_bytes);
    }
}

/* This cycle's look at a worker is complete: it can be judged. */
void
facts_memory_add_sample(struct pool *pool, struct worker *worker, int64_t now_ms)
{
    const struct memory_figures *memory = &worker->memory;
    const struct history_sample *last = history_at(&worker->history, 0);
    bool is_fresh = memory->private_known && (last == NULL || memory->private_ms > last->at_ms);
    const struct history_sample sample = {
        .at_ms = now_ms,
        .rss_bytes = memory->rss_known ? memory->rss_bytes : 0,
        .pss_bytes = is_fresh ? memory->pss_bytes : 0,
        .uss_bytes = is_fresh ? memory->uss_bytes : 0,
        .sharers = worker->sharers_read,
        .jobs = worker_jobs(worker),
    };

    history_add(&worker->history, &sample);
    worker->wants_rollup = false;
    worker->is_sampled = true;
    pool->sampled = true;
}

static void
look_at_worker(struct supervisor *supervisor, struct worker *worker, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;

    facts_read_board(worker);
    look_at_stat(pool, worker, now_ms);
    keep_pulse(worker, now_ms);
    keep_oldest_job(worker, now_ms);
    count_growth(pool, worker, worker->memory.rss_known ? worker->memory.rss_bytes : 0);
    if (worker->ready_ms == 0) {
        return;
    }
    worker->wants_rollup = facts_rollup_wants(pool, worker, now_ms);
    if (!worker->wants_rollup) {
        facts_memory_add_sample(pool, worker, now_ms);
    }
}

/* One pass over /proc for everybody. */
static void
read_offspring(struct pool *pool)
{
    struct offspring list[POOL_SLOTS_MAX];
    struct worker *worker;
    unsigned count = 0;
    bool known;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->pid != 0 && count < ARRAY_LEN(list)) {
            list[count++] = (struct offspring){.worker = worker->pid};
        }
    }
    known = offspring_read("/proc", list, count) == 0;
    count = 0;
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        worker->offspring_known = known && worker->pid != 0 && count < ARRAY_LEN(list);
        if (worker->offspring_known) {
            worker->offspring_bytes = list[count++].rss_bytes;
        }
    }
}

static void
begin_cycle(struct supervisor *supervisor, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;
    struct worker *worker;

    pool->is_cycle = true;
    pool->next_check_ms = now_ms + cycle_ms_of(&pool->settings);
    if (pool_has_rule_on(&pool->settings, RULE_TOTAL)) {
        read_offspring(pool);
    }
    if (pool->mold != NULL) {
        struct mold *mold = pool->mold;

        facts_memory_glance_at_mold(mold, now_ms);
        mold->wants_rollup =
            mold->state == MOLD_READY && facts_rollup_total_wants(pool, &mold->memory, now_ms);
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        look_at_worker(supervisor, worker, now_ms);
    }
    facts_total_read(supervisor);
}

/* What a mold took when it was ready outlives it. One that was a worker has not only booted. */
static void
keep_booted(struct pool *pool)
{
    const struct mold *mold = pool->mold;

    if (mold != NULL && !mold->is_promoted && mold->fresh_rss_bytes != 0 &&
        mold->generation != pool->booted.generation) {
        pool->booted = (struct pool_booted){
            .generation = mold->generation,
            .rss_bytes = mold->fresh_rss_bytes,
            .file_bytes = mold->fresh_file_bytes,
        };
    }
}

void
facts_memory_look(struct supervisor *supervisor, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;
    struct worker *worker;

    pool->is_cycle = false;
    pool->sampled = false;
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        worker->is_sampled = false;
    }
    if (pool->stop.stage != STOP_NONE) {
        return;
    }
    keep_booted(pool);
    if (now_ms >= pool->next_check_ms || now_ms >= pool->next_glance_ms) {
        count_sharers(pool);
        glance(supervisor, now_ms);
    }
    if (now_ms >= pool->next_check_ms) {
        begin_cycle(supervisor, now_ms);
    } else if (pool->oom_wait) {
        facts_total_read(supervisor);
    }
    facts_rollup_one(supervisor, now_ms);
}

void
facts_memory_of_mold(struct mold *mold, int64_t now_ms)
{
    if (facts_memory_read_rss(&mold->ties, mold->pid, now_ms, &mold->memory) == 0) {
        facts_memory_look_closer(&mold->ties, &mold->memory);
        mold->fresh_rss_bytes = mold->memory.rss_bytes;
        mold->fresh_file_bytes = mold->memory.file_bytes;
        mold->peak_rss_bytes = mold->memory.rss_bytes;
    }
}

/* A limit of RSS that is hopeless is told with a better one (FS-20), which only its USS can tell. */
static bool
is_born_above(const struct policy_limits *limits, const struct memory_figures *fresh)
{
    const uint64_t *bound = limits->bound;

    return fresh->rss_known &&
           ((bound[POLICY_MAX_RSS] != 0 && fresh->rss_bytes >= bound[POLICY_MAX_RSS]) ||
            (bound[POLICY_KILL_RSS] != 0 && fresh->rss_bytes >= bound[POLICY_KILL_RSS]));
}

void
facts_memory_of_worker(struct supervisor *supervisor, struct worker *worker, int64_t now_ms)
{
    const struct pool_settings *settings = &supervisor->pool.settings;

    facts_memory_glance_at(supervisor, worker, now_ms);
    facts_memory_look_closer(&worker->ties, &worker->memory);
    worker->memory_before = worker->memory;
    worker->fresh = worker->memory;
    worker->wants_first = settings->prefork;
    worker->sharers_fresh = pool_sharers(&supervisor->pool, worker->generation);
    /* What a fresh one costs must be known before a successor is started beside one that is too large. */
    worker->is_weighed = !pool_needs_private(settings) &&
                         !is_born_above(&settings->limits, &worker->fresh) &&
                         (!pool_is_watching(settings) || pool_worker_cost(&supervisor->pool) != 0);
}

void
facts_memory_of_death(struct supervisor *supervisor, struct worker *worker)
{
    count_growth(&supervisor->pool, worker, 0);
    if (worker->ending.signaled && worker->ending.code == SIGKILL) {
        facts_memory_of_kill(supervisor, worker);
    }
}

void
facts_memory_of_kill(struct supervisor *supervisor, struct worker *worker)
{
    if (worker->state < WORKER_KILLED && !worker->is_dying) {
        worker->oom_evidence = facts_total_take_oom(supervisor, supervisor_now_ms(supervisor));
    }
}
