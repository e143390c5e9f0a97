/*
 * check_words.h: what the boot of one mold means for a start of the service, in words and as JSON.
 *
 * Pure but for the report that it writes to. Must not start, read or end anything.
 */
#ifndef SWARM_CHECK_WORDS_H
#define SWARM_CHECK_WORDS_H

#include "check_boot.h"
#include "check_report.h"

/* The findings of a boot: what failed, or what the booted application is and leaves alive. */
void check_words_boot(struct check_report *report, const struct config *config,
                      const struct check_boot *boot);

/* The details of the same as members of a JSON object, which is the caller's (docs/check.md). */
json_t *check_words_details(const struct check_boot *boot);

#endif
