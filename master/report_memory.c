/* report_memory.c: see report_memory.h. */
#include "report_memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MIB (INT64_C(1) << 20)

char *
report_size(int64_t bytes, char to[REPORT_SIZE_TEXT])
{
    const char *sign = bytes < 0 ? "-" : "";
    double size = bytes < 0 ? -(double)bytes : (double)bytes;

    if (size < (double)MIB) {
        snprintf(to, REPORT_SIZE_TEXT, "%s%.0fK", sign, size / 1024);
    } else if (size < 10.0 * (double)MIB) {
        snprintf(to, REPORT_SIZE_TEXT, "%s%.1fM", sign, size / (double)MIB);
    } else {
        snprintf(to, REPORT_SIZE_TEXT, "%s%.0fM", sign, size / (double)MIB);
    }
    return to;
}

/* Appends what fits, whole or not at all. */
static bool PRINTF_LIKE(3, 4) append(char *to, size_t size, const char *format, ...)
{
    size_t used = strlen(to);
    va_list words;
    int length;

    va_start(words, format);
    length = vsnprintf(to + used, size - used, format, words);
    va_end(words);
    if (length < 0 || (size_t)length >= size - used) {
        to[used] = '\0';
        return false;
    }
    return true;
}

char *
report_jobs_text(const struct worker *worker, char *to, size_t size)
{
    struct board_job jobs[BOARD_RECORDS];
    int64_t now_ms = util_now_ms();
    unsigned count = 0;

    to[0] = '\0';
    /* The board itself, not the figures of the last look: a hard limit is seen between two of them. */
    if (worker->ties.board != NULL) {
        count = board_read_jobs(worker->ties.board, now_ms, jobs, BOARD_RECORDS);
    }
    for (unsigned i = 0; i < count; i++) {
        /* Room for the count of those that are left out. */
        if (!append(to, size - 8, "%s%s:%s:%" PRId64, i > 0 ? "," : "", jobs[i].name, jobs[i].jid,
                    (now_ms - jobs[i].started_ms) / 1000)) {
            (void)append(to, size, "+%u", count - i);
            break;
        }
    }
    return to;
}

void
report_jobs(struct log_line *line, const struct worker *worker)
{
    char text[1024];

    report_text(line, "jobs", report_jobs_text(worker, text, sizeof(text)));
}

uint64_t
report_peak_bytes(const struct worker *worker)
{
    uint64_t seen = worker->history.peak_rss_bytes;
    uint64_t told = worker->maxrss_kib * 1024;

    return told > seen ? told : seen;
}

void
report_last_figures(struct log_line *line, const struct worker *worker)
{
    if (worker->memory.rss_known || worker->memory.rss_bytes != 0) {
        report_kib(line, "rss_kib", worker->memory.rss_bytes);
    }
    if (worker->memory.private_known) {
        report_kib(line, "uss_kib", worker->memory.uss_bytes);
    }
    if (report_peak_bytes(worker) != 0) {
        report_kib(line, "peak_kib", report_peak_bytes(worker));
    }
}

/* What each limit is called in lines, and its unit. */
enum unit { UNIT_BYTES, UNIT_JOBS, UNIT_SPAN };

static const struct {
    const char *figure;
    const char *value_key;
    const char *bound_key;
    enum unit unit;
} limits[POLICY_LIMIT_COUNT] = {
    [POLICY_MAX_RSS] = {"rss", "rss_kib", "limit_kib", UNIT_BYTES},
    [POLICY_MAX_PSS] = {"pss", "pss_kib", "limit_kib", UNIT_BYTES},
    [POLICY_MAX_USS] = {"uss", "uss_kib", "limit_kib", UNIT_BYTES},
    [POLICY_MAX_JOBS] = {"jobs", "done", "limit_jobs", UNIT_JOBS},
    [POLICY_MAX_AGE] = {"age", "age_s", "limit_s", UNIT_SPAN},
    [POLICY_KILL_RSS] = {"rss", "rss_kib", "limit_kib", UNIT_BYTES},
    [POLICY_KILL_PSS] = {"pss", "pss_kib", "limit_kib", UNIT_BYTES},
    [POLICY_KILL_USS] = {"uss", "uss_kib", "limit_kib", UNIT_BYTES},
};

static int64_t
in_unit(uint64_t value, enum unit unit)
{
    switch (unit) {
    case UNIT_BYTES:
        return (int64_t)(value / 1024);
    case UNIT_JOBS:
        return (int64_t)value;
    case UNIT_SPAN:
        return (int64_t)(value / 1000);
    }
    return 0;
}

