/*
 * proc.c: see proc.h.
 *
 * Field numbers as in proc(5).
 */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The numbers behind the state letter, from field 4 (parent) to field 22 (start time). */
#define FIRST_FIELD 4
#define LAST_FIELD 22
#define FIELD(number) ((number)-FIRST_FIELD)
#define FIELD_COUNT (LAST_FIELD - FIRST_FIELD + 1)

/* Some fields are negative (terminal, priority), others need all 64 bits: keep the bits. */
static int
take_field(const char **text, uint64_t *ret_bits)
{
    const char *digits = **text == '-' ? *text + 1 : *text;
    char *end;

    if (*digits < '0' || *digits > '9') {
        return -EBADMSG;
    }
    errno = 0;
    *ret_bits = **text == '-' ? (uint64_t)strtoll(*text, &end, 10) : strtoull(*text, &end, 10);
    if (errno != 0 || (*end != ' ' && *end != '\n' && *end != '\0')) {
        return -EBADMSG;
    }
    *text = *end == '\0' ? end : end + 1;
    return 0;
}

static uint64_t
sum_of(uint64_t left, uint64_t right)
{
    return left > UINT64_MAX - right ? UINT64_MAX : left + right;
}

static bool
is_pid(uint64_t number)
{
    return number <= INT_MAX;
}

int
proc_parse_stat(const char *text, struct proc_stat *ret_stat)
{
    /* The name is the process's own choice, but no field behind it holds a parenthesis. */
    const char *rest = strrchr(text, ')');
    uint64_t fields[FIELD_COUNT];

    if (rest == NULL || strlen(rest) < 4 || rest[1] != ' ' || rest[3] != ' ') {
        return -EBADMSG;
    }
    text = rest + 4;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (take_field(&text, &fields[i]) != 0) {
            return -EBADMSG;
        }
    }
    if (!is_pid(fields[FIELD(4)]) || !is_pid(fields[FIELD(5)])) {
        return -EBADMSG;
    }
    *ret_stat = (struct proc_stat){
        .state = rest[2],
        .parent = (pid_t)fields[FIELD(4)],
        .group = (pid_t)fields[FIELD(5)],
        .minor_faults = fields[FIELD(10)],
        .cpu_ticks = sum_of(fields[FIELD(14)], fields[FIELD(15)]),
        .start_ticks = fields[FIELD(22)],
    };
    return 0;
}

/* Writes PROC/PID/FILE. Returns 0 or -ENAMETOOLONG. */
static int
path_of(const char *proc, pid_t pid, const char *file, char to[PATH_MAX])
{
    int length = snprintf(to, PATH_MAX, "%s/%d/%s", proc, (int)pid, file);

    return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int
proc_open(const char *proc, pid_t pid, const char *file)
{
    char path[PATH_MAX];
    int error = path_of(proc, pid, file, path);
    int fd;

    if (error != 0) {
        return error;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    return fd;
}

ssize_t
proc_read_again(int fd, char *to, size_t size)
{
    ssize_t length;

    do {
        length = pread(fd, to, size - 1, 0);
    } while (length < 0 && errno == EINTR);
    to[length < 0 ? 0 : length] = '\0';
    return length < 0 ? -errno : length;
}

/* Reads PROC/PID/FILE. Returns its length, -ESRCH for a process that is gone, or -errno. */
static ssize_t
read_of_process(const char *proc, pid_t pid, const char *file, char *to, size_t size)
{
    char path[PATH_MAX];
    int error = path_of(proc, pid, file, path);
    ssize_t got = error != 0 ? error : util_read_file(path, to, size);

    return got == -ENOENT ? -ESRCH : got;
}

int
proc_read_stat(const char *proc, pid_t pid, struct proc_stat *ret_stat)
{
    char text[PROC_STAT_SIZE];
    ssize_t length = read_of_process(proc, pid, "stat", text, sizeof(text));

    if (length < 0) {
        return length == -EFBIG ? -EBADMSG : (int)length;
    }
    return proc_parse_stat(text, ret_stat);
}

int
proc_read_wchan(const char *proc, pid_t pid, char *ret_name, size_t size)
{
    char text[256];
    ssize_t length = read_of_process(proc, pid, "wchan", text, sizeof(text));

    if (length < 0) {
        return (int)length;
    }
    text[strcspn(text, "\n")] = '\0';
    /* "0": it runs, or the kernel does not tell us. */
    util_copy_text(ret_name, size, strcmp(text, "0") == 0 ? "" : text);
    return 0;
}
