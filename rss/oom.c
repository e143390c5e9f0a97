/* oom.c: see oom.h. */
#include "oom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 65536 /* /proc/vmstat has some 4 KiB, and grows */

/* Finds "oom_kill N" among lines of "name value". */
static bool
read_count(const char *path, uint64_t *ret_count)
{
    char *text = malloc(TEXT_SIZE);
    const char *at = NULL;
    bool found = false;

    if (text != NULL && util_read_file(path, text, TEXT_SIZE) > 0) {
        at = strncmp(text, "oom_kill ", 9) == 0 ? text : strstr(text, "\noom_kill ");
    }
    if (at != NULL) {
        at += strcspn(at, " ") + 1;
        *ret_count = strtoull(at, NULL, 10);
        found = true;
    }
    free(text);
    return found;
}

/* The path of our cgroup: of the line "0::/path" for v2, of the one whose controllers name memory for v1. */
static bool
find_cgroup(const char *proc, const char *wanted, char *to, size_t size)
{
    char file[512];
    char text[16384];
    char *rest = text;
    char *line;

    snprintf(file, sizeof(file), "%s/self/cgroup", proc);
    if (util_read_file(file, text, sizeof(text)) < 0) {
        return false;
    }
    while ((line = strsep(&rest, "\n")) != NULL) {
        char *controllers = strchr(line, ':');
        char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;

        if (path == NULL) {
            continue;
        }
        *path = '\0';
        if (strcmp(controllers + 1, wanted) == 0) {
            return util_copy_text(to, size, path + 1);
        }
    }
    return false;
}

static bool
try_file(struct oom_watch *watch, const char *folder, const char *cgroup, const char *file)
{
    int length = snprintf(watch->path, sizeof(watch->path), "%s%s/%s", folder, cgroup, file);

    return length > 0 && (size_t)length < sizeof(watch->path) &&
           read_count(watch->path, &watch->count);
}

void
oom_open(struct oom_watch *watch, const char *proc, const char *sys)
{
    char cgroup[256];
    char folder[256];

    *watch = (struct oom_watch){0};
    if (find_cgroup(proc, "", cgroup, sizeof(cgroup)) &&
        try_file(watch, sys, cgroup, "memory.events")) {
        return;
    }
    snprintf(folder, sizeof(folder), "%s/memory", sys);
    /* Within a container v1 shows the container's own folder as the root. */
    if (find_cgroup(proc, "memory", cgroup, sizeof(cgroup)) &&
        (try_file(watch, folder, cgroup, "memory.oom_control") ||
         try_file(watch, folder, "", "memory.oom_control"))) {
        return;
    }
    if (!try_file(watch, proc, "", "vmstat")) {
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