static void
add_growth(struct log_line *line, const struct worker *worker)
{
    struct trend trend;

    trend_of(&worker->history, worker->ready_ms, &trend);
    if (trend.known) {
        log_number(line, "growth_kib_h", (int64_t)(trend.bytes_per_hour / 1024));
    }
    if (trend.per_job_known) {
        log_number(line, "growth_kib_job", (int64_t)(trend.bytes_per_job / 1024));
    }
}

static void
add_finding(struct log_line *line, const struct policy_limits *settings,
            const struct policy_finding *finding)
{
    char cycles[32];

    log_text(line, "limit", policy_limit_name(finding->limit));
    log_number(line, limits[finding->limit].value_key,
               in_unit(finding->value, limits[finding->limit].unit));
    log_number(line, limits[finding->limit].bound_key,
               in_unit(finding->bound, limits[finding->limit].unit));
    if (policy_is_memory(finding->limit) && !policy_is_hard(finding->limit)) {
        snprintf(cycles, sizeof(cycles), "%u/%u", finding->above, settings->window);
        log_text(line, "cycles", cycles);
    }
}

static void
add_total(struct log_line *line, const struct pool *pool, const struct worker *worker)
{
    report_kib(line, "total_kib", pool->total.bytes);
    report_kib(line, "limit_kib", pool->total.limit_bytes);
    if (worker != NULL && worker->memory.private_known) {
        report_kib(line, "uss_kib", worker_gain(worker));
    }
}

void
report_recycle(struct log_line *line, const struct supervisor *supervisor,
               const struct action *action)
{
    const struct pool *pool = &supervisor->pool;
    const struct worker *worker = action->worker;
    char detail[SLOT_DETAIL_SIZE];

    log_text(line, "reason", reason_name(action->reason));
    if (action->finding.bound != 0) {
        add_finding(line, &pool->settings.limits, &action->finding);
    } else if (action->reason == REASON_TOTAL) {
        add_total(line, pool, worker);
    } else if (action->reason == REASON_RULE) {
        log_text(line, "rule", pool->settings.rules[worker->rule].name);
    }
    add_growth(line, worker);
    if (worker->figures.known) {
        log_number(line, "busy", worker->figures.busy);
    }
    report_jobs(line, worker);
    log_say(line, "%s", report_detail(supervisor, action, detail));
}

static void
say_finding(const struct policy_finding *finding, const struct policy_limits *settings, char *to)
{
    char value[REPORT_SIZE_TEXT], bound[REPORT_SIZE_TEXT];
    const char *figure = limits[finding->limit].figure;
    bool is_above = finding->weight == POLICY_EXCEEDED;

    switch (limits[finding->limit].unit) {
    case UNIT_BYTES:
        (void)append(
            to, SLOT_DETAIL_SIZE, "%s %s %s %s", figure,
            report_size((int64_t)finding->value, value),
            is_above ? "above" : "near, with others:", report_size((int64_t)finding->bound, bound));
        if (policy_is_hard(finding->limit)) {
            (void)append(to, SLOT_DETAIL_SIZE, " (hard)");
        } else if (is_above && settings->window > 1) {
            (void)append(to, SLOT_DETAIL_SIZE, " for %u of %u cycles", finding->above,
                         settings->window);
        }
        if (is_above && !policy_is_hard(finding->limit) && finding->above < settings->cycles) {
            (void)append(to, SLOT_DETAIL_SIZE, ", under memory pressure");
        }
        break;
    case UNIT_JOBS:
        (void)append(to, SLOT_DETAIL_SIZE, "%" PRIu64 " jobs of %" PRIu64, finding->value,
                     finding->bound);
        break;
    case UNIT_SPAN:
        (void)append(to, SLOT_DETAIL_SIZE, "%" PRIu64 " s old of %" PRIu64, finding->value / 1000,
                     finding->bound / 1000);
        break;
    }
}

static void
say_growth(const struct worker *worker, char *to)
{
    char size[REPORT_SIZE_TEXT];
    struct trend trend;

    trend_of(&worker->history, worker->ready_ms, &trend);
    if (trend.known) {
        (void)append(to, SLOT_DETAIL_SIZE, "; grows %s/h",
                     report_size((int64_t)trend.bytes_per_hour, size));
    }
    if (trend.per_job_known) {
        (void)append(to, SLOT_DETAIL_SIZE, ", %s a job",
                     report_size((int64_t)trend.bytes_per_job, size));
    }
}

