/*
 * test_explain.c: what is known of a slot in, sentences out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "master/explain.h"
#include "master/status_text.h"

#define MIB ((uint64_t)1 << 20)

static const struct policy_limits limits = {
    .bound = {[POLICY_MAX_RSS] = 800 * MIB},
    .cycles = 3,
    .window = 5,
    .grace_ms = 10000,
};

/* A healthy worker with one limit; tests change what they are about. */
static struct explain_facts
healthy(const struct policy_finding *findings)
{
    return (struct explain_facts){
        .slot = 3,
        .state = "ready",
        .pid = 812,
        .generation = 1,
        .now_ms = 7412000,
        .ready_ms = 12000,
        .limits = &limits,
        .findings = findings,
        .now = {.rss_known = true,
                .private_known = true,
                .rss_bytes = 240 * MIB,
                .pss_bytes = 100 * MIB,
                .uss_bytes = 60 * MIB},
        .fresh = {.rss_known = true,
                  .private_known = true,
                  .rss_bytes = 200 * MIB,
                  .uss_bytes = 20 * MIB},
        .peak_rss_bytes = 251 * MIB,
        .trend = {true, 31.2 * 1048576, true, 12345},
        .jobs_known = true,
        .jobs_done = 1234,
        .jobs_failed = 4,
        .hang = {.timeout_ms = -1,
                 .max_job_time_ms = -1,
                 .beat_age_ms = 400,
                 .progress_age_ms = 600},
        .kill_grace_ms = 5000,
        .drain_timeout_ms = 300000,
        .max_recycles = 1,
    };
}

static void
assert_narrow(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char line[256];

        assert_true(length < sizeof(line));
        memcpy(line, text, length);
        line[length] = '\0';
        assert_true(status_text_width(line) <= EXPLAIN_WIDTH);
        assert_true(length == 0 || line[length - 1] != ' ');
        text += length + 1;
    }
}

static char *
say(const struct explain_facts *facts)
{
    char *text = explain(facts);

    assert_non_null(text);
    assert_narrow(text);
    return text;
}

/* The text as one line, so that a sentence is found wherever it was broken. */
static void
assert_says(const struct explain_facts *facts, const char *sentence)
{
    char *text = say(facts);
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '\n' || *from == ' ') {
            from += strspn(from, " \n") - 1;
            *to++ = ' ';
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    if (strstr(text, sentence) == NULL) {
        fail_msg("\"%s\" is missing in:\n%s", sentence, text);
    }
    free(text);
}

/* Says one finding of a limit. */
static void
assert_finding(struct explain_facts *facts, const struct policy_finding *finding,
               const char *sentence)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT] = {0};

    for (enum policy_limit limit = 0; limit < POLICY_LIMIT_COUNT; limit++) {
        findings[limit].limit = limit;
    }
    findings[finding->limit] = *finding;
    facts->findings = findings;
    assert_says(facts, sentence);
}

static void
a_healthy_worker_in_full(void **state)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT] = {
        {.limit = POLICY_MAX_RSS,
         .weight = POLICY_WITHIN,
         .bound = 800 * MIB,
         .value = 240 * MIB,
         .above = 1,
         .seen = 5},
        {.limit = POLICY_MAX_PSS},
        {.limit = POLICY_MAX_USS},
        {.limit = POLICY_MAX_JOBS},
        {.limit = POLICY_MAX_AGE},
        {.limit = POLICY_KILL_RSS},
        {.limit = POLICY_KILL_PSS},
        {.limit = POLICY_KILL_USS},
    };
    struct explain_facts facts = healthy(findings);
    char *text = say(&facts);

    (void)state;
    assert_string_equal(
        text, "Slot 3: worker 812 (generation 1) is ready, for 2h 3m since it was let run.\n"
              "It finished 1234 jobs, 4 more failed. It is idle.\n"
              "Memory: RSS 240M (at most 251M), PSS 100M, USS 60M: its end would give back\n"
              "  60M. It shares 180M with its mold and the other workers.\n"
              "Growth: +31M an hour, +12K a job.\n"
              "\n"
              "max-rss 800M: RSS is 240M, 30% of it. 1 of the last 5 checks was above it. At\n"
              "  its growth it gets there in about 17h 56m.\n"
              "Not set: max-pss, max-uss, max-jobs, max-age, kill-rss, kill-pss, kill-uss.\n"
              "\n"
              "Its last beat was 0.4s ago, its Ruby code last moved on 0.6s ago. Nothing is\n"
              "  done about hangs: --hang-timeout is not set.\n"
              "No worker of this slot has left yet, as far as is remembered.\n");
    free(text);
}

