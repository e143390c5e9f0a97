/*
 * rollup_trouble.c: a library that, loaded in front of libc, makes reading PSS and USS slow or impossible.
 *
 * Opening /proc/PID/smaps_rollup fails with EACCES where $ROLLUP_REFUSED is set, and takes $ROLLUP_DELAY_MS else; each
 * such opening is a line "PID MS" of the file $ROLLUP_JOURNAL. Owns nothing. Must not be linked into anything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void
journal(const char *path)
{
    const char *file = getenv("ROLLUP_JOURNAL");
    struct timespec now;
    int fd;

    clock_gettime(CLOCK_MONOTONIC, &now);
    fd = file == NULL ? -1
                      : (int)syscall(SYS_openat, AT_FDCWD, file,
                                     O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        dprintf(fd, "%d %lld\n", atoi(path + strlen("/proc/")),
                (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
        close(fd);
    }
}

static void
wait_for_it(void)
{
    const char *delay = getenv("ROLLUP_DELAY_MS");
    long ms = delay != NULL ? atol(delay) : 0;
    struct timespec rest = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    while (nanosleep(&rest, &rest) != 0) {
    }
}

/* Returns false where it is refused. */
static int
may_open(const char *path)
{
    if (strncmp(path, "/proc/", strlen("/proc/")) != 0 || strstr(path, "/smaps_rollup") == NULL) {
        return 1;
    }
    journal(path);
    if (getenv("ROLLUP_REFUSED") != NULL) {
        errno = EACCES;
        return 0;
    }
    wait_for_it();
    return 1;
}

int
open(const char *path, int flags, ...)
{
    va_list more;
    unsigned mode;

    va_start(more, flags);
    mode = va_arg(more, unsigned);
    va_end(more);
    return may_open(path) ? (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode) : -1;
}

int
open64(const char *path, int flags, ...)
{
    va_list more;
    unsigned mode;

    va_start(more, flags);
    mode = va_arg(more, unsigned);
    va_end(more);
    return open(path, flags, mode);
}
