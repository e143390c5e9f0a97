/*
 * test_config_toml.c: the configuration file's sections, keys and types, and the words about
 * mistakes.
 */
#include "config_case.h"

#include <string.h>

#include "master/config_toml.h"

#define WORDS(...) ((const char *[]){__VA_ARGS__, NULL})

static void
all_kinds_of_values_are_read(void **state)
{
    struct config_case test = {.file = "[workers]\n"
                                       "processes = 3\n"
                                       "prefork = true\n"
                                       "preload = \"gems\"\n"
                                       "preload_groups = \"web\"\n"
                                       "boot_timeout = 1.5\n"
                                       "spawn_timeout = 3\n"
                                       "drain_timeout = \"none\"\n"
                                       "[memory]\n"
                                       "max_rss = \"800M\"\n"
                                       "check_interval = \"500ms\"\n"
                                       "[control]\n"
                                       "pid_file = 'x.pid'\n"};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.processes, 3);
    assert_int_equal(test.config.preload, CONFIG_PRELOAD_GEMS);
    assert_string_equal(test.config.preload_groups, "web");
    assert_int_equal(test.config.boot_timeout_ms, 1500);
    assert_int_equal(test.config.spawn_timeout_ms, 3000);
    assert_int_equal(test.config.drain_timeout_ms, -1);
    assert_int_equal(test.config.max_rss_bytes, 800 * UNITS_MIB);
    assert_int_equal(test.config.check_interval_ms, 500);
    assert_string_equal(test.config.pid_file, "x.pid");
    assert_string_equal(test.config.file, "sidekiq-swarm.toml");
    assert_int_equal(test.config.origins[OPTIONS_PRELOAD].line, 4);
    config_case_done(&test);
}

static void
plain_bytes_are_a_size(void **state)
{
    struct config_case test = {.file = "memory.max_rss = 838_860_800"};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.max_rss_bytes, 838860800);
    config_case_done(&test);
}

static void
arguments_come_before_those_of_the_command_line(void **state)
{
    struct config_case test = {.file = "[sidekiq]\narguments = [\"-C\", \"config/sidekiq.yml\"]\n",
                               .words = {"-c", "5"}};

    (void)state;
    config_case_expect(&test);
    config_case_assert_words(&test, WORDS("-C", "config/sidekiq.yml", "-c", "5"));
    assert_int_equal(test.config.origins[OPTIONS_ARGUMENTS].line, 2);
    config_case_done(&test);
}

static void
unknown_names_are_refused_with_the_nearest(void **state)
{
    (void)state;
    config_case_refuse_file("[worker]\nprocesses = 1\n",
                            "1:2: ", "[worker] is not a section. Did you mean [workers]?");
    config_case_refuse_file("[workers]\nproceses = 1\n",
                            "2:1: ", "Did you mean processes? [workers] has processes,");
    config_case_refuse_file("[workers]\n\n  max_rss = 1\n", "3:3: ", "It is max_rss in [memory].");
    config_case_refuse_file("[memory]\nmax_memory = 1\n", "2:1: ", "It is max_rss in [memory].");
    config_case_refuse_file("[workers]\nmax-rss = 1\n", "2:1: ", "It is max_rss in [memory].");
    config_case_refuse_file("processes = 2\n", "1:1: ", "write processes below [workers].");
    config_case_refuse_file("[workers]\nswarm_config = \"x\"\n",
                            "2:1: ", "[workers] has no key swarm_config");
    config_case_refuse_file("[\"\"]\n", "1:2: ", "is not a section");
    config_case_refuse_file("[workers.processes]\nx = 1\n",
                            "1:1: ", "must be a whole number, and this is a table");
    config_case_refuse_file("[workers]\nprocesses.most = 1\n",
                            "2:1: ", "must be a whole number, and this is a table");
}

static void
the_first_mistake_is_the_one_that_is_named(void **state)
{
    (void)state;
    config_case_refuse_file(
        "[workers]\nsurge = \"x\"\nboot_timeout = \"x\"\n[log]\nlog_format = 3\n",
        "2:9: ", "surge");
    config_case_refuse_file("[memory]\nmax_rss = true\n[control]\ncontrol = 3\n",
                            "2:11: ", "max_rss");
}

