/*
 * test_units.c: numbers, sizes, durations and switches as people write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "master/units.h"

static void
sizes_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"838860800", 838860800},
        {"800M", 800 * UNITS_MIB},
        {"800m", 800 * UNITS_MIB},
        {"800MB", 800 * UNITS_MIB},
        {"800MiB", 800 * UNITS_MIB},
        {"1.5G", 1536 * UNITS_MIB},
        {"1.5GiB", 1536 * UNITS_MIB},
        {"2g", 2 * UNITS_GIB},
        {"0.5K", 512},
        {"1T", UNITS_TIB},
        {"0", 0},
        {"7B", 7},
        {"16777215T", 16777215 * UNITS_TIB},
        {"18446744073709551615", UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t bytes = 1;

        assert_int_equal(units_parse_size(cases[i].text, &bytes), 0);
        assert_int_equal(bytes, cases[i].bytes);
    }
}

static void
what_is_no_size_is_refused(void **state)
{
    static const char *const no_sizes[] = {"",
                                           "banana",
                                           "-5M",
                                           "M",
                                           "5X",
                                           "5 M",
                                           "1.M",
                                           ".5M",
                                           "1e9",
                                           "0x10",
                                           "1,5G",
                                           "+5M",
                                           " 5M",
                                           "5M ",
                                           "5MiBs",
                                           "1.0000001G",
                                           "99999999999999999999X"};
    uint64_t bytes = 42;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(no_sizes); i++)
        assert_int_equal(units_parse_size(no_sizes[i], &bytes), -EINVAL);
    assert_int_equal(units_parse_size("99999999T", &bytes), -ERANGE);
    assert_int_equal(units_parse_size("16777216T", &bytes), -ERANGE);
    assert_int_equal(units_parse_size("18446744073709551616", &bytes), -ERANGE);
    assert_int_equal(units_parse_size("99999999999999999999999M", &bytes), -ERANGE);
    assert_int_equal(bytes, 42);
}

static void
shares_are_read(void **state)
{
    static const struct {
        const char *text;
        int error;
        uint64_t millionths;
    } cases[] = {
        {"50%", 0, 500000},
        {"12.5%", 0, 125000},
        {"0.0001%", 0, 1},
        {"100%", 0, 1000000},
        {"250%", 0, 2500000},
        {"0%", 0, 0},
        {"", -EINVAL, 42},
        {"50", -EINVAL, 42},
        {"%", -EINVAL, 42},
        {"50 %", -EINVAL, 42},
        {"50%%", -EINVAL, 42},
        {"-5%", -EINVAL, 42},
        {"0.00001%", -EINVAL, 42},
        {"99999999999999999999%", -ERANGE, 42},
        {"9999999999999999999%", -ERANGE, 42},
        {"99999999999999999999", -EINVAL, 42},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t millionths = 42;

        assert_int_equal(units_parse_percent(cases[i].text, &millionths), cases[i].error);
        assert_int_equal(millionths, cases[i].millionths);
    }
}

static void
durations_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t span_ms;
    } cases[] = {
        {"5", 5000},     {"0.5", 500},     {"500ms", 500}, {"90s", 90000}, {"5m", 300000},
        {"2H", 7200000}, {"1d", 86400000}, {"0", 0},       {"0.001", 1},   {"1.5m", 90000},
    };
    int64_t span_ms = 42;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(units_parse_duration(cases[i].text, &span_ms), 0);
        assert_int_equal(span_ms, cases[i].span_ms);
    }
    span_ms = 42;
    assert_int_equal(units_parse_duration("-1", &span_ms), -EINVAL);
    assert_int_equal(units_parse_duration("soon", &span_ms), -EINVAL);
    assert_int_equal(units_parse_duration("nan", &span_ms), -EINVAL);
    assert_int_equal(units_parse_duration("18446744073709551d", &span_ms), -ERANGE);
    assert_int_equal(units_parse_duration("9300000000000000", &span_ms), -ERANGE);
    assert_int_equal(span_ms, 42);
}

static void
switches_are_read(void **state)
{
    static const char *const on_words[] = {"1", "true", "yes", "on", "TRUE", "On"};
    static const char *const off_words[] = {"0", "false", "no", "off", "False", "OFF"};
    bool on = false;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(on_words); i++) {
        on = false;
        assert_int_equal(units_parse_switch(on_words[i], &on), 0);
        assert_true(on);
        assert_int_equal(units_parse_switch(off_words[i], &on), 0);
        assert_false(on);
    }
    assert_int_equal(units_parse_switch("", &on), -EINVAL);
    assert_int_equal(units_parse_switch("maybe", &on), -EINVAL);
}

static void
shares_of_the_cores_are_read(void **state)
{
    static const struct {
        const char *text;
        unsigned cores;
        uint64_t count;
    } cases[] = {
        {"0.5", 8, 4}, {"0.5", 3, 1}, {"0.25", 2, 1}, {"0.9", 1, 1},
        {"1", 8, 1},   {"2.7", 8, 2}, {"12", 2, 12},  {"0.000001", 64, 1},
    };
    uint64_t count = 42;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(units_parse_share(cases[i].text, cases[i].cores, &count), 0);
        assert_int_equal(count, cases[i].count);
    }
    count = 42;
    assert_int_equal(units_parse_share("0", 8, &count), -ERANGE);
    assert_int_equal(units_parse_share("0.0", 8, &count), -ERANGE);
    assert_int_equal(units_parse_share("-1", 8, &count), -EINVAL);
    assert_int_equal(units_parse_share("many", 8, &count), -EINVAL);
    assert_int_equal(units_parse_share("50%", 8, &count), -EINVAL);
    assert_int_equal(count, 42);
}

static void
what_is_written_can_be_read_again(void **state)
{
    static const uint64_t sizes[] = {
        1, 1023, 4097, UNITS_KIB, 800 * UNITS_MIB, 1536 * UNITS_MIB, UNITS_TIB};
    static const int64_t spans[] = {0, 1, 10, 100, 500, 1000, 1050, 300000};
    char text[UNITS_TEXT_SIZE];
    uint64_t bytes = 0;
    int64_t span_ms = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        assert_int_equal(units_parse_size(units_format_size(sizes[i], text), &bytes), 0);
        assert_int_equal(bytes, sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
        assert_int_equal(units_parse_duration(units_format_duration(spans[i], text), &span_ms), 0);
        assert_int_equal(span_ms, spans[i]);
    }
    assert_string_equal(units_format_size(800 * UNITS_MIB, text), "800M");
    assert_string_equal(units_format_size(0, text), "0");
    assert_string_equal(units_format_duration(500, text), "0.5s");
    assert_string_equal(units_format_duration(1005, text), "1.005s");
    assert_string_equal(units_format_duration(300000, text), "300s");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_read),
        cmocka_unit_test(what_is_no_size_is_refused),
        cmocka_unit_test(shares_are_read),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(switches_are_read),
        cmocka_unit_test(shares_of_the_cores_are_read),
        cmocka_unit_test(what_is_written_can_be_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
