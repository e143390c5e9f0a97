/*
 * test_config_words.c: the command line: what is swarm's, what is Sidekiq's, what is refused.
 */
#include "config_case.h"

#include <string.h>

#define WORDS(...) ((const char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void
options_are_read_in_both_forms(void **state)
{
    struct config_case test = {.words = {"--processes", "3", "--max-rss=800M", "--check-interval",
                                         "0.5", "--drain-timeout=none", "--pid-file", "/run/s.pid",
                                         "--log-level=debug", "--control", "s.sock",
                                         "--boot-timeout=5m"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.processes, 3);
    assert_int_equal(test.config.max_rss_bytes, 800 * UNITS_MIB);
    assert_int_equal(test.config.check_interval_ms, 500);
    assert_int_equal(test.config.drain_timeout_ms, -1);
    assert_int_equal(test.config.boot_timeout_ms, 300000);
    assert_string_equal(test.config.pid_file, "/run/s.pid");
    assert_string_equal(test.config.control_path, "s.sock");
    assert_int_equal(test.config.log_level, 0);
    assert_int_equal(test.config.passthrough_count, 0);
    assert_non_null(test.config.passthrough);
    config_case_done(&test);
}

static void
defaults_are_those_of_the_manual(void **state)
{
    struct config_case test = {.cores = 6};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.processes, 6);
    assert_true(test.config.prefork);
    assert_true(test.config.fork_hooks);
    assert_int_equal(test.config.preload, CONFIG_PRELOAD_APP);
    assert_int_equal(test.config.max_rss_bytes, 0);
    assert_int_equal(test.config.check_interval_ms, 5000);
    assert_int_equal(test.config.boot_timeout_ms, 120000);
    assert_int_equal(test.config.spawn_timeout_ms, 10000);
    assert_int_equal(test.config.drain_timeout_ms, 300000);
    assert_int_equal(test.config.surge, 1);
    assert_int_equal(test.config.index_base, 0);
    assert_int_equal(test.config.log_level, 1);
    assert_int_equal(test.config.log_format, 0);
    assert_null(test.config.control_path);
    assert_null(test.config.pid_file);
    assert_null(test.config.file);
    assert_null(test.config.preboot);
    assert_false(test.config.dyno);
    assert_int_equal(test.config.warning_count, 0);
    config_case_done(&test);
}

