/*
 * util_text.h: which bytes make a character of UTF-8, and which characters are no text.
 *
 * Owns nothing. Must not decide what stands for a character that is refused.
 */
#ifndef SWARM_UTIL_TEXT_H
#define SWARM_UTIL_TEXT_H

#include "util.h"

/*
 * Length in bytes of the well-formed UTF-8 character that the terminated `text` begins with; 0 if there is none, as for the
 * terminating zero, an overlong form, a surrogate, what is above U+10FFFF (RFC 3629, section 4).
 */
size_t util_character_length(const char *text);

/* The same for a text that need not be terminated: of its `left` bytes only, 0 for a character that goes on behind them. */
size_t util_character_within(const char *text, size_t left);

/* True if `text` begins with a control character: those of ASCII, and U+0080 to U+009F, which terminals obey, too. */
bool util_is_control(const char *text);

/* Makes each byte "?" that belongs to a control character or to no character. The length stays. */
void util_clean_text(char *text);

#endif
