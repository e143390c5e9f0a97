/*
 * test_toml_shim.c: the flat list that a TOML document becomes, and its errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "master/toml_shim.h"
#include "master/util.h"

static struct toml_shim_document *
parse(const char *contents)
{
    struct toml_shim_document *document = NULL;
    struct toml_shim_error error = {0};

    if (toml_shim_parse(contents, strlen(contents), &document, &error) != 0)
        fail_msg("%u:%u: %s", error.at.line, error.at.column, error.text);
    return document;
}

static void
assert_item(const struct toml_shim_item *item, enum toml_shim_kind kind, const char *last_key,
            unsigned line)
{
    assert_int_equal(item->kind, kind);
    assert_string_equal(item->keys[item->depth - 1], last_key);
    assert_int_equal(item->key_at.line, line);
}

static void
items_come_in_the_order_of_the_document(void **state)
{
    struct toml_shim_document *document = parse("[z]\n"
                                                "text = \"a\\tb\"\n"
                                                "[a]\n"
                                                "whole = -3\n"
                                                "number = 1.5\n"
                                                "flag = true\n"
                                                "list = [1, \"x\"]\n"
                                                "at = 2024-01-01T10:00:00Z\n");
    size_t count = 0;
    const struct toml_shim_item *items = toml_shim_items(document, &count);

    (void)state;
    assert_int_equal(count, 10);
    assert_item(&items[0], TOML_SHIM_TABLE, "z", 1);
    assert_item(&items[1], TOML_SHIM_TEXT, "text", 2);
    assert_string_equal(items[1].text, "a\tb");
    assert_string_equal(items[1].keys[0], "z");
    assert_int_equal(items[1].depth, 2);
    assert_int_equal(items[1].value_at.column, 8);
    assert_item(&items[2], TOML_SHIM_TABLE, "a", 3);
    assert_item(&items[3], TOML_SHIM_INTEGER, "whole", 4);
    assert_int_equal(items[3].integer, -3);
    assert_item(&items[4], TOML_SHIM_FLOAT, "number", 5);
    assert_true(items[4].number == 1.5);
    assert_item(&items[5], TOML_SHIM_BOOLEAN, "flag", 6);
    assert_true(items[5].boolean);
    assert_item(&items[6], TOML_SHIM_ARRAY, "list", 7);
    assert_int_equal(items[6].element, -1);
    assert_item(&items[7], TOML_SHIM_INTEGER, "list", 7);
    assert_int_equal(items[7].element, 0);
    assert_item(&items[8], TOML_SHIM_TEXT, "list", 7);
    assert_int_equal(items[8].element, 1);
    assert_int_equal(items[8].value_at.column, 12);
    assert_item(&items[9], TOML_SHIM_TIME, "at", 8);
    toml_shim_free(document);
}

static void
tables_in_an_array_are_taken_apart(void **state)
{
    struct toml_shim_document *document = parse("[[a]]\n"
                                                "x = 1\n"
                                                "[[a]]\n"
                                                "y = [2, 3]\n"
                                                "[[a.b]]\n"
                                                "z = 4\n");
    size_t count = 0;
    const struct toml_shim_item *items = toml_shim_items(document, &count);

    (void)state;
    assert_int_equal(count, 9);
    assert_item(&items[0], TOML_SHIM_ARRAY, "a", 1);
    assert_int_equal(items[0].elements, 2);
    assert_int_equal(items[0].entry, -1);
    assert_item(&items[1], TOML_SHIM_TABLE, "a", 1);
    assert_int_equal(items[1].element, 0);
    assert_item(&items[2], TOML_SHIM_INTEGER, "x", 2);
    assert_string_equal(items[2].keys[0], "a");
    assert_int_equal(items[2].depth, 2);
    assert_int_equal(items[2].entry, 0);
    assert_int_equal(items[2].element, -1);
    assert_item(&items[3], TOML_SHIM_TABLE, "a", 3);
    assert_int_equal(items[3].element, 1);
    assert_item(&items[4], TOML_SHIM_ARRAY, "y", 4);
    assert_int_equal(items[4].entry, 1);
    assert_item(&items[6], TOML_SHIM_INTEGER, "y", 4);
    assert_int_equal(items[6].element, 1);
    assert_int_equal(items[6].entry, 1);
    assert_item(&items[7], TOML_SHIM_ARRAY, "b", 5);
    assert_item(&items[8], TOML_SHIM_TABLE, "b", 5);
    toml_shim_free(document);
}

static void
empty_documents_have_no_items(void **state)
{
    static const char *const documents[] = {"", "\n\n", "# only a comment", "\xef\xbb\xbf"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        struct toml_shim_document *document = parse(documents[i]);
        size_t count = 9;

        toml_shim_items(document, &count);
        assert_int_equal(count, 0);
        toml_shim_free(document);
    }
    toml_shim_free(NULL);
}

/* The first five made toml++ abort while its assertions were on. */
static void
malformed_documents_are_errors(void **state)
{
    static const char *const documents[] = {
        "[.]",         "[",        "[a.]",      "[[",
        "a.",          "=",        "a = ",      "a = 1\na = 2",
        "a = \"x",     "[a]\n[a]", "a = [1,",   "a = {b = 1",
        "a = 09",      "a = 0x",   "a = tru",   "a = \"\xff\"",
        "a = 1 b = 2", "a = '''",  "\xff\xfe[",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        struct toml_shim_document *document = NULL;
        struct toml_shim_error error = {0};

        assert_int_equal(toml_shim_parse(documents[i], strlen(documents[i]), &document, &error),
                         -EINVAL);
        assert_null(document);
        assert_true(error.at.line >= 1 && error.at.column >= 1);
        assert_true(strlen(error.text) > 0);
    }
}