static void
wrong_types_are_refused(void **state)
{
    (void)state;
    config_case_refuse_file("[workers]\nprocesses = \"4\"\n",
                            "2:13: ", "must be a whole number, and this is a text");
    config_case_refuse_file("[workers]\nprocesses = 1.5\n",
                            "2:13: ", "must be a whole number, and this is a number");
    config_case_refuse_file("[workers]\nprefork = 1\n",
                            "2:11: ", "must be true or false, and this is a whole number");
    config_case_refuse_file("[workers]\nprefork = \"yes\"\n", "2:11: ", "must be true or false");
    config_case_refuse_file("[memory]\nmax_rss = 1.5\n", "2:11: ", "or a text such as \"800M\"");
    config_case_refuse_file("[memory]\ncheck_interval = true\n", "2:18: ", "a number of seconds");
    config_case_refuse_file("[memory]\nmax_rss = 2024-01-01\n", "2:11: ", "a date or time");
    config_case_refuse_file("[log]\nlog_level = [\"info\"]\n",
                            "2:13: ", "must be a text in quotes, and this is an array");
    config_case_refuse_file("[sidekiq]\narguments = \"-C x\"\n",
                            "2:13: ", "must be an array of texts");
    config_case_refuse_file("[sidekiq]\narguments = [\"-c\", 5]\n",
                            "2:20: ", "this is a whole number");
    config_case_refuse_file("workers = 3\n", "1:11: ", "a section is a table");
    config_case_refuse_file("[[workers]]\nprocesses = 3\n", "1:", "a section is a table");
}

static void
numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    config_case_refuse_file("[workers]\nprocesses = 0\n",
                            "2:13: ", "processes = 0: this is out of range");
    config_case_refuse_file("[workers]\nprocesses = -1\n",
                            "2:13: ", "a whole number from 1 to 512");
    config_case_refuse_file("[workers]\nprocesses = 9223372036854775807\n",
                            "2:13: ", "out of range");
    config_case_refuse_file("[workers]\nprocesses = 9223372036854775808\n", "2:", "");
    config_case_refuse_file("[memory]\nmax_rss = 5\n", "2:11: ", "from 16M to 1024T");
    config_case_refuse_file("[memory]\nmax_rss = \"banana\"\n",
                            "2:11: ", "max_rss = \"banana\": this cannot be");
    config_case_refuse_file("[memory]\ncheck_interval = nan\n", "2:18: ", "check_interval = nan");
    config_case_refuse_file("[memory]\ncheck_interval = -inf\n", "2:18: ", "check_interval = -inf");
    config_case_refuse_file("[memory]\ncheck_interval = 1e300\n",
                            "2:18: ", "check_interval = 1000");
    config_case_refuse_file("[log]\nlog_level = \"loud\"\n",
                            "2:13: ", "one of debug, info, warn, error");
    config_case_refuse_file("[control]\npid_file = \"\"\n", "2:12: ", "a path");
    config_case_refuse_file("[control]\npid_file = \"a\\u0000b\"\n", "2:12: ", "zero character");
}

static void
words_that_workers_cannot_have_are_refused(void **state)
{
    struct config_case value = {.file = "[sidekiq]\narguments = [\"-g\", \"-d\"]\n"};

    (void)state;
    config_case_refuse_file("[sidekiq]\narguments = [\"-C\", \"x\", \"-d\"]\n",
                            "2:25: ", "foreground");
    config_case_refuse_file("[sidekiq]\narguments = [\"--max-rss=1G\"]\n",
                            "2:14: ", "give it its own key");
    config_case_expect(&value);
    config_case_assert_words(&value, WORDS("-g", "-d"));
    config_case_done(&value);
}

static void
malformed_documents_are_refused(void **state)
{
    (void)state;
    config_case_refuse_file("nonsense", "1:", "");
    config_case_refuse_file("[workers\nprocesses = 1\n", "1:", "");
    config_case_refuse_file("[workers]\nprocesses = \n", "2:", "");
    config_case_refuse_file("[workers]\nprocesses = 1\nprocesses = 2\n", "3:", "");
    config_case_refuse_file("[memory]\nmax_rss = \"\xff\xfe\"\n", "2:", "");
    config_case_refuse_file("[.]\n", "1:", "");
    config_case_refuse_file("[\n", "1:", "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_values_are_read),
        cmocka_unit_test(plain_bytes_are_a_size),
        cmocka_unit_test(arguments_come_before_those_of_the_command_line),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest),
        cmocka_unit_test(the_first_mistake_is_the_one_that_is_named),
        cmocka_unit_test(wrong_types_are_refused),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(words_that_workers_cannot_have_are_refused),
        cmocka_unit_test(malformed_documents_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
