/*
 * test_config_toml.c: the configuration file's sections, keys and types, and the words about
 * mistakes.
 */
#include "config_case.h"

#include <string.h>

#include "master/config_toml.h"

#define WORDS(...) ((const char *[]){__VA_ARGS__, NULL})

static void
refuse(const char *file, const char *place, const char *text)
{
    struct config_case test = {.file = file};
    char start[64] = "sidekiq-swarm.toml:";

    strcat(start, place);
    config_case_refuse(&test, EXIT_CODE_CONFIG, WORDS(start, text));
    assert_ptr_equal(strstr(test.error.text, start), test.error.text);
}

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
    refuse("[worker]\nprocesses = 1\n",
           "1:2: ", "[worker] is not a section. Did you mean [workers]?");
    refuse("[workers]\nproceses = 1\n",
           "2:1: ", "Did you mean processes? [workers] has processes,");
    refuse("[workers]\n\n  max_rss = 1\n", "3:3: ", "It is max_rss in [memory].");
    refuse("[memory]\nmax_memory = 1\n", "2:1: ", "It is max_rss in [memory].");
    refuse("[workers]\nmax-rss = 1\n", "2:1: ", "It is max_rss in [memory].");
    refuse("processes = 2\n", "1:1: ", "write processes below [workers].");
    refuse("[workers]\nswarm_config = \"x\"\n", "2:1: ", "[workers] has no key swarm_config");
    refuse("[\"\"]\n", "1:2: ", "is not a section");
    refuse("[workers.processes]\nx = 1\n", "1:1: ", "must be a whole number, and this is a table");
    refuse("[workers]\nprocesses.most = 1\n",
           "2:1: ", "must be a whole number, and this is a table");
}

static void
the_first_mistake_is_the_one_that_is_named(void **state)
{
    (void)state;
    refuse("[workers]\nsurge = \"x\"\nboot_timeout = \"x\"\n[log]\nlog_format = 3\n",
           "2:9: ", "surge");
    refuse("[memory]\nmax_rss = true\n[control]\ncontrol = 3\n", "2:11: ", "max_rss");
}

static void
wrong_types_are_refused(void **state)
{
    (void)state;
    refuse("[workers]\nprocesses = \"4\"\n",
           "2:13: ", "must be a whole number, and this is a text");
    refuse("[workers]\nprocesses = 1.5\n",
           "2:13: ", "must be a whole number, and this is a number");
    refuse("[workers]\nprefork = 1\n",
           "2:11: ", "must be true or false, and this is a whole number");
    refuse("[workers]\nprefork = \"yes\"\n", "2:11: ", "must be true or false");
    refuse("[memory]\nmax_rss = 1.5\n", "2:11: ", "or a text such as \"800M\"");
    refuse("[memory]\ncheck_interval = true\n", "2:18: ", "a number of seconds");
    refuse("[memory]\nmax_rss = 2024-01-01\n", "2:11: ", "a date or time");
    refuse("[log]\nlog_level = [\"info\"]\n",
           "2:13: ", "must be a text in quotes, and this is an array");
    refuse("[sidekiq]\narguments = \"-C x\"\n", "2:13: ", "must be an array of texts");
    refuse("[sidekiq]\narguments = [\"-c\", 5]\n", "2:20: ", "this is a whole number");
    refuse("workers = 3\n", "1:11: ", "a section is a table");
    refuse("[[workers]]\nprocesses = 3\n", "1:", "a section is a table");
}

static void
numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    refuse("[workers]\nprocesses = 0\n", "2:13: ", "processes = 0: this is out of range");
    refuse("[workers]\nprocesses = -1\n", "2:13: ", "a whole number from 1 to 512");
    refuse("[workers]\nprocesses = 9223372036854775807\n", "2:13: ", "out of range");
    refuse("[workers]\nprocesses = 9223372036854775808\n", "2:", "");
    refuse("[memory]\nmax_rss = 5\n", "2:11: ", "from 16M to 1024T");
    refuse("[memory]\nmax_rss = \"banana\"\n", "2:11: ", "max_rss = \"banana\": this cannot be");
    refuse("[memory]\ncheck_interval = nan\n", "2:18: ", "check_interval = nan");
    refuse("[memory]\ncheck_interval = -inf\n", "2:18: ", "check_interval = -inf");
    refuse("[memory]\ncheck_interval = 1e300\n", "2:18: ", "check_interval = 1000");
    refuse("[log]\nlog_level = \"loud\"\n", "2:13: ", "one of debug, info, warn, error");
    refuse("[control]\npid_file = \"\"\n", "2:12: ", "a path");
    refuse("[control]\npid_file = \"a\\u0000b\"\n", "2:12: ", "zero character");
}

static void
words_that_workers_cannot_have_are_refused(void **state)
{
    struct config_case value = {.file = "[sidekiq]\narguments = [\"-g\", \"-d\"]\n"};

    (void)state;
    refuse("[sidekiq]\narguments = [\"-C\", \"x\", \"-d\"]\n", "2:25: ", "foreground");
    refuse("[sidekiq]\narguments = [\"--max-rss=1G\"]\n", "2:14: ", "give it its own key");
    config_case_expect(&value);
    config_case_assert_words(&value, WORDS("-g", "-d"));
    config_case_done(&value);
}

static void
malformed_documents_are_refused(void **state)
{
    (void)state;
    refuse("nonsense", "1:", "");
    refuse("[workers\nprocesses = 1\n", "1:", "");
    refuse("[workers]\nprocesses = \n", "2:", "");
    refuse("[workers]\nprocesses = 1\nprocesses = 2\n", "3:", "");
    refuse("[memory]\nmax_rss = \"\xff\xfe\"\n", "2:", "");
    refuse("[.]\n", "1:", "");
    refuse("[\n", "1:", "");
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
