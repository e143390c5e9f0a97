/*
 * config_file.c: finding and reading the configuration file.
 *
 * Owns the search order. Must not know what stands in the file.
 */
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_text.h"

static const char *const places[] = {"sidekiq-swarm.toml", "config/sidekiq-swarm.toml"};

static int
open_in(const char *cwd, const char *name)
{
    char *path = NULL;
    int fd, error;

    if (name[0] == '/' || cwd == NULL)
        path = strdup(name);
    else if (asprintf(&path, "%s/%s", cwd, name) < 0)
        path = NULL;
    if (path == NULL)
        return -ENOMEM;
    /* Without O_NONBLOCK a FIFO would keep us here for ever. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    error = errno;
    free(path);
    return fd < 0 ? -error : fd;
}

static int
fail(const char *name, const char *what, struct config_error *ret_error)
{
    char quoted[CONFIG_QUOTE_SIZE];

    return config_fail(ret_error, EXIT_CODE_CONFIG,
                       "The configuration file %s %s. Choose another with --swarm-config FILE.",
                       config_quote(name, quoted), what);
}

static int
fail_errno(const char *name, int error, struct config_error *ret_error)
{
    char what[160];

    if (error == -ENOMEM)
        return config_fail_memory(ret_error);
    if (error == -ENOENT)
        return fail(name, "does not exist", ret_error);
    snprintf(what, sizeof(what), "cannot be read (%s)", strerror(-error));
    return fail(name, what, ret_error);
}

/* Reads until the end, since what fstat said may be old; one byte above the limit tells that it is
 * too large. */
static int
read_all(int fd, struct config_file *file)
{
    file->contents = malloc(CONFIG_FILE_MAX + 2);
    if (file->contents == NULL)
        return -ENOMEM;
    while (file->size <= CONFIG_FILE_MAX) {
        ssize_t got = read(fd, file->contents + file->size, CONFIG_FILE_MAX + 1 - file->size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        file->size += (size_t)got;
    }
    file->contents[file->size] = '\0';
    return 0;
}

static int
read_open(int fd, const char *name, struct config_file *file, struct config_error *ret_error)
{
    struct stat about;
    int error;

    if (fstat(fd, &about) != 0)
        return fail_errno(name, -errno, ret_error);
    if (S_ISDIR(about.st_mode))
        return fail(name, "is a directory", ret_error);
    if (!S_ISREG(about.st_mode))
        return fail(name, "is not a regular file", ret_error);
    error = read_all(fd, file);
    if (error != 0)
        return fail_errno(name, error, ret_error);
    if (file->size > CONFIG_FILE_MAX)
        return fail(name, "is larger than 1 MiB", ret_error);
    file->name = strdup(name);
    return file->name == NULL ? config_fail_memory(ret_error) : 0;
}

static int
find(const char *cwd, const char **ret_name)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        int fd = open_in(cwd, places[i]);

        *ret_name = places[i];
        if (fd != -ENOENT && fd != -ENOTDIR)
            return fd;
    }
    return -ENOENT;
}

int
config_file_read(const char *name, const char *cwd, struct config_file *ret,
                 struct config_error *ret_error)
{
    struct config_file file = {0};
    const char *found = name;
    int fd = name != NULL ? open_in(cwd, name) : find(cwd, &found);
    int error;

    if (fd == -ENOENT && name == NULL) {
        *ret = file;
        return 0;
    }
    if (fd < 0)
        return fail_errno(found, fd, ret_error);
    error = read_open(fd, found, &file, ret_error);
    close(fd);
    if (error != 0) {
        config_file_done(&file);
        return error;
    }
    *ret = file;
    return 0;
}

void
config_file_done(struct config_file *file)
{
    free(file->name);
    free(file->contents);
    *file = (struct config_file){0};
}
