/* test_thread_watch.c: the first sign of a death, with real processes and threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop_until.h"
#include "master/thread_watch.h"

#define ID 7

struct watched {
    struct ev_loop *loop;
    pid_t pid;
    int tell; /* a byte to it ends its second thread */
    unsigned told;
    int signal;
};

/* What the child does. */
struct life {
    unsigned threads;
    int hear;
};

static void *
wait_for_ever(void *unused)
{
    (void)unused;
    for (;;) {
        pause();
    }
    return NULL;
}

static void *
wait_for_byte(void *context)
{
    const struct life *life = context;
    char byte;

    (void)!read(life->hear, &byte, 1);
    return NULL;
}

static _Noreturn void
live(struct life *life, int ready)
{
    pthread_t thread;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = 0; i < life->threads; i++) {
        if (pthread_create(&thread, NULL, i == 0 ? wait_for_byte : wait_for_ever, life) != 0) {
            _exit(1);
        }
    }
    (void)!write(ready, "x", 1);
    for (;;) {
        pause();
    }
}

static void
start(struct watched *watched, unsigned threads)
{
    int ready[2], tell[2];
    char byte;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(tell, O_CLOEXEC), 0);
    watched->pid = fork();
    assert_true(watched->pid >= 0);
    if (watched->pid == 0) {
        close(tell[1]);
        live(&(struct life){.threads = threads, .hear = tell[0]}, ready[1]);
    }
    close(ready[1]);
    close(tell[0]);
    watched->tell = tell[1];
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
}

static void
end(struct watched *watched)
{
    if (watched->pid != 0) {
        kill(watched->pid, SIGKILL);
        assert_int_equal(waitpid(watched->pid, NULL, 0), watched->pid);
        watched->pid = 0;
        close(watched->tell);
    }
}

static void
on_dying(void *context, uint64_t id, int signal)
{
    struct watched *watched = context;

    assert_int_equal(id, ID);
    watched->told++;
    watched->signal = signal;
}

static int
watch(struct watched *watched, struct thread_watch **ret_watch)
{
    const struct thread_watch_handlers handlers = {.context = watched, .on_dying = on_dying};

    return thread_watch_open(watched->loop, watched->pid, ID, &handlers, ret_watch);
}

/* False, with its reason printed, where the kernel has no descriptors of threads. */
static bool
watch_or_skip(struct watched *watched, struct thread_watch **ret_watch)
{
    int error;

    start(watched, 3);
    error = watch(watched, ret_watch);
    if (error == -EINVAL) {
        print_message("skipped: this kernel has no PIDFD_THREAD (Linux 6.9)\n");
        return false;
    }
    assert_int_equal(error, 0);
    return true;
}

static bool
is_told(void *context)
{
    const struct watched *watched = context;

    return watched->told > 0;
}

static bool
is_below(void *context)
{
    const unsigned *fds = context;

    return loop_count_fds() < *fds;
}

static int
set_up(void **state)
{
    static struct watched watched;

    watched = (struct watched){.loop = ev_loop_new(EVFLAG_AUTO)};
    assert_non_null(watched.loop);
    *state = &watched;
    return 0;
}

static int
tear_down(void **state)
{
    struct watched *watched = *state;

    end(watched);
    ev_loop_destroy(watched->loop);
    return 0;
}

static void
test_a_deadly_signal_is_told_once(void **state)
{
    static const int deadly[] = {SIGKILL, SIGTERM, SIGUSR1};
    struct watched *watched = *state;
    struct thread_watch *threads;

    for (unsigned i = 0; i < ARRAY_LEN(deadly); i++) {
        watched->told = 0;
        if (!watch_or_skip(watched, &threads)) {
            return;
        }
        kill(watched->pid, deadly[i]);
        assert_true(loop_until(watched->loop, is_told, watched));
        loop_some_turns(watched->loop);
        assert_int_equal(watched->told, 1);
        assert_int_equal(watched->signal, deadly[i]);
        thread_watch_close(threads);
        end(watched);
    }
}

/* Whoever stands still or goes on is told of by nobody. */
static void
test_a_thread_that_ends_alone_is_no_death(void **state)
{
    struct watched *watched = *state;
    struct thread_watch *threads;
    unsigned fds;

    if (!watch_or_skip(watched, &threads)) {
        return;
    }
    kill(watched->pid, SIGSTOP);
    loop_some_turns(watched->loop);
    kill(watched->pid, SIGCONT);
    fds = loop_count_fds();
    assert_int_equal(write(watched->tell, "x", 1), 1);
    assert_true(loop_until(watched->loop, is_below, &fds));
    assert_int_equal(watched->told, 0);
    /* The other one is left. */
    kill(watched->pid, SIGKILL);
    assert_true(loop_until(watched->loop, is_told, watched));
    assert_int_equal(watched->signal, SIGKILL);
    thread_watch_close(threads);
}

static void
test_a_process_with_too_few_threads_is_not_watched(void **state)
{
    struct watched *watched = *state;
    struct thread_watch *threads = NULL;
    unsigned fds;

    start(watched, 1);
    fds = loop_count_fds();
    assert_int_equal(watch(watched, &threads), -ESRCH);
    assert_null(threads);
    assert_int_equal(loop_count_fds(), fds);
}

static void
test_closing_leaves_nothing_open(void **state)
{
    struct watched *watched = *state;
    struct thread_watch *threads;
    unsigned fds = loop_count_fds();

    if (!watch_or_skip(watched, &threads)) {
        return;
    }
    thread_watch_close(threads);
    thread_watch_close(NULL);
    end(watched);
    assert_int_equal(loop_count_fds(), fds);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_deadly_signal_is_told_once),
        CASE(test_a_thread_that_ends_alone_is_no_death),
        CASE(test_a_process_with_too_few_threads_is_not_watched),
        CASE(test_closing_leaves_nothing_open),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
