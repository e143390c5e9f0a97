/* test_backoff.c: waits in a row, and what makes them begin anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/backoff.h"

static void
test_waits_grow_by_half_up_to_the_last(void **state)
{
    static const int64_t waits[] = {1000,  1500,  2250,  3375,  5062, 7593,
                                    11389, 17083, 25624, 30000, 30000};
    struct backoff backoff = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        assert_int_equal(backoff_fail(&backoff, 50000), waits[i]);
        assert_int_equal(backoff.retry_ms, 50000 + waits[i]);
    }
}

static void
test_a_forgiven_failure_counts_but_waits_for_nothing(void **state)
{
    struct backoff backoff = {0};

    (void)state;
    backoff_forgive(&backoff, 7000);
    assert_int_equal(backoff.retry_ms, 7000);
    assert_int_equal(backoff_fail(&backoff, 7000), 1500);
}

static void
test_a_hold_never_shortens_a_wait(void **state)
{
    struct backoff backoff = {.retry_ms = 9000};

    (void)state;
    backoff_hold(&backoff, 1000, 1000);
    assert_int_equal(backoff.retry_ms, 9000);
    backoff_hold(&backoff, 8500, 1000);
    assert_int_equal(backoff.retry_ms, 9500);
}

static void
test_a_minute_of_health_heals(void **state)
{
    struct backoff backoff = {.failures = 5, .retry_ms = 9000};

    (void)state;
    backoff_heal(&backoff, BACKOFF_HEALTHY_MS - 1);
    assert_int_equal(backoff.failures, 5);
    backoff_heal(&backoff, BACKOFF_HEALTHY_MS);
    assert_int_equal(backoff.failures, 0);
    assert_int_equal(backoff.retry_ms, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_grow_by_half_up_to_the_last),
        cmocka_unit_test(test_a_forgiven_failure_counts_but_waits_for_nothing),
        cmocka_unit_test(test_a_hold_never_shortens_a_wait),
        cmocka_unit_test(test_a_minute_of_health_heals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
