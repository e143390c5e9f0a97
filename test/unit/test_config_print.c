/*
 * test_config_print.c: what `swarm config` shows, as a table and as JSON.
 */
#include "config_case.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/config_print.h"

static char *
print(const struct config *config, void (*printer)(const struct config *config, FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    printer(config, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static json_t *
print_json(const struct config *config)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_t *all;

    assert_non_null(out);
    assert_int_equal(config_print_json(config, out), 0);
    assert_int_equal(fclose(out), 0);
    all = json_loads(text, 0, NULL);
    assert_non_null(all);
    free(text);
    return all;
}

static struct config_case
example(void)
{
    return (struct config_case){
        .words = {"--max-rss", "800M", "--drain-timeout", "none", "-c", "5"},
        .environment = {"SIDEKIQ_COUNT=3", "SWARM_CHECK_INTERVAL=0.5", "COUNT=4"},
        .file =
            "[workers]\nsurge = 2\n[log]\nlog_level = \"warn\"\n"
            "[memory]\nmemory_cycles = \"3/5\"\nmax_total = \"auto\"\n"
            "[notify]\nexec = [\"tell\", \"swarm\"]\n"
            "[[rule]]\nwhen = \"rss > 1G\"\nthen = \"recycle\"\nelse_exec = [\"tell\", \"it\"]\n",
    };
}

static void
the_table_shows_value_and_origin(void **state)
{
    static const char *const lines[] = {
        "NAME             VALUE                    ORIGIN\n",
        "processes        3                        SIDEKIQ_COUNT\n",
        "max-rss          800M                     --max-rss\n",
        "surge            2                        sidekiq-swarm.toml:2\n",
        "drain-timeout    none                     --drain-timeout\n",
        "check-interval   0.5s                     SWARM_CHECK_INTERVAL\n",
        "boot-timeout     120s                     default\n",
        "log-level        warn                     sidekiq-swarm.toml:4\n",
        "pid-file         -                        default\n",
        "memory-cycles    3/5                      sidekiq-swarm.toml:6\n",
        "max-total        auto                     sidekiq-swarm.toml:7\n",
        "max-jobs         none                     default\n",
        "notify-exec      tell swarm               sidekiq-swarm.toml:9\n",
        "\nRules:\nrule 1: when rss > 1G for 1 cycle then recycle else exec tell it (",
        " else exec tell it (sidekiq-swarm.toml:10)\n",
        "For Sidekiq: -c 5\n",
        "Warning: SIDEKIQ_COUNT=3 counts; COUNT=4",
    };
    struct config_case test = example();
    char *text;

    (void)state;
    config_case_expect(&test);
    text = print(&test.config, config_print_table);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (strstr(text, lines[i]) == NULL)
            fail_msg("no line \"%s\" in:\n%s", lines[i], text);
    }
    free(text);
    config_case_done(&test);
}

static json_t *
find_option(json_t *all, const char *name)
{
    return json_object_get(json_object_get(all, "options"), name);
}

static void
assert_text(json_t *object, const char *key, const char *text)
{
    assert_string_equal(json_string_value(json_object_get(object, key)), text);
}

static void
the_json_has_typed_values(void **state)
{
    struct config_case test = example();
    json_t *all, *option;

    (void)state;
    config_case_expect(&test);
    all = print_json(&test.config);
    assert_int_equal(json_object_size(json_object_get(all, "options")), OPTIONS_COUNT);
    assert_text(all, "file", "sidekiq-swarm.toml");
    option = find_option(all, "max-rss");
    assert_int_equal(json_integer_value(json_object_get(option, "value")), 800 * UNITS_MIB);
    assert_text(option, "origin", "command line");
    assert_text(option, "name", "max-rss");
    option = find_option(all, "surge");
    assert_text(option, "origin", "file");
    assert_int_equal(json_integer_value(json_object_get(option, "line")), 2);
    option = find_option(all, "processes");
    assert_text(option, "origin", "environment");
    assert_text(option, "name", "SIDEKIQ_COUNT");
    assert_true(json_is_null(json_object_get(find_option(all, "drain-timeout"), "value")));
    assert_true(json_is_null(json_object_get(find_option(all, "pid-file"), "value")));
    assert_true(json_is_true(json_object_get(find_option(all, "prefork"), "value")));
    assert_text(find_option(all, "preload"), "value", "app");
    assert_text(find_option(all, "preload"), "origin", "default");
    assert_true(json_real_value(json_object_get(find_option(all, "check-interval"), "value")) ==
                0.5);
    assert_int_equal(json_array_size(json_object_get(all, "sidekiq")), 2);
    assert_int_equal(json_array_size(json_object_get(all, "warnings")), 1);
    json_decref(all);
    config_case_done(&test);
}

static void
the_json_has_rules_and_pairs(void **state)
{
    struct config_case test = example();
    json_t *all, *rule, *pair;

    (void)state;
    config_case_expect(&test);
    all = print_json(&test.config);
    pair = json_object_get(find_option(all, "memory-cycles"), "value");
    assert_int_equal(json_integer_value(json_array_get(pair, 0)), 3);
    assert_int_equal(json_integer_value(json_array_get(pair, 1)), 5);
    assert_true(json_is_null(json_object_get(find_option(all, "give-up"), "value")));
    assert_true(json_is_null(json_object_get(find_option(all, "max-jobs"), "value")));
    assert_text(find_option(all, "max-total"), "value", "auto");
    assert_int_equal(json_array_size(json_object_get(find_option(all, "notify-exec"), "value")), 2);
    assert_int_equal(json_array_size(json_object_get(all, "rules")), 1);
    rule = json_array_get(json_object_get(all, "rules"), 0);
    assert_text(rule, "name", "rule 1");
    assert_text(rule, "rule", "rss > 1G for 1 cycle");
    assert_text(rule, "then", "recycle");
    assert_text(rule, "else", "exec");
    assert_int_equal(json_array_size(json_object_get(rule, "exec")), 0);
    assert_int_equal(json_array_size(json_object_get(rule, "else_exec")), 2);
    assert_int_equal(json_integer_value(json_object_get(rule, "line")), 10);
    json_decref(all);
    config_case_done(&test);
}

static void
a_path_that_is_not_utf8_is_still_json(void **state)
{
    struct config_case test = {.words = {"--pid-file", "\xff.pid"}};
    json_t *all;

    (void)state;
    config_case_expect(&test);
    all = print_json(&test.config);
    assert_text(find_option(all, "pid-file"), "value", "(not UTF-8)");
    json_decref(all);
    config_case_done(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_shows_value_and_origin),
        cmocka_unit_test(the_json_has_typed_values),
        cmocka_unit_test(the_json_has_rules_and_pairs),
        cmocka_unit_test(a_path_that_is_not_utf8_is_still_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
