/* test_recent.c: the last ends of workers are remembered, and no more than that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/recent.h"

static void
add(struct recent *recent, unsigned slot, pid_t pid)
{
    const struct recent_end end = {.slot = slot, .pid = pid, .reason = REASON_RSS};

    recent_add(recent, &end);
}

static void
test_nothing_at_first(void **state)
{
    struct recent recent = {0};

    (void)state;
    assert_null(recent_at(&recent, 0));
    assert_null(recent_of_slot(&recent, 0));
}

static void
test_the_newest_first(void **state)
{
    struct recent recent = {0};

    (void)state;
    add(&recent, 0, 100);
    add(&recent, 1, 101);
    assert_int_equal(recent_at(&recent, 0)->pid, 101);
    assert_int_equal(recent_at(&recent, 0)->reason, REASON_RSS);
    assert_int_equal(recent_at(&recent, 1)->pid, 100);
    assert_null(recent_at(&recent, 2));
}

static void
test_the_oldest_are_forgotten(void **state)
{
    struct recent recent = {0};

    (void)state;
    for (unsigned i = 0; i < RECENT_MAX + 3; i++) {
        add(&recent, 0, (pid_t)(100 + i));
    }
    assert_int_equal(recent.count, RECENT_MAX + 3);
    assert_int_equal(recent_at(&recent, 0)->pid, 100 + RECENT_MAX + 2);
    assert_int_equal(recent_at(&recent, RECENT_MAX - 1)->pid, 103);
    assert_null(recent_at(&recent, RECENT_MAX));
}

static void
test_of_a_slot_the_last_one(void **state)
{
    struct recent recent = {0};

    (void)state;
    add(&recent, 2, 100);
    add(&recent, 2, 101);
    add(&recent, 1, 102);
    assert_int_equal(recent_of_slot(&recent, 2)->pid, 101);
    assert_int_equal(recent_of_slot(&recent, 1)->pid, 102);
    assert_null(recent_of_slot(&recent, 0));
    for (unsigned i = 0; i < RECENT_MAX; i++) {
        add(&recent, 1, (pid_t)(200 + i));
    }
    assert_null(recent_of_slot(&recent, 2));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_at_first),
        cmocka_unit_test(test_the_newest_first),
        cmocka_unit_test(test_the_oldest_are_forgotten),
        cmocka_unit_test(test_of_a_slot_the_last_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
