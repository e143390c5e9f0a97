/* launch_environment.c: see launch_environment.h. */
#include "launch_environment.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_environment.h"

#define LIBRARY "libjemalloc.so.2"
#define NAMED "SWARM_JEMALLOC"

/* After the folders of LD_LIBRARY_PATH. The last is where Heroku's buildpack for jemalloc puts it. */
static const char *const folders[] = {
#ifdef SWARM_LIBRARY_FOLDER
    SWARM_LIBRARY_FOLDER,
#endif
    "/usr/local/lib",     "/usr/lib", "/usr/lib64", "/app/vendor/jemalloc/lib",
};

/* A path with a separator of ld.so's list would be two of its entries. */
static bool
is_library(const char *path)
{
    struct stat status;

    return *path == '/' && strpbrk(path, " :") == NULL && stat(path, &status) == 0 &&
           S_ISREG(status.st_mode) && access(path, R_OK) == 0;
}

static bool
look_in(const char *folder, size_t length, char path[PATH_MAX])
{
    int written = snprintf(path, PATH_MAX, "%.*s/" LIBRARY, (int)length, folder);

    return length > 0 && written > 0 && written < PATH_MAX && is_library(path);
}

/* ld.so(8): separated by colons or semicolons. */
static bool
look_in_list(const char *list, char path[PATH_MAX])
{
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":;");

        if (look_in(list, length, path)) {
            return true;
        }
        list += length + (list[length] != '\0');
    }
    return false;
}

static bool
find(char *const *envp, char path[PATH_MAX])
{
    const char *named = config_environment_find(envp, NAMED);

    if (named != NULL && *named != '\0') {
        return util_copy_text(path, PATH_MAX, named) && is_library(path);
    }
    if (look_in_list(config_environment_find(envp, "LD_LIBRARY_PATH"), path)) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        if (look_in(folders[i], strlen(folders[i]), path)) {
            return true;
        }
    }
    return false;
}

static void
refuse(char *const *envp, char *to, size_t size)
{
    const char *named = config_environment_find(envp, NAMED);
    size_t used;

    if (named != NULL && *named != '\0') {
        snprintf(to, size,
                 "--allocator jemalloc: there is no library at %s, which " NAMED
                 " names; give an absolute path without spaces and colons, or unset it",
                 named);
        return;
    }
    used = (size_t)snprintf(to, size, "--allocator jemalloc: there is no " LIBRARY " in ");
    for (size_t i = 0; i < ARRAY_LEN(folders) && used < size; i++) {
        used += (size_t)snprintf(to + used, size - used, "%s, ", folders[i]);
    }
    if (used < size) {
        snprintf(to + used, size - used,
                 "nor in LD_LIBRARY_PATH; install it (Debian: apt-get install libjemalloc2), name "
                 "it by " NAMED ", or use --allocator auto");
    }
}

/* Leaves *ret_path NULL where there is none. */
static int
take_jemalloc(char *const *envp, char **ret_path)
{
    char path[PATH_MAX];

#ifndef __GLIBC__
    /* A jemalloc that was built for another C library is not to be loaded, and musl's own is not to be relied on. */
    return 0;
#endif
    if (!find(envp, path)) {
        return 0;
    }
    *ret_path = strdup(path);
    return *ret_path == NULL ? -ENOMEM : 0;
}

int
launch_environment_make(struct launch_environment *ret, const struct config *config,
                        char *const *envp, char *ret_wrong, size_t size)
{
    struct launch_environment environment = {0};
    struct mold_environment_order order = {.config = config, .envp = envp};
    bool is_wanted = mold_environment_wants_jemalloc(config, envp);
    int error = is_wanted ? take_jemalloc(envp, &environment.jemalloc) : 0;

    if (error != 0) {
        return error;
    }
    if (is_wanted && environment.jemalloc == NULL &&
        config->allocator == CONFIG_ALLOCATOR_JEMALLOC) {
        refuse(envp, ret_wrong, size);
        return -ENOENT;
    }
    order.jemalloc = environment.jemalloc;
    error = mold_environment_make(&environment.mold, &order);
    if (error != 0) {
        launch_environment_done(&environment);
        return error;
    }
    *ret = environment;
    return 0;
}

void
launch_environment_done(struct launch_environment *environment)
{
    mold_environment_done(&environment->mold);
    free(environment->jemalloc);
    environment->jemalloc = NULL;
}
