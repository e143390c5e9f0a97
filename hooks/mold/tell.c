/* tell.c: see tell.h. */
#include "tell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* High enough for loops over "all" descriptors of old programs, low enough for a select() of 1024.
 */
#define TELL_FD_BASE 200
#define TELL_FAILURE_WAIT_MS 10000

static struct {
    int fd;
    dev_t device; /* with the inode: which socket is ours */
    ino_t inode;
} link_end = {.fd = -1};

/* Moves a descriptor up; where the limit of this process does not allow it, it stays where it is.
 */
static int
move_up(int fd)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, TELL_FD_BASE);

    if (high < 0) {
        return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : fd;
    }
    util_close(&fd);
    return high;
}

int
tell_open(int take_fd)
{
    struct stat facts;
    int fd = move_up(take_fd);
    int error = fd < 0 ? fd : util_set_nonblock(fd);

    if (error == 0 && fstat(fd, &facts) < 0) {
        error = -errno;
    }
    tell_close();
    if (error != 0) {
        util_close(fd < 0 ? &take_fd : &fd);
        return error;
    }
    link_end.device = facts.st_dev;
    link_end.inode = facts.st_ino;
    link_end.fd = fd;
    return 0;
}

int
tell_fd(void)
{
    struct stat facts;
    int fd = link_end.fd;

    if (fd < 0 || fstat(fd, &facts) < 0 || facts.st_dev != link_end.device ||
        facts.st_ino != link_end.inode) {
        return -1;
    }
    return fd;
}

void
tell_close(void)
{
    int fd = tell_fd();

    link_end.fd = -1;
    util_close(&fd);
}

static int
poll_timeout(int64_t until_ms)
{
    int64_t left_ms = until_ms - util_now_ms();

    if (until_ms == NEVER_MS) {
        return -1;
    }
    return left_ms <= 0 ? 0 : left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

int
tell_send(const struct wire_message *message, int64_t wait_ms)
{
    int64_t until_ms = util_after_ms(util_now_ms(), wait_ms);

    for (;;) {
        struct pollfd room = {.fd = tell_fd(), .events = POLLOUT};
        int error = room.fd < 0 ? -ENOTCONN : wire_send(room.fd, message, NULL, 0);
        int timeout = poll_timeout(until_ms);

        if (error != -EAGAIN || timeout == 0) {
            return error;
        }
        if (poll(&room, 1, timeout) < 0) {
            return -errno;
        }
    }
}

int
tell_receive(struct wire_message *ret_message, struct wire_extra *ret_extra)
{
    int fd = tell_fd();

    return fd < 0 ? -ENOTCONN : wire_receive(fd, ret_message, ret_extra);
}

void
tell_failure(const struct wire_failure *failure)
{
    struct wire_message message = {.type = WIRE_FAILURE, .failure = *failure};
    int error;

    do {
        error = tell_send(&message, TELL_FAILURE_WAIT_MS);
    } while (error == -EINTR);
    if (error != 0) {
        tell_log("could not tell the master of a failure (%s: %s): %s", failure->kind,
                 failure->text, strerror(-error));
    }
}

void
tell_log(const char *format, ...)
{
    char line[1024] = "swarm-mold: ";
    size_t head = strlen(line);
    va_list values;
    int length;

    va_start(values, format);
    length = vsnprintf(line + head, sizeof(line) - head - 1, format, values);
    va_end(values);
    if (length < 0) {
        return;
    }
    head = strlen(line);
    line[head] = '\n';
    if (write(STDERR_FILENO, line, head + 1) < 0) {
        return; /* nobody is left to hear it */
    }
}
