/*
 * test_launch_command.c: the command line that a mold is started with, word by word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "config_case.h"
#include "master/launch_command.h"

/* The words joined by spaces. */
static void
assert_line(const struct config_case *test, struct launch_command_order order, const char *line)
{
    struct launch_command command;
    char text[1024] = "";
    size_t used = 0;

    order.config = &test->config;
    order.program = "/mold";
    assert_int_equal(launch_command_make(&command, &order), 0);
    for (char **word = command.words; *word != NULL; word++) {
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? " " : "", *word);
    }
    assert_string_equal(text, line);
    launch_command_done(&command);
    assert_null(command.words);
}

static void
a_mold_gets_what_it_is_to_load(void **state)
{
    struct config_case test = {
        .words = {"--preload", "gems", "--preload-groups", "a,b", "--preboot", "p.rb", "-c", "5"}};

    (void)state;
    config_case_expect(&test);
    assert_line(&test,
                (struct launch_command_order){
                    .role = LAUNCH_ROLE_MOLD, .generation = 4, .has_family = true},
                "/mold --link 3 --family 4 --generation 4 --preload gems --preload-groups a,b "
                "--preboot p.rb --fork-hooks --prepare full -- -c 5");
    config_case_done(&test);
}

static void
a_mold_gets_how_it_is_to_be_shared(void **state)
{
    struct config_case test = {
        .words = {"--prepare", "no-compact", "--eager-load", "--no-warm", "--strict-fork"}};

    (void)state;
    config_case_expect(&test);
    assert_line(&test, (struct launch_command_order){.role = LAUNCH_ROLE_MOLD, .generation = 1},
                "/mold --link 3 --generation 1 --preload app --fork-hooks --prepare no-compact "
                "--eager-load --no-warm --strict-fork --");
    config_case_done(&test);
}

static void
a_worker_gets_its_board_slot_and_index(void **state)
{
    struct config_case test = {.words = {"--no-prefork", "--index-base", "10"}};

    (void)state;
    config_case_expect(&test);
    assert_line(
        &test,
        (struct launch_command_order){.role = LAUNCH_ROLE_WORKER, .generation = 1, .slot = 2},
        "/mold --link 3 --generation 1 --preload none --board 5 --slot 2 --index 12 --");
    config_case_done(&test);
}

static void
a_check_boots_without_a_family(void **state)
{
    struct config_case test = {.words = {"--", "--version"}};

    (void)state;
    config_case_expect(&test);
    assert_line(
        &test, (struct launch_command_order){.role = LAUNCH_ROLE_CHECK, .generation = 1},
        "/mold --link 3 --generation 1 --preload app --fork-hooks --prepare full --check --index 0 "
        "-- --version");
    config_case_done(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mold_gets_what_it_is_to_load),
        cmocka_unit_test(a_mold_gets_how_it_is_to_be_shared),
        cmocka_unit_test(a_worker_gets_its_board_slot_and_index),
        cmocka_unit_test(a_check_boots_without_a_family),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
