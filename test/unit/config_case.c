/*
 * config_case.c: one configuration as a test states it.
 */
#include "config_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/config_text.h"

#define FILE_NAME "sidekiq-swarm.toml"

static char **
copy_list(const char *const *texts, unsigned *ret_count)
{
    char **list = calloc(1, sizeof(*list));

    assert_non_null(list);
    *ret_count = 0;
    for (size_t i = 0; i < CONFIG_CASE_WORDS && texts[i] != NULL; i++)
        assert_int_equal(config_list_add(&list, ret_count, texts[i]), 0);
    return list;
}

static void
write_file(const char *folder, const char *contents)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/" FILE_NAME, folder);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(contents, 1, strlen(contents), file), strlen(contents));
    assert_int_equal(fclose(file), 0);
}

static void
remove_folder(const char *folder)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/" FILE_NAME, folder);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

void
config_case_load(struct config_case *test)
{
    char folder[] = "/tmp/swarm-config-XXXXXX";
    unsigned argc = 0, variables = 0;
    char **argv = copy_list(test->words, &argc);
    char **envp = copy_list(test->environment, &variables);
    struct config_input in = {.argc = (int)argc, .argv = argv, .verb = test->verb, .envp = envp};

    in.cores_available = test->cores;
    in.memory_bytes = test->memory_bytes;
    in.cwd = mkdtemp(folder);
    assert_non_null(in.cwd);
    if (test->file != NULL)
        write_file(folder, test->file);
    test->error = (struct config_error){0};
    test->result = config_load(&test->config, &in, &test->error);
    remove_folder(folder);
    config_list_free(argv);
    config_list_free(envp);
}

void
config_case_expect(struct config_case *test)
{
    config_case_load(test);
    if (test->result != 0)
        fail_msg("refused: %s", test->error.text);
}

void
config_case_refuse(struct config_case *test, enum exit_code exit_code, const char *texts[])
{
    config_case_load(test);
    if (test->result == 0)
        fail_msg("accepted, although it should be refused with: %s", texts[0]);
    for (size_t i = 0; texts[i] != NULL; i++) {
        if (strstr(test->error.text, texts[i]) == NULL)
            fail_msg("\"%s\" is not in: %s", texts[i], test->error.text);
    }
    assert_int_equal(test->error.exit_code, exit_code);
}

void
config_case_refuse_file(const char *file, const char *place, const char *text)
{
    struct config_case test = {.file = file};
    char start[64];

    snprintf(start, sizeof(start), "sidekiq-swarm.toml:%s", place);
    config_case_refuse(&test, EXIT_CODE_CONFIG, (const char *[]){start, text, NULL});
    assert_ptr_equal(strstr(test.error.text, start), test.error.text);
}

void
config_case_done(struct config_case *test)
{
    config_done(&test->config);
}

void
config_case_assert_words(const struct config_case *test, const char *words[])
{
    unsigned count = 0;

    for (; words[count] != NULL; count++) {
        assert_true(count < test->config.passthrough_count);
        assert_string_equal(test->config.passthrough[count], words[count]);
    }
    assert_int_equal(test->config.passthrough_count, count);
    assert_null(test->config.passthrough[count]);
}

bool
config_case_warns(const struct config_case *test, const char *text)
{
    for (unsigned i = 0; i < test->config.warning_count; i++) {
        if (strstr(test->config.warnings[i], text) != NULL)
            return true;
    }
    return false;
}
