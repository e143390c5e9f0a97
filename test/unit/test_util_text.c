/*
 * test_util_text.c: what is a character, what is a control character, and a text that is cleaned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "master/util_text.h"

static void
test_lengths(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"", 0},
        {"a", 1},
        {"\x7F", 1},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xE0\xA0\x80", 3},
        {"\xED\x9F\xBF", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\x80", 0},             /* a continuation alone */
        {"\xC1\xBF", 0},         /* overlong */
        {"\xE0\x9F\xBF", 0},     /* overlong */
        {"\xF0\x8F\xBF\xBF", 0}, /* overlong */
        {"\xED\xA0\x80", 0},     /* a surrogate */
        {"\xF4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xF5\x80\x80\x80", 0},
        {"\xC3", 0}, /* cut */
        {"\xE2\x82", 0},
        {"\xF0\x9F\x98", 0},
        {"\xE2\x82z", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(util_character_length(cases[i].text), cases[i].length);
    }
}

/* What stands behind the end is not looked at, even where it would go on. */
static void
test_lengths_within(void **state)
{
    static const char text[] = "\xF0\x9F\x98\x80z";

    (void)state;
    for (size_t left = 0; left < 4; left++) {
        assert_int_equal(util_character_within(text, left), 0);
    }
    assert_int_equal(util_character_within(text, 4), 4);
    assert_int_equal(util_character_within(text + 4, 1), 1);
    assert_int_equal(util_character_within(text + 4, 0), 0);
    assert_int_equal(util_character_within("", 1), 0);
}

static void
test_controls(void **state)
{
    static const char *const controls[] = {"\x01", "\t",       "\n",      "\033[0m",
                                           "\x7F", "\xC2\x80", "\xC2\x9F"};
    static const char *const texts[] = {" ", "~", "\xC2\xA0", "\xC3\x80", "\xC2"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(controls); i++) {
        assert_true(util_is_control(controls[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_false(util_is_control(texts[i]));
    }
}

static void
test_cleaning(void **state)
{
    static const struct {
        const char *text;
        const char *clean;
    } cases[] = {
        {"", ""},
        {"HardJob", "HardJob"},
        {"Gr\xC3\xBC\xC3\x9F"
         "e \xF0\x9F\x98\x80",
         "Gr\xC3\xBC\xC3\x9F"
         "e \xF0\x9F\x98\x80"},
        {"a\r\nb", "a"
                   "?"
                   "?"
                   "b"},
        {"\xC2\x9B"
         "31m",
         "?"
         "?31m"},
        {"\xFF\xC3", "?"
                     "?"},
        {"\xE2\x82z", "?"
                      "?z"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[32];

        util_copy_text(text, sizeof(text), cases[i].text);
        util_clean_text(text);
        assert_string_equal(text, cases[i].clean);
        assert_int_equal(strlen(text), strlen(cases[i].text));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_lengths_within),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_cleaning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