static void
say_total(const struct pool *pool, const struct worker *worker, char *to)
{
    char total[REPORT_SIZE_TEXT], limit[REPORT_SIZE_TEXT], gain[REPORT_SIZE_TEXT];

    (void)append(to, SLOT_DETAIL_SIZE, "the service takes %s of %s; its end gives back %s",
                 report_size((int64_t)pool->total.bytes, total),
                 report_size((int64_t)pool->total.limit_bytes, limit),
                 report_size((int64_t)worker_gain(worker), gain));
}

char *
report_detail(const struct supervisor *supervisor, const struct action *action,
              char to[SLOT_DETAIL_SIZE])
{
    const struct pool *pool = &supervisor->pool;
    const struct worker *worker = action->worker;
    char rule[RULE_TEXT_SIZE];

    to[0] = '\0';
    if (action->finding.bound != 0) {
        say_finding(&action->finding, &pool->settings.limits, to);
    } else if (action->reason == REASON_TOTAL) {
        say_total(pool, worker, to);
    } else if (action->reason == REASON_RULE) {
        const struct rule *fired = &pool->settings.rules[worker->rule];

        (void)append(to, SLOT_DETAIL_SIZE, "%s: %s", fired->name, rule_format(fired, rule));
    } else {
        (void)append(to, SLOT_DETAIL_SIZE, "%s", reason_name(action->reason));
    }
    say_growth(worker, to);
    return to;
}

void
report_limit_too_low(struct log_line *line, const struct worker *worker,
                     const struct policy_finding *finding)
{
    uint64_t better = policy_suggest_uss(finding->bound, &worker->fresh);
    char bound[REPORT_SIZE_TEXT], fresh[REPORT_SIZE_TEXT], shared[REPORT_SIZE_TEXT];
    char advice[128] = ": raise the limit";

    log_text(line, "limit", policy_limit_name(finding->limit));
    report_kib(line, "fresh_kib", finding->fresh);
    report_kib(line, "limit_kib", finding->bound);
    if (better != 0 && worker->fresh.private_known) {
        snprintf(advice, sizeof(advice),
                 ", of which %s are shared with the mold: did you mean --max-uss %" PRIu64 "M?",
                 report_size((int64_t)(worker->fresh.rss_bytes - worker->fresh.uss_bytes), shared),
                 better / (uint64_t)MIB);
    }
    log_say(line, "limit %s, a fresh worker is %s%s; such workers are not recycled",
            report_size((int64_t)finding->bound, bound),
            report_size((int64_t)finding->fresh, fresh), advice);
}

void
report_total(struct log_line *line, const struct supervisor *supervisor,
             const struct worker *worker)
{
    const struct pool *pool = &supervisor->pool;

    add_total(line, pool, worker);
    if (worker == NULL) {
        log_say(line, "nobody's end would give back more than a fresh worker takes: nothing is "
                      "done; fewer workers, or a larger --max-total, would help");
    } else if (pool->settings.dry_run) {
        log_say(line, "this worker would be replaced, but for --dry-run-limits");
    } else {
        log_say(line, "this worker's end gives most back: it is replaced");
    }
}

void
report_room(struct log_line *line, const struct pool *pool)
{
    report_kib(line, "need_kib", pool_worker_cost(pool));
    report_kib(line, "room_kib", pool_room(pool));
}

void
report_hang(struct log_line *line, const struct supervisor *supervisor, const struct worker *worker)
{
    static const char *const kinds[] = {
        [HANG_NONE] = "none",
        [HANG_NO_BEAT] = "no_beat",
        [HANG_NO_PROGRESS] = "no_progress",
        [HANG_JOB_TIME] = "job_time",
    };
    static const char *const consequences[] = {
        [REMEDY_LOG] = "it is left alone",
        [REMEDY_RECYCLE] = "it is replaced: its successor first",
        [REMEDY_KILL] = "it gets TERM in 2 s, then KILL",
    };
    const struct pool_settings *settings = &supervisor->pool.settings;
    enum remedy remedy =
        worker->hang == HANG_JOB_TIME ? settings->job_time_action : settings->hang_action;

    log_text(line, "kind", kinds[worker->hang]);
    report_kernel(line, worker->pid);
    if (worker->cpu_known) {
        log_number(line, "cpu_percent", (int64_t)(worker->cpu_centi / 100));
    }
    if (worker->figures.known) {
        log_number(line, "busy", worker->figures.busy);
    }
    report_jobs(line, worker);
    log_say(line, "%s", consequences[remedy]);
}
