/* report.c: see report.h. */
#include "report.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "signals.h"

void
report_kib(struct log_line *line, const char *key, uint64_t bytes)
{
    log_number(line, key, (int64_t)(bytes / 1024));
}

void
report_text(struct log_line *line, const char *key, const char *text)
{
    log_text(line, key, text[0] != '\0' ? text : NULL);
}

void
report_begin_worker(struct log_line *line, enum event event, const struct worker *worker)
{
    log_begin(line, event);
    log_number(line, "slot", worker->slot);
    log_number(line, "gen", worker->generation);
    if (worker->pid != 0) {
        log_number(line, "pid", worker->pid);
    }
}

void
report_begin_mold(struct log_line *line, enum event event, const struct mold *mold)
{
    log_begin(line, event);
    log_number(line, "gen", mold->generation);
    if (mold->pid != 0) {
        log_number(line, "pid", mold->pid);
    }
}

void
report_begin_either(struct log_line *line, enum event event, const struct worker *worker,
                    const struct mold *mold)
{
    if (worker != NULL) {
        report_begin_worker(line, event, worker);
    } else {
        report_begin_mold(line, event, mold);
    }
}

void
report_starting(const struct config *config, const char *control_path)
{
    struct log_line line;

    log_begin(&line, EVENT_STARTING);
    log_text(&line, "version", SWARM_VERSION);
    log_number(&line, "processes", config->processes);
    log_text(&line, "prefork", config->prefork ? "yes" : "no");
    if (config->max_rss_bytes != 0) {
        report_kib(&line, "max_rss_kib", config->max_rss_bytes);
    }
    log_text(&line, "control", control_path);
    log_text(&line, "file", config->file);
    log_end(&line);
    for (unsigned i = 0; i < config->warning_count; i++) {
        log_note(EVENT_WARNING, "%s", config->warnings[i]);
    }
}

void
report_step(const struct worker *worker, const struct mold *mold, const struct wire_step *step)
{
    struct log_line line;

    report_begin_either(&line, EVENT_BOOT_STEP, worker, mold);
    log_text(&line, "step", step->name);
    log_number(&line, "took_ms", step->took_ms);
    log_end(&line);
}

/* A line for each line of `list`. */
static void
report_hygiene(const struct mold *mold, const char *kind, const char *list, const char *advice)
{
    char what[256];
    struct log_line line;

    while (*list != '\0') {
        size_t length = strcspn(list, "\n");

        snprintf(what, sizeof(what), "%.*s", (int)length, list);
        report_begin_mold(&line, EVENT_FORK_HYGIENE, mold);
        log_text(&line, "kind", kind);
        log_text(&line, "what", what);
        log_say(&line, "%s", advice);
        log_end(&line);
        list += length + (list[length] == '\n');
    }
}

/* The loader goes on without a library that it cannot load, and a mold without one that it cannot fork with. */
static void
report_allocator(const struct supervisor *supervisor)
{
    const char *library = supervisor->mold_environment->library;
    const char *allocator = supervisor->application.allocator;

    if (library != NULL && *allocator != '\0' && strncmp(allocator, "jemalloc", 8) != 0) {
        log_note(EVENT_WARNING,
                 "%s was preloaded, but the mold works with %s; replace the library, or use "
                 "--allocator system",
                 library, allocator);
    }
}

void
report_mold_ready(const struct supervisor *supervisor, const struct mold *mold)
{
    const struct wire_facts *facts = &supervisor->application;
    struct log_line line;

    report_begin_mold(&line, EVENT_MOLD_READY, mold);
    log_number(&line, "boot_ms", mold->boot_ms);
    if (mold->memory.rss_known) {
        report_kib(&line, "rss_kib", mold->memory.rss_bytes);
    }
    report_text(&line, "ruby", facts->ruby);
    report_text(&line, "sidekiq", facts->sidekiq);
    report_text(&line, "rails", facts->rails);
    if (facts->sidekiq[0] != '\0') {
        log_number(&line, "concurrency", facts->concurrency);
        log_number(&line, "timeout_s", facts->timeout_ms / 1000);
    }
    report_text(&line, "queues", facts->queues);
    report_text(&line, "redis", facts->redis);
    report_text(&line, "allocator", facts->allocator);
    log_end(&line);
    report_allocator(supervisor);
    if (supervisor->config->max_mold_rss_bytes != 0 &&
        mold->fresh_rss_bytes > supervisor->config->max_mold_rss_bytes) {
        log_note(EVENT_WARNING,
                 "--max-mold-rss is below a freshly booted mold's RSS of %llu MiB: molds are not "
                 "replaced for it; raise it",
                 (unsigned long long)(mold->fresh_rss_bytes >> 20));
    }
    report_hygiene(mold, "thread", facts->threads,
                   "it does not run in workers; start it in after_fork instead");
    report_hygiene(mold, "socket", facts->sockets,
                   "all workers would share it; close it in before_fork");
    report_hygiene(mold, "identity", facts->identities,
                   "all workers would have the same; make it anew in after_fork");
    if (supervisor->config->dyno && facts->timeout_ms > 25000) {
        log_note(EVENT_WARNING,
                 "Sidekiq's -t is %u s, but a dyno is killed 30 s after TERM: use -t 25 or less, "
                 "so that jobs are pushed back in time",
                 facts->timeout_ms / 1000);
    }
}

