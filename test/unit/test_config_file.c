/*
 * test_config_file.c: finding and reading the configuration file, and what is wrong with it as a
 * file.
 */
#include "config_case.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder_rig.h"
#include "master/config_file.h"

static char folder[FOLDER_RIG_SIZE];

static char *
in_folder(const char *name, char to[160])
{
    snprintf(to, 160, "%s/%s", folder, name);
    return to;
}

static void
put(const char *name, const char *contents)
{
    char path[160];
    FILE *file = fopen(in_folder(name, path), "we");

    assert_non_null(file);
    assert_true(fputs(contents, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int
make_folder(void **state)
{
    char path[160];

    (void)state;
    folder_rig_make(folder, "file");
    return mkdir(in_folder("config", path), 0700);
}

static int
remove_folder(void **state)
{
    (void)state;
    folder_rig_remove(folder);
    return 0;
}

static void
refuse(const char *name, const char *text)
{
    struct config_file file = {0};
    struct config_error error = {0};

    assert_int_equal(config_file_read(name, folder, &file, &error), -EINVAL);
    assert_int_equal(error.exit_code, EXIT_CODE_CONFIG);
    if (strstr(error.text, text) == NULL)
        fail_msg("\"%s\" is not in: %s", text, error.text);
}

static void
expect(const char *name, const char *found, const char *contents)
{
    struct config_file file = {0};
    struct config_error error = {0};

    assert_int_equal(config_file_read(name, folder, &file, &error), 0);
    assert_string_equal(file.name, found);
    assert_string_equal(file.contents, contents);
    assert_int_equal(file.size, strlen(contents));
    config_file_done(&file);
}

static void
places_are_searched_in_order(void **state)
{
    struct config_file file = {.size = 9};
    struct config_error error = {0};

    (void)state;
    assert_int_equal(config_file_read(NULL, folder, &file, &error), 0);
    assert_null(file.name);
    put("config/sidekiq-swarm.toml", "# config");
    expect(NULL, "config/sidekiq-swarm.toml", "# config");
    put("sidekiq-swarm.toml", "# root");
    expect(NULL, "sidekiq-swarm.toml", "# root");
    put("other.toml", "");
    expect("other.toml", "other.toml", "");
}

static void
what_is_no_file_is_refused(void **state)
{
    char path[160];

    (void)state;
    refuse("missing.toml", "missing.toml does not exist");
    refuse("config", "is a directory");
    assert_int_equal(mkfifo(in_folder("pipe", path), 0600), 0);
    refuse("pipe", "is not a regular file");
    put("plain", "");
    refuse("plain/below.toml", "cannot be read (Not a directory)");
    assert_int_equal(symlink("loop", in_folder("loop", path)), 0);
    refuse("loop", "cannot be read");
}

static void
a_directory_in_the_place_of_the_file_is_refused(void **state)
{
    char path[160];

    (void)state;
    assert_int_equal(mkdir(in_folder("sidekiq-swarm.toml", path), 0700), 0);
    refuse(NULL, "sidekiq-swarm.toml is a directory");
}

/* Root may read everything, so it becomes nobody for the moment of the look. */
static void
a_file_that_may_not_be_read_is_refused(void **state)
{
    bool is_root = geteuid() == 0;
    char path[160];

    (void)state;
    put("secret.toml", "");
    assert_int_equal(chmod(in_folder("secret.toml", path), 0), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    refuse("secret.toml", "cannot be read (Permission denied)");
    if (is_root)
        assert_int_equal(seteuid(0), 0);
}

static void
ten_megabytes_are_refused(void **state)
{
    char path[160];
    int fd = open(in_folder("large.toml", path), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 10 * 1024 * 1024), 0);
    close(fd);
    refuse("large.toml", "larger than 1 MiB");
    assert_int_equal(truncate(path, CONFIG_FILE_MAX + 1), 0);
    refuse("large.toml", "larger than 1 MiB");
}

static void
load_named(const char *word, const char *variable, const char *expected)
{
    char words[2][24] = {"--swarm-config", ""}, environment[48];
    char *argv[] = {words[0], words[1], NULL}, *envp[] = {environment, NULL};
    struct config_input in = {
        .argc = word == NULL ? 0 : 2, .argv = argv, .envp = envp, .cwd = folder};
    struct config config = {0};
    struct config_error error = {0};

    util_copy_text(words[1], sizeof(words[1]), word == NULL ? "" : word);
    snprintf(environment, sizeof(environment), "%s", variable);
    if (config_load(&config, &in, &error) != 0)
        fail_msg("refused: %s", error.text);
    assert_string_equal(config.file, expected);
    config_done(&config);
}

static void
words_and_environment_name_the_file(void **state)
{
    (void)state;
    put("sidekiq-swarm.toml", "");
    put("a.toml", "");
    put("b.toml", "");
    load_named(NULL, "SIDEKIQ_SWARM_CONFIG=", "sidekiq-swarm.toml");
    load_named(NULL, "SIDEKIQ_SWARM_CONFIG=a.toml", "a.toml");
    load_named(NULL, "SWARM_CONFIG=a.toml", "a.toml");
    load_named("b.toml", "SIDEKIQ_SWARM_CONFIG=missing.toml", "b.toml");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(places_are_searched_in_order),
        WITH_FOLDER(what_is_no_file_is_refused),
        WITH_FOLDER(a_directory_in_the_place_of_the_file_is_refused),
        WITH_FOLDER(a_file_that_may_not_be_read_is_refused),
        WITH_FOLDER(ten_megabytes_are_refused),
        WITH_FOLDER(words_and_environment_name_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
