/*
 * pressure.c: see pressure.h.
 *
 * Owns the trigger and the epoll descriptor around it. Must not decide what pressure means.
 */
#include "pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Microseconds of stall within microseconds of time (kernel, accounting/psi.rst). */
static const char trigger[] = "some 150000 2000000";

static int
open_trigger(struct pressure *pressure, const char *path)
{
    struct epoll_event event = {.events = EPOLLPRI};

    pressure->trigger_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    /* The kernel wants the terminating NUL with it. */
    if (pressure->trigger_fd < 0 || write(pressure->trigger_fd, trigger, sizeof(trigger)) < 0) {
        return -errno;
    }
    pressure->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (pressure->epoll_fd < 0 ||
        epoll_ctl(pressure->epoll_fd, EPOLL_CTL_ADD, pressure->trigger_fd, &event) < 0) {
        return -errno;
    }
    return 0;
}

int
pressure_open(struct pressure *pressure, const char *path)
{
    int error;

    *pressure = (struct pressure){.trigger_fd = -1, .epoll_fd = -1};
    error = open_trigger(pressure, path);
    if (error < 0) {
        pressure_close(pressure);
    }
    return error;
}

bool
pressure_take(struct pressure *pressure)
{
    struct epoll_event event = {0};
    int count;

    do {
        count = epoll_wait(pressure->epoll_fd, &event, 1, 0);
    } while (count < 0 && errno == EINTR);
    /*
     * None is the usual case: whoever found the descriptor readable had the trigger polled, and a trigger tells each event
     * to one poll only (psi_trigger_poll in the kernel's kernel/sched/psi.c). An error stays, and is told to each.
     */
    return count == 0 || (count > 0 && (event.events & EPOLLERR) == 0);
}

void
pressure_close(struct pressure *pressure)
{
    util_close(&pressure->epoll_fd);
    util_close(&pressure->trigger_fd);
}
