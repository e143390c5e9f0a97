/*
 * status_text.c: see status_text.h.
 */
#include "status_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "util_text.h"

#define KIB 1024.0
/* More than any machine has: a figure that cannot be true. */
#define BYTES_MAX 1e18
#define SECONDS_MAX 1e12

const char *
status_text_string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL && text[0] != '\0' ? text : NULL;
}

bool
status_text_is(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

bool
status_text_has(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key)) > 0;
}

static char *
unknown(char *to)
{
    util_copy_text(to, STATUS_TEXT_SIZE, "-");
    return to;
}

/* Counts of seven digits stand in full, larger ones as millions. */
char *
status_text_count(const json_t *object, const char *key, char *to)
{
    const json_t *value = json_object_get(object, key);
    json_int_t count = json_integer_value(value);

    if (!json_is_integer(value)) {
        return unknown(to);
    }
    if (count < 10000000 && count > -1000000) {
        snprintf(to, STATUS_TEXT_SIZE, "%" JSON_INTEGER_FORMAT, count);
    } else {
        snprintf(to, STATUS_TEXT_SIZE, "%.4gM", (double)count / 1e6);
    }
    return to;
}

char *
status_text_bytes(double bytes, char *to)
{
    static const char units[] = "KMGT";
    double value = bytes / KIB;
    size_t unit = 0;

    if (!(bytes >= 0 && bytes < BYTES_MAX)) {
        return unknown(to);
    }
    if (bytes < 1) {
        util_copy_text(to, STATUS_TEXT_SIZE, "0");
        return to;
    }
    if (bytes < 999.5) {
        snprintf(to, STATUS_TEXT_SIZE, "%.0fB", bytes);
        return to;
    }
    while (unit + 2 < sizeof(units) && value >= 999.5) {
        value /= KIB;
        unit++;
    }
    /* 1.4G and 1.4M, but 213M and 980K: there a tenth is noise. */
    snprintf(to, STATUS_TEXT_SIZE, unit >= 1 && value < 9.95 ? "%.1f%c" : "%.0f%c", value,
             units[unit]);
    return to;
}

char *
status_text_signed(double bytes, char *to)
{
    double size = fabs(bytes);
    char text[STATUS_TEXT_SIZE];

    if (!(size < BYTES_MAX)) {
        return unknown(to);
    }
    status_text_bytes(size, text);
    snprintf(to, STATUS_TEXT_SIZE, "%s%.*s",
             size < 1    ? ""
             : bytes < 0 ? "-"
                         : "+",
             STATUS_TEXT_SIZE - 2, text);
    return to;
}

char *
status_text_size(const json_t *object, const char *key, char *to)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? status_text_bytes(json_number_value(value), to) : unknown(to);
}

char *
status_text_growth(const json_t *object, const char *key, char *to)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? status_text_signed(json_number_value(value), to) : unknown(to);
}

char *
status_text_percent(const json_t *object, const char *key, char *to)
{
    const json_t *value = json_object_get(object, key);
    double percent = json_number_value(value);

    if (!json_is_number(value) || !(percent >= 0 && percent < 1e6)) {
        return unknown(to);
    }
    snprintf(to, STATUS_TEXT_SIZE, "%.0f%%", percent);
    return to;
}

