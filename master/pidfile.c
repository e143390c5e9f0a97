/*
 * pidfile.c: see pidfile.h.
 *
 * The lock decides, not the content: a file that a killed master left behind is simply taken over.
 */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct pidfile {
    char *path;
    int fd;
};

/* Whether the path still names the file that is open as `fd`. */
static bool
is_same_file(const char *path, int fd)
{
    struct stat named;
    struct stat opened;

    return lstat(path, &named) == 0 && fstat(fd, &opened) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

static pid_t
read_owner(int fd)
{
    char text[32];
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    uint64_t number;

    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return util_parse_u64(text, &number) == 0 && number <= INT32_MAX ? (pid_t)number : 0;
}

/* Only a regular file: neither a link that leads elsewhere nor a device is ever written to. */
static int
open_regular(const char *path, int *ret_fd)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
    struct stat about;

    if (fd < 0) {
        return -errno;
    }
    if (fstat(fd, &about) < 0 || !S_ISREG(about.st_mode)) {
        util_close(&fd);
        return -EINVAL;
    }
    *ret_fd = fd;
    return 0;
}

/* Returns -EAGAIN if the file was removed by its last owner while we waited at its door. */
static int
open_locked(const char *path, int *ret_fd, pid_t *ret_owner)
{
    int fd = -1;
    int error = open_regular(path, &fd);

    if (error != 0) {
        return error;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        error = errno == EWOULDBLOCK ? -EBUSY : -errno;
        *ret_owner = error == -EBUSY ? read_owner(fd) : 0;
    } else if (!is_same_file(path, fd)) {
        error = -EAGAIN;
    }
    if (error != 0) {
        util_close(&fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

static int
write_pid(int fd)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    ssize_t written;

    if (ftruncate(fd, 0) < 0) {
        return -errno;
    }
    written = pwrite(fd, text, (size_t)length, 0);
    return written == length ? 0 : written < 0 ? -errno : -ENOSPC;
}

static struct pidfile *
pidfile_new(const char *path, int fd)
{
    struct pidfile *file = calloc(1, sizeof(*file));

    if (file == NULL) {
        return NULL;
    }
    file->fd = fd;
    file->path = strdup(path);
    if (file->path == NULL) {
        free(file);
        return NULL;
    }
    return file;
}

int
pidfile_open(const char *path, struct pidfile **ret_file, pid_t *ret_owner)
{
    struct pidfile *file;
    int fd = -1;
    int error;

    do {
        error = open_locked(path, &fd, ret_owner);
    } while (error == -EAGAIN);
    if (error != 0) {
        return error == -EBUSY ? -EWOULDBLOCK : error;
    }
    error = write_pid(fd);
    file = error == 0 ? pidfile_new(path, fd) : NULL;
    if (file == NULL) {
        unlink(path);
        util_close(&fd);
        return error != 0 ? error : -ENOMEM;
    }
    *ret_file = file;
    return 0;
}

void
pidfile_close(struct pidfile *file)
{
    if (file == NULL) {
        return;
    }
    if (is_same_file(file->path, file->fd)) {
        unlink(file->path);
    }
    util_close(&file->fd);
    free(file->path);
    free(file);
}
