/*
 * test_config_limits.c: the options of memory, hangs and notifications: their kinds, shares of the memory, and the
 * warnings about values of which one keeps another from acting.
 */
#include "config_case.h"

#include <stdio.h>
#include <string.h>

#define WORDS(...) ((const char *[]){__VA_ARGS__, NULL})

static void
the_defaults_limit_nothing(void **state)
{
    struct config_case test = {.cores = 2};
    const struct config *config = &test.config;

    (void)state;
    config_case_expect(&test);
    assert_int_equal(config->max_rss_bytes | config->max_pss_bytes | config->max_uss_bytes, 0);
    assert_int_equal(config->kill_rss_bytes | config->kill_pss_bytes | config->kill_uss_bytes, 0);
    assert_int_equal(config->max_total_bytes | config->max_mold_rss_bytes | config->max_jobs, 0);
    assert_int_equal(config->max_age_ms, -1);
    assert_int_equal(config->hang_timeout_ms, -1);
    assert_int_equal(config->max_job_time_ms, -1);
    assert_int_equal(config->stopped_timeout_ms, -1);
    assert_int_equal(config->hang_action, CONFIG_REMEDY_RECYCLE);
    assert_int_equal(config->job_time_action, CONFIG_REMEDY_LOG);
    assert_int_equal(config->give_up_restarts | config->give_up_cycles, 0);
    assert_int_equal(config->kill_grace_ms, 5000);
    assert_int_equal(config->memory_grace_ms, 10000);
    assert_int_equal(config->memory_cycles, 1);
    assert_int_equal(config->memory_window, 1);
    assert_int_equal(config->max_recycles, 1);
    assert_int_equal(config->rollup_percent, 1);
    assert_false(config->dry_run_limits);
    assert_null(config->notify_exec);
    assert_null(config->notify_events);
    assert_int_equal(config->notify_timeout_ms, 10000);
    assert_int_equal(config->warning_count, 0);
    config_case_done(&test);
}

static void
words_set_them(void **state)
{
    struct config_case test = {
        .words = {"--max-private", "300M", "--max-total=auto", "--memory-cycles", "3/5",
                  "--give-up", "3/2", "--max-jobs", "10000", "--dry-run-limits", "--hang-timeout",
                  "5", "--hang-action", "kill"},
        .environment = {"SWARM_KILL_USS=500M", "SWARM_MAX_AGE=1d", "SWARM_NOTIFY_TIMEOUT=2",
                        "SWARM_DRY_RUN_LIMITS=no"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.max_uss_bytes, 300 * UNITS_MIB);
    assert_true(test.config.max_total_bytes == CONFIG_TOTAL_AUTO);
    assert_int_equal(test.config.memory_cycles, 3);
    assert_int_equal(test.config.memory_window, 5);
    assert_int_equal(test.config.give_up_restarts, 3);
    assert_int_equal(test.config.give_up_cycles, 2);
    assert_int_equal(test.config.max_jobs, 10000);
    assert_true(test.config.dry_run_limits);
    assert_int_equal(test.config.hang_timeout_ms, 5000);
    assert_int_equal(test.config.hang_action, CONFIG_REMEDY_KILL);
    assert_int_equal(test.config.kill_uss_bytes, 500 * UNITS_MIB);
    assert_int_equal(test.config.max_age_ms, INT64_C(86400) * 1000);
    assert_int_equal(test.config.notify_timeout_ms, 2000);
    config_case_done(&test);
}

static void
a_switch_is_turned_off_by_its_own_name(void **state)
{
    struct config_case test = {.words = {"--no-dry-run-limits"},
                               .file = "memory.dry_run_limits = true"};
    char origin[CONFIG_ORIGIN_SIZE];

    (void)state;
    config_case_expect(&test);
    assert_false(test.config.dry_run_limits);
    assert_string_equal(config_origin_text(&test.config, OPTIONS_DRY_RUN_LIMITS, origin),
                        "--no-dry-run-limits");
    config_case_done(&test);
}

static void
one_number_counts_in_a_row(void **state)
{
    struct config_case file = {.file = "memory.memory_cycles = 4"};
    struct config_case none = {.words = {"--give-up", "none", "--max-jobs", "0"},
                               .file = "workers.give_up = \"5/9\"\nmemory.max_jobs = 7"};

    (void)state;
    config_case_expect(&file);
    assert_int_equal(file.config.memory_cycles, 4);
    assert_int_equal(file.config.memory_window, 4);
    config_case_expect(&none);
    assert_int_equal(none.config.give_up_restarts, 0);
    assert_int_equal(none.config.give_up_cycles, 0);
    assert_int_equal(none.config.max_jobs, 0);
    config_case_done(&file);
    config_case_done(&none);
}

static void
wrong_values_are_refused(void **state)
{
    (void)state;
    CONFIG_CASE_REFUSE_WORDS(("--memory-cycles", "5/3"), "out of range", "N no more than M");
    CONFIG_CASE_REFUSE_WORDS(("--memory-cycles", "0"), "out of range");
    CONFIG_CASE_REFUSE_WORDS(("--memory-cycles", "33"), "both from 1 to 32");
    CONFIG_CASE_REFUSE_WORDS(("--memory-cycles", "1/2/3"), "cannot be understood");
    CONFIG_CASE_REFUSE_WORDS(("--memory-cycles", "/3"), "cannot be understood");
    CONFIG_CASE_REFUSE_WORDS(("--memory-cycles", "3/"), "cannot be understood");
    CONFIG_CASE_REFUSE_WORDS(("--memory-cycles", "none"), "cannot be understood");
    CONFIG_CASE_REFUSE_WORDS(("--give-up", "3"), "cannot be understood", "N/M (3/5)", "or none");
    CONFIG_CASE_REFUSE_WORDS(("--give-up", "17/20"), "N from 1 to 16, M from 1 to 1000");
    CONFIG_CASE_REFUSE_WORDS(("--give-up", "16/1001"), "out of range");
    CONFIG_CASE_REFUSE_WORDS(("--give-up", "11111111111111111111111111/5"), "cannot be understood");
    CONFIG_CASE_REFUSE_WORDS(("--hang-timeout", "4.9"), "from 5s to 86400s, or none");
    CONFIG_CASE_REFUSE_WORDS(("--hang-action", "restart"), "one of log, recycle, kill");
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "auto"), "cannot be understood");
    CONFIG_CASE_REFUSE_WORDS(("--rollup-percent", "0"), "from 1 to 100");
    CONFIG_CASE_REFUSE_WORDS(("--max-jobs", "-1"), "a whole number from 0 to");
    CONFIG_CASE_REFUSE_WORDS(("--max-recycle", "2"), "Did you mean --max-recycles?");
    CONFIG_CASE_REFUSE_WORDS(("--no-dry-run-limit"), "Did you mean --no-dry-run-limits?");
    config_case_refuse_file("[memory]\nmax_jobs = 1.5\n", "2:12: ", "a whole number, or \"none\"");
    config_case_refuse_file("[memory]\nmemory_cycles = [3, 5]\n",
                            "2:17: ", "a text such as \"3/5\"");
}