static void
the_last_of_two_wins(void **state)
{
    struct config_case test = {
        .words = {"--max-memory", "1G", "--max-rss", "2G", "--no-prefork", "--prefork"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.max_rss_bytes, 2 * UNITS_GIB);
    assert_true(test.config.prefork);
    config_case_done(&test);
}

static void
unknown_words_go_to_sidekiq_in_order(void **state)
{
    struct config_case test = {.words = {"-C", "x", "--processes", "2", "-c5", "-q", "a,2", "-q",
                                         "b", "--config=x", "word", "-vc", "7", "--", "-d",
                                         "--processes"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.processes, 2);
    config_case_assert_words(&test, WORDS("-C", "x", "-c5", "-q", "a,2", "-q", "b", "--config=x",
                                          "word", "-vc", "7", "-d", "--processes"));
    config_case_done(&test);
}

static void
values_of_sidekiqs_options_are_not_ours(void **state)
{
    struct config_case test = {.words = {"-C", "--max-rss", "-r", "status", "--tag", "stop", "-g",
                                         "-d", "--environment", "--help", "-e", "-L", "--conc", "5",
                                         "-t", "8"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.verb, OPTIONS_VERB_RUN);
    config_case_assert_words(&test, WORDS("-C", "--max-rss", "-r", "status", "--tag", "stop", "-g",
                                          "-d", "--environment", "--help", "-e", "-L", "--conc",
                                          "5", "-t", "8"));
    config_case_done(&test);
}

static void
an_optional_value_is_no_option(void **state)
{
    struct config_case test = {.words = {"-r", "--processes", "2", "--require", "swarm", "-r"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.processes, 2);
    config_case_assert_words(&test, WORDS("-r", "--require", "swarm", "-r"));
    config_case_done(&test);
}

static void
what_workers_cannot_have_is_refused(void **state)
{
    (void)state;
    CONFIG_CASE_REFUSE_WORDS(("-d"), "-d", "foreground");
    CONFIG_CASE_REFUSE_WORDS(("--daemon"), "foreground");
    CONFIG_CASE_REFUSE_WORDS(("-L", "x"), "standard output");
    CONFIG_CASE_REFUSE_WORDS(("-Lfile"), "standard output");
    CONFIG_CASE_REFUSE_WORDS(("--logfile=x"), "standard output");
    CONFIG_CASE_REFUSE_WORDS(("--log-file", "x"), "standard output");
    CONFIG_CASE_REFUSE_WORDS(("-P", "x"), "--pid-file");
    CONFIG_CASE_REFUSE_WORDS(("--pidfile", "x"), "--pid-file");
    CONFIG_CASE_REFUSE_WORDS(("-i3"), "INDEX");
    CONFIG_CASE_REFUSE_WORDS(("--index", "3"), "--index-base");
    CONFIG_CASE_REFUSE_WORDS(("-vd"), "foreground");
    CONFIG_CASE_REFUSE_WORDS(("-C", "x", "-d"), "foreground");
}

static void
slips_are_refused_with_what_was_meant(void **state)
{
    (void)state;
    CONFIG_CASE_REFUSE_WORDS(("--max-rs", "800M"), "--max-rs ", "Did you mean --max-rss?");
    CONFIG_CASE_REFUSE_WORDS(("--proceses=3"), "Did you mean --processes?");
    CONFIG_CASE_REFUSE_WORDS(("--max_rss=3"), "Did you mean --max-rss?");
    CONFIG_CASE_REFUSE_WORDS(("--jsn"), "Did you mean --json?");
    CONFIG_CASE_REFUSE_WORDS(("--processes", "2", "status"),
                             "status is a verb only as the first word");
}

static void
bad_values_name_what_is_allowed(void **state)
{
    (void)state;
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "banana"), "--max-rss banana", "understood",
                             "16M to 1024T");
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "0"), "--max-rss 0", "out of range");
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "-5M"), "--max-rss -5M");
    CONFIG_CASE_REFUSE_WORDS(("--max-memory=99999999T"), "--max-memory 99999999T", "out of range");
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "15M"), "out of range");
    CONFIG_CASE_REFUSE_WORDS(("--processes", "0"), "a whole number from 1 to 512");
    CONFIG_CASE_REFUSE_WORDS(("--processes", "-1"), "a whole number from 1 to 512");
    CONFIG_CASE_REFUSE_WORDS(("--processes", "1e9"), "a whole number from 1 to 512");
    CONFIG_CASE_REFUSE_WORDS(("--processes", "513"), "out of range");
    CONFIG_CASE_REFUSE_WORDS(("--processes", "0.5"), "a whole number");
    CONFIG_CASE_REFUSE_WORDS(("--check-interval", "0"), "out of range", "0.1s");
    CONFIG_CASE_REFUSE_WORDS(("--boot-timeout", "none"), "understood");
    CONFIG_CASE_REFUSE_WORDS(("--log-level", "loud"), "one of debug, info, warn, error");
    CONFIG_CASE_REFUSE_WORDS(("--preload", "all"), "one of app, gems, none");
    CONFIG_CASE_REFUSE_WORDS(("--control="), "a path");
    CONFIG_CASE_REFUSE_WORDS(("--swarm-config="), "a path");
}

