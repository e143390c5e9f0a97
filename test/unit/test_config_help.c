/*
 * test_config_help.c: help, example file and reference follow from the option table and are up to
 * date.
 */
#include "config_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/config_help.h"

static char *
print(void (*printer)(FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    printer(out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *
read_source(const char *name)
{
    char path[1024], *text = calloc(1, 256 * 1024);
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", SWARM_SOURCE_DIR, name);
    file = fopen(path, "re");
    if (file == NULL || text == NULL)
        fail_msg("%s cannot be read", path);
    assert_true(fread(text, 1, 256 * 1024 - 1, file) > 0);
    fclose(file);
    return text;
}

static void
help_fits_a_narrow_terminal_and_names_all(void **state)
{
    char *text = print(config_help_print);

    (void)state;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= CONFIG_HELP_WIDTH);
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const struct options_row *row = options_row(id);

        if ((row->flags & OPTIONS_FILE_ONLY) != 0)
            continue;
        assert_non_null(strstr(text, row->name));
        assert_non_null(strstr(text, row->variable));
    }
    for (enum options_verb verb = OPTIONS_VERB_RUN + 1; verb < OPTIONS_VERB_COUNT; verb++)
        assert_non_null(strstr(text, options_verb_row(verb)->help));
    free(text);
}

static void
the_committed_example_is_the_generated_one(void **state)
{
    char *generated = print(config_help_print_example);
    char *committed = read_source("sidekiq-swarm.toml.example");

    (void)state;
    if (strcmp(generated, committed) != 0)
        fail_msg("sidekiq-swarm.toml.example is older than the option table: run script/docs");
    free(generated);
    free(committed);
}

static void
the_committed_reference_is_the_generated_one(void **state)
{
    char *generated = print(config_help_print_markdown);
    char *committed = read_source("docs/configuration.md");

    (void)state;
    if (strstr(committed, generated) == NULL)
        fail_msg("docs/configuration.md is older than the option table: run script/docs");
    free(generated);
    free(committed);
}

static void
the_example_changes_nothing(void **state)
{
    char *example = print(config_help_print_example);
    struct config_case test = {.file = example, .cores = 3};

    (void)state;
    config_case_expect(&test);
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++)
        assert_false(config_is_given(&test.config, id));
    config_case_done(&test);
    free(example);
}

/* A line such as `#processes = 4` becomes `processes = 4`; other comments have a space behind the
 * `#`. */
static void
uncomment(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '#' && (at == text || at[-1] == '\n') && at[1] != ' ' && at[1] != '\n')
            *at = ' ';
    }
}

static void
the_example_parses_when_uncommented(void **state)
{
    char *example = print(config_help_print_example);
    struct config_case test = {.file = example, .cores = 3};

    (void)state;
    uncomment(example);
    config_case_expect(&test);
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        if (options_row(id)->section != NULL)
            assert_int_equal(test.config.origins[id].kind, CONFIG_ORIGIN_FILE);
    }
    assert_int_equal(test.config.max_rss_bytes, 800 * UNITS_MIB);
    assert_int_equal(test.config.rule_count, 1);
    assert_int_equal(test.config.rules[0].then, RULE_DO_RECYCLE);
    assert_int_equal(test.config.warning_count, 0);
    config_case_done(&test);
    free(example);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_fits_a_narrow_terminal_and_names_all),
        cmocka_unit_test(the_committed_example_is_the_generated_one),
        cmocka_unit_test(the_committed_reference_is_the_generated_one),
        cmocka_unit_test(the_example_changes_nothing),
        cmocka_unit_test(the_example_parses_when_uncommented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