static void
each_weight_of_a_limit(void **state)
{
    struct explain_facts facts = healthy(NULL);
    struct policy_finding finding = {
        .limit = POLICY_MAX_RSS, .bound = 800 * MIB, .value = 912 * MIB, .above = 2, .seen = 5};

    (void)state;
    finding.weight = POLICY_COUNTING;
    assert_finding(&facts, &finding,
                   "max-rss 800M: RSS is 912M, ABOVE it. 2 of the last 5 checks were above it. It "
                   "is replaced when 3 of 5 are.");
    finding.weight = POLICY_EXCEEDED;
    assert_finding(&facts, &finding,
                   "max-rss 800M: EXCEEDED. RSS is 912M. 2 of the last 5 checks were above it. It "
                   "is replaced: its successor first, then it has 5m for its jobs.");
    finding.weight = POLICY_NOT_KNOWN;
    finding.limit = POLICY_MAX_PSS;
    finding.bound = 200 * MIB;
    assert_finding(&facts, &finding,
                   "max-pss 200M: PSS is not known, so this limit cannot act. What is not known "
                   "never replaces a worker.");
    finding.bound = 800 * MIB;
    assert_finding(&facts, &finding,
                   "max-pss 800M: PSS was not read, for RSS is 240M, and PSS is never more.");
    finding = (struct policy_finding){.limit = POLICY_MAX_RSS,
                                      .weight = POLICY_HOPELESS,
                                      .bound = 190 * MIB,
                                      .value = 240 * MIB,
                                      .fresh = 200 * MIB};
    assert_finding(&facts, &finding,
                   "max-rss 190M: CANNOT BE KEPT. RSS is 240M, but a fresh worker has 200M "
                   "already, of which 180M are shared with the mold. Replacing it would change "
                   "nothing, so it stays. Raise the limit, or set --max-uss ");
    finding.limit = POLICY_MAX_USS;
    assert_finding(&facts, &finding,
                   "max-uss 190M: CANNOT BE KEPT. USS is 240M, but a fresh worker has 200M "
                   "already. Replacing it would change nothing, so it stays. Raise the limit.");
}

static void
grace_dry_run_and_turns(void **state)
{
    struct explain_facts facts = healthy(NULL);
    struct policy_finding finding = {.limit = POLICY_MAX_RSS,
                                     .weight = POLICY_IN_GRACE,
                                     .bound = 800 * MIB,
                                     .value = 912 * MIB,
                                     .above = 3,
                                     .seen = 3};

    (void)state;
    facts.now_ms = facts.ready_ms + 4000;
    assert_finding(&facts, &finding,
                   "ABOVE it for long enough, but the worker is young: it has 10s of grace, 6s of "
                   "it are left. If it is still above then, it is replaced.");
    finding.weight = POLICY_EXCEEDED;
    facts.recycling = 1;
    assert_finding(&facts, &finding,
                   "It waits for its turn: 1 are being replaced, at most 1 at a time.");
    facts.leaving = "rss 912M > 800M";
    facts.drains_first = true;
    facts.drain_timeout_ms = NEVER_MS;
    assert_finding(&facts, &finding, "then it finishes its jobs, however long they take.");
    assert_finding(&facts, &finding,
                   "It is being replaced: rss 912M > 800M. It leaves before its successor starts, "
                   "since there is no memory for both at once.");
    facts.is_dry_run = true;
    assert_finding(&facts, &finding, "DRY RUN: limits are only reported");
    assert_finding(&facts, &finding,
                   "With --dry-run-limits that is only told: without it the worker would be "
                   "replaced.");
}

static void
hard_limits_jobs_and_age(void **state)
{
    struct policy_limits more = limits;
    struct explain_facts facts = healthy(NULL);
    struct policy_finding finding = {.limit = POLICY_KILL_RSS,
                                     .weight = POLICY_EXCEEDED,
                                     .bound = 1024 * MIB,
                                     .value = 1024 * MIB + 4096,
                                     .above = 1,
                                     .seen = 1};

    (void)state;
    more.bound[POLICY_KILL_RSS] = 1024 * MIB;
    more.bound[POLICY_MAX_JOBS] = 10000;
    more.bound[POLICY_MAX_AGE] = 43200000;
    facts.limits = &more;
    assert_finding(&facts, &finding,
                   "kill-rss 1048576K: EXCEEDED. RSS is 1048580K. It gets TERM at once and KILL 5s "
                   "later; jobs that it cannot finish until then");
    facts.is_dry_run = true;
    assert_finding(&facts, &finding, "without it the worker would be ended at once.");
    finding = (struct policy_finding){
        .limit = POLICY_MAX_JOBS, .weight = POLICY_WITHIN, .bound = 9412, .value = 1234};
    assert_finding(&facts, &finding,
                   "max-jobs 9412 (of 10000: workers have different shares, so that they do not "
                   "leave together): its count of jobs is 1234, 13% of it.");
    finding = (struct policy_finding){
        .limit = POLICY_MAX_AGE, .weight = POLICY_WITHIN, .bound = 43200000, .value = 7400000};
    assert_finding(&facts, &finding,
                   "max-age 12h: its age is 2h 3m, 17% of it. It gets there in 9h "
                   "56m.");
}