static void
deep_nesting_is_an_error(void **state)
{
    enum { DEPTH = 100000 };
    char *deep = malloc(DEPTH + 5);
    struct toml_shim_document *document = NULL;
    struct toml_shim_error error = {0};

    (void)state;
    assert_non_null(deep);
    memset(deep, '[', DEPTH + 4);
    deep[0] = 'a';
    deep[1] = '=';
    assert_int_equal(toml_shim_parse(deep, DEPTH + 4, &document, &error), -EINVAL);
    free(deep);
}

static int
parse_dotted(size_t depth, struct toml_shim_document **ret, struct toml_shim_error *ret_error)
{
    char *dotted = malloc(2 * depth + 2);
    int result;

    assert_non_null(dotted);
    for (size_t i = 0; i < 2 * depth; i++)
        dotted[i] = i % 2 == 0 ? 'a' : '.';
    dotted[2 * depth - 1] = '=';
    dotted[2 * depth] = '1';
    result = toml_shim_parse(dotted, 2 * depth + 1, ret, ret_error);
    free(dotted);
    return result;
}

/* `a.a.a…`: nesting without brackets passes toml++'s own limit, and freeing it ate the whole stack. */
static void
long_dotted_keys_do_no_harm(void **state)
{
    struct toml_shim_document *document = NULL;
    struct toml_shim_error error = {0};
    size_t count = 0;

    (void)state;
    assert_int_equal(parse_dotted(1000, &document, &error), 0);
    toml_shim_items(document, &count);
    assert_int_equal(count, 8);
    toml_shim_free(document);
    document = NULL;
    assert_int_equal(parse_dotted(500000, &document, &error), -EINVAL);
    assert_null(document);
    assert_non_null(strstr(error.text, "dots"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_in_the_order_of_the_document),
        cmocka_unit_test(tables_in_an_array_are_taken_apart),
        cmocka_unit_test(empty_documents_have_no_items),
        cmocka_unit_test(malformed_documents_are_errors),
        cmocka_unit_test(deep_nesting_is_an_error),
        cmocka_unit_test(long_dotted_keys_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
