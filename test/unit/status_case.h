/*
 * status_case.h: status answers for tests: from literals and from the files of test/fixtures/status.
 */
#ifndef SWARM_TEST_STATUS_CASE_H
#define SWARM_TEST_STATUS_CASE_H

#include <jansson.h>

/* A JSON literal; with `quotes`, single quotes stand for double ones, which keeps it readable. Never NULL. */
json_t *status_case_json(const char *literal, int quotes);

/* The answer in test/fixtures/status/NAME. Never NULL. */
json_t *status_case_file(const char *name);

/* Fails unless `text` is what stands in test/fixtures/status/NAME. */
void status_case_assert_file(const char *text, const char *name);

/* Fails unless each line of `text` takes at most `width` columns and ends without a space. */
void status_case_assert_fits(const char *text, size_t width);

/* Fails unless `part` stands in `text`. */
void status_case_assert_has(const char *text, const char *part);

#endif
