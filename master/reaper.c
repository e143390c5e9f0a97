/*
 * reaper.c: see reaper.h.
 *
 * The life of a known process here: watched → ended (its zombie is seen, the owner is told) →
 * reaped. Between the last two it may be pinned: its zombie is left lying while others of its group
 * live, since as long as it lies there nobody else can be hit by a signal to that group.
 */
#include "reaper.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reaper_look.h"
#include "rss/proc.h"

/* At most so many strangers are reaped before other events have their turn. */
#define SWEEP_MAX 500

struct process {
    LIST_ENTRY(process) link;
    struct reaper *reaper;
    uint64_t id;
    pid_t pid;
    int pidfd;
    ev_io death;
    ev_timer group_grace;
    bool is_ended;
    bool is_reaped;
    bool is_dropped;
    bool is_being_told; /* on_end runs: not to be freed under it */
};

struct reaper {
    struct ev_loop *loop;
    struct reaper_handlers handlers;
    LIST_HEAD(process_list, process) processes;
    int signal_fd;
    sigset_t mask_before;
    ev_io children;
    ev_timer sweep_more;
};

static void
process_free(struct process *process)
{
    LIST_REMOVE(process, link);
    free(process);
}

static void
reap(struct process *process)
{
    siginfo_t info;

    ev_timer_stop(process->reaper->loop, &process->group_grace);
    while (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG) < 0 && errno == EINTR) {
    }
    process->is_reaped = true;
    util_close(&process->pidfd);
}

/* The end of a pinned process: nothing will be signalled any more, so its number may go. */
static void
release(struct process *process)
{
    reap(process);
    if (process->is_dropped && !process->is_being_told) {
        process_free(process);
    }
}

static bool
is_pinned(const struct process *process)
{
    return process->is_ended && !process->is_reaped;
}

static void
release_ended_groups(struct reaper *reaper)
{
    struct process *process = LIST_FIRST(&reaper->processes);

    while (process != NULL) {
        struct process *next = LIST_NEXT(process, link);

        if (is_pinned(process) && !reaper_is_group_living(process->pid)) {
            release(process);
        }
        process = next;
    }
}

static struct process *
find_unreaped(struct reaper *reaper, pid_t pid)
{
    struct process *process;

    LIST_FOREACH(process, &reaper->processes, link)
    {
        if (process->pid == pid && !process->is_reaped) {
            return process;
        }
    }
    return NULL;
}

/* Reaps one dead child that nobody adopted. Returns false if none is at hand. */
static bool
reap_stranger(struct reaper *reaper)
{
    siginfo_t info = {.si_pid = 0};

    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0) {
        return false;
    }
    /*
     * The kernel shows the first zombie only. If that is one of ours, the strangers behind it wait
     * until it is reaped: within this turn, or if it is pinned within the grace of its group. Then
     * we come here again.
     */
    if (find_unreaped(reaper, info.si_pid) != NULL) {
        return false;
    }
    return waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG) == 0;
}

static void
sweep(struct reaper *reaper)
{
    unsigned reaped = 0;

    release_ended_groups(reaper);
    while (reaped < SWEEP_MAX && reap_stranger(reaper)) {
        reaped++;
    }
    if (reaped == SWEEP_MAX) {
        ev_timer_set(&reaper->sweep_more, 0., 0.);
        ev_timer_start(reaper->loop, &reaper->sweep_more);
    }
}

static void
on_children(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct reaper *reaper = watcher->data;
    struct signalfd_siginfo infos[8];

    (void)loop;
    (void)events;
    /* Emptied before the sweep: a child that dies during the sweep makes it readable again. */
    while (read(reaper->signal_fd, infos, sizeof(infos)) > 0) {
    }
    sweep(reaper);
}

static void
on_sweep_more(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    sweep(watcher->data);
}

static void
on_group_grace(struct ev_loop *loop, ev_timer *watcher, int events)
{
    struct process *process = watcher->data;
    struct reaper *reaper = process->reaper;

    (void)loop;
    (void)events;
    kill(-process->pid, SIGKILL);
    release(process);
    sweep(reaper);
}

/* Ends what is left of the group, or reaps at once if nothing is. */
static void
end_group(struct process *process)
{
    struct ev_loop *loop = process->reaper->loop;

    if (!reaper_is_group_living(process->pid)) {
        reap(process);
        return;
    }
    kill(-process->pid, SIGTERM);
    ev_now_update(loop);
    ev_timer_set(&process->group_grace, REAPER_GROUP_GRACE_MS / 1e3, 0.);
    ev_timer_start(loop, &process->group_grace);
}

static void
on_death(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct process *process = watcher->data;
    struct reaper *reaper = process->reaper;
    struct process_end end = {.pid = process->pid};

    (void)events;
    if (!reaper_look_at_death(process->pidfd, &end)) {
        return;
    }
    ev_io_stop(loop, watcher);
    process->is_ended = true;
    end_group(process);
    if (!process->is_dropped) {
        process->is_being_told = true;
        reaper->handlers.on_end(reaper->handlers.context, process->id, &end);
        process->is_being_told = false;
    }
    if (process->is_dropped && process->is_reaped) {
        process_free(process);
    }
    sweep(reaper);
}

/* An ignored SIGCHLD, inherited over exec, would have the kernel reap our children behind our back.
 */
