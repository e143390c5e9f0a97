/* utf8.c: see utf8.h. */
#include "utf8.h"

#include <stdint.h>
#include <string.h>

#include "master/util_text.h"

#define WORD sizeof(uint64_t)
#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Copies the plain ASCII that it begins with, by words: nearly all names are nothing else. Returns how
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
    while (at < length && (signed char)from[at] > 0) {
        to[at] = from[at];
        at++;
    }
    return at;
}

size_t
utf8_copy(char *to, size_t size, const char *from, size_t length)
{
    size_t used = copy_ascii(to, from, length < size ? length : size - 1);
    size_t at = used;

    while (at < length && used + 1 < size) {
        size_t width = util_character_within(from + at, length - at);

        if (width == 0) {
            to[used++] = '?';
            at++;
            continue;
        }
        if (used + width + 1 > size) {
            break;
        }
        for (size_t i = 0; i < width; i++) {
            to[used++] = from[at++];
        }
    }
    to[used] = '\0';
    return used;
}
