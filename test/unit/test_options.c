/*
 * test_options.c: the table itself, the verbs, and the search for what somebody meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "master/config_value.h"
#include "master/slot.h"
#include "rss/history.h"

static void
every_row_is_sound(void **state)
{
    char key[OPTIONS_KEY_SIZE];

    (void)state;
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const struct options_row *row = options_row(id);
        struct config_value value;

        assert_int_equal(row->id, id);
        assert_non_null(row->name);
        assert_non_null(row->help);
        assert_true(row->default_text != NULL || row->default_says != NULL);
        assert_true(row->kind == OPTIONS_KIND_SWITCH || row->metavar != NULL ||
                    (row->flags & OPTIONS_FILE_ONLY) != 0);
        if (row->default_text != NULL)
            assert_int_equal(config_value_parse(row, row->default_text, 0, &value), 0);
        if (row->section != NULL)
            assert_ptr_equal(options_find_key(row->section, options_key(row, key)), row);
    }
}

/* What the plan cannot count must not be given. */
static void
no_more_restarts_are_given_than_are_remembered(void **state)
{
    (void)state;
    assert_int_equal(options_row(OPTIONS_GIVE_UP)->first_upper, SLOT_RESTARTS);
    assert_int_equal(options_row(OPTIONS_MEMORY_CYCLES)->upper, HISTORY_RECENT);
}

static void
names_are_unique_and_found(void **state)
{
    (void)state;
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const struct options_row *row = options_row(id);
        bool is_file_only = (row->flags & OPTIONS_FILE_ONLY) != 0;

        assert_ptr_equal(options_find(row->name, strlen(row->name)), is_file_only ? NULL : row);
        if (row->alias != NULL)
            assert_ptr_equal(options_find(row->alias, strlen(row->alias)), row);
    }
    assert_null(options_find("max", 3));
    assert_null(options_find("max-rss-more", 12));
    assert_null(options_find_key("workers", "max_rss"));
    assert_ptr_equal(options_find_key(NULL, "max_rss"), options_row(OPTIONS_MAX_RSS));
}

static void
inherited_names_belong_to_options(void **state)
{
    size_t count = 0;
    const struct options_inherited *inherited = options_inherited(&count);

    (void)state;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(inherited[i].id < OPTIONS_COUNT);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(inherited[i].variable, inherited[j].variable);
    }
}

static int
split(const char *first, struct options_command *ret, char *error, size_t size)
{
    static char program[] = "swarm", more[] = "more", word[32];
    static char *argv[] = {program, word, more, NULL};

    util_copy_text(word, sizeof(word), first);
    return options_verb(3, argv, ret, error, size);
}

static void
a_verb_is_the_first_word(void **state)
{
    struct options_command command = {0};
    char error[256];

    (void)state;
    for (enum options_verb verb = OPTIONS_VERB_RUN + 1; verb < OPTIONS_VERB_COUNT; verb++) {
        assert_int_equal(split(options_verb_row(verb)->name, &command, error, sizeof(error)), 0);
        assert_int_equal(command.verb, verb);
        assert_int_equal(command.argc, 1);
        assert_string_equal(command.argv[0], "more");
    }
    assert_int_equal(split("--processes", &command, error, sizeof(error)), 0);
    assert_int_equal(command.verb, OPTIONS_VERB_RUN);
    assert_int_equal(command.argc, 2);
    assert_int_equal(split("--", &command, error, sizeof(error)), 0);
    assert_int_equal(command.verb, OPTIONS_VERB_RUN);
}

static void
no_words_mean_run(void **state)
{
    static char program[] = "swarm";
    char *argv[] = {program, NULL};
    struct options_command command = {.argc = 9};
    char error[256];

    (void)state;
    assert_int_equal(options_verb(1, argv, &command, error, sizeof(error)), 0);
    assert_int_equal(command.verb, OPTIONS_VERB_RUN);
    assert_int_equal(command.argc, 0);
    assert_int_equal(options_verb(0, argv + 1, &command, error, sizeof(error)), 0);
    assert_int_equal(command.argc, 0);
}

static void
a_mistyped_verb_starts_nothing(void **state)
{
    struct options_command command = {.argc = 9};
    char error[256];

    (void)state;
    assert_int_equal(split("statu", &command, error, sizeof(error)), -EINVAL);
    assert_non_null(strstr(error, "Did you mean swarm status?"));
    assert_int_equal(split("restrat", &command, error, sizeof(error)), -EINVAL);
    assert_null(strstr(error, "Did you mean"));
    assert_int_equal(split("", &command, error, sizeof(error)), -EINVAL);
    assert_non_null(strstr(error, "The empty word"));
    assert_int_equal(command.argc, 9);
}

static void
distances_count_edits(void **state)
{
    (void)state;
    assert_int_equal(options_distance("", ""), 0);
    assert_int_equal(options_distance("", "abc"), 3);
    assert_int_equal(options_distance("kitten", "sitting"), 3);
    assert_int_equal(options_distance("max-rs", "max-rss"), 1);
    assert_true(options_distance("a-word-that-is-much-longer-than-any-name-that-there-is", "a") ==
                UINT_MAX);
}

static void
the_nearest_option_is_found(void **state)
{
    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"max-rs", "max-rss"},
        {"proceses", "processes"},
        {"max_rss", "max-rss"},
        {"max-mem", "max-memory"},
        {"preload-app", "preload"},
        {"no-preforks", "no-prefork"},
        {"pid_file", "pid-file"},
        {"swarmconfig", "swarm-config"},
        {"verson", "version"},
        {"drain", "drain-timeout"},
        {"tag", NULL},
        {"concurrency", NULL},
        {"something-else", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *nearest = options_nearest(cases[i].word);

        if (cases[i].nearest == NULL)
            assert_null(nearest);
        else
            assert_string_equal(nearest, cases[i].nearest);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_sound),
        cmocka_unit_test(no_more_restarts_are_given_than_are_remembered),
        cmocka_unit_test(names_are_unique_and_found),
        cmocka_unit_test(inherited_names_belong_to_options),
        cmocka_unit_test(a_verb_is_the_first_word),
        cmocka_unit_test(no_words_mean_run),
        cmocka_unit_test(a_mistyped_verb_starts_nothing),
        cmocka_unit_test(distances_count_edits),
        cmocka_unit_test(the_nearest_option_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