static int
take_sigchld(struct reaper *reaper)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    signal(SIGCHLD, SIG_DFL);
    if (sigprocmask(SIG_BLOCK, &set, &reaper->mask_before) < 0) {
        return -errno;
    }
    reaper->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return reaper->signal_fd < 0 ? -errno : 0;
}

int
reaper_open(struct ev_loop *loop, const struct reaper_handlers *handlers,
            struct reaper **ret_reaper)
{
    struct reaper *reaper = calloc(1, sizeof(*reaper));
    int error;

    if (reaper == NULL) {
        return -ENOMEM;
    }
    reaper->loop = loop;
    reaper->handlers = *handlers;
    LIST_INIT(&reaper->processes);
    error = take_sigchld(reaper);
    if (error != 0) {
        free(reaper);
        return error;
    }
    ev_io_init(&reaper->children, on_children, reaper->signal_fd, EV_READ);
    reaper->children.data = reaper;
    /* After the links of the same turn: a worker whose hello waits is adopted before it could be
     * swept away. */
    ev_set_priority(&reaper->children, EV_MINPRI);
    ev_io_start(loop, &reaper->children);
    ev_init(&reaper->sweep_more, on_sweep_more);
    reaper->sweep_more.data = reaper;
    /* Children that died before we watched. */
    ev_timer_set(&reaper->sweep_more, 0., 0.);
    ev_timer_start(loop, &reaper->sweep_more);
    *ret_reaper = reaper;
    return 0;
}

static void
forget(struct process *process)
{
    if (is_pinned(process)) {
        kill(-process->pid, SIGKILL);
    }
    ev_io_stop(process->reaper->loop, &process->death);
    if (!process->is_reaped) {
        reap(process);
    }
    process_free(process);
}

void
reaper_close(struct reaper *reaper)
{
    struct process *process;

    if (reaper == NULL) {
        return;
    }
    process = LIST_FIRST(&reaper->processes);
    while (process != NULL) {
        struct process *next = LIST_NEXT(process, link);

        forget(process);
        process = next;
    }
    ev_io_stop(reaper->loop, &reaper->children);
    ev_timer_stop(reaper->loop, &reaper->sweep_more);
    while (reap_stranger(reaper)) {
    }
    util_close(&reaper->signal_fd);
    sigprocmask(SIG_SETMASK, &reaper->mask_before, NULL);
    free(reaper);
}

int
reaper_adopt(struct reaper *reaper, pid_t pid, uint64_t id, struct process **ret_process)
{
    struct process *process;
    int pidfd = pidfd_open(pid, 0);
    int error;

    if (pidfd < 0) {
        return -errno;
    }
    error = find_unreaped(reaper, pid) != NULL ? -EEXIST : reaper_check_child(pidfd);
    process = error == 0 ? calloc(1, sizeof(*process)) : NULL;
    if (process == NULL) {
        util_close(&pidfd);
        return error != 0 ? error : -ENOMEM;
    }
    *process = (struct process){.reaper = reaper, .id = id, .pid = pid, .pidfd = pidfd};
    ev_io_init(&process->death, on_death, pidfd, EV_READ);
    process->death.data = process;
    /* After the links of the same turn: what it said last is heard before its death is told. */
    ev_set_priority(&process->death, EV_MINPRI + 1);
    ev_io_start(reaper->loop, &process->death);
    ev_init(&process->group_grace, on_group_grace);
    process->group_grace.data = process;
    LIST_INSERT_HEAD(&reaper->processes, process, link);
    *ret_process = process;
    return 0;
}

bool
process_is_over(const struct process *process)
{
    return process->is_reaped;
}

int
process_signal(const struct process *process, int signal)
{
    if (process->is_ended) {
        return -ESRCH;
    }
    return pidfd_send_signal(process->pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int
process_signal_group(const struct process *process, int signal)
{
    if (process->is_reaped) {
        return -ESRCH;
    }
    return kill(-process->pid, signal) < 0 ? -errno : 0;
}

pid_t
process_pid(const struct process *process)
{
    return process->pid;
}

char
process_state(const struct process *process)
{
    struct proc_stat stat;

    if (process->is_reaped || proc_read_stat("/proc", process->pid, &stat) != 0) {
        return '?';
    }
    return stat.state;
}

void
process_drop(struct process *process)
{
    if (process == NULL) {
        return;
    }
    process->is_dropped = true;
    if (process->is_reaped && !process->is_being_told) {
        process_free(process);
    }
}

bool
reaper_is_idle(const struct reaper *reaper)
{
    const struct process *process;

    LIST_FOREACH(process, &reaper->processes, link)
    {
        if (!process->is_reaped) {
            return false;
        }
    }
    return true;
}

/* A child cannot go between the look and the signal: it stays at least as a zombie until we reap
 * it. */
static bool
signal_stranger(struct reaper *reaper, const char *name, int signal)
{
    struct proc_stat stat;
    uint64_t pid;

    if (util_parse_u64(name, &pid) != 0 || proc_read_stat("/proc", (pid_t)pid, &stat) != 0) {
        return false;
    }
    if (stat.parent != getpid() || stat.state == 'Z' || find_unreaped(reaper, (pid_t)pid) != NULL) {
        return false;
    }
    return kill((pid_t)pid, signal) == 0;
}

unsigned
reaper_signal_strangers(struct reaper *reaper, int signal)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    unsigned count = 0;

    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        if (signal_stranger(reaper, entry->d_name, signal)) {
            count++;
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
    return count;
}
