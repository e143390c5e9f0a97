/*
 * units.c: numbers, sizes, durations and switches as people write them.
 *
 * Owns the decimal reader beneath all of them. Works in integers, since a locale may give strtod
 * another decimal point. Must not know options.
 */
#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MICRO UINT64_C(1000000)
#define MICRO_DIGITS 6
#define PER_CENT 100

/* A decimal number without rounding: whole + micro / 1000000. */
struct decimal {
    uint64_t whole;
    uint64_t micro;
};

struct unit {
    const char *suffix;
    uint64_t factor;
};

static const struct unit size_units[] = {
    {"", 1},           {"B", 1},           {"K", UNITS_KIB},
    {"KB", UNITS_KIB}, {"KiB", UNITS_KIB}, {"M", UNITS_MIB},
    {"MB", UNITS_MIB}, {"MiB", UNITS_MIB}, {"G", UNITS_GIB},
    {"GB", UNITS_GIB}, {"GiB", UNITS_GIB}, {"T", UNITS_TIB},
    {"TB", UNITS_TIB}, {"TiB", UNITS_TIB},
};

static const struct unit duration_units[] = {
    {"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 86400 * 1000},
};

static int
parse_whole(const char **at, uint64_t *ret_whole)
{
    uint64_t whole = 0;

    if (!isdigit((unsigned char)**at))
        return -EINVAL;
    for (; isdigit((unsigned char)**at); (*at)++) {
        uint64_t digit = (uint64_t)(**at - '0');

        if (__builtin_mul_overflow(whole, UINT64_C(10), &whole) ||
            __builtin_add_overflow(whole, digit, &whole))
            return -ERANGE;
    }
    *ret_whole = whole;
    return 0;
}

static int
parse_fraction(const char **at, uint64_t *ret_micro)
{
    uint64_t micro = 0, weight = MICRO;
    int digits = 0;

    for (; isdigit((unsigned char)**at); (*at)++, digits++) {
        weight /= 10;
        micro += (uint64_t)(**at - '0') * weight;
    }
    if (digits == 0 || digits > MICRO_DIGITS)
        return -EINVAL;
    *ret_micro = micro;
    return 0;
}

static int
parse_decimal(const char **at, struct decimal *ret)
{
    struct decimal number = {0};
    int error = parse_whole(at, &number.whole);

    if (error != 0)
        return error;
    if (**at == '.') {
        (*at)++;
        error = parse_fraction(at, &number.micro);
        if (error != 0)
            return error;
    }
    *ret = number;
    return 0;
}

/* Digits too many for 64 bits are out of range only if what follows them is a unit. */
static int
parse_with_unit(const char *text, const struct unit *units, size_t count, uint64_t *ret)
{
    struct decimal number = {0};
    const char *at = text;
    uint64_t scaled;
    int error = parse_decimal(&at, &number);

    if (error == -ERANGE)
        at += strspn(at, "0123456789");
    else if (error != 0)
        return error;
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(at, units[i].suffix) != 0)
            continue;
        if (error != 0 || __builtin_mul_overflow(number.whole, units[i].factor, &scaled) ||
            __builtin_add_overflow(scaled, number.micro * units[i].factor / MICRO, &scaled))
            return -ERANGE;
        *ret = scaled;
        return 0;
    }
    return -EINVAL;
}

int
units_parse_size(const char *text, uint64_t *ret_bytes)
{
    return parse_with_unit(text, size_units, ARRAY_LEN(size_units), ret_bytes);
}

int
units_parse_percent(const char *text, uint64_t *ret_millionths)
{
    struct decimal number = {0};
    const char *at = text;
    uint64_t millionths;
    int error = parse_decimal(&at, &number);

    if (error == -ERANGE)
        at += strspn(at, "0123456789");
    else if (error != 0)
        return error;
    if (strcmp(at, "%") != 0 || number.micro % PER_CENT != 0)
        return -EINVAL;
    if (error != 0 || __builtin_mul_overflow(number.whole, MICRO / PER_CENT, &millionths) ||
        __builtin_add_overflow(millionths, number.micro / PER_CENT, &millionths))
        return -ERANGE;
    *ret_millionths = millionths;
    return 0;
}

int
units_parse_duration(const char *text, int64_t *ret_ms)
{
    uint64_t span_ms;
    int error = parse_with_unit(text, duration_units, ARRAY_LEN(duration_units), &span_ms);

    if (error != 0)
        return error;
    if (span_ms > INT64_MAX)
        return -ERANGE;
    *ret_ms = (int64_t)span_ms;
    return 0;
}

int
units_parse_switch(const char *text, bool *ret_on)
{
    static const char *const words[] = {"0", "1", "false", "true", "no", "yes", "off", "on"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *ret_on = i % 2 == 1;
            return 0;
        }
    }
    return -EINVAL;
}

int
units_parse_share(const char *text, unsigned cores, uint64_t *ret_count)
{
    struct decimal number = {0};
    const char *at = text;
    uint64_t share;
    int error = parse_decimal(&at, &number);

    if (error != 0)
        return error;
    if (*at != '\0')
        return -EINVAL;
    if (number.whole == 0 && number.micro == 0)
        return -ERANGE;
    share = number.micro * cores / MICRO;
    if (number.whole > 0)
        *ret_count = number.whole;
    else
        *ret_count = share > 0 ? share : 1;
    return 0;
}

char *
units_format_size(uint64_t bytes, char to[UNITS_TEXT_SIZE])
{
    static const struct unit exact[] = {
        {"T", UNITS_TIB}, {"G", UNITS_GIB}, {"M", UNITS_MIB}, {"K", UNITS_KIB}};

    for (size_t i = 0; i < ARRAY_LEN(exact); i++) {
        if (bytes != 0 && bytes % exact[i].factor == 0) {
            snprintf(to, UNITS_TEXT_SIZE, "%" PRIu64 "%s", bytes / exact[i].factor,
                     exact[i].suffix);
            return to;
        }
    }
    snprintf(to, UNITS_TEXT_SIZE, "%" PRIu64, bytes);
    return to;
}

char *
units_format_duration(int64_t duration_ms, char to[UNITS_TEXT_SIZE])
{
    int64_t rest_ms = duration_ms % 1000;
    int width = 3;

    if (rest_ms == 0) {
        snprintf(to, UNITS_TEXT_SIZE, "%" PRId64 "s", duration_ms / 1000);
        return to;
    }
    for (; rest_ms % 10 == 0; width--)
        rest_ms /= 10;
    snprintf(to, UNITS_TEXT_SIZE, "%" PRId64 ".%0*" PRId64 "s", duration_ms / 1000, width, rest_ms);
    return to;
}
