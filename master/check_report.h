/*
 * check_report.h: the findings of `swarm check`, one line each for a person, or one JSON object for a program
 * (docs/check.md).
 *
 * Owns the list and the exit code that follows from it. Must not know what is checked.
 */
#ifndef SWARM_CHECK_REPORT_H
#define SWARM_CHECK_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "exit_code.h"
#include "util.h"

struct check_report {
    FILE *out; /* borrowed */
    bool is_json;
    json_t *findings;
    enum exit_code code; /* of the first failure */
    unsigned warnings;
    unsigned failures;
};

/* Returns 0 or -ENOMEM. */
MUST_CHECK int check_report_init(struct check_report *report, FILE *out, bool is_json);
void check_report_done(struct check_report *report);

/* Findings, in their order. A text is made one line; `remedy` may be NULL. For a person each is written at once. */
void check_report_ok(struct check_report *report, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);
void check_report_warn(struct check_report *report, const char *name, const char *remedy,
                       const char *format, ...) PRINTF_LIKE(4, 5);

struct check_failure {
    const char *name;
    enum exit_code code;
    const char *remedy;
};

void check_report_fail(struct check_report *report, const struct check_failure *failure,
                       const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * Writes the end: a sentence, or the JSON with the members of `take_details` (NULL: none) beside the findings.
 * Returns the exit code: that of the first failure, or EXIT_CODE_INTERNAL when it could not be written.
 */
int check_report_finish(struct check_report *report, json_t *take_details);

/* A text as JSON, whatever its bytes are; null for an empty one or NULL. */
json_t *check_report_text(const char *text);

/* A text of several lines as an array of texts. */
json_t *check_report_lines(const char *text);

#endif
