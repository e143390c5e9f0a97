/*
 * probe_hold.c: see probe_hold.h.
 */
#include "probe_hold.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rss/proc.h"

/* A thread in an uninterruptible call stops behind it. */
#define STOP_MS 10000
#define POLL_NS 500000

static const int waiting_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

static void
fill(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < ARRAY_LEN(waiting_signals); i++) {
        sigaddset(set, waiting_signals[i]);
    }
}

static bool
is_dead(char state)
{
    return state == 'Z' || state == 'X';
}

static bool
is_stopped(char state)
{
    return state == 'T' || state == 't' || is_dead(state);
}

static int
open_one(struct held *held, pid_t pid)
{
    struct proc_stat stat;
    int error;

    *held = (struct held){.pid = pid};
    held->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (held->pidfd < 0) {
        return errno == ESRCH ? 0 : -errno;
    }
    error = proc_read_stat("/proc", pid, &stat);
    if (error == -ESRCH || (error == 0 && is_dead(stat.state))) {
        util_close(&held->pidfd);
        return 0;
    }
    return error;
}

int
hold_open(struct hold *hold, const pid_t *pids, size_t count)
{
    sigset_t set;
    int error = 0;

    fill(&set);
    sigprocmask(SIG_BLOCK, &set, &hold->mask);
    hold->count = 0;
    hold->list = calloc(count, sizeof(*hold->list));
    if (hold->list == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count && error == 0; i++) {
        error = open_one(&hold->list[hold->count++], pids[i]);
    }
    return error;
}

bool
hold_is_asked_to_end(void)
{
    sigset_t pending;

    sigpending(&pending);
    for (size_t i = 0; i < ARRAY_LEN(waiting_signals); i++) {
        if (sigismember(&pending, waiting_signals[i]) == 1) {
            return true;
        }
    }
    return false;
}

static int
send_signal(const struct held *held, int signal)
{
    long sent = syscall(SYS_pidfd_send_signal, held->pidfd, signal, NULL, 0);

    return sent == 0 || errno == ESRCH ? 0 : -errno;
}

static int
stop_one(struct held *held)
{
    struct proc_stat stat;
    int error = proc_read_stat("/proc", held->pid, &stat);

    if (error == -ESRCH || (error == 0 && is_stopped(stat.state))) {
        return 0;
    }
    if (error == 0) {
        error = send_signal(held, SIGSTOP);
        held->must_run = error == 0;
    }
    return error;
}

/* Whether all threads of the process stand, or are gone. */
static bool
is_still(pid_t pid)
{
    char tasks[64];
    struct proc_stat stat;
    struct dirent *entry;
    bool stands = true;
    DIR *folder;

    snprintf(tasks, sizeof(tasks), "/proc/%d/task", (int)pid);
    folder = opendir(tasks);
    while (folder != NULL && stands && (entry = readdir(folder)) != NULL) {
        uint64_t thread;

        if (util_parse_u64(entry->d_name, &thread) == 0 && thread <= INT_MAX &&
            proc_read_stat(tasks, (pid_t)thread, &stat) == 0) {
            stands = is_stopped(stat.state);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return stands;
}

static int
await_still(pid_t pid, int64_t deadline_ms)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};

    while (!is_still(pid)) {
        if (hold_is_asked_to_end()) {
            return -EINTR;
        }
        if (util_now_ms() >= deadline_ms) {
            return -ETIMEDOUT;
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

int
hold_stop(struct hold *hold)
{
    int64_t deadline_ms = util_now_ms() + STOP_MS;
    int error = 0;

    for (size_t i = 0; i < hold->count && error == 0; i++) {
        error = hold_is_gone(hold, i) ? 0 : stop_one(&hold->list[i]);
    }
    for (size_t i = 0; i < hold->count && error == 0; i++) {
        error = hold_is_gone(hold, i) ? 0 : await_still(hold->list[i].pid, deadline_ms);
    }
    return error;
}

bool
hold_is_gone(const struct hold *hold, size_t index)
{
    return hold->list[index].pidfd < 0;
}

void
hold_release(struct hold *hold)
{
    for (size_t i = 0; i < hold->count; i++) {
        struct held *held = &hold->list[i];

        if (held->must_run) {
            (void)send_signal(held, SIGCONT);
        }
        util_close(&held->pidfd);
    }
    free(hold->list);
    hold->list = NULL;
    hold->count = 0;
    sigprocmask(SIG_SETMASK, &hold->mask, NULL);
}