static void
missing_values_are_refused(void **state)
{
    (void)state;
    CONFIG_CASE_REFUSE_WORDS(("--processes"), "--processes needs a value", "1 to 512");
    CONFIG_CASE_REFUSE_WORDS(("--processes", "--prefork"), "--processes needs a value");
    CONFIG_CASE_REFUSE_WORDS(("-C"), "-C needs a value");
    CONFIG_CASE_REFUSE_WORDS(("--prefork=no"), "--no-prefork");
    CONFIG_CASE_REFUSE_WORDS(("--no-prefork=1"), "--no-prefork");
    CONFIG_CASE_REFUSE_WORDS(("--json"), "status, memory, check and config");
}

static void
messages_hold_no_control_characters(void **state)
{
    (void)state;
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "a\033[31m\nb"), "--max-rss a?[31m?b");
    CONFIG_CASE_REFUSE_WORDS(("--max-rss", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                           "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
                             "xxx...: this cannot");
}

static void
help_and_version_need_nothing_else(void **state)
{
    static const struct {
        const char *word;
        enum options_verb verb;
    } cases[] = {
        {"-h", OPTIONS_VERB_HELP},    {"--help", OPTIONS_VERB_HELP},
        {"-V", OPTIONS_VERB_VERSION}, {"--version", OPTIONS_VERB_VERSION},
        {"--hel", OPTIONS_VERB_HELP}, {"-vh", OPTIONS_VERB_HELP},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config_case test = {
            .words = {"--processes", "2", cases[i].word, "--max-rss", "banana"},
            .environment = {"SWARM_MAX_RSS=banana"},
            .file = "nonsense"};

        config_case_expect(&test);
        assert_int_equal(test.config.verb, cases[i].verb);
        config_case_done(&test);
    }
}

static void
verbs_take_their_own_words(void **state)
{
    struct config_case recycle = {.verb = OPTIONS_VERB_RECYCLE,
                                  .words = {"3", "--control", "s.sock"}};
    struct config_case status = {.verb = OPTIONS_VERB_STATUS, .words = {"--json"}};
    struct config_case classes = {.verb = OPTIONS_VERB_STATUS, .words = {"--json", "--classes"}};

    (void)state;
    config_case_expect(&recycle);
    config_case_assert_words(&recycle, WORDS("3"));
    assert_string_equal(recycle.config.control_path, "s.sock");
    assert_false(recycle.config.json);
    config_case_done(&recycle);
    config_case_expect(&status);
    assert_true(status.config.json);
    assert_false(status.config.flag);
    config_case_assert_words(&status, WORDS());
    config_case_done(&status);
    config_case_expect(&classes);
    assert_true(classes.config.json);
    assert_true(classes.config.flag);
    config_case_done(&classes);
}