/* The two largest units of a time, the second left out when it is zero. */
static void
write_span(int64_t seconds, const char *gap, char *to)
{
    static const struct {
        int64_t seconds;
        char name;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t large = 0;
    int64_t rest;
    int length;

    while (large + 1 < ARRAY_LEN(units) && seconds < units[large].seconds) {
        large++;
    }
    length = snprintf(to, STATUS_TEXT_SIZE, "%" PRId64 "%c", seconds / units[large].seconds,
                      units[large].name);
    if (large + 1 < ARRAY_LEN(units)) {
        rest = seconds % units[large].seconds / units[large + 1].seconds;
        if (rest > 0) {
            snprintf(to + length, STATUS_TEXT_SIZE - (size_t)length, "%s%" PRId64 "%c", gap, rest,
                     units[large + 1].name);
        }
    }
}

char *
status_text_seconds(double seconds, const char *gap, char *to)
{
    int tenths;

    if (!(seconds >= 0 && seconds < SECONDS_MAX)) {
        return unknown(to);
    }
    tenths = seconds < 9.95 ? (int)(seconds * 10 + 0.5) : 0;
    if (tenths % 10 != 0) {
        snprintf(to, STATUS_TEXT_SIZE, "%d.%ds", tenths / 10, tenths % 10);
    } else {
        write_span(tenths > 0 ? tenths / 10 : (int64_t)seconds, gap, to);
    }
    return to;
}

char *
status_text_span(const json_t *object, const char *key, const char *gap, char *to)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? status_text_seconds(json_number_value(value), gap, to)
                                 : unknown(to);
}

/* One character of a text that is not at its end; a stray byte counts as one. Returns how many bytes it has. */
static size_t
take_character(const char *text, uint32_t *ret_code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = util_character_length(text);
    uint32_t code;

    if (length <= 1) {
        *ret_code = bytes[0];
        return 1;
    }
    code = bytes[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | (bytes[i] & 0x3Fu);
    }
    *ret_code = code;
    return length;
}

struct range {
    uint32_t first;
    uint32_t last;
};

static bool
is_among(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* After Unicode's EastAsianWidth (W and F) and the general categories Mn and Cf, in coarse blocks. */
static size_t
character_width(uint32_t code)
{
    static const struct range none[] = {
        {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}};
    static const struct range twice[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};

    if (code < 0x0300) {
        return 1;
    }
    if (is_among(code, none, ARRAY_LEN(none))) {
        return 0;
    }
    return is_among(code, twice, ARRAY_LEN(twice)) ? 2 : 1;
}

size_t
status_text_width(const char *text)
{
    size_t width = 0;
    uint32_t code;

    while (*text != '\0') {
        text += take_character(text, &code);
        width += character_width(code);
    }
    return width;
}

size_t
status_text_fit(const char *text, size_t width)
{
    size_t length = 0, used = 0;
    uint32_t code;

    while (text[length] != '\0') {
        size_t bytes = take_character(text + length, &code);

        used += character_width(code);
        if (used > width) {
            break;
        }
        length += bytes;
    }
    return length;
}

/* Line separators, and marks that turn the direction of what follows. */
static bool
is_turn(uint32_t code)
{
    static const struct range turns[] = {
        {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};

    return is_among(code, turns, ARRAY_LEN(turns));
}

void
status_text_plain(char *to, size_t size, const char *text)
{
    util_copy_text(to, size, text);
    util_clean_text(to);
    while (*to != '\0') {
        uint32_t code;
        size_t length = take_character(to, &code);

        if (is_turn(code)) {
            memset(to, '?', length);
        }
        to += length;
    }
}

/* How many bytes of `text` go on a line with so much room: whole words, else what fits of one. */
static size_t
line_length(const char *text, size_t room)
{
    size_t fits = status_text_fit(text, room);
    size_t length = fits;

    if (text[fits] == '\0' || text[fits] == ' ') {
        return fits;
    }
    while (length > 0 && text[length - 1] != ' ') {
        length--;
    }
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return length > 0 ? length : fits;
}

void
status_text_wrap(FILE *to, const char *text, size_t column, size_t indent, size_t width)
{
    while (*text != '\0') {
        size_t room = width > column ? width - column : 1;
        size_t length = line_length(text, room);

        /* A character that is wider than the room must not stop the walk. */
        length = length > 0 ? length : strlen(text);
        fwrite(text, 1, length, to);
        text += length;
        text += strspn(text, " ");
        if (*text != '\0') {
            fprintf(to, "\n%*s", (int)indent, "");
            column = indent;
        }
    }
    fputc('\n', to);
}

void
status_text_append(char *to, size_t size, const char *format, ...)
{
    size_t length = strlen(to);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(to + length, size - length, format, arguments);
    va_end(arguments);
}
