/*
 * explain_limit.c: see explain_limit.h.
 *
 * Owns the words for each weight of a finding.
 */
#include "explain_limit.h"

#include <string.h>

#include "status_text.h"

/* One finding in words. */
struct words {
    char bound[STATUS_TEXT_SIZE];
    char value[STATUS_TEXT_SIZE];
    const char *figure; /* "RSS is" */
    char share[128];    /* that this worker's bound is an earlier one; "" when it is not */
};

static bool
is_hard(const struct policy_finding *finding)
{
    return policy_is_hard(finding->limit);
}

static const char *
figure_name(enum policy_limit limit)
{
    switch (limit) {
    case POLICY_MAX_RSS:
    case POLICY_KILL_RSS:
        return "RSS";
    case POLICY_MAX_PSS:
    case POLICY_KILL_PSS:
        return "PSS";
    case POLICY_MAX_USS:
    case POLICY_KILL_USS:
        return "USS";
    case POLICY_MAX_JOBS:
        return "its count of jobs";
    case POLICY_MAX_AGE:
        return "its age";
    case POLICY_LIMIT_COUNT:
        break;
    }
    return "?";
}

static const char *
write_amount(enum policy_limit limit, uint64_t amount, char *to)
{
    if (limit == POLICY_MAX_JOBS) {
        snprintf(to, STATUS_TEXT_SIZE, "%llu", (unsigned long long)amount);
        return to;
    }
    return limit == POLICY_MAX_AGE ? explain_span((int64_t)amount, to) : explain_size(amount, to);
}

/* 800M beside 800M says nothing: figures that differ are shown so. */
static void
write_exact(const struct policy_finding *finding, struct words *words)
{
    if (policy_is_memory(finding->limit) && finding->value != finding->bound &&
        strcmp(words->bound, words->value) == 0) {
        snprintf(words->bound, sizeof(words->bound), "%lluK",
                 (unsigned long long)(finding->bound / 1024));
        snprintf(words->value, sizeof(words->value), "%lluK",
                 (unsigned long long)(finding->value / 1024));
    }
}

static void
write_words(const struct explain_facts *facts, const struct policy_finding *finding,
            struct words *words)
{
    uint64_t given = facts->limits->bound[finding->limit];
    char whole[STATUS_TEXT_SIZE];

    words->figure = figure_name(finding->limit);
    write_amount(finding->limit, finding->bound, words->bound);
    write_amount(finding->limit, finding->value, words->value);
    write_exact(finding, words);
    words->share[0] = '\0';
    if (given != finding->bound && given != 0) {
        snprintf(words->share, sizeof(words->share),
                 " (of %.30s: workers have different shares, so that they do not leave together)",
                 write_amount(finding->limit, given, whole));
    }
}

static void
say_unknown(const struct explain_facts *facts, const struct policy_finding *finding,
            const struct words *words, FILE *to)
{
    char rss[STATUS_TEXT_SIZE];
    const char *name = policy_limit_name(finding->limit);

    if (facts->now.rss_known && policy_is_memory(finding->limit) &&
        facts->now.rss_bytes <= finding->bound) {
        explain_say(to, "%s %s: %s was not read, for RSS is %s, and %s is never more.", name,
                    words->bound, words->figure, explain_size(facts->now.rss_bytes, rss),
                    words->figure);
    } else {
        explain_say(to,
                    "%s %s: %s is not known, so this limit cannot act. What is not known never "
                    "replaces a worker.",
                    name, words->bound, words->figure);
    }
}

/* " 2 of its last 5 checks were above." */
static void
write_count(const struct policy_finding *finding, char *to, size_t size)
{
    to[0] = '\0';
    if (finding->above > 0 && policy_is_memory(finding->limit)) {
        snprintf(to, size, " %u of the last %u checks %s above it.", finding->above, finding->seen,
                 finding->above == 1 ? "was" : "were");
    }
}