static void
what_is_not_known_is_said(void **state)
{
    struct explain_facts facts = healthy(NULL);

    (void)state;
    assert_says(&facts, "Its limits have not been weighed yet.");
    facts.now.private_known = false;
    facts.trend.known = false;
    facts.jobs_known = false;
    facts.hang.beat_age_ms = -1;
    facts.hang.progress_age_ms = -1;
    facts.total = (struct explain_total){.limit_bytes = 2048 * MIB};
    assert_says(&facts, "PSS and USS are not known: they were not needed yet, or the kernel does "
                        "not show smaps_rollup here.");
    assert_says(&facts, "Growth is not known yet: the first 2m and the first 100 jobs are warm-up, "
                        "and 8 samples are needed after that.");
    assert_says(&facts, "What it works on is not known: it has not told yet.");
    assert_says(&facts, "It has shown no sign of life that could be read. Nothing is done about");
    facts.hang.progress_age_ms = 600;
    assert_says(&facts, "Its last beat was at a time that is not known, its Ruby code last moved "
                        "on 0.6s ago.");
    assert_says(&facts, "max-total 2.0G: what the service takes is not known, so this limit cannot "
                        "act.");
    facts.now.rss_known = false;
    assert_says(&facts, "Its memory is not known: nothing could be read of the process.");
    facts.trend = (struct trend){.known = true, .bytes_per_hour = -2.0 * 1048576};
    assert_says(&facts, "Growth: -2.0M an hour; a job's part in it is not known.");
}

static void
the_total(void **state)
{
    struct explain_facts facts = healthy(NULL);

    (void)state;
    facts.total = (struct explain_total){true, 1600 * MIB, 2048 * MIB};
    assert_says(&facts, "max-total 2.0G: the service takes 1.6G (78%). When it gets above, the "
                        "worker is replaced whose end gives most back; this one's would give back "
                        "60M.");
    facts.total.bytes = 2100 * MIB;
    assert_says(&facts, "(103%). That is above it: the worker is replaced");
}

static void
jobs_and_hangs(void **state)
{
    struct explain_facts facts = healthy(NULL);

    (void)state;
    facts.busy = 2;
    assert_says(&facts, "It works on 2 now.");
    facts.job = (struct explain_job){"HardJob", NULL, 12400};
    assert_says(&facts, "It works on 2 now; the oldest is HardJob, for 12s.");
    facts.job.jid = "4f2a\x1b[2J";
    assert_says(&facts, "the oldest is HardJob (4f2a?[2J), for 12s.");
    facts.hang.timeout_ms = 60000;
    facts.hang.action = "recycle";
    assert_says(&facts, "Without a sign of life for 1m it counts as hanging; --hang-action is "
                        "recycle.");
    facts.hang.is_hanging = true;
    assert_says(&facts, "IT HANGS. Its last beat was 0.4s ago");
    facts.hang.is_stopped = true;
    assert_says(&facts, "A signal stopped it (SIGSTOP).");
    facts.hang.max_job_time_ms = 10000;
    facts.hang.job_action = "kill";
    assert_says(&facts, "max-job-time 10s: its oldest job is OLDER than that; --job-time-action is "
                        "kill.");
}

static void
slots_without_a_worker(void **state)
{
    struct explain_facts facts = {
        .slot = 7, .wait_ms = 3300, .last_text = "signal 9 (SIGKILL)", .last_age_ms = 720000};
    char *text = say(&facts);

    (void)state;
    assert_string_equal(text, "Slot 7 has no worker. The next one is tried in 3.3s.\n"
                              "The last worker of this slot left 12m ago: signal 9 (SIGKILL).\n");
    free(text);
    facts.wait_ms = 0;
    assert_says(&facts, "Slot 7 has no worker now.");
    facts.is_quiet = true;
    assert_says(&facts, "Slot 7 has no worker now: the service is quiet, so nobody is started.");
    facts.is_given_up = true;
    assert_says(&facts, "Slot 7 was given up: its workers died too often in too short a time. "
                        "Nobody is started here until `swarm recycle 7`.");
    facts = (struct explain_facts){.slot = 7, .pid = 9, .generation = 2, .state = "booting"};
    assert_says(&facts, "Slot 7: worker 9 (generation 2) is booting. It is not ready yet, so no "
                        "limit is weighed.");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_worker_in_full),
        cmocka_unit_test(each_weight_of_a_limit),
        cmocka_unit_test(grace_dry_run_and_turns),
        cmocka_unit_test(hard_limits_jobs_and_age),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(the_total),
        cmocka_unit_test(jobs_and_hangs),
        cmocka_unit_test(slots_without_a_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
