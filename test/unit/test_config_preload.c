/*
 * test_config_preload.c: what --prefork, --preload, --preload-groups and --preboot mean together.
 */
#include "config_case.h"

#include <string.h>

struct expected {
    const char *words[4];
    const char *environment[3];
    bool prefork;
    enum config_preload preload;
    bool fork_hooks;
    const char *groups;
};

#define APP CONFIG_PRELOAD_APP
#define GEMS CONFIG_PRELOAD_GEMS
#define NONE CONFIG_PRELOAD_NONE

static void
every_combination_is_settled(void **state)
{
    static const struct expected cases[] = {
        {{NULL}, {NULL}, true, APP, true, NULL},
        {{"--prefork"}, {NULL}, true, APP, true, NULL},
        {{"--no-prefork"}, {NULL}, false, NONE, false, NULL},
        {{"--preload", "app"}, {NULL}, true, APP, true, NULL},
        {{"--preload", "gems"}, {NULL}, true, GEMS, true, NULL},
        {{"--preload", "none"}, {NULL}, true, NONE, true, NULL},
        {{"--preboot", "a.rb"}, {NULL}, true, NONE, false, NULL},
        {{"--preboot", "a.rb", "--no-prefork"}, {NULL}, true, NONE, false, NULL},
        {{"--preboot", "a.rb", "--prefork"}, {NULL}, true, APP, true, NULL},
        {{"--preboot", "a.rb", "--preload", "app"}, {NULL}, true, APP, true, NULL},
        {{"--preboot", "a.rb", "--preload", "gems"}, {NULL}, true, GEMS, true, NULL},
        {{"--preload-groups", "web"}, {NULL}, true, GEMS, true, "web"},
        {{"--preload-groups="}, {NULL}, true, NONE, true, NULL},
        {{NULL}, {"SIDEKIQ_PREFORK=0"}, false, NONE, false, NULL},
        {{NULL}, {"SIDEKIQ_PREBOOT=a.rb"}, true, NONE, false, NULL},
        {{NULL}, {"SIDEKIQ_PREBOOT=a.rb", "SIDEKIQ_PREFORK=1"}, true, APP, true, NULL},
        {{NULL}, {"SIDEKIQ_PRELOAD=default,web"}, true, GEMS, true, "default,web"},
        {{NULL}, {"SIDEKIQ_PRELOAD="}, true, NONE, true, NULL},
        {{NULL}, {"SIDEKIQ_PRELOAD_APP=1"}, true, APP, true, NULL},
        {{NULL}, {"SIDEKIQ_PRELOAD_APP=1", "SIDEKIQ_PRELOAD=web"}, true, APP, true, "web"},
        {{NULL}, {"SIDEKIQ_PRELOAD_APP=0"}, true, GEMS, true, NULL},
        {{NULL}, {"SIDEKIQ_PRELOAD_APP=0", "SIDEKIQ_PRELOAD="}, true, NONE, true, NULL},
        {{"--prefork"}, {"SIDEKIQ_PREFORK=0"}, true, APP, true, NULL},
        {{"--preload", "none"}, {"SIDEKIQ_PRELOAD_APP=1"}, true, NONE, true, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config_case test = {0};

        memcpy(test.words, cases[i].words, sizeof(cases[i].words));
        memcpy(test.environment, cases[i].environment, sizeof(cases[i].environment));
        config_case_expect(&test);
        assert_int_equal(test.config.prefork, cases[i].prefork);
        assert_int_equal(test.config.preload, cases[i].preload);
        assert_int_equal(test.config.fork_hooks, cases[i].fork_hooks);
        if (cases[i].groups == NULL)
            assert_null(test.config.preload_groups);
        else
            assert_string_equal(test.config.preload_groups, cases[i].groups);
        config_case_done(&test);
    }
}

static void
nothing_forked_has_nothing_to_preload(void **state)
{
    struct config_case environment = {
        .environment = {"SIDEKIQ_PREFORK=no", "SIDEKIQ_PRELOAD_APP=1"}};
    struct config_case mixed = {.environment = {"SIDEKIQ_PRELOAD=web"}, .words = {"--no-prefork"}};
    struct config_case file = {.file = "[workers]\nprefork = false\npreload = \"app\"\n"};

    (void)state;
    CONFIG_CASE_REFUSE_WORDS(("--no-prefork", "--preload", "app"), "--no-prefork", "--preload");
    CONFIG_CASE_REFUSE_WORDS(("--no-prefork", "--preload", "none", "--preboot", "x"),
                             "--no-prefork");
    config_case_refuse(&environment, EXIT_CODE_CONFIG,
                       (const char *[]){"(SIDEKIQ_PREFORK)", "(SIDEKIQ_PRELOAD_APP)", NULL});
    config_case_refuse(&mixed, EXIT_CODE_USAGE,
                       (const char *[]){"(--no-prefork)", "(SIDEKIQ_PRELOAD)", NULL});
    config_case_refuse(&file, EXIT_CODE_CONFIG,
                       (const char *[]){"sidekiq-swarm.toml:2", "sidekiq-swarm.toml:3", NULL});
}

static void
groups_that_nobody_loads_are_said(void **state)
{
    struct config_case test = {.words = {"--preload", "none", "--preload-groups", "web"}};

    (void)state;
    config_case_expect(&test);
    assert_true(config_case_warns(&test, "not used with --preload none"));
    config_case_done(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_is_settled),
        cmocka_unit_test(nothing_forked_has_nothing_to_preload),
        cmocka_unit_test(groups_that_nobody_loads_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