/* " At its growth it gets there in about 14h 10m." Growth is that of RSS. */
static void
write_time(const struct explain_facts *facts, const struct policy_finding *finding, char *to,
           size_t size)
{
    int64_t left_ms = policy_is_memory(finding->limit)
                          ? trend_time_to_ms(&facts->trend, finding->value, finding->bound)
                          : NEVER_MS;
    char span[STATUS_TEXT_SIZE];

    to[0] = '\0';
    if (finding->limit == POLICY_MAX_AGE && finding->bound > finding->value) {
        left_ms = (int64_t)(finding->bound - finding->value);
        snprintf(to, size, " It gets there in %s.", explain_span(left_ms, span));
    } else if (left_ms != NEVER_MS) {
        snprintf(to, size, " At its growth it gets there in about %s.",
                 explain_span(left_ms, span));
    }
}

static void
say_within(const struct explain_facts *facts, const struct policy_finding *finding,
           const struct words *words, FILE *to)
{
    char count[80], time[80];

    write_count(finding, count, sizeof(count));
    write_time(facts, finding, time, sizeof(time));
    explain_say(to, "%s %s%s: %s is %s, %.0f%% of it.%s%s", policy_limit_name(finding->limit),
                words->bound, words->share, words->figure, words->value,
                finding->bound > 0 ? 100 * (double)finding->value / (double)finding->bound : 0,
                count, time);
}

static void
say_counting(const struct explain_facts *facts, const struct policy_finding *finding,
             const struct words *words, FILE *to)
{
    char count[80];

    write_count(finding, count, sizeof(count));
    explain_say(to, "%s %s: %s is %s, ABOVE it.%s It is replaced when %u of %u are.",
                policy_limit_name(finding->limit), words->bound, words->figure, words->value, count,
                facts->limits->cycles, facts->limits->window);
}

static void
say_in_grace(const struct explain_facts *facts, const struct policy_finding *finding,
             const struct words *words, FILE *to)
{
    int64_t left_ms = facts->ready_ms + facts->limits->grace_ms - facts->now_ms;
    char grace[STATUS_TEXT_SIZE], left[STATUS_TEXT_SIZE];

    explain_say(to,
                "%s %s: %s is %s, ABOVE it for long enough, but the worker is young: it has %s of "
                "grace, %s of it are left. If it is still above then, it is replaced.",
                policy_limit_name(finding->limit), words->bound, words->figure, words->value,
                explain_span(facts->limits->grace_ms, grace),
                explain_span(left_ms > 0 ? left_ms : 0, left));
}

/* Replacing it would change nothing; what would. */
static void
say_hopeless(const struct explain_facts *facts, const struct policy_finding *finding,
             const struct words *words, FILE *to)
{
    char fresh[STATUS_TEXT_SIZE], shared[STATUS_TEXT_SIZE + 48] = "", size[STATUS_TEXT_SIZE];
    char instead[STATUS_TEXT_SIZE + 32] = "";
    bool is_rss = finding->limit == POLICY_MAX_RSS || finding->limit == POLICY_KILL_RSS;
    uint64_t better = finding->limit == POLICY_MAX_RSS || finding->limit == POLICY_MAX_PSS
                          ? policy_suggest_uss(finding->bound, &facts->fresh)
                          : 0;

    if (is_rss && facts->fresh.private_known && facts->fresh.rss_bytes > facts->fresh.uss_bytes) {
        snprintf(shared, sizeof(shared), ", of which %.20s are shared with the mold",
                 explain_size(facts->fresh.rss_bytes - facts->fresh.uss_bytes, size));
    }
    if (better > 0) {
        snprintf(instead, sizeof(instead), ", or set --max-uss %.20s instead",
                 explain_size(better, size));
    }
    explain_say(
        to,
        "%s %s: CANNOT BE KEPT. %s is %s, but a fresh worker has %s already%s. Replacing it "
        "would change nothing, so it stays. Raise the limit%s.",
        policy_limit_name(finding->limit), words->bound, words->figure, words->value,
        explain_size(finding->fresh, fresh), shared, instead);
}

