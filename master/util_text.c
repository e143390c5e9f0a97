/* util_text.c: see util_text.h. */
#include "util_text.h"

#include <string.h>

static size_t
length_by_first(unsigned first)
{
    if (first < 0x80) {
        return first != 0;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Whether `second` may follow `first`: surrogates, overlong forms and what is above U+10FFFF may not. */
static bool
fits_first(unsigned first, unsigned second)
{
    unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;

    return second >= low && second <= high;
}

size_t
util_character_within(const char *text, size_t left)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = left > 0 ? length_by_first(bytes[0]) : 0;

    if (length > left || (length > 1 && !fits_first(bytes[0], bytes[1]))) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

size_t
util_character_length(const char *text)
{
    /* The terminating zero goes on with nothing. */
    return util_character_within(text, SIZE_MAX);
}

bool
util_is_control(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;

    return bytes[0] < 0x20 || bytes[0] == 0x7F ||
           (bytes[0] == 0xC2 && bytes[1] >= 0x80 && bytes[1] < 0xA0);
}

void
util_clean_text(char *text)
{
    size_t length;
    bool is_text;

    for (;;) {
        /* Names are ASCII nearly always, and are read by the thousand. */
        while (*text >= ' ' && *text < 0x7F) {
            text++;
        }
        if (*text == '\0') {
            return;
        }
        length = util_character_length(text);
        is_text = length > 0 && !util_is_control(text);
        length = length > 0 ? length : 1;
        if (!is_text) {
            memset(text, '?', length);
        }
        text += length;
    }
}
