/*
 * control_request.c: see control_request.h.
 *
 * Owns the checks of a request. Must not answer it.
 */
#include "control_request.h"

static bool
are_texts(const json_t *arguments)
{
    size_t i;
    json_t *argument;

    if (!json_is_array(arguments)) {
        return false;
    }
    json_array_foreach((json_t *)(uintptr_t)arguments, i, argument)
    {
        if (!json_is_string(argument)) {
            return false;
        }
    }
    return true;
}

/* The request's arguments, which become an empty array where there are none; NULL without memory. */
static json_t *
arguments_of(json_t *root)
{
    json_t *arguments = json_object_get(root, "arguments");

    if (arguments == NULL && json_object_set_new(root, "arguments", json_array()) == 0) {
        arguments = json_object_get(root, "arguments");
    }
    return arguments;
}

json_t *
control_request_parse(const char *line, size_t length, struct control_request *ret_request,
                      const char **ret_reason)
{
    json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    const char *verb = json_string_value(json_object_get(root, "verb"));
    json_t *arguments = verb != NULL ? arguments_of(root) : NULL;

    if (are_texts(arguments)) {
        ret_request->verb = verb;
        ret_request->arguments = arguments;
        return root;
    }
    *ret_reason = root == NULL
                      ? "the request is not one line of JSON"
                      : "the request needs a verb and, if any, an array of texts as arguments";
    json_decref(root);
    return NULL;
}
