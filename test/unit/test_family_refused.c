/*
 * test_family_refused.c: places where a family's file cannot be made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/family.h"

static void
a_folder_that_is_not_there(void **state)
{
    struct family *family = NULL;

    (void)state;
    assert_int_equal(family_open("/nonexistent/swarm.sock", &family), -ENOENT);
    assert_null(family);
    family_close(family);
}

/* Whoever may write there must not choose the file that we open. */
static void
a_link_is_not_followed(void **state)
{
    char folder[] = "/tmp/swarm-family-XXXXXX", place[64], file[80], target[64];
    struct family *family = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(place, sizeof(place), "%s/swarm.sock", folder);
    snprintf(file, sizeof(file), "%s.family", place);
    snprintf(target, sizeof(target), "%s/target", folder);
    assert_int_equal(symlink(target, file), 0);
    assert_int_equal(family_open(place, &family), -ELOOP);
    assert_null(family);
    assert_int_not_equal(access(target, F_OK), 0);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_is_not_there),
        cmocka_unit_test(a_link_is_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
