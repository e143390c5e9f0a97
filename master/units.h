/*
 * units.h: numbers, sizes, durations and switches as people write them.
 *
 * Owns the reading and the writing of these texts. Must not know options, files or the environment,
 * and must not depend on the locale.
 *
 * All parsers take a whole terminated text and return 0, -EINVAL (not such a thing) or -ERANGE (it
 * does not fit the type). Outputs are written on success only.
 */
#ifndef SWARM_UNITS_H
#define SWARM_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

#define UNITS_KIB UINT64_C(1024)
#define UNITS_MIB (UNITS_KIB * 1024)
#define UNITS_GIB (UNITS_MIB * 1024)
#define UNITS_TIB (UNITS_GIB * 1024)

/* Room for any text that the formatters below write. */
#define UNITS_TEXT_SIZE 32

/*
 * A size in bytes: `838860800`, `800M`, `1.5G`, `800MB`, `1.5GiB`, in either case. K, M, G and T
 * are powers of 1024 in each of their forms, since memory is what they count. At most six decimals.
 */
MUST_CHECK int units_parse_size(const char *text, uint64_t *ret_bytes);

/* A share: `50%`, `12.5%`, with at most four decimals, in millionths of the whole. It may be above 100%. */
MUST_CHECK int units_parse_percent(const char *text, uint64_t *ret_millionths);

/* A duration: seconds (`5`, `0.5`), or a number with `ms`, `s`, `m`, `h` or `d`. */
MUST_CHECK int units_parse_duration(const char *text, int64_t *ret_ms);

/* A switch: `1`, `true`, `yes`, `on` and `0`, `false`, `no`, `off`, in either case. */
MUST_CHECK int units_parse_switch(const char *text, bool *ret_on);

/*
 * A number of processes as sidekiqswarm's SIDEKIQ_COUNT has it: below 1 it is a share of `cores`
 * (at least 1 process), from 1 on it is rounded down. Zero is -ERANGE.
 */
MUST_CHECK int units_parse_share(const char *text, unsigned cores, uint64_t *ret_count);

/* Writes the largest unit that is exact: `800M`, `1536M`, `4097`. Returns `to`, which has
 * UNITS_TEXT_SIZE bytes. */
char *units_format_size(uint64_t bytes, char to[UNITS_TEXT_SIZE]);

/* Writes seconds: `300s`, `0.5s`. Returns `to`, which has UNITS_TEXT_SIZE bytes. */
char *units_format_duration(int64_t duration_ms, char to[UNITS_TEXT_SIZE]);

#endif
