/* signals.c: see signals.h. */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int caught[] = {SIGTERM, SIGINT, SIGTSTP, SIGTTIN, SIGUSR1, SIGUSR2, SIGHUP, SIGTTOU};

struct signals {
    struct ev_loop *loop;
    struct signals_handlers handlers;
    int fd;
    ev_io readable;
};

static void
fill(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        sigaddset(set, caught[i]);
    }
}

void
signals_hold(void)
{
    sigset_t set;

    fill(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    /* A blocked signal waits even if it is ignored; what waits must not be lost when somebody
     * unblocks it. */
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        signal(caught[i], SIG_DFL);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* Who sent it, if a process did: for what the kernel or a terminal sent, si_code is positive
 * (sigaction(2)). */
static pid_t
sender_of(const struct signalfd_siginfo *info)
{
    return info->ssi_code > 0 ? 0 : (pid_t)info->ssi_pid;
}

static void
on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct signals *signals = watcher->data;
    struct signalfd_siginfo info;

    (void)loop;
    (void)events;
    /*
     * One a call: the loop comes back at once for the next, and a handler may close us. A kind of
     * signal waits at most once, so that a flood cannot keep the loop here.
     */
    if (read(signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        signals->handlers.on_signal(signals->handlers.context, (int)info.ssi_signo,
                                    sender_of(&info));
    }
}

int
signals_open(struct ev_loop *loop, const struct signals_handlers *handlers,
             struct signals **ret_signals)
{
    struct signals *signals = calloc(1, sizeof(*signals));
    sigset_t set;
    int error;

    if (signals == NULL) {
        return -ENOMEM;
    }
    signals_hold();
    fill(&set);
    signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals->fd < 0) {
        error = -errno;
        free(signals);
        return error;
    }
    signals->loop = loop;
    signals->handlers = *handlers;
    ev_io_init(&signals->readable, on_readable, signals->fd, EV_READ);
    signals->readable.data = signals;
    ev_io_start(loop, &signals->readable);
    *ret_signals = signals;
    return 0;
}

void
signals_close(struct signals *signals)
{
    if (signals == NULL) {
        return;
    }
    ev_io_stop(signals->loop, &signals->readable);
    util_close(&signals->fd);
    free(signals);
}

const char *
signals_name(int signal)
{
    static char other[32];
    const char *name = sigabbrev_np(signal);

    if (name != NULL) {
        return name;
    }
    snprintf(other, sizeof(other), "signal %d", signal);
    return other;
}