void
report_hello(const struct worker *worker)
{
    struct log_line line;

    report_begin_worker(&line, EVENT_WORKER_HELLO, worker);
    log_end(&line);
}

void
report_worker_ready(const struct worker *worker)
{
    struct log_line line;

    report_begin_worker(&line, EVENT_WORKER_READY, worker);
    log_number(&line, "boot_ms", worker->boot_ms);
    if (worker->memory.rss_known) {
        report_kib(&line, "rss_kib", worker->memory.rss_bytes);
    }
    log_end(&line);
}

void
report_failure(const struct worker *worker, const struct mold *mold,
               const struct wire_failure *failure)
{
    struct log_line line;

    report_begin_either(&line, EVENT_FAILURE, worker, mold);
    log_text(&line, "stage", failure->stage);
    log_text(&line, "class", failure->kind);
    report_text(&line, "place", failure->place);
    log_text(&line, "text", failure->text);
    log_end(&line);
    log_lines(EVENT_FAILURE_FRAME, "pid", worker != NULL ? worker->pid : mold->pid,
              failure->frames);
}

void
report_protocol(const struct worker *worker, const struct mold *mold, pid_t sender,
                const char *what)
{
    struct log_line line;

    report_begin_either(&line, EVENT_PROTOCOL, worker, mold);
    if (sender > 0) {
        log_number(&line, "sender", sender);
    }
    log_text(&line, "what", what);
    log_end(&line);
}

void
report_trace(pid_t pid, const char *text)
{
    log_lines(EVENT_TRACE, "pid", pid, text);
}

void
report_signal(int signal, pid_t sender, const char *consequence)
{
    struct log_line line;

    log_begin(&line, EVENT_SIGNAL);
    log_text(&line, "name", signals_name(signal));
    if (sender > 0) {
        log_number(&line, "sender", sender);
    }
    log_say(&line, "%s", consequence);
    log_end(&line);
}

void
report_stopping(const struct supervisor *supervisor, enum stop_stage stage, int64_t now_ms)
{
    static const char *const names[] = {
        [STOP_NONE] = "none",
        [STOP_GRACEFUL] = "graceful",
        [STOP_HURRIED] = "hurried",
        [STOP_NOW] = "now",
    };
    const struct pool *pool = &supervisor->pool;
    int64_t limit_ms = pool->timeout_ms + PLAN_STOP_MARGIN_MS;
    struct log_line line;

    if (limit_ms > pool->settings.stop_limit_ms) {
        limit_ms = pool->settings.stop_limit_ms;
    }
    log_begin(&line, EVENT_STOPPING);
    log_text(&line, "stage", names[stage]);
    if (stage == STOP_GRACEFUL) {
        log_say(&line, "jobs may finish; who is left in %lld s is killed",
                (long long)(pool->stop.began_ms + limit_ms - now_ms + 500) / 1000);
    } else if (stage == STOP_HURRIED) {
        log_say(&line, "who is left in %d s is killed", PLAN_HURRY_MS / 1000);
    } else {
        log_say(&line, "who is left is killed now");
    }
    log_end(&line);
}

void
report_late(int64_t late_ms)
{
    struct log_line line;

    log_begin(&line, EVENT_LATE);
    log_number(&line, "late_ms", late_ms);
    log_say(&line, "the master stood still; all deadlines are moved by that time");
    log_end(&line);
}

void
report_spawn_failed(const struct worker *worker, int error, int64_t wait_ms)
{
    struct log_line line;

    report_begin_worker(&line, EVENT_SPAWN_FAILED, worker);
    log_number(&line, "request", (int64_t)worker->id);
    log_text(&line, "error", strerror(error));
    log_number(&line, "wait_ms", wait_ms);
    log_say(&line, "no worker is asked for until then; those that run are not touched");
    log_end(&line);
}
