/*
 * test_launch_environment.c: where the library of an allocator is looked for, and what is said where it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_case.h"
#include "master/launch_environment.h"

#define LIBRARY "libjemalloc.so.2"

struct rig {
    char folder[64];
    char library[128];
};

static int
set_up(void **state)
{
    static struct rig rig;
    int fd;

    snprintf(rig.folder, sizeof(rig.folder), "/tmp/swarm-test-XXXXXX");
    assert_non_null(mkdtemp(rig.folder));
    snprintf(rig.library, sizeof(rig.library), "%s/" LIBRARY, rig.folder);
    fd = open(rig.library, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    *state = &rig;
    return 0;
}

static int
tear_down(void **state)
{
    const struct rig *rig = *state;

    unlink(rig->library);
    rmdir(rig->folder);
    return 0;
}

/* Makes the environment for one variable of the user; returns what the call does. */
static int
make(struct config_case *test, const char *name, const char *value,
     struct launch_environment *environment, char wrong[1024])
{
    char variable[512];
    char *envp[] = {variable, NULL};

    snprintf(variable, sizeof(variable), "%s=%s", name, value);
    config_case_expect(test);
    *wrong = '\0';
    *environment = (struct launch_environment){0};
    return launch_environment_make(environment, &test->config, envp, wrong, 1024);
}

static void
the_named_library_is_taken(void **state)
{
    const struct rig *rig = *state;
    struct config_case test = {0};
    struct launch_environment environment;
    char wrong[1024];

    assert_int_equal(make(&test, "SWARM_JEMALLOC", rig->library, &environment, wrong), 0);
    assert_string_equal(environment.mold.library, rig->library);
    launch_environment_done(&environment);
    config_case_done(&test);
}

static void
folders_of_the_loader_come_first(void **state)
{
    const struct rig *rig = *state;
    struct config_case test = {.words = {"--allocator", "jemalloc"}};
    struct launch_environment environment;
    char list[256];
    char wrong[1024];

    snprintf(list, sizeof(list), "/nowhere::%s;/lib", rig->folder);
    assert_int_equal(make(&test, "LD_LIBRARY_PATH", list, &environment, wrong), 0);
    assert_string_equal(environment.mold.library, rig->library);
    launch_environment_done(&environment);
    config_case_done(&test);
}

static void
what_is_not_there_is_left_out_or_refused(void **state)
{
    static const char *const not_there[] = {"/nowhere/" LIBRARY, "relative/" LIBRARY, "/tmp"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(not_there); i++) {
        struct config_case automatic = {0};
        struct config_case asked = {.words = {"--allocator", "jemalloc"}};
        struct launch_environment environment;
        char wrong[1024];

        assert_int_equal(make(&automatic, "SWARM_JEMALLOC", not_there[i], &environment, wrong), 0);
        assert_null(environment.mold.library);
        launch_environment_done(&environment);
        config_case_done(&automatic);

        assert_int_equal(make(&asked, "SWARM_JEMALLOC", not_there[i], &environment, wrong),
                         -ENOENT);
        assert_non_null(strstr(wrong, not_there[i]));
        assert_non_null(strstr(wrong, "SWARM_JEMALLOC"));
        config_case_done(&asked);
    }
}

static void
without_a_mold_nobody_looks(void **state)
{
    struct config_case test = {.words = {"--no-prefork", "--allocator", "jemalloc"}};
    struct launch_environment environment;
    char wrong[1024];

    (void)state;
    assert_int_equal(make(&test, "SWARM_JEMALLOC", "/nowhere", &environment, wrong), 0);
    assert_null(environment.jemalloc);
    launch_environment_done(&environment);
    config_case_done(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_named_library_is_taken),
        cmocka_unit_test(folders_of_the_loader_come_first),
        cmocka_unit_test(what_is_not_there_is_left_out_or_refused),
        cmocka_unit_test(without_a_mold_nobody_looks),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
