/*
 * test_control_request.c: which lines are requests, and what is said of the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "master/control_request.h"

#define NO_JSON "the request is not one line of JSON"
#define NO_REQUEST "the request needs a verb and, if any, an array of texts as arguments"

static json_t *
parse(const char *line, struct control_request *ret_request)
{
    const char *reason = NULL;
    json_t *root = control_request_parse(line, strlen(line), ret_request, &reason);

    if (root == NULL) {
        fail_msg("refused: %s: %s", line, reason);
    }
    return root;
}

static void
assert_refused(const char *line, const char *expected)
{
    struct control_request request = {.client = 3};
    const char *reason = NULL;

    assert_null(control_request_parse(line, strlen(line), &request, &reason));
    assert_string_equal(reason, expected);
    assert_null(request.verb);
    assert_null(request.arguments);
}

static void
a_verb_with_arguments(void **state)
{
    struct control_request request = {.client = 3, .uid = 4, .pid = 5};
    json_t *root = parse("{\"verb\":\"recycle\",\"arguments\":[\"3\",\"\"]}", &request);

    (void)state;
    assert_string_equal(request.verb, "recycle");
    assert_int_equal(json_array_size(request.arguments), 2);
    assert_string_equal(json_string_value(json_array_get(request.arguments, 0)), "3");
    assert_int_equal(request.client, 3);
    assert_int_equal(request.uid, 4);
    assert_int_equal(request.pid, 5);
    json_decref(root);
}

static void
no_arguments_are_an_empty_array(void **state)
{
    struct control_request request = {0};
    json_t *root = parse("{\"verb\":\"status\",\"later\":{\"key\":1}}", &request);

    (void)state;
    assert_true(json_is_array(request.arguments));
    assert_int_equal(json_array_size(request.arguments), 0);
    json_decref(root);
}

static void
what_is_no_json_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "status",
        "{\"verb\":\"stop\"",
        "{\"verb\":\"stop\"} {}",
        "{\"verb\":\"stop\",\"verb\":\"quiet\"}",
        "{\"verb\":\"\xff\"}",
        "{\"verb\":\"a\\u0000\"}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        assert_refused(lines[i], NO_JSON);
    }
}

static void
what_is_no_request_is_refused(void **state)
{
    static const char *const lines[] = {
        "{}",
        "[]",
        "[\"stop\"]",
        "{\"verb\":null}",
        "{\"verb\":7}",
        "{\"verb\":\"stop\",\"arguments\":null}",
        "{\"verb\":\"stop\",\"arguments\":\"1\"}",
        "{\"verb\":\"stop\",\"arguments\":{}}",
        "{\"verb\":\"stop\",\"arguments\":[\"1\",2]}",
        "{\"verb\":\"stop\",\"arguments\":[[]]}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        assert_refused(lines[i], NO_REQUEST);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verb_with_arguments),
        cmocka_unit_test(no_arguments_are_an_empty_array),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(what_is_no_request_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