static void
a_share_is_of_the_memory(void **state)
{
    struct config_case test = {
        .words = {"--max-rss", "50%", "--max-pss", "100%"},
        .environment = {"SIDEKIQ_MAXMEM_MB=25%"},
        .file = "[memory]\nkill_rss = \"62.5%\"\nmax_uss = \"33.3333%\"\n",
        .memory_bytes = UNITS_GIB,
    };

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.max_rss_bytes, 512 * UNITS_MIB);
    assert_int_equal(test.config.max_pss_bytes, UNITS_GIB);
    assert_int_equal(test.config.kill_rss_bytes, 640 * UNITS_MIB);
    assert_int_equal(test.config.max_uss_bytes, 341 * UNITS_MIB);
    config_case_done(&test);
}

static void
a_large_machine_has_large_shares(void **state)
{
    struct config_case test = {.words = {"--max-total", "75%"}, .memory_bytes = 512 * UNITS_TIB};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.max_total_bytes, 384 * UNITS_TIB);
    config_case_done(&test);
}

static void
shares_that_mean_nothing_are_refused(void **state)
{
    struct config_case above = {.words = {"--max-rss", "100.0001%"}, .memory_bytes = UNITS_GIB};
    struct config_case small = {.words = {"--max-rss", "1%"}, .memory_bytes = UNITS_GIB};
    struct config_case wrong = {.words = {"--max-rss", "50 %"}, .memory_bytes = UNITS_GIB};

    (void)state;
    config_case_refuse(&above, EXIT_CODE_USAGE, WORDS("more than all of the memory"));
    config_case_refuse(&small, EXIT_CODE_USAGE, WORDS("out of range", "from 16M"));
    config_case_refuse(&wrong, EXIT_CODE_USAGE, WORDS("cannot be understood"));
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "50%"), "--max-rss 50%: how much memory there is could",
                             "write a size such as 800M");
}

