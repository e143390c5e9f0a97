/*
 * status_case.c: see status_case.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "status_case.h"

#include <stdlib.h>
#include <string.h>

#include "master/status_text.h"
#include "master/util.h"

#define FILE_SIZE 65536

json_t *
status_case_json(const char *literal, int quotes)
{
    json_error_t error;
    char *copy = strdup(literal);
    json_t *json;

    assert_non_null(copy);
    for (char *at = copy; quotes && *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    json = json_loads(copy, 0, &error);
    if (json == NULL) {
        fail_msg("line %d: %s", error.line, error.text);
    }
    free(copy);
    return json;
}

static void
path_of(const char *name, char *to, size_t size)
{
    snprintf(to, size, "%s/test/fixtures/status/%s", SWARM_SOURCE_DIR, name);
}

json_t *
status_case_file(const char *name)
{
    char path[512];
    json_error_t error;
    json_t *json;

    path_of(name, path, sizeof(path));
    json = json_load_file(path, 0, &error);
    if (json == NULL) {
        fail_msg("%s: line %d: %s", path, error.line, error.text);
    }
    return json;
}

void
status_case_assert_file(const char *text, const char *name)
{
    char path[512];
    static char expected[FILE_SIZE];

    path_of(name, path, sizeof(path));
    assert_true(util_read_file(path, expected, sizeof(expected)) >= 0);
    if (strcmp(text, expected) != 0) {
        fail_msg("not what stands in %s:\n%s", path, text);
    }
}

void
status_case_assert_fits(const char *text, size_t width)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char line[2048];

        assert_true(length < sizeof(line));
        memcpy(line, text, length);
        line[length] = '\0';
        if (status_text_width(line) > width || (length > 0 && line[length - 1] == ' ')) {
            fail_msg("wider than %zu, or a space at its end: \"%s\"", width, line);
        }
        text += length + (text[length] == '\n');
    }
}

void
status_case_assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" is missing in:\n%s", part, text);
    }
}
