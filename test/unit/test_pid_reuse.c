/*
 * test_pid_reuse.c: a pid that came round is never signalled (FS-48).
 *
 * Works in a pid namespace of its own, where clone3 with set_tid gives a chosen pid to the next process (clone(2)).
 * Must not choose pids anywhere else. What is started there dies with the namespace's first process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop_until.h"
#include "master/reaper.h"

#define REUSED_PID 300
/* What the first process of the namespace leaves with; 1 is a failure. */
#define EXIT_DONE 0
#define EXIT_NO_NAMESPACE 77

#define REQUIRE(fact) require(fact, #fact, __LINE__)

/* cmocka's own assertions know nothing of the processes in the namespace. */
static void
require(bool is_so, const char *fact, int line)
{
    if (!is_so) {
        fprintf(stderr, "%s:%d: %s is not so\n", __FILE__, line, fact);
        _exit(1);
    }
}

struct place {
    struct ev_loop *loop;
    struct reaper *reaper;
    unsigned ends;
};

static void
on_end(void *context, uint64_t id, const struct process_end *end)
{
    struct place *place = context;

    (void)id;
    (void)end;
    place->ends++;
}

static bool
has_ended(void *context)
{
    return ((struct place *)context)->ends > 0;
}

static bool
is_over(void *context)
{
    return process_is_over(context);
}

/* A process in a group of its own, with that pid, that waits for a signal. Returns -1 with errno. */
static pid_t
start_as(pid_t pid)
{
    struct clone_args how = {
        .exit_signal = SIGCHLD,
        .set_tid = (uintptr_t)&pid,
        .set_tid_size = 1,
    };
    pid_t child = (pid_t)syscall(SYS_clone3, &how, sizeof(how));

    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    if (child > 0) {
        REQUIRE(setpgid(child, child) == 0);
    }
    return child;
}

static bool
is_alive(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

/* The pid of a dead and reaped worker goes to a stranger: nothing that is meant for the worker reaches it. */
static void
reuse(struct place *place)
{
    struct process *worker, *second;
    pid_t pid = start_as(REUSED_PID);

    if (pid < 0) {
        _exit(EXIT_NO_NAMESPACE);
    }
    REQUIRE(pid == REUSED_PID);
    REQUIRE(reaper_adopt(place->reaper, pid, 1, &worker) == 0);
    REQUIRE(process_signal(worker, SIGKILL) == 0);
    REQUIRE(loop_until(place->loop, has_ended, place));
    REQUIRE(loop_until(place->loop, is_over, worker));

    REQUIRE(start_as(REUSED_PID) == REUSED_PID);
    REQUIRE(process_signal(worker, SIGKILL) == -ESRCH);
    (void)!process_signal_group(worker, SIGKILL);
    REQUIRE(process_state(worker) == '?');
    process_drop(worker);
    REQUIRE(is_alive(REUSED_PID));

    /* The newcomer may become a worker itself, and is then told from the old one. */
    place->ends = 0;
    REQUIRE(reaper_adopt(place->reaper, REUSED_PID, 2, &second) == 0);
    REQUIRE(place->ends == 0);
    REQUIRE(process_signal(second, SIGKILL) == 0);
    REQUIRE(loop_until(place->loop, has_ended, place));
    process_drop(second);
}

/* While the dead one is not reaped, its zombie keeps the pid: nobody else can get it. */
static void
keep(struct place *place)
{
    pid_t pid = start_as(REUSED_PID);

    if (pid < 0) {
        _exit(EXIT_NO_NAMESPACE);
    }
    REQUIRE(kill(pid, SIGKILL) == 0);
    REQUIRE(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT) == 0);
    REQUIRE(start_as(pid) < 0 && errno == EEXIST);
    REQUIRE(waitpid(pid, NULL, 0) == pid);
    (void)place;
}

static _Noreturn void
be_first(void (*scene)(struct place *place))
{
    struct place place = {.loop = ev_loop_new(EVFLAG_AUTO)};
    const struct reaper_handlers handlers = {.context = &place, .on_end = on_end};

    REQUIRE(place.loop != NULL);
    REQUIRE(reaper_open(place.loop, &handlers, &place.reaper) == 0);
    scene(&place);
    reaper_close(place.reaper);
    ev_loop_destroy(place.loop);
    _exit(EXIT_DONE);
}

static _Noreturn void
enter(void (*scene)(struct place *place))
{
    int status = 0;
    pid_t first;

    if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0) {
        _exit(EXIT_NO_NAMESPACE);
    }
    first = fork();
    if (first == 0) {
        be_first(scene);
    }
    REQUIRE(first > 0 && waitpid(first, &status, 0) == first);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void
run_in_namespace(void (*scene)(struct place *place))
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        enter(scene);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == EXIT_NO_NAMESPACE) {
        print_message("skipped: no pid may be chosen here (namespaces, or clone3 with set_tid)\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), EXIT_DONE);
}

static void
test_fs_48_a_reused_pid_is_never_hit(void **state)
{
    (void)state;
    run_in_namespace(reuse);
}

static void
test_fs_48_a_zombie_keeps_its_pid(void **state)
{
    (void)state;
    run_in_namespace(keep);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fs_48_a_reused_pid_is_never_hit),
        cmocka_unit_test(test_fs_48_a_zombie_keeps_its_pid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
