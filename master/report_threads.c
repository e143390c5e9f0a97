/* report_threads.c: where the kernel says each thread of a process is. See report_memory.h. */
#include "report_memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rss/proc.h"

/* More threads than anybody reads. */
#define THREADS_MAX 64

/* A thread's own name, "" if it is gone; names are the process's choice, and made plain by the log. */
static void
read_name(const char *tasks, pid_t tid, char *to, size_t size)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%d/comm", tasks, (int)tid);
    if (util_read_file(path, to, size) < 0) {
        to[0] = '\0';
    }
    to[strcspn(to, "\n")] = '\0';
}

static void
tell_thread(pid_t pid, const char *tasks, pid_t tid)
{
    char name[32];
    char wchan[64] = "";
    char text[160];
    struct proc_stat stat;

    if (proc_read_stat(tasks, tid, &stat) != 0) {
        return;
    }
    read_name(tasks, tid, name, sizeof(name));
    (void)!proc_read_wchan(tasks, tid, wchan, sizeof(wchan));
    snprintf(text, sizeof(text), "thread %d %s: %c%s%s", (int)tid, name, stat.state,
             wchan[0] != '\0' ? " in " : "", wchan);
    log_lines(EVENT_TRACE, "pid", pid, text);
}

void
report_threads(pid_t pid)
{
    char tasks[64];
    struct dirent *entry;
    unsigned count = 0;
    DIR *folder;

    snprintf(tasks, sizeof(tasks), "/proc/%d/task", (int)pid);
    folder = opendir(tasks);
    while (folder != NULL && (entry = readdir(folder)) != NULL && count < THREADS_MAX) {
        if (entry->d_name[0] != '.') {
            tell_thread(pid, tasks, (pid_t)strtol(entry->d_name, NULL, 10));
            count++;
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
}
