/*
 * test_control_path.c: the order of the places, and the folder that only its user may have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder_rig.h"
#include "master/control_path.h"

static const char *const variables[] = {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", "TMPDIR"};

/* A temporary folder as the working directory, an environment without our variables. */
struct place {
    char root[PATH_MAX];
    int before;
    char *kept[ARRAY_LEN(variables)];
};

static int
set_up(void **state)
{
    char folder[FOLDER_RIG_SIZE];
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    place->before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(place->before >= 0);
    folder_rig_make(folder, "control-path");
    assert_non_null(realpath(folder, place->root));
    assert_int_equal(chdir(place->root), 0);
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        const char *value = getenv(variables[i]);

        place->kept[i] = value == NULL ? NULL : strdup(value);
        unsetenv(variables[i]);
    }
    *state = place;
    return 0;
}

static int
tear_down(void **state)
{
    struct place *place = *state;

    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        unsetenv(variables[i]);
        if (place->kept[i] != NULL) {
            setenv(variables[i], place->kept[i], 1);
        }
        free(place->kept[i]);
    }
    assert_int_equal(fchdir(place->before), 0);
    close(place->before);
    folder_rig_remove(place->root);
    free(place);
    return 0;
}

/* Checks the path that is found for `given` against ROOT/`expected`, or `expected` alone if absolute. */
static void
assert_found(const struct place *place, const char *given, const char *expected)
{
    char full[PATH_MAX * 2];
    char *path = NULL;

    snprintf(full, sizeof(full), "%s%s%s", expected[0] == '/' ? "" : place->root,
             expected[0] == '/' ? "" : "/", expected);
    assert_int_equal(control_path_find(given, &path), 0);
    assert_string_equal(path, full);
    free(path);
}

static void
test_given(void **state)
{
    char *path = NULL;

    assert_int_equal(setenv("RUNTIME_DIRECTORY", "/run/sidekiq", 1), 0);
    assert_found(*state, "/run/x.sock", "/run/x.sock");
    assert_found(*state, "x.sock", "x.sock");
    assert_int_equal(control_path_find("", &path), -EINVAL);
    assert_null(path);
    assert_int_equal(control_path_prepare("/nonexistent/x.sock", "/nonexistent/x.sock"), 0);
    assert_int_equal(access("/nonexistent", F_OK), -1);
}

static void
test_longest(void **state)
{
    char name[160];
    char *path = NULL;

    memset(name, 'x', sizeof(name));
    name[0] = '/';
    name[108] = '\0';
    assert_int_equal(control_path_find(name, &path), -ENAMETOOLONG);
    assert_null(path);
    name[107] = '\0';
    assert_found(*state, name, name);
    /* A relative one counts with the folder that it is in. */
    name[0] = 'x';
    assert_int_equal(control_path_find(name, &path), -ENAMETOOLONG);
    assert_null(path);
}

static void
test_order(void **state)
{
    const struct place *place = *state;
    char *user = NULL;

    assert_int_equal(mkdir("tmp", 0700), 0);
    assert_found(place, NULL, "tmp/sockets/swarm.sock");
    assert_int_equal(setenv("RUNTIME_DIRECTORY", "/run/one:/run/two", 1), 0);
    assert_found(place, NULL, "/run/one/swarm.sock");
    assert_int_equal(setenv("RUNTIME_DIRECTORY", "", 1), 0);
    assert_found(place, NULL, "tmp/sockets/swarm.sock");
    assert_int_equal(setenv("RUNTIME_DIRECTORY", "relative", 1), 0);
    assert_found(place, NULL, "tmp/sockets/swarm.sock");
    assert_int_equal(rmdir("tmp"), 0);
    assert_int_equal(control_path_find(NULL, &user), 0);
    assert_int_equal(strncmp(user, "/tmp/sidekiq-swarm-", 19), 0);
    free(user);
}

