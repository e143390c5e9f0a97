/*
 * explain.c: see explain.h.
 *
 * One paragraph for each thing that an operator asks at three in the morning, in that order: who is it, what does it
 * hold, which limit says what, does it live, how did the last one leave.
 */
#include "explain.h"

#include <stdarg.h>
#include <stdio.h>

#include "explain_limit.h"
#include "status_text.h"

void
explain_say(FILE *to, const char *format, ...)
{
    char raw[EXPLAIN_SENTENCE_SIZE], plain[EXPLAIN_SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    status_text_plain(plain, sizeof(plain), raw);
    status_text_wrap(to, plain, 0, 2, EXPLAIN_WIDTH);
}

const char *
explain_span(int64_t span_ms, char *to)
{
    return status_text_seconds((double)span_ms / 1000.0, " ", to);
}

const char *
explain_size(uint64_t bytes, char *to)
{
    return status_text_bytes((double)bytes, to);
}

static void
say_who(const struct explain_facts *facts, FILE *to)
{
    char span[STATUS_TEXT_SIZE];

    if (facts->is_given_up) {
        explain_say(to,
                    "Slot %u was given up: its workers died too often in too short a time. Nobody "
                    "is started here until `swarm recycle %u`.",
                    facts->slot, facts->slot);
    } else if (facts->pid == 0 && facts->wait_ms > 0) {
        explain_say(to, "Slot %u has no worker. The next one is tried in %s.", facts->slot,
                    explain_span(facts->wait_ms, span));
    } else if (facts->pid == 0) {
        explain_say(to, "Slot %u has no worker now%s.", facts->slot,
                    facts->is_quiet ? ": the service is quiet, so nobody is started" : "");
    } else if (facts->ready_ms == 0) {
        explain_say(to,
                    "Slot %u: worker %d (generation %u) is %s. It is not ready yet, so no limit "
                    "is weighed.",
                    facts->slot, (int)facts->pid, facts->generation,
                    facts->state != NULL ? facts->state : "starting");
    } else {
        explain_say(to, "Slot %u: worker %d (generation %u) is %s, for %s since it was let run.",
                    facts->slot, (int)facts->pid, facts->generation,
                    facts->state != NULL ? facts->state : "there",
                    explain_span(facts->now_ms - facts->ready_ms, span));
    }
}

static void
say_leaving(const struct explain_facts *facts, FILE *to)
{
    if (facts->leaving != NULL) {
        explain_say(to, "It is being replaced: %s.%s", facts->leaving,
                    facts->drains_first ? " It leaves before its successor starts, since there is "
                                          "no memory for both at once."
                                        : "");
    }
}

static void
say_jobs(const struct explain_facts *facts, FILE *to)
{
    char age[STATUS_TEXT_SIZE], done[96];

    if (!facts->jobs_known) {
        explain_say(to, "What it works on is not known: it has not told yet.");
        return;
    }
    snprintf(done, sizeof(done), "It finished %llu jobs, %llu more failed.",
             (unsigned long long)facts->jobs_done, (unsigned long long)facts->jobs_failed);
    if (facts->busy == 0) {
        explain_say(to, "%s It is idle.", done);
    } else if (facts->job.name == NULL) {
        explain_say(to, "%s It works on %u now.", done, facts->busy);
    } else {
        explain_say(to, "%s It works on %u now; the oldest is %s%s%s%s, for %s.", done, facts->busy,
                    facts->job.name, facts->job.jid != NULL ? " (" : "",
                    facts->job.jid != NULL ? facts->job.jid : "", facts->job.jid != NULL ? ")" : "",
                    explain_span(facts->job.age_ms, age));
    }
}

static void
say_memory(const struct explain_facts *facts, FILE *to)
{
    const struct memory_figures *now = &facts->now;
    char rss[STATUS_TEXT_SIZE], pss[STATUS_TEXT_SIZE], uss[STATUS_TEXT_SIZE];
    char shared[STATUS_TEXT_SIZE], peak[STATUS_TEXT_SIZE + 16] = "";

    if (facts->peak_rss_bytes > 0) {
        snprintf(peak, sizeof(peak), " (at most %.20s)", explain_size(facts->peak_rss_bytes, rss));
    }
    if (!now->rss_known) {
        explain_say(to, "Its memory is not known: nothing could be read of the process.");
    } else if (!now->private_known) {
        explain_say(to,
                    "Memory: RSS %s%s. PSS and USS are not known: they were not needed yet, or the "
                    "kernel does not show smaps_rollup here.",
                    explain_size(now->rss_bytes, rss), peak);
    } else {
        uint64_t rest = now->rss_bytes > now->uss_bytes ? now->rss_bytes - now->uss_bytes : 0;

        explain_say(to,
                    "Memory: RSS %s%s, PSS %s, USS %s: its end would give back %s. It shares %s "
                    "with its mold and the other workers.",
                    explain_size(now->rss_bytes, rss), peak, explain_size(now->pss_bytes, pss),
                    explain_size(now->uss_bytes, uss), uss, explain_size(rest, shared));
    }
}

static void
say_trend(const struct explain_facts *facts, FILE *to)
{
    char hour[STATUS_TEXT_SIZE], job[STATUS_TEXT_SIZE], warm[STATUS_TEXT_SIZE];

    if (!facts->trend.known) {
        explain_say(to,
                    "Growth is not known yet: the first %s and the first %d jobs are warm-up, and "
                    "%d samples are needed after that.",
                    explain_span(TREND_WARMUP_MS, warm), TREND_WARMUP_JOBS, TREND_POINTS_MIN);
    } else if (facts->trend.per_job_known) {
        explain_say(to, "Growth: %s an hour, %s a job.",
                    status_text_signed(facts->trend.bytes_per_hour, hour),
                    status_text_signed(facts->trend.bytes_per_job, job));
    } else {
        explain_say(to, "Growth: %s an hour; a job's part in it is not known.",
                    status_text_signed(facts->trend.bytes_per_hour, hour));
    }
}

static void
say_total(const struct explain_facts *facts, FILE *to)
{
    const struct explain_total *total = &facts->total;
    char sum[STATUS_TEXT_SIZE], limit[STATUS_TEXT_SIZE], back[STATUS_TEXT_SIZE];
    uint64_t frees = facts->now.uss_bytes + facts->now.swap_bytes;

    if (total->limit_bytes == 0) {
        return;
    }
    explain_size(total->limit_bytes, limit);
    if (!total->is_known) {
        explain_say(to,
                    "max-total %s: what the service takes is not known, so this limit cannot act.",
                    limit);
        return;
    }
    explain_say(to,
                "max-total %s: the service takes %s (%.0f%%). %s the worker is replaced whose end "
                "gives most back; this one's would give back %s.",
                limit, explain_size(total->bytes, sum),
                100 * (double)total->bytes / (double)total->limit_bytes,
                total->bytes > total->limit_bytes ? "That is above it:" : "When it gets above,",
                facts->now.private_known ? explain_size(frees, back) : "what is not known");
}

/* "It beat 0.4s ago; its Ruby code moved on 0.6s ago." */
static void
write_signs(const struct explain_hang *hang, char *to, size_t size)
{
    char beat[STATUS_TEXT_SIZE], progress[STATUS_TEXT_SIZE];

    if (hang->beat_age_ms < 0 && hang->progress_age_ms < 0) {
        snprintf(to, size, "It has shown no sign of life that could be read.");
        return;
    }
    snprintf(to, size, "Its last beat was %s%s, its Ruby code last moved on %s%s.",
             hang->beat_age_ms < 0 ? "at a time that is not known"
                                   : explain_span(hang->beat_age_ms, beat),
             hang->beat_age_ms < 0 ? "" : " ago",
             hang->progress_age_ms < 0 ? "at a time that is not known"
                                       : explain_span(hang->progress_age_ms, progress),
             hang->progress_age_ms < 0 ? "" : " ago");
}

static void
say_hang(const struct explain_facts *facts, FILE *to)
{
    const struct explain_hang *hang = &facts->hang;
    char signs[192], span[STATUS_TEXT_SIZE];

    write_signs(hang, signs, sizeof(signs));
    if (hang->is_stopped) {
        explain_say(to, "A signal stopped it (SIGSTOP). It is spared while it is stopped, unless "
                        "--stopped-timeout says otherwise; SIGCONT lets it go on.");
    } else if (hang->is_hanging) {
        explain_say(to, "IT HANGS. %s Its threads are in the log; --hang-action is %s.", signs,
                    hang->action != NULL ? hang->action : "log");
    } else if (hang->timeout_ms < 0) {
        explain_say(to, "%s Nothing is done about hangs: --hang-timeout is not set.", signs);
    } else {
        explain_say(to,
                    "%s Without a sign of life for %s it counts as hanging; --hang-action is %s.",
                    signs, explain_span(hang->timeout_ms, span),
                    hang->action != NULL ? hang->action : "log");
    }
    if (hang->max_job_time_ms >= 0) {
        bool is_late = facts->job.name != NULL && facts->job.age_ms > hang->max_job_time_ms;

        explain_say(to, "max-job-time %s: %s; --job-time-action is %s.",
                    explain_span(hang->max_job_time_ms, span),
                    is_late ? "its oldest job is OLDER than that" : "no job of it is older",
                    hang->job_action != NULL ? hang->job_action : "log");
    }
}

static void
say_last(const struct explain_facts *facts, FILE *to)
{
    char age[STATUS_TEXT_SIZE];

    if (facts->last_text == NULL) {
        explain_say(to, "No worker of this slot has left yet, as far as is remembered.");
    } else {
        explain_say(to, "The last worker of this slot left %s ago: %s.",
                    explain_span(facts->last_age_ms, age), facts->last_text);
    }
}

char *
explain(const struct explain_facts *facts)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    if (to == NULL) {
        return NULL;
    }
    say_who(facts, to);
    if (facts->pid != 0) {
        say_leaving(facts, to);
        say_jobs(facts, to);
        say_memory(facts, to);
    }
    if (facts->pid != 0 && facts->ready_ms != 0) {
        say_trend(facts, to);
        fputc('\n', to);
        explain_limits(facts, to);
        say_total(facts, to);
        fputc('\n', to);
        say_hang(facts, to);
    }
    say_last(facts, to);
    return util_end_text(to, &text, 0);
}
