/*
 * test_config_environment.c: SWARM_<OPTION>, the names that other process managers use, and their
 * conflicts.
 */
#include "config_case.h"

#include <stdio.h>
#include <string.h>

#define TEXTS(...) ((const char *[]){__VA_ARGS__, NULL})

static void
refuse(const char *variable, const char *text)
{
    struct config_case test = {.environment = {variable}};

    config_case_refuse(&test, EXIT_CODE_CONFIG, TEXTS(text));
}

static void
counts_know_shares_of_the_cores(void **state)
{
    static const struct {
        const char *variable;
        unsigned processes;
    } cases[] = {
        {"SIDEKIQ_PROCESSES=3", 3}, {"SIDEKIQ_COUNT=0.5", 4}, {"COUNT=2.7", 2}, {"COUNT=0.01", 1},
        {"SWARM_PROCESSES=5", 5},   {"SIDEKIQ_COUNT=", 8},    {"COUNTER=3", 8},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config_case test = {.environment = {cases[i].variable}, .cores = 8};

        config_case_expect(&test);
        assert_int_equal(test.config.processes, cases[i].processes);
        config_case_done(&test);
    }
}

static void
sizes_know_plain_megabytes(void **state)
{
    static const struct {
        const char *variable;
        uint64_t bytes;
    } cases[] = {
        {"SIDEKIQ_MAXMEM_MB=800", 800 * UNITS_MIB},
        {"SIDEKIQ_MAXMEM_MB=2G", 2 * UNITS_GIB},
        {"SIDEKIQ_MAX_MEMORY=800m", 800 * UNITS_MIB},
        {"SIDEKIQ_MAX_MEMORY=838860800", 800 * UNITS_MIB},
        {"SWARM_MAX_RSS=1.5G", 1536 * UNITS_MIB},
        {"SWARM_MAX_RSS=none", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config_case test = {.environment = {cases[i].variable}};

        config_case_expect(&test);
        assert_int_equal(test.config.max_rss_bytes, cases[i].bytes);
        config_case_done(&test);
    }
}

static void
the_other_names_are_read(void **state)
{
    struct config_case test = {
        .environment = {"SIDEKIQ_MEMORY_CHECK_INTERVAL=7", "INDEX=4", "DYNO=worker.1",
                        "SWARM_DRAIN_TIMEOUT=none", "SWARM_PID_FILE=x.pid", "SWARM_SURGE=2",
                        "SWARM_SPAWN_TIMEOUT=500ms", "SWARM_LOG_FORMAT=json"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.check_interval_ms, 7000);
    assert_int_equal(test.config.index_base, 4);
    assert_int_equal(test.config.drain_timeout_ms, -1);
    assert_int_equal(test.config.spawn_timeout_ms, 500);
    assert_int_equal(test.config.surge, 2);
    assert_int_equal(test.config.log_format, 2);
    assert_string_equal(test.config.pid_file, "x.pid");
    assert_true(test.config.dyno);
    assert_int_equal(test.config.warning_count, 0);
    config_case_done(&test);
}

static void
switches_can_be_off(void **state)
{
    static const char *const off_words[] = {"0", "false", "no", "off"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(off_words); i++) {
        char variable[40];
        struct config_case test = {.environment = {variable}};

        snprintf(variable, sizeof(variable), "SIDEKIQ_PREFORK=%s", off_words[i]);
        config_case_expect(&test);
        assert_false(test.config.prefork);
        config_case_done(&test);
    }
}

static void
mistakes_name_the_variable(void **state)
{
    (void)state;
    refuse("SWARM_MAX_RSS=banana", "SWARM_MAX_RSS=banana: this cannot be understood");
    refuse("SIDEKIQ_MAXMEM_MB=1", "SIDEKIQ_MAXMEM_MB=1: this is out of range");
    refuse("SIDEKIQ_MAXMEM_MB=1111111111111111111111111111111111111111", "out of range");
    refuse("COUNT=banana", "COUNT=banana: this cannot be understood. Allowed: a number of workers");
    refuse("COUNT=0", "COUNT=0: this is out of range");
    refuse("SIDEKIQ_COUNT=-2", "SIDEKIQ_COUNT=-2");
    refuse("SIDEKIQ_COUNT=9999", "SIDEKIQ_COUNT=9999: this is out of range");
    refuse("SWARM_PROCESSES=0.5", "SWARM_PROCESSES=0.5");
    refuse("SIDEKIQ_PREFORK=perhaps", "true, yes, on or 1");
    refuse("SIDEKIQ_PRELOAD_APP=perhaps", "1 to load the application");
    refuse("INDEX=first", "INDEX=first");
}

static void
our_own_name_wins_and_the_conflict_is_said(void **state)
{
    struct config_case test = {.environment = {"SIDEKIQ_MAXMEM_MB=500", "SWARM_MAX_RSS=800M",
                                               "COUNT=x", "SIDEKIQ_COUNT=2"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.max_rss_bytes, 800 * UNITS_MIB);
    assert_int_equal(test.config.processes, 2);
    assert_true(config_case_warns(&test, "SWARM_MAX_RSS=800M counts; SIDEKIQ_MAXMEM_MB=500"));
    assert_true(config_case_warns(&test, "SIDEKIQ_COUNT=2 counts; COUNT=x"));
    assert_int_equal(test.config.warning_count, 2);
    config_case_done(&test);
}

static void
two_names_that_agree_are_no_conflict(void **state)
{
    struct config_case test = {.environment = {"SIDEKIQ_MAXMEM_MB=800", "SWARM_MAX_RSS=800M",
                                               "SIDEKIQ_PREBOOT=a.rb", "SWARM_PREBOOT=a.rb"}};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.warning_count, 0);
    config_case_done(&test);
}

static void
a_slip_in_a_name_is_said(void **state)
{
    struct config_case test = {.environment = {"SWARM_MAXRSS=800M", "SWARM_NODE_NAME=x", "SWARM_=1",
                                               "SWARM_WITHOUT_EQUALS"}};

    (void)state;
    config_case_expect(&test);
    assert_true(config_case_warns(&test, "SWARM_MAXRSS is not a variable of swarm"));
    assert_true(config_case_warns(&test, "did you mean SWARM_MAX_RSS"));
    assert_int_equal(test.config.warning_count, 1);
    config_case_done(&test);
}

static void
the_order_is_words_environment_file_default(void **state)
{
    static const char file[] = "[workers]\nprocesses = 2\nsurge = 2\nspawn_timeout = 2\n";
    struct config_case test = {.file = file,
                               .environment = {"SWARM_PROCESSES=3", "SWARM_SURGE=3"},
                               .words = {"--processes", "4"}};
    char origin[CONFIG_ORIGIN_SIZE];

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.processes, 4);
    assert_int_equal(test.config.surge, 3);
    assert_int_equal(test.config.spawn_timeout_ms, 2000);
    assert_int_equal(test.config.boot_timeout_ms, 120000);
    assert_string_equal(config_origin_text(&test.config, OPTIONS_PROCESSES, origin), "--processes");
    assert_string_equal(config_origin_text(&test.config, OPTIONS_SURGE, origin), "SWARM_SURGE");
    assert_string_equal(config_origin_text(&test.config, OPTIONS_SPAWN_TIMEOUT, origin),
                        "sidekiq-swarm.toml:4");
    assert_string_equal(config_origin_text(&test.config, OPTIONS_BOOT_TIMEOUT, origin), "default");
    config_case_done(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_know_shares_of_the_cores),
        cmocka_unit_test(sizes_know_plain_megabytes),
        cmocka_unit_test(the_other_names_are_read),
        cmocka_unit_test(switches_can_be_off),
        cmocka_unit_test(mistakes_name_the_variable),
        cmocka_unit_test(our_own_name_wins_and_the_conflict_is_said),
        cmocka_unit_test(two_names_that_agree_are_no_conflict),
        cmocka_unit_test(a_slip_in_a_name_is_said),
        cmocka_unit_test(the_order_is_words_environment_file_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
