/*
 * test_policy.c: samples in, verdicts out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rss/policy.h"

#define MIB (UINT64_C(1) << 20)

static void
test_verdicts(void **state)
{
    static const struct {
        struct policy_sample sample;
        uint64_t limit;
        enum policy_verdict verdict;
    } cases[] = {
        {{true, 500 * MIB, 300 * MIB}, 600 * MIB, POLICY_FINE},
        {{true, 600 * MIB, 300 * MIB}, 600 * MIB, POLICY_FINE},
        {{true, 600 * MIB + 1, 300 * MIB}, 600 * MIB, POLICY_OVER},
        {{true, 9000 * MIB, 0}, 600 * MIB, POLICY_OVER},
        {{true, 9000 * MIB, 0}, 0, POLICY_FINE},
        {{true, 9000 * MIB, 8000 * MIB}, 0, POLICY_FINE},
        /* FS-20: born at 620M under a limit of 600M. */
        {{true, 620 * MIB, 620 * MIB}, 600 * MIB, POLICY_BORN_OVER},
        {{true, 900 * MIB, 620 * MIB}, 600 * MIB, POLICY_BORN_OVER},
        {{true, 601 * MIB, 600 * MIB}, 600 * MIB, POLICY_BORN_OVER},
        {{true, 601 * MIB, 600 * MIB - 1}, 600 * MIB, POLICY_OVER},
        {{true, 590 * MIB, 620 * MIB}, 600 * MIB, POLICY_FINE},
        {{false, 0, 0}, 600 * MIB, POLICY_UNKNOWN},
        {{false, 9000 * MIB, 620 * MIB}, 600 * MIB, POLICY_UNKNOWN},
        {{true, UINT64_MAX, 1}, 5000 * 1024 * MIB, POLICY_OVER},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(policy_judge(&cases[i].sample, cases[i].limit), cases[i].verdict);
    }
}

static void
test_names(void **state)
{
    (void)state;
    assert_string_equal(policy_verdict_name(POLICY_FINE), "fine");
    assert_string_equal(policy_verdict_name(POLICY_OVER), "over");
    assert_string_equal(policy_verdict_name(POLICY_BORN_OVER), "born_over");
    assert_string_equal(policy_verdict_name(POLICY_UNKNOWN), "unknown");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
