/* group.c: see group.h. */
#include "group.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GROUP_GRACE_MS 2000
#define GROUP_LOOK_MS 20

static bool
is_own(void)
{
    return getpgrp() == getpid();
}

static bool
is_other_member(const char *name)
{
    uint64_t pid;

    return util_parse_u64(name, &pid) == 0 && (pid_t)pid != getpid() &&
           getpgid((pid_t)pid) == getpgrp();
}

static bool
has_others(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    bool found = false;

    if (proc == NULL) {
        return true; /* not known: they get their whole grace */
    }
    while (!found && (entry = readdir(proc)) != NULL) {
        found = is_other_member(entry->d_name);
    }
    closedir(proc);
    return found;
}

static void
reap(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

void
group_end(void)
{
    struct timespec pause = {.tv_nsec = GROUP_LOOK_MS * 1000000L};
    int64_t until_ms = util_now_ms() + GROUP_GRACE_MS;

    if (!is_own()) {
        return;
    }
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    for (reap(); has_others(); reap()) {
        if (util_now_ms() >= until_ms) {
            group_kill();
        }
        nanosleep(&pause, NULL);
    }
}

void
group_kill(void)
{
    if (is_own()) {
        kill(0, SIGKILL);
    }
}