/* What follows from a limit that is exceeded. */
static void
write_consequence(const struct explain_facts *facts, const struct policy_finding *finding, char *to,
                  size_t size)
{
    char span[STATUS_TEXT_SIZE];

    if (facts->is_dry_run) {
        snprintf(to, size,
                 "With --dry-run-limits that is only told: without it the worker would be %s.",
                 is_hard(finding) ? "ended at once" : "replaced");
    } else if (is_hard(finding)) {
        snprintf(to, size,
                 "It gets TERM at once and KILL %s later; jobs that it cannot finish "
                 "until then go back to their queues, or are lost with a KILL.",
                 explain_span(facts->kill_grace_ms, span));
    } else if (facts->leaving == NULL && facts->recycling >= facts->max_recycles) {
        snprintf(to, size, "It waits for its turn: %u are being replaced, at most %u at a time.",
                 facts->recycling, facts->max_recycles);
    } else if (facts->drain_timeout_ms == NEVER_MS) {
        snprintf(to, size,
                 "It is replaced: its successor first, then it finishes its jobs, "
                 "however long they take.");
    } else {
        snprintf(to, size, "It is replaced: its successor first, then it has %s for its jobs.",
                 explain_span(facts->drain_timeout_ms, span));
    }
}

static void
say_exceeded(const struct explain_facts *facts, const struct policy_finding *finding,
             const struct words *words, FILE *to)
{
    char count[80], consequence[256];

    write_count(finding, count, sizeof(count));
    write_consequence(facts, finding, consequence, sizeof(consequence));
    explain_say(to, "%s %s%s: EXCEEDED. %s is %s.%s %s", policy_limit_name(finding->limit),
                words->bound, words->share, words->figure, words->value,
                is_hard(finding) ? "" : count, consequence);
}

static void
say_finding(const struct explain_facts *facts, const struct policy_finding *finding, FILE *to)
{
    struct words words;

    write_words(facts, finding, &words);
    switch (finding->weight) {
    case POLICY_NO_LIMIT:
        break;
    case POLICY_NOT_KNOWN:
        say_unknown(facts, finding, &words, to);
        break;
    case POLICY_WITHIN:
        say_within(facts, finding, &words, to);
        break;
    case POLICY_COUNTING:
        say_counting(facts, finding, &words, to);
        break;
    case POLICY_IN_GRACE:
        say_in_grace(facts, finding, &words, to);
        break;
    case POLICY_HOPELESS:
        say_hopeless(facts, finding, &words, to);
        break;
    case POLICY_EXCEEDED:
        say_exceeded(facts, finding, &words, to);
        break;
    }
}

/* "Not limited: max-pss, max-uss, …" */
static void
say_unlimited(const struct explain_facts *facts, FILE *to)
{
    char names[256] = "";

    for (enum policy_limit limit = 0; limit < POLICY_LIMIT_COUNT; limit++) {
        size_t length = strlen(names);

        if (facts->limits->bound[limit] == 0) {
            snprintf(names + length, sizeof(names) - length, "%s%s", length > 0 ? ", " : "",
                     policy_limit_name(limit));
        }
    }
    if (names[0] != '\0') {
        explain_say(to, "Not set: %s.", names);
    }
}

void
explain_limits(const struct explain_facts *facts, FILE *to)
{
    if (facts->findings == NULL || facts->limits == NULL) {
        explain_say(to, "Its limits have not been weighed yet.");
        return;
    }
    if (facts->is_dry_run) {
        explain_say(to, "DRY RUN: limits are only reported, nobody is replaced for them.");
    }
    for (enum policy_limit limit = 0; limit < POLICY_LIMIT_COUNT; limit++) {
        say_finding(facts, &facts->findings[limit], to);
    }
    say_unlimited(facts, to);
}
