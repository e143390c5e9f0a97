/*
 * util.h: the few helpers that every file may use.
 *
 * Owns nothing. Must not grow into a library: what two files need stands here, the rest stays at home.
 */
#ifndef SWARM_UTIL_H
#define SWARM_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The end of time: a deadline that never comes. */
#define NEVER_MS INT64_MAX

/* Milliseconds of CLOCK_MONOTONIC: the only clock that decisions know. Pure code takes it as `now_ms`. */
int64_t util_now_ms(void);

/* `a + b` for times, where NEVER_MS stays NEVER_MS. */
int64_t util_after_ms(int64_t start_ms, int64_t span_ms);

/* Closes *fd unless it is negative, and makes it -1. errno is kept. */
void util_close(int *fd);

/* Sets O_NONBLOCK. Returns 0 or -errno. */
MUST_CHECK int util_set_nonblock(int fd);

/*
 * Copies `text` into `to` (of `size` bytes, at least 1), cut to what fits and always terminated.
 * A cut never splits a UTF-8 character. Returns true when everything fitted.
 */
bool util_copy_text(char *to, size_t size, const char *text);

/* Says why something is refused, in one sentence behind the program's name on standard error. Returns the code. */
int util_refuse(int exit_code, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Ends a text that open_memstream(3) made: closes `to`, and returns *text, which free() takes. NULL, with nothing left to
 * free, if `error` is not 0 or there was no memory: for all of it, or (`to` is NULL, *text too) for a beginning.
 */
char *util_end_text(FILE *to, char *const *text, int error);

/* Reads a small file into `to`, always terminated. Returns its length, or -errno (-EFBIG if it does not fit). */
MUST_CHECK ssize_t util_read_file(const char *path, char *to, size_t size);

/* Parses a whole text as an unsigned decimal number. Returns 0, -EINVAL or -ERANGE. */
MUST_CHECK int util_parse_u64(const char *text, uint64_t *ret_number);

#endif
