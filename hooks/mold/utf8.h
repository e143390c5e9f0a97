/*
 * utf8.h: texts of anybody's making, made fit for fixed fields of messages and boards.
 *
 * Owns nothing. Knows no Ruby.
 */
#ifndef SWARM_MOLD_UTF8_H
#define SWARM_MOLD_UTF8_H

#include <stddef.h>

/*
 * Copies `length` bytes into `to` (of `size` bytes, at least 1), cut to whole characters and always
 * terminated. NUL and each byte that is no UTF-8 (RFC 3629) become "?". Returns the length of the copy.
 */
size_t utf8_copy(char *to, size_t size, const char *from, size_t length);

#endif
