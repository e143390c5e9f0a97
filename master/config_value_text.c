/*
 * config_value_text.c: values written for people: what one is, what an option allows, what was wrong.
 *
 * Owns these texts. Must not read values.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config_value.h"
#include "units.h"

const char *
config_value_problem(int error)
{
    switch (error) {
    case -ERANGE:
        return "this is out of range";
    case -EDOM:
        return "this is more than all of the memory";
    case -ENODATA:
        return "how much memory there is could not be read, so this share of it is not known: "
               "write "
               "a size such as 800M";
    default:
        return "this cannot be understood";
    }
}

static void
allowed_choices(const struct options_row *row, char *to, size_t size)
{
    size_t used = (size_t)snprintf(to, size, "one of");

    for (size_t i = 0; i < OPTIONS_CHOICES_MAX && row->choices[i] != NULL && used < size; i++)
        used +=
            (size_t)snprintf(to + used, size - used, "%s %s", i > 0 ? "," : "", row->choices[i]);
}

static void
allowed_ratio(const struct options_row *row, char to[CONFIG_ALLOWED_SIZE])
{
    if ((row->flags & OPTIONS_PART_OF) != 0)
        snprintf(to, CONFIG_ALLOWED_SIZE,
                 "N, or N/M for N of M (3/5), both from %" PRIu64 " to %" PRIu64
                 ", N no more than M",
                 row->lower, row->upper);
    else
        snprintf(to, CONFIG_ALLOWED_SIZE,
                 "N/M (3/5), N from %" PRIu64 " to %" PRIu64 ", M from %" PRIu64 " to %" PRIu64
                 "%s",
                 row->lower, row->first_upper != 0 ? row->first_upper : row->upper, row->lower,
                 row->upper, (row->flags & OPTIONS_MAY_BE_NONE) != 0 ? ", or none" : "");
}

char *
config_value_allowed(const struct options_row *row, char to[CONFIG_ALLOWED_SIZE])
{
    const char *or_none = (row->flags & OPTIONS_MAY_BE_NONE) != 0 ? ", or none" : "";
    const char *or_auto = (row->flags & OPTIONS_MAY_BE_AUTO) != 0 ? ", auto" : "";
    char lower[UNITS_TEXT_SIZE], upper[UNITS_TEXT_SIZE];

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        snprintf(to, CONFIG_ALLOWED_SIZE, "a whole number from %" PRIu64 " to %" PRIu64, row->lower,
                 row->upper);
        break;
    case OPTIONS_KIND_NUMBER:
        snprintf(to, CONFIG_ALLOWED_SIZE, "a whole number from %" PRIu64 " to %" PRIu64 "%s%s",
                 row->lower, row->upper, or_auto, or_none);
        break;
    case OPTIONS_KIND_RATIO:
        allowed_ratio(row, to);
        break;
    case OPTIONS_KIND_SIZE:
        snprintf(to, CONFIG_ALLOWED_SIZE,
                 "bytes, or a number with K, M, G or T (800M, 1.5G), from %s to %s, or a share of "
                 "the memory (50%%)%s%s",
                 units_format_size(row->lower, lower), units_format_size(row->upper, upper),
                 or_auto, or_none);
        break;
    case OPTIONS_KIND_DURATION:
        snprintf(to, CONFIG_ALLOWED_SIZE,
                 "seconds, or a number with ms, s, m, h or d (0.5, 90s, 5m), from %s to %s%s",
                 units_format_duration((int64_t)row->lower, lower),
                 units_format_duration((int64_t)row->upper, upper), or_none);
        break;
    case OPTIONS_KIND_SWITCH:
        snprintf(to, CONFIG_ALLOWED_SIZE, "true, yes, on or 1; false, no, off or 0");
        break;
    case OPTIONS_KIND_CHOICE:
        allowed_choices(row, to, CONFIG_ALLOWED_SIZE);
        break;
    case OPTIONS_KIND_PATH:
        snprintf(to, CONFIG_ALLOWED_SIZE, "a path");
        break;
    case OPTIONS_KIND_TEXT:
        snprintf(to, CONFIG_ALLOWED_SIZE, "a text");
        break;
    case OPTIONS_KIND_WORDS:
        snprintf(to, CONFIG_ALLOWED_SIZE, "an array of texts");
        break;
    }
    return to;
}

static void
words_text(char *const *words, char *to, size_t size)
{
    size_t used = 0;

    to[0] = '\0';
    for (; words != NULL && *words != NULL && used < size; words++)
        used += (size_t)snprintf(to + used, size - used, "%s%s", used > 0 ? " " : "", *words);
}

static void
ratio_text(const struct options_row *row, const unsigned *pair, char to[CONFIG_VALUE_SIZE])
{
    if (pair[1] == 0)
        snprintf(to, CONFIG_VALUE_SIZE, "none");
    else if (pair[0] == pair[1] && (row->flags & OPTIONS_PART_OF) != 0)
        snprintf(to, CONFIG_VALUE_SIZE, "%u", pair[0]);
    else
        snprintf(to, CONFIG_VALUE_SIZE, "%u/%u", pair[0], pair[1]);
}

static bool
is_auto(const struct options_row *row, uint64_t number)
{
    return number == UINT64_MAX && (row->flags & OPTIONS_MAY_BE_AUTO) != 0;
}

static void
size_text(const struct options_row *row, uint64_t bytes, char to[CONFIG_VALUE_SIZE])
{
    char unit[UNITS_TEXT_SIZE];

    if (is_auto(row, bytes))
        snprintf(to, CONFIG_VALUE_SIZE, "auto");
    else
        snprintf(to, CONFIG_VALUE_SIZE, "%s", bytes == 0 ? "none" : units_format_size(bytes, unit));
}

static void
number_text(const struct options_row *row, uint64_t number, char to[CONFIG_VALUE_SIZE])
{
    if (is_auto(row, number))
        snprintf(to, CONFIG_VALUE_SIZE, "auto");
    else if (number == 0)
        snprintf(to, CONFIG_VALUE_SIZE, "none");
    else
        snprintf(to, CONFIG_VALUE_SIZE, "%" PRIu64, number);
}

char *
config_value_text(const struct config *config, const struct options_row *row,
                  char to[CONFIG_VALUE_SIZE])
{
    const void *at = config_value_field(config, row);
    char unit[UNITS_TEXT_SIZE];
    int choice = 0;

    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
        snprintf(to, CONFIG_VALUE_SIZE, "%u", *(const unsigned *)at);
        break;
    case OPTIONS_KIND_NUMBER:
        number_text(row, *(const uint64_t *)at, to);
        break;
    case OPTIONS_KIND_RATIO:
        ratio_text(row, at, to);
        break;
    case OPTIONS_KIND_SIZE:
        size_text(row, *(const uint64_t *)at, to);
        break;
    case OPTIONS_KIND_DURATION:
        snprintf(to, CONFIG_VALUE_SIZE, "%s",
                 *(const int64_t *)at < 0 ? "none"
                                          : units_format_duration(*(const int64_t *)at, unit));
        break;
    case OPTIONS_KIND_SWITCH:
        snprintf(to, CONFIG_VALUE_SIZE, "%s", *(const bool *)at ? "true" : "false");
        break;
    case OPTIONS_KIND_CHOICE:
        memcpy(&choice, at, sizeof(choice));
        snprintf(to, CONFIG_VALUE_SIZE, "%s", row->choices[choice]);
        break;
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
        util_copy_text(to, CONFIG_VALUE_SIZE, *(char *const *)at != NULL ? *(char *const *)at : "");
        break;
    case OPTIONS_KIND_WORDS:
        words_text(*(char *const *const *)at, to, CONFIG_VALUE_SIZE);
        break;
    }
    return to;
}
