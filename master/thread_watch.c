/* thread_watch.c: see thread_watch.h. */
#include "thread_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#include "rss/proc.h"

/* linux/pidfd.h has it from 6.9 on. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* Whichever thread is the last to let go of the memory takes it apart, and ends after that. Of two, one does not. */
#define THREADS 2
/* What a wait status has in these bits is the signal that ended it; all of them: it was only stopped. */
#define SIGNAL_BITS 0x7f

struct thread_watch {
    struct ev_loop *loop;
    struct thread_watch_handlers handlers;
    uint64_t id;
    pid_t pid;
    int fds[THREADS];
    ev_io ends[THREADS];
};

/*
 * The last number of /proc/PID/stat is the status that the whole group ends with, as soon as that is settled: a thread that
 * ends alone leaves 0 there. See proc(5), exit_code; do_task_stat in fs/proc/array.c. Returns 0 for no signal.
 */
static int
deadly_signal(pid_t pid)
{
    char text[PROC_STAT_SIZE];
    const char *last;
    int status;
    int fd = proc_open("/proc", pid, "stat");
    ssize_t length = fd < 0 ? fd : proc_read_again(fd, text, sizeof(text));

    util_close(&fd);
    last = length > 0 ? strrchr(text, ' ') : NULL;
    status = last != NULL ? (int)strtol(last, NULL, 10) & SIGNAL_BITS : 0;
    return status == SIGNAL_BITS ? 0 : status;
}

static void
stop_at(struct thread_watch *watch, unsigned i)
{
    if (watch->fds[i] >= 0) {
        ev_io_stop(watch->loop, &watch->ends[i]);
        util_close(&watch->fds[i]);
    }
}

static void
stop(struct thread_watch *watch)
{
    for (unsigned i = 0; i < THREADS; i++) {
        stop_at(watch, i);
    }
}

static void
on_thread_end(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct thread_watch *watch = watcher->data;
    int signal = deadly_signal(watch->pid);

    (void)loop;
    (void)events;
    if (signal == 0) {
        /* A thread that somebody ended: nothing is to be learned from it any more. */
        stop_at(watch, (unsigned)(watcher - watch->ends));
        return;
    }
    stop(watch);
    watch->handlers.on_dying(watch->handlers.context, watch->id, signal);
}

/* The kernel lists threads in the order of their birth, the main thread first. */
static int
find_threads(pid_t pid, pid_t ret_threads[THREADS])
{
    char path[32];
    const struct dirent *entry;
    unsigned count = 0;
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    folder = opendir(path);
    if (folder == NULL) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    while (count < THREADS && (entry = readdir(folder)) != NULL) {
        uint64_t number;

        if (util_parse_u64(entry->d_name, &number) == 0 && (pid_t)number != pid) {
            ret_threads[count++] = (pid_t)number;
        }
    }
    closedir(folder);
    return count == THREADS ? 0 : -ESRCH;
}

static int
start_at(struct thread_watch *watch, unsigned i, pid_t thread)
{
    watch->fds[i] = pidfd_open(thread, PIDFD_THREAD);
    if (watch->fds[i] < 0) {
        return -errno;
    }
    ev_io_init(&watch->ends[i], on_thread_end, watch->fds[i], EV_READ);
    watch->ends[i].data = watch;
    ev_io_start(watch->loop, &watch->ends[i]);
    return 0;
}

int
thread_watch_open(struct ev_loop *loop, pid_t pid, uint64_t id,
                  const struct thread_watch_handlers *handlers, struct thread_watch **ret_watch)
{
    pid_t threads[THREADS] = {0};
    int error = find_threads(pid, threads);
    struct thread_watch *watch = error == 0 ? calloc(1, sizeof(*watch)) : NULL;

    if (watch == NULL) {
        return error != 0 ? error : -ENOMEM;
    }
    *watch = (struct thread_watch){
        .loop = loop, .handlers = *handlers, .id = id, .pid = pid, .fds = {-1, -1}};
    for (unsigned i = 0; error == 0 && i < THREADS; i++) {
        error = start_at(watch, i, threads[i]);
    }
    if (error != 0) {
        thread_watch_close(watch);
        return error;
    }
    *ret_watch = watch;
    return 0;
}

void
thread_watch_close(struct thread_watch *watch)
{
    if (watch != NULL) {
        stop(watch);
        free(watch);
    }
}