/* A file called tmp is no folder of an application. */
static void
test_tmp_that_is_a_file(void **state)
{
    char *path = NULL;
    int fd = open("tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(control_path_find(NULL, &path), 0);
    assert_int_equal(strncmp(path, "/tmp/sidekiq-swarm-", 19), 0);
    free(path);
}

/* Without --control a service still finds a place below a very long folder. */
static void
test_application_that_lies_too_deep(void **state)
{
    char name[120];
    char *path = NULL;

    (void)state;
    memset(name, 'd', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(mkdir(name, 0700), 0);
    assert_int_equal(chdir(name), 0);
    assert_int_equal(mkdir("tmp", 0700), 0);
    assert_int_equal(control_path_find(NULL, &path), 0);
    assert_int_equal(strncmp(path, "/tmp/sidekiq-swarm-", 19), 0);
    free(path);
}

static void
test_user_folder_is_keyed_by_the_working_directory(void **state)
{
    const struct place *place = *state;
    char *first = NULL, *again = NULL, *other = NULL;

    assert_int_equal(setenv("XDG_RUNTIME_DIR", place->root, 1), 0);
    assert_int_equal(mkdir("a", 0700), 0);
    assert_int_equal(symlink("a", "b"), 0);
    assert_int_equal(control_path_find(NULL, &other), 0);
    assert_int_equal(chdir("a"), 0);
    assert_int_equal(control_path_find(NULL, &first), 0);
    assert_int_equal(chdir("../b"), 0);
    assert_int_equal(control_path_find(NULL, &again), 0);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    assert_int_equal(strncmp(first, place->root, strlen(place->root)), 0);
    assert_non_null(strstr(first, "/sidekiq-swarm/"));
    assert_int_equal(strlen(strrchr(first, '/')), strlen("/0123456789abcdef.sock"));
    free(first);
    free(again);
    free(other);
}

static void
test_prepares_the_folder_of_the_application(void **state)
{
    char *path = NULL;

    (void)state;
    assert_int_equal(mkdir("tmp", 0700), 0);
    assert_int_equal(control_path_find(NULL, &path), 0);
    assert_int_equal(control_path_prepare(NULL, path), 0);
    assert_int_equal(access("tmp/sockets", W_OK), 0);
    assert_int_equal(control_path_prepare(NULL, path), 0);
    free(path);
}

/* Finds the default path with ROOT as the temporary directory, and the folder it is in. */
static char *
find_user_folder(const struct place *place, char folder[PATH_MAX])
{
    char *path = NULL;

    assert_int_equal(setenv("TMPDIR", place->root, 1), 0);
    assert_int_equal(control_path_find(NULL, &path), 0);
    snprintf(folder, PATH_MAX, "%.*s", (int)(strrchr(path, '/') - path), path);
    return path;
}

static void
assert_private(const char *folder)
{
    struct stat status;

    assert_int_equal(lstat(folder, &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0700);
}

static void
test_prepares_a_private_folder(void **state)
{
    char folder[PATH_MAX];
    char *path = find_user_folder(*state, folder);
    mode_t kept = umask(0);

    assert_int_equal(control_path_prepare(NULL, path), 0);
    assert_private(folder);
    assert_int_equal(control_path_prepare(NULL, path), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(control_path_prepare(NULL, path), 0);
    assert_private(folder);
    umask(kept);
    free(path);
}

static void
test_refuses_what_is_not_our_folder(void **state)
{
    char folder[PATH_MAX];
    char *path = find_user_folder(*state, folder);
    int fd;

    assert_int_equal(mkdir("elsewhere", 0700), 0);
    assert_int_equal(symlink("elsewhere", folder), 0);
    assert_int_equal(control_path_prepare(NULL, path), -EPERM);
    assert_int_equal(unlink(folder), 0);
    fd = open(folder, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(control_path_prepare(NULL, path), -EPERM);
    free(path);
}

static void
test_refuses_the_folder_of_another_user(void **state)
{
    char folder[PATH_MAX];
    char *path;

    if (geteuid() != 0) {
        print_message("skipped: only root can make a folder of another user\n");
        skip();
    }
    path = find_user_folder(*state, folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(chown(folder, 65534, 65534), 0);
    assert_int_equal(control_path_prepare(NULL, path), -EPERM);
    free(path);
}

static void
test_cannot_make_the_folder(void **state)
{
    char *path = NULL;

    (void)state;
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "/nonexistent/run", 1), 0);
    assert_int_equal(control_path_find(NULL, &path), 0);
    assert_int_equal(control_path_prepare(NULL, path), -ENOENT);
    free(path);
}

static void
assert_look(const char *given, int expected)
{
    char *path = NULL;

    assert_int_equal(control_path_find(given, &path), 0);
    assert_int_equal(control_path_look(given, path), expected);
    free(path);
}

static void
test_a_look_makes_no_folder(void **state)
{
    char folder[PATH_MAX];

    free(find_user_folder(*state, folder));
    assert_look(NULL, 0);
    assert_int_equal(access(folder, F_OK), -1);
    assert_int_equal(symlink("elsewhere", folder), 0);
    assert_look(NULL, -EPERM);
    assert_look("c.sock", 0);
    assert_look("missing/c.sock", -ENOENT);
    assert_int_equal(mkdir("tmp", 0700), 0);
    assert_look(NULL, 0);
    assert_int_equal(access("tmp/sockets", F_OK), -1);
    assert_int_equal(mkdir("tmp/sockets", 0700), 0);
    assert_look(NULL, 0);
}

static void
test_a_look_at_what_is_not_writable(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root may write everywhere\n");
        skip();
    }
    assert_int_equal(mkdir("closed", 0500), 0);
    assert_look("closed/c.sock", -EACCES);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_given),
        CASE(test_longest),
        CASE(test_order),
        CASE(test_tmp_that_is_a_file),
        CASE(test_application_that_lies_too_deep),
        CASE(test_user_folder_is_keyed_by_the_working_directory),
        CASE(test_prepares_the_folder_of_the_application),
        CASE(test_prepares_a_private_folder),
        CASE(test_refuses_what_is_not_our_folder),
        CASE(test_refuses_the_folder_of_another_user),
        CASE(test_cannot_make_the_folder),
        CASE(test_a_look_makes_no_folder),
        CASE(test_a_look_at_what_is_not_writable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