static void
notify_is_read(void **state)
{
    struct config_case test = {.file = "[notify]\n"
                                       "exec = [\"tell\", \"\", \"-d\"]\n"
                                       "events = [\"oom\", \"given_up\"]\n"
                                       "timeout = 2.5\n"};

    (void)state;
    config_case_expect(&test);
    assert_string_equal(test.config.notify_exec[0], "tell");
    assert_string_equal(test.config.notify_exec[1], "");
    assert_string_equal(test.config.notify_exec[2], "-d");
    assert_null(test.config.notify_exec[3]);
    assert_string_equal(test.config.notify_events[0], "oom");
    assert_string_equal(test.config.notify_events[1], "given_up");
    assert_null(test.config.notify_events[2]);
    assert_int_equal(test.config.notify_timeout_ms, 2500);
    assert_int_equal(test.config.origins[OPTIONS_NOTIFY_EVENTS].line, 3);
    config_case_done(&test);
}

static void
wrong_words_of_notify_are_refused(void **state)
{
    (void)state;
    config_case_refuse_file("[notify]\nevents = [\"oom\", \"crash\"]\n", "2:18: ",
                            "crash is not an event. Did you mean crashed? The events are ready,");
    config_case_refuse_file("[notify]\nevents = []\n", "2:10: ", "an empty array says nothing");
    config_case_refuse_file("[notify]\nexec = []\n", "2:8: ", "an empty array says nothing");
    config_case_refuse_file("[notify]\nexec = [\"\", \"x\"]\n", "2:9: ", "the program to run");
    config_case_refuse_file("[notify]\nexec = \"tell\"\n", "2:8: ", "must be an array of texts");
    config_case_refuse_file("[notify]\nevent = [\"oom\"]\n", "2:1: ", "Did you mean events?");
    config_case_refuse_file("[workers]\nevents = 3\n",
                            "2:1: ", "[workers] has no key events. Did you mean");
}

static void
warns(const char *file, const char *text)
{
    struct config_case test = {.file = file};

    config_case_expect(&test);
    if (!config_case_warns(&test, text))
        fail_msg("no warning \"%s\" for: %s", text, file);
    config_case_done(&test);
}

static void
values_that_keep_others_from_acting_are_told(void **state)
{
    (void)state;
    warns("[memory]\nmax_rss = \"1G\"\nkill_rss = \"1G\"\n", "kill-rss 1G is not above max-rss 1G");
    warns("[memory]\nmax_pss = \"1G\"\nkill_pss = \"800M\"\n",
          "kill-pss 800M is not above max-pss");
    warns("[memory]\nmax_uss = \"1G\"\nkill_uss = \"800M\"\n", "ended at the hard limit");
    warns("[memory]\nmax_total = \"1G\"\nmax_rss = \"2G\"\n",
          "max-total 1G is not above max-rss 2G");
    warns("[memory]\nmax_recycles = 3\n", "max-recycles 3 is above surge 1");
    warns("[workers]\nhang_action = \"kill\"\n",
          "hang-action (sidekiq-swarm.toml:2) has no effect without hang-timeout");
    warns("[workers]\njob_time_action = \"kill\"\n", "without max-job-time");
    warns("[notify]\nevents = [\"oom\"]\n", "without notify-exec");
    warns("[memory]\nmax_mold_rss = \"1G\"\n[workers]\nprefork = false\n", "there is no mold");
    warns("[[rule]]\nwhen = \"jobs < 5\"\nthen = \"recycle\"\n",
          "the rule \"rule 1\" recycles workers with jobs < 5 for 1 cycle");
}

static void
what_fits_together_is_not_warned_about(void **state)
{
    struct config_case test = {.file = "[workers]\nsurge = 3\nhang_timeout = 60\n"
                                       "hang_action = \"kill\"\nmax_job_time = \"1h\"\n"
                                       "job_time_action = \"recycle\"\n"
                                       "[memory]\nmax_rss = \"1G\"\nkill_rss = \"2G\"\n"
                                       "max_total = \"auto\"\nmax_recycles = 3\n"
                                       "max_mold_rss = \"1G\"\n"
                                       "[notify]\nexec = [\"x\"]\nevents = [\"oom\"]\n"
                                       "[[rule]]\nwhen = \"jobs < 5\"\n"};

    (void)state;
    config_case_expect(&test);
    if (test.config.warning_count > 0)
        fail_msg("warned: %s", test.config.warnings[0]);
    config_case_done(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_limit_nothing),
        cmocka_unit_test(words_set_them),
        cmocka_unit_test(a_switch_is_turned_off_by_its_own_name),
        cmocka_unit_test(one_number_counts_in_a_row),
        cmocka_unit_test(wrong_values_are_refused),
        cmocka_unit_test(a_share_is_of_the_memory),
        cmocka_unit_test(a_large_machine_has_large_shares),
        cmocka_unit_test(shares_that_mean_nothing_are_refused),
        cmocka_unit_test(notify_is_read),
        cmocka_unit_test(wrong_words_of_notify_are_refused),
        cmocka_unit_test(values_that_keep_others_from_acting_are_told),
        cmocka_unit_test(what_fits_together_is_not_warned_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
