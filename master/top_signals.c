/*
 * top_signals.c: see top_signals.h.
 */
#include "top_signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const int heard[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};

static void
fill(sigset_t *ret_set, const int *numbers, size_t count)
{
    sigemptyset(ret_set);
    for (size_t i = 0; i < count; i++) {
        sigaddset(ret_set, numbers[i]);
    }
}

int
top_signals_open(void)
{
    sigset_t set;
    int fd;

    fill(&set, heard, ARRAY_LEN(heard));
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) {
        return -errno;
    }
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int
top_signals_next(int fd)
{
    struct signalfd_siginfo info;

    return read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}

void
top_signals_suspend(void)
{
    static const struct timespec at_once = {0};
    sigset_t stop, go_on;

    fill(&stop, (const int[]){SIGTSTP}, 1);
    fill(&go_on, (const int[]){SIGCONT}, 1);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, NULL);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    /* The CONT that woke us is not to be heard once more. */
    (void)sigtimedwait(&go_on, NULL, &at_once);
}

void
top_signals_end_by(int number)
{
    sigset_t set;

    fill(&set, heard, ARRAY_LEN(heard));
    signal(number, SIG_DFL);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
