/*
 * fuzz_control.c: one line from a client of the control socket, and an error that repeats it.
 *
 * Promises: an accepted request has a verb and texts, and is the same request when it is written and
 * read again; an error is one line of JSON whatever its text.
 */
#include "targets.h"

#include <stdlib.h>
#include <string.h>

#include "master/control.h"
#include "master/exit_code.h"

static void
check_texts(const json_t *arguments)
{
    FUZZ_CHECK(json_is_array(arguments));
    for (size_t i = 0; i < json_array_size(arguments); i++) {
        FUZZ_CHECK(json_string_value(json_array_get(arguments, i)) != NULL);
    }
}

static void
check_request(const struct control_request *request)
{
    struct control_request again = {0};
    const char *reason = NULL;
    json_t *root = json_pack("{s:s,s:O}", "verb", request->verb, "arguments", request->arguments);
    char *line = json_dumps(root, JSON_COMPACT);
    json_t *read;

    check_texts(request->arguments);
    FUZZ_CHECK(line != NULL && strchr(line, '\n') == NULL);
    read = control_request_parse(line, strlen(line), &again, &reason);
    FUZZ_CHECK(read != NULL);
    FUZZ_CHECK(strcmp(again.verb, request->verb) == 0);
    FUZZ_CHECK(json_equal(again.arguments, request->arguments) == 1);
    json_decref(read);
    json_decref(root);
    free(line);
}

static void
check_error(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    json_t *error = control_error(EXIT_CODE_USAGE, "%s", text);
    char *line = json_dumps(error, JSON_COMPACT);

    FUZZ_CHECK(line != NULL && strchr(line, '\n') == NULL);
    FUZZ_CHECK(json_string_value(json_object_get(error, "error")) != NULL);
    FUZZ_CHECK(json_integer_value(json_object_get(error, "code")) == EXIT_CODE_USAGE);
    free(line);
    json_decref(error);
    free(text);
}

void
fuzz_control(const uint8_t *data, size_t size)
{
    struct control_request request = {.client = 7};
    const char *reason = NULL;
    json_t *root = size <= CONTROL_LINE_MAX
                       ? control_request_parse((const char *)data, size, &request, &reason)
                       : NULL;

    if (root != NULL) {
        FUZZ_CHECK(request.verb != NULL && request.client == 7);
        check_request(&request);
        json_decref(root);
    } else {
        FUZZ_CHECK(size > CONTROL_LINE_MAX || reason != NULL);
    }
    check_error(data, size);
}
