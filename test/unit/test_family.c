/* test_family.c: the lock that says whether anybody of an earlier service still lives. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "master/family.h"

static char folder[64];
static char place[128];
static char file[160];

static int
set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/swarm-family-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(place, sizeof(place), "%s/swarm.sock", folder);
    snprintf(file, sizeof(file), "%s.family", place);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static struct family *
open_family(void)
{
    struct family *family = NULL;

    assert_int_equal(family_open(place, &family), 0);
    return family;
}

static void
test_the_first_is_alone_and_leaves_nothing(void **state)
{
    struct family *family = open_family();
    struct stat stat_of_file;

    (void)state;
    assert_true(family_is_alone(family));
    assert_true(fcntl(family_fd(family), F_GETFD) & FD_CLOEXEC);
    assert_int_equal(stat(file, &stat_of_file), 0);
    assert_int_equal(stat_of_file.st_mode & 0777, 0600);
    family_close(family);
    assert_int_equal(access(file, F_OK), -1);
}

/* FS-47: the master is gone, its descriptor lives on in a worker. */
static void
test_fs_47_a_worker_that_outlives_its_master_is_seen(void **state)
{
    struct family *first = open_family();
    struct family *second;
    int inherited;

    (void)state;
    assert_true(family_is_alone(first));
    inherited = dup(family_fd(first));
    assert_true(inherited >= 0);
    family_close(first);
    assert_int_equal(access(file, F_OK), 0);

    second = open_family();
    assert_false(family_is_alone(second));
    close(inherited);
    assert_true(family_is_alone(second));
    family_close(second);
}

static void
test_beside_an_earlier_family_ours_is_marked_too(void **state)
{
    struct family *earlier = open_family();
    struct family *ours = open_family();
    struct family *later = open_family();

    (void)state;
    assert_true(family_is_alone(earlier));
    assert_false(family_is_alone(ours));
    family_join(ours);
    family_close(earlier);
    assert_false(family_is_alone(later));
    family_close(ours);
    assert_true(family_is_alone(later));
    family_close(later);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_the_first_is_alone_and_leaves_nothing),
        CASE(test_fs_47_a_worker_that_outlives_its_master_is_seen),
        CASE(test_beside_an_earlier_family_ours_is_marked_too),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
