/*
 * group_text.c: see group_text.h.
 */
#include "group_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads a number and passes over the blanks behind it. Returns what follows; NULL if there is no number. */
static const char *
take_number(const char *text, uint64_t *ret_number)
{
    char *end;
    uint64_t number;

    if (*text < '0' || *text > '9') {
        return NULL;
    }
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno != 0) {
        return NULL;
    }
    *ret_number = number;
    return end + strspn(end, " \t");
}

bool
group_text_value(const char *lines, const char *name, uint64_t *ret_value)
{
    size_t length = strlen(name);

    for (const char *line = lines; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && (line[length] == ' ' || line[length] == ':')) {
            line += length + 1;
            return take_number(line + strspn(line, " \t"), ret_value) != NULL;
        }
    }
    return false;
}

bool
group_text_number(const char *text, uint64_t *ret_number)
{
    uint64_t number;
    const char *end = take_number(text, &number);

    if (end == NULL || end[strspn(end, "\n")] != '\0') {
        return false;
    }
    *ret_number = number;
    return true;
}
