/*
 * group_path.c: see group_path.h.
 */
#include "group_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int
group_path_lines(const char *proc, char to[GROUP_PATH_LINES_SIZE])
{
    char path[PATH_MAX];
    ssize_t length = -ENAMETOOLONG;

    if (group_path_file(proc, "self/cgroup", path)) {
        length = util_read_file(path, to, GROUP_PATH_LINES_SIZE);
    }
    if (length < 0) {
        to[0] = '\0';
        return (int)length;
    }
    return 0;
}

/* Does the list of controllers hold the word? The list of v2 is empty, and so is its word. */
static bool
has_word(const char *list, size_t length, const char *word)
{
    size_t word_length = strlen(word);

    if (word_length == 0) {
        return length == 0;
    }
    for (const char *at = list; at < list + length;) {
        size_t span = strcspn(at, ",:");

        if (span == word_length && strncmp(at, word, span) == 0) {
            return true;
        }
        at += span + 1;
    }
    return false;
}

bool
group_path_find(const char *lines, const char *controller, char to[PATH_MAX])
{
    for (const char *line = lines; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        const char *list, *path;

        line += *line == '\n';
        list = strchr(line, ':');
        path = list == NULL ? NULL : strchr(list + 1, ':');
        if (path != NULL && path[1] == '/' &&
            has_word(list + 1, (size_t)(path - list - 1), controller)) {
            size_t length = strcspn(path + 1, "\n");

            length = length < PATH_MAX ? length : 0;
            memcpy(to, path + 1, length);
            to[length] = '\0';
            return true;
        }
    }
    return false;
}

static bool
is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool
group_path_folder(const char *sys, const char *mount, const char *path,
                  struct group_folder *ret_folder)
{
    char *to = ret_folder->path;
    size_t length;

    if (mount[0] == '\0' ? !util_copy_text(to, PATH_MAX, sys) : !group_path_file(sys, mount, to)) {
        return false;
    }
    length = strlen(to);
    ret_folder->mount_length = length;
    if (path[0] != '/' || path[1] == '\0' || strstr(path, "/..") != NULL ||
        strlen(path) >= PATH_MAX - length) {
        return true;
    }
    memcpy(to + length, path, strlen(path) + 1);
    if (!is_folder(to)) {
        to[length] = '\0';
    }
    return true;
}

bool
group_path_up(struct group_folder *folder)
{
    char *slash = strrchr(folder->path + folder->mount_length, '/');

    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return true;
}

bool
group_path_file(const char *folder, const char *file, char to[PATH_MAX])
{
    int length = snprintf(to, PATH_MAX, "%s/%s", folder, file);

    return length > 0 && length < PATH_MAX;
}
