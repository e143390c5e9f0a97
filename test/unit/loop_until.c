/* loop_until.c: see loop_until.h. */
#include "loop_until.h"

#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>

#include "master/util.h"

static void
on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
}

bool
loop_until(struct ev_loop *loop, bool (*is_true)(void *context), void *context)
{
    int64_t deadline_ms = util_now_ms() + LOOP_DEADLINE_MS;
    ev_timer tick;
    bool came_true;

    /* Facts that are no event of the loop are looked at again after each tick. */
    ev_timer_init(&tick, on_tick, 0.01, 0.01);
    ev_timer_start(loop, &tick);
    while (!(came_true = is_true(context)) && util_now_ms() < deadline_ms) {
        ev_run(loop, EVRUN_ONCE);
    }
    ev_timer_stop(loop, &tick);
    return came_true;
}

void
loop_some_turns(struct ev_loop *loop)
{
    for (int i = 0; i < 5; i++) {
        ev_run(loop, EVRUN_NOWAIT);
    }
}

bool
loop_has_no_children(void *unused)
{
    siginfo_t info;

    (void)unused;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

unsigned
loop_count_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count;
}
