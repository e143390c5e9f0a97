/*
 * test_status_text.c: figures in, short texts out; the width of texts, and where they are broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "master/status_text.h"

#define MIB 1048576.0

static void
sizes(void **state)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1, "1B"},
        {999, "999B"},
        {1000, "1K"},
        {1024, "1K"},
        {980 * 1024, "980K"},
        {1000 * 1024, "1.0M"},
        {1.44 * MIB, "1.4M"},
        {9.96 * MIB, "10M"},
        {213 * MIB, "213M"},
        {999.4 * MIB, "999M"},
        {999.6 * MIB, "1.0G"},
        {1433.6 * MIB, "1.4G"},
        {12288 * MIB, "12G"},
        {2e12, "1.8T"},
        {1e18, "-"},
        {-1, "-"},
        {NAN, "-"},
    };
    char text[STATUS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(status_text_bytes(cases[i].bytes, text), cases[i].text);
    }
    assert_string_equal(status_text_signed(31.2 * MIB, text), "+31M");
    assert_string_equal(status_text_signed(-4096, text), "-4K");
    assert_string_equal(status_text_signed(0.4, text), "0");
    assert_string_equal(status_text_signed(-1e30, text), "-");
}

static void
spans(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {0, "0s"},       {0.04, "0s"},    {1.5, "1.5s"},   {9.96, "9s"}, {45.9, "45s"},
        {60, "1m"},      {312, "5m 12s"}, {7412, "2h 3m"}, {7200, "2h"}, {90061, "1d 1h"},
        {864000, "10d"}, {-1, "-"},       {1e300, "-"},    {NAN, "-"},
    };
    char text[STATUS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(status_text_seconds(cases[i].seconds, " ", text), cases[i].text);
    }
    assert_string_equal(status_text_seconds(312, "", text), "5m12s");
}

static void
values_of_an_object(void **state)
{
    json_t *object =
        json_pack("{s:i,s:I,s:f,s:s,s:s,s:b,s:n}", "few", 7, "many", (json_int_t)123456789,
                  "percent", 37.4, "text", "x", "empty", "", "yes", 1, "null");
    char text[STATUS_TEXT_SIZE];

    (void)state;
    assert_string_equal(status_text_count(object, "few", text), "7");
    assert_string_equal(status_text_count(object, "many", text), "123.5M");
    assert_string_equal(status_text_count(object, "text", text), "-");
    assert_string_equal(status_text_count(object, "null", text), "-");
    assert_string_equal(status_text_count(NULL, "few", text), "-");
    assert_string_equal(status_text_percent(object, "percent", text), "37%");
    assert_string_equal(status_text_percent(object, "text", text), "-");
    assert_string_equal(status_text_size(object, "none", text), "-");
    assert_string_equal(status_text_growth(object, "few", text), "+7B");
    assert_string_equal(status_text_growth(object, "none", text), "-");
    assert_string_equal(status_text_span(object, "few", " ", text), "7s");
    assert_string_equal(status_text_string(object, "text"), "x");
    assert_null(status_text_string(object, "empty"));
    assert_true(status_text_is(object, "yes"));
    assert_false(status_text_is(object, "few"));
    assert_true(status_text_has(object, "few"));
    assert_false(status_text_has(object, "null"));
    json_decref(object);
}

static void
width_counts_columns(void **state)
{
    (void)state;
    assert_int_equal(status_text_width(""), 0);
    assert_int_equal(status_text_width("abc"), 3);
    assert_int_equal(status_text_width("größe"), 5);
    assert_int_equal(status_text_width("仕事"), 4);
    assert_int_equal(status_text_width("e\xCC\x81"), 1);
    assert_int_equal(status_text_width("\xC3"), 1);
    assert_int_equal(status_text_fit("größe", 3), 4);
    assert_int_equal(status_text_fit("仕事", 3), 3);
    assert_int_equal(status_text_fit("ab", 9), 2);
}

static void
plain_texts_command_no_terminal(void **state)
{
    char to[32];

    (void)state;
    status_text_plain(to, sizeof(to), "a\x1b[2J\x7f\tb");
    assert_string_equal(to, "a?[2J??b");
    status_text_plain(to, sizeof(to), "x\xC2\x9by");
    assert_string_equal(to, "x??y");
    status_text_plain(to, sizeof(to), "x\xE2\x80\xAEy");
    assert_string_equal(to, "x???y");
    status_text_plain(to, 6, "größe");
    assert_string_equal(to, "grö");
}

static void
assert_wrapped(const char *text, size_t width, const char *expected)
{
    char *lines = NULL;
    size_t length;
    FILE *to = open_memstream(&lines, &length);

    assert_non_null(to);
    status_text_wrap(to, text, 0, 2, width);
    fclose(to);
    assert_string_equal(lines, expected);
    free(lines);
}

static void
lines_are_broken_between_words(void **state)
{
    (void)state;
    assert_wrapped("", 10, "\n");
    assert_wrapped("one two", 10, "one two\n");
    assert_wrapped("one two three", 10, "one two\n  three\n");
    assert_wrapped("one two three", 7, "one two\n  three\n");
    assert_wrapped("abcdefghijkl mn", 6, "abcdef\n  ghij\n  kl\n  mn\n");
    assert_wrapped("a 仕事仕事", 5, "a\n  仕\n  事\n  仕\n  事\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(spans),
        cmocka_unit_test(values_of_an_object),
        cmocka_unit_test(width_counts_columns),
        cmocka_unit_test(plain_texts_command_no_terminal),
        cmocka_unit_test(lines_are_broken_between_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
