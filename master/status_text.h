/*
 * status_text.h: figures of the status JSON as the short texts that people read.
 *
 * Pure. Reads the JSON as a stranger's: what is missing, null, of another type or beyond belief is "-". Owns the
 * shape of sizes, spans and counts wherever swarm shows them in a table. Must not know which figures there are.
 */
#ifndef SWARM_STATUS_TEXT_H
#define SWARM_STATUS_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "util.h"

#define STATUS_TEXT_SIZE 32

/* The text under `key`; NULL when there is none, or an empty one. */
const char *status_text_string(const json_t *object, const char *key);

/* Whether the boolean under `key` is there and true. */
bool status_text_is(const json_t *object, const char *key);

/* Whether a number above zero stands under `key`. */
bool status_text_has(const json_t *object, const char *key);

/* These write what stands under `key` into `to` (of STATUS_TEXT_SIZE bytes) and return it. */
char *status_text_count(const json_t *object, const char *key, char *to);   /* 1234 */
char *status_text_size(const json_t *object, const char *key, char *to);    /* 120B, 980K, 1.4G */
char *status_text_growth(const json_t *object, const char *key, char *to);  /* +31M, -4.0K, 0 */
char *status_text_percent(const json_t *object, const char *key, char *to); /* 75% */

/* 1.5s, 45s, 5m 12s, 2h 3m, 3d 4h, with `gap` between the two units. */
char *status_text_span(const json_t *object, const char *key, const char *gap, char *to);

/* The same of numbers: bytes (negative: "-"), bytes with a sign, seconds (negative: "-"). */
char *status_text_bytes(double bytes, char *to);
char *status_text_signed(double bytes, char *to);
char *status_text_seconds(double seconds, const char *gap, char *to);

/* How many columns of a terminal a UTF-8 text takes: East Asian wide characters two, marks that combine none. */
size_t status_text_width(const char *text);

/* How many bytes of `text` take at most `width` columns. */
size_t status_text_fit(const char *text, size_t width);

/*
 * Copies a text without control characters and without what turns the direction of writing; cut between
 * characters. Each byte of what is not let through becomes a `?`.
 */
void status_text_plain(char *to, size_t size, const char *text);

/* Appends to the text in `to` (of `size` bytes); what does not fit is cut. */
void status_text_append(char *to, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * Writes a text as lines of at most `width` columns, broken between words, each line but the first behind `indent`
 * spaces; `column` is where the first begins. Ends with a line's end. Must be plain already.
 */
void status_text_wrap(FILE *to, const char *text, size_t column, size_t indent, size_t width);

#endif