static void
a_switch_of_a_verb_may_have_a_word(void **state)
{
    static const char *const written[][3] = {{"--map", "3", "--json"}, {"--json", "--map=3"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(written); i++) {
        struct config_case test = {.verb = OPTIONS_VERB_MEMORY,
                                   .words = {written[i][0], written[i][1], written[i][2]}};

        config_case_expect(&test);
        assert_true(test.config.flag);
        assert_true(test.config.json);
        config_case_assert_words(&test, WORDS("3"));
        config_case_done(&test);
    }
}

static void
verbs_refuse_what_is_not_theirs(void **state)
{
    static const struct {
        enum options_verb verb;
        const char *words[2];
        const char *text;
    } cases[] = {
        {OPTIONS_VERB_RECYCLE, {NULL}, "swarm recycle SLOT|all"},
        {OPTIONS_VERB_RECYCLE, {"1", "2"}, "one word too many"},
        {OPTIONS_VERB_STATUS, {"3"}, "one word too many"},
        {OPTIONS_VERB_STOP, {"--json"}, "status, memory, check and config"},
        {OPTIONS_VERB_STOP, {"--max-rss", "1G"}, "no meaning for swarm stop"},
        {OPTIONS_VERB_STOP, {"-C", "x"}, "not an option of swarm stop"},
        {OPTIONS_VERB_STATUS, {"--everything"}, "not an option of swarm status"},
        {OPTIONS_VERB_HELP, {"me"}, "one word too many"},
        {OPTIONS_VERB_STATUS, {"--once"}, "not an option of swarm status"},
        {OPTIONS_VERB_STATUS, {"--classes=1"}, "not an option of swarm status"},
        {OPTIONS_VERB_TOP, {"--classes"}, "not an option of swarm top"},
        {OPTIONS_VERB_TOP, {"--json"}, "status, memory, check and config"},
        {OPTIONS_VERB_TOP, {"1"}, "one word too many"},
        {OPTIONS_VERB_EXPLAIN, {NULL}, "swarm explain SLOT"},
        {OPTIONS_VERB_MEMORY, {"3"}, "one word too many"},
        {OPTIONS_VERB_MEMORY, {"--map"}, "--map needs a value: a slot's number, or mold"},
        {OPTIONS_VERB_MEMORY, {"--map="}, "--map needs a value"},
        {OPTIONS_VERB_MEMORY, {"--map", "--json"}, "--map needs a value"},
        {OPTIONS_VERB_MEMORY, {"--map=1", "--map=2"}, "--map is given twice"},
        {OPTIONS_VERB_MEMORY, {"--map=1", "2"}, "one word too many"},
        {OPTIONS_VERB_MEMORY, {"--classes"}, "not an option of swarm memory"},
        {OPTIONS_VERB_STATUS, {"--map=1"}, "not an option of swarm status"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config_case test = {.verb = cases[i].verb,
                                   .words = {cases[i].words[0], cases[i].words[1]}};

        config_case_refuse(&test, EXIT_CODE_USAGE, WORDS(cases[i].text));
    }
}

static void
verbs_work_beside_a_broken_limit(void **state)
{
    struct config_case test = {.verb = OPTIONS_VERB_STOP,
                               .environment = {"SWARM_MAX_RSS=banana", "COUNT=x"},
                               .file =
                                   "[memory]\nmax_rss = 3.5\n[control]\ncontrol = \"here.sock\"\n"};

    (void)state;
    config_case_expect(&test);
    assert_string_equal(test.config.control_path, "here.sock");
    config_case_done(&test);
}

static void
config_and_check_read_all_options(void **state)
{
    static const enum options_verb verbs[] = {OPTIONS_VERB_CONFIG, OPTIONS_VERB_CHECK};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        struct config_case test = {.verb = verbs[i], .words = {"--max-rss", "1G", "-c", "5"}};
        struct config_case wrong = {.verb = verbs[i], .file = "[memory]\nmax_rss = 1\n"};

        config_case_expect(&test);
        assert_int_equal(test.config.max_rss_bytes, UNITS_GIB);
        config_case_assert_words(&test, WORDS("-c", "5"));
        config_case_done(&test);
        config_case_refuse(&wrong, EXIT_CODE_CONFIG, WORDS("max_rss = 1: this is out of range"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read_in_both_forms),
        cmocka_unit_test(defaults_are_those_of_the_manual),
        cmocka_unit_test(the_last_of_two_wins),
        cmocka_unit_test(unknown_words_go_to_sidekiq_in_order),
        cmocka_unit_test(values_of_sidekiqs_options_are_not_ours),
        cmocka_unit_test(an_optional_value_is_no_option),
        cmocka_unit_test(what_workers_cannot_have_is_refused),
        cmocka_unit_test(slips_are_refused_with_what_was_meant),
        cmocka_unit_test(bad_values_name_what_is_allowed),
        cmocka_unit_test(missing_values_are_refused),
        cmocka_unit_test(messages_hold_no_control_characters),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(verbs_take_their_own_words),
        cmocka_unit_test(a_switch_of_a_verb_may_have_a_word),
        cmocka_unit_test(verbs_refuse_what_is_not_theirs),
        cmocka_unit_test(verbs_work_beside_a_broken_limit),
        cmocka_unit_test(config_and_check_read_all_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
