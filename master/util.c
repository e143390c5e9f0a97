/* util.c: see util.h. */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t
util_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
util_after_ms(int64_t start_ms, int64_t span_ms)
{
    int64_t sum;

    if (start_ms == NEVER_MS || span_ms == NEVER_MS ||
        __builtin_add_overflow(start_ms, span_ms, &sum)) {
        return NEVER_MS;
    }
    return sum;
}

void
util_close(int *fd)
{
    int kept = errno;

    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
    errno = kept;
}

int
util_set_nonblock(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        return -errno;
    }
    return 0;
}

bool
util_copy_text(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    bool fits = length < size;

    if (!fits) {
        length = size - 1;
        /* Step back over continuation bytes, so that the character they belong to goes as a whole. */
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(to, text, length);
    to[length] = '\0';
    return fits;
}

int
util_refuse(int exit_code, const char *format, ...)
{
    va_list words;

    va_start(words, format);
    fputs("swarm: ", stderr);
    vfprintf(stderr, format, words);
    fputc('\n', stderr);
    va_end(words);
    return exit_code;
}

char *
util_end_text(FILE *to, char *const *text, int error)
{
    bool is_whole = to != NULL && fclose(to) == 0 && error == 0;

    if (!is_whole) {
        free(*text);
    }
    return is_whole ? *text : NULL;
}

ssize_t
util_read_file(const char *path, char *to, size_t size)
{
    size_t length = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    do {
        got = read(fd, to + length, size - length);
        if (got > 0) {
            length += (size_t)got;
        }
    } while (length < size && (got > 0 || (got < 0 && errno == EINTR)));
    got = got < 0 ? -errno : length == size ? -EFBIG : (ssize_t)length;
    util_close(&fd);
    if (got >= 0) {
        to[got] = '\0';
    }
    return got;
}

int
util_parse_u64(const char *text, uint64_t *ret_number)
{
    char *end;
    unsigned long long number;

    if (*text < '0' || *text > '9') {
        return -EINVAL;
    }
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno != 0) {
        return -errno;
    }
    if (*end != '\0') {
        return -EINVAL;
    }
    *ret_number = number;
    return 0;
}
