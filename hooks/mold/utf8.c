/* utf8.c: see utf8.h. */
#include "utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WORD sizeof(uint64_t)
#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* How many bytes the character has that begins with `first`; 0 for what begins none. */
static size_t
length_of(unsigned char first)
{
    if (first < 0x80) {
        return first == '\0' ? 0 : 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Table 3-7 of the Unicode Standard: no overlong form, no surrogate, nothing above U+10FFFF. */
static bool
is_second(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;

    return second >= low && second <= high;
}

/* The length of the whole, valid character at `from`; 0 where there is none. */
static size_t
measure(const unsigned char *from, size_t left)
{
    size_t length = length_of(from[0]);

    if (length > left || (length > 1 && !is_second(from[0], from[1]))) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((from[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

/* Copies the words of plain ASCII that it begins with: nearly all names are nothing else. Returns how
 * many bytes. A byte is NUL where the subtraction borrows into its highest bit. */
static size_t
copy_ascii(char *to, const char *from, size_t length)
{
    size_t at = 0;

    while (at + WORD <= length) {
        uint64_t word;

        memcpy(&word, from + at, WORD);
        if (((word | (word - ONES)) & HIGHS) != 0) {
            break;
        }
        memcpy(to + at, &word, WORD);
        at += WORD;
    }
    return at;
}

size_t
utf8_copy(char *to, size_t size, const char *from, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)from;
    size_t used = copy_ascii(to, from, length < size ? length : size - 1);
    size_t at = used;

    while (at < length && used + 1 < size) {
        size_t width = measure(bytes + at, length - at);

        if (width == 0) {
            to[used++] = '?';
            at++;
            continue;
        }
        if (used + width + 1 > size) {
            break;
        }
        for (size_t i = 0; i < width; i++) {
            to[used++] = (char)bytes[at++];
        }
    }
    to[used] = '\0';
    return used;
}
