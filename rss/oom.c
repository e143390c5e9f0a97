/*
 * oom.c: see oom.h.
 *
 * Owns the comparison of two readings of one counter. Must not search for it (group_place).
 */
#include "oom.h"

#include <stdlib.h>

#include "group_place.h"
#include "group_text.h"

#define TEXT_SIZE 65536 /* /proc/vmstat has some 4 KiB, and grows */

static bool
read_count(const char *path, uint64_t *ret_count)
{
    char *text = malloc(TEXT_SIZE);
    bool found = text != NULL && util_read_file(path, text, TEXT_SIZE) > 0 &&
                 group_text_value(text, "oom_kill", ret_count);

    free(text);
    return found;
}

void
oom_open(struct oom_watch *watch, const char *proc, const char *sys)
{
    struct group_place place;

    *watch = (struct oom_watch){0};
    group_place_find(proc, sys, &place);
    if (!util_copy_text(watch->path, sizeof(watch->path), place.ooms) ||
        !read_count(watch->path, &watch->count)) {
        watch->path[0] = '\0';
    }
}

bool
oom_has_grown(struct oom_watch *watch)
{
    uint64_t count;
    bool grown;

    if (watch->path[0] == '\0' || !read_count(watch->path, &count)) {
        return false;
    }
    grown = count > watch->count;
    watch->count = count;
    return grown;
}
