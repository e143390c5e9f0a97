/*
 * reaper_rig.c: see reaper_rig.h.
 */
#include "reaper_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void
on_end(void *context, uint64_t id, const struct process_end *end)
{
    struct reaper_rig *rig = context;

    rig->ends++;
    rig->last = *end;
    rig->last_id = id;
    rig->told_ms = util_now_ms();
    process_drop(rig->drop_in_end);
}

void
reaper_rig_open(struct reaper_rig *rig)
{
    struct reaper_handlers handlers = {.context = rig, .on_end = on_end};

    assert_int_equal(reaper_open(rig->loop, &handlers, &rig->reaper), 0);
}

int
reaper_rig_set_up(void **state)
{
    struct reaper_rig *rig = calloc(1, sizeof(*rig));

    *state = rig;
    rig->loop = ev_loop_new(EVFLAG_AUTO);
    if (pipe2(rig->life, O_CLOEXEC) < 0 || pipe2(rig->voice, O_CLOEXEC) < 0) {
        return -1;
    }
    reaper_rig_open(rig);
    return 0;
}

static bool
has_no_children(void *context)
{
    siginfo_t info;

    (void)context;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0) {
    }
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

int
reaper_rig_tear_down(void **state)
{
    struct reaper_rig *rig = *state;
    bool are_gone;

    util_close(&rig->life[0]);
    util_close(&rig->life[1]);
    reaper_close(rig->reaper);
    are_gone = loop_until(rig->loop, has_no_children, NULL);
    util_close(&rig->voice[0]);
    util_close(&rig->voice[1]);
    ev_loop_destroy(rig->loop);
    free(rig);
    return are_gone ? 0 : -1;
}

/* In a started process: stays until the test ends or a signal comes. */
void
reaper_rig_live(struct reaper_rig *rig)
{
    char byte;

    util_close(&rig->life[1]);
    util_close(&rig->voice[0]);
    while (read(rig->life[0], &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

void
reaper_rig_speak(struct reaper_rig *rig)
{
    if (write(rig->voice[1], "x", 1) != 1) {
        _exit(99);
    }
}

/* In a started process: starts another. */
pid_t
reaper_rig_start_in_child(struct reaper_rig *rig, void (*run)(struct reaper_rig *rig))
{
    pid_t pid = fork();

    if (pid == 0) {
        run(rig);
        _exit(0);
    }
    return pid;
}

pid_t
reaper_rig_start(struct reaper_rig *rig, void (*run)(struct reaper_rig *rig))
{
    pid_t pid = reaper_rig_start_in_child(rig, run);

    assert_true(pid > 0);
    return pid;
}

struct process *
reaper_rig_adopt(struct reaper_rig *rig, pid_t pid)
{
    struct process *process = NULL;

    assert_int_equal(reaper_adopt(rig->reaper, pid, REAPER_RIG_ID, &process), 0);
    assert_non_null(process);
    return process;
}

bool
reaper_rig_has_ended(void *context)
{
    return ((const struct reaper_rig *)context)->ends > 0;
}

bool
reaper_rig_is_over(void *context)
{
    return process_is_over(context);
}

bool
reaper_rig_is_idle(void *context)
{
    return reaper_is_idle(context);
}

/* Waits for a byte of a started process; false at the end of file, that is, when all are dead. */
bool
reaper_rig_hear(struct reaper_rig *rig)
{
    struct pollfd voice = {.fd = rig->voice[0], .events = POLLIN};
    char byte;

    assert_int_equal(poll(&voice, 1, LOOP_DEADLINE_MS), 1);
    return read(rig->voice[0], &byte, 1) == 1;
}

/* Our own writing end must be closed before the end of file can be seen. */
bool
reaper_rig_is_silent(void *context)
{
    struct reaper_rig *rig = context;
    struct pollfd voice = {.fd = rig->voice[0], .events = POLLIN};
    char byte;

    while (poll(&voice, 1, 0) == 1) {
        if (read(rig->voice[0], &byte, 1) != 1) {
            return true;
        }
    }
    return false;
}

void
reaper_rig_leave_42(struct reaper_rig *rig)
{
    (void)rig;
    _exit(42);
}

void
reaper_rig_wait_dead(pid_t pid)
{
    siginfo_t info;

    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}
