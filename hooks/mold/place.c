/* place.c: see place.h. */
#include "place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOOT_SCRIPT "lib/sidekiq/swarm/boot.rb"
#define INSTALLED "../../share/sidekiq-swarm/hooks"

int
place_boot_script(const char *hooks, char *to, size_t size)
{
    int length = snprintf(to, size, "%s/" BOOT_SCRIPT, hooks);

    return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

static bool
has_boot_script(const char *hooks)
{
    char script[PATH_MAX];

    return place_boot_script(hooks, script, sizeof(script)) == 0 && access(script, R_OK) == 0;
}

/* The installed folder in `to`; an empty text when it is not there. */
static void
find_installed(char *to)
{
    char program[PATH_MAX - sizeof(INSTALLED)];
    char guess[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *slash;

    *to = '\0';
    if (length < 0) {
        return;
    }
    program[length] = '\0';
    slash = strrchr(program, '/');
    if (slash == NULL) {
        return;
    }
    snprintf(guess, sizeof(guess), "%.*s/" INSTALLED, (int)(slash - program), program);
    if (realpath(guess, to) == NULL) {
        *to = '\0';
    }
}

int
place_hooks(char *to, size_t size)
{
    char installed[PATH_MAX];
    const char *found = SWARM_HOOKS_SOURCE_DIR;

    find_installed(installed);
    if (has_boot_script(installed)) {
        found = installed;
    } else if (!has_boot_script(found)) {
        return -ENOENT;
    }
    return util_copy_text(to, size, found) ? 0 : -ENAMETOOLONG;
}
