/* test_signals.c: the master's signals, sent by this process to itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "loop_until.h"
#include "master/signals.h"

static const int caught[] = {SIGTERM, SIGINT, SIGTSTP, SIGTTIN, SIGUSR1, SIGUSR2, SIGHUP, SIGTTOU};

struct fixture {
    struct ev_loop *loop;
    struct signals *signals;
    sigset_t mask;
    unsigned counts[65];
    pid_t sender;
    bool closes;
};

static void
on_signal(void *context, int signal, pid_t sender)
{
    struct fixture *fixture = context;

    fixture->counts[signal]++;
    fixture->sender = sender;
    if (fixture->closes) {
        signals_close(fixture->signals);
        fixture->signals = NULL;
    }
}

static void
open_signals(struct fixture *fixture)
{
    struct signals_handlers handlers = {.context = fixture, .on_signal = on_signal};

    assert_int_equal(signals_open(fixture->loop, &handlers, &fixture->signals), 0);
}

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    *state = fixture;
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    sigprocmask(SIG_BLOCK, NULL, &fixture->mask);
    signals_hold();
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    sigset_t set;
    struct timespec now = {0};

    signals_close(fixture->signals);
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        sigaddset(&set, caught[i]);
    }
    while (sigtimedwait(&set, NULL, &now) > 0) {
    }
    sigprocmask(SIG_SETMASK, &fixture->mask, NULL);
    ev_loop_destroy(fixture->loop);
    free(fixture);
    return 0;
}

static bool
has_all(void *context)
{
    const struct fixture *fixture = context;

    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        if (fixture->counts[caught[i]] == 0) {
            return false;
        }
    }
    return true;
}

static bool
has_term(void *context)
{
    return ((const struct fixture *)context)->counts[SIGTERM] > 0;
}

static bool
has_usr1(void *context)
{
    return ((const struct fixture *)context)->counts[SIGUSR1] > 0;
}

static void
test_each_signal_is_handed_on_with_its_sender(void **state)
{
    struct fixture *fixture = *state;

    open_signals(fixture);
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        assert_int_equal(kill(getpid(), caught[i]), 0);
    }
    assert_true(loop_until(fixture->loop, has_all, fixture));
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        assert_int_equal(fixture->counts[caught[i]], 1);
    }
    assert_int_equal(fixture->sender, getpid());
}

static void
test_a_signal_before_the_loop_is_not_lost(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(kill(getpid(), SIGTERM), 0);
    open_signals(fixture);
    assert_true(loop_until(fixture->loop, has_term, fixture));
    assert_int_equal(fixture->counts[SIGTERM], 1);
}

static void
test_an_ignored_signal_is_caught_all_the_same(void **state)
{
    struct fixture *fixture = *state;

    signal(SIGUSR1, SIG_IGN);
    open_signals(fixture);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_true(loop_until(fixture->loop, has_usr1, fixture));
}

static void
test_what_no_process_sent_has_no_sender(void **state)
{
    struct fixture *fixture = *state;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
    timer_t timer;

    open_signals(fixture);
    fixture->sender = 99;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
    assert_true(loop_until(fixture->loop, has_usr1, fixture));
    timer_delete(timer);
    assert_int_equal(fixture->sender, 0);
}

static void
test_fs52_a_flood_hides_no_other_signal(void **state)
{
    struct fixture *fixture = *state;

    open_signals(fixture);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(kill(getpid(), SIGUSR1), 0);
        if (i == 5000) {
            assert_int_equal(kill(getpid(), SIGTERM), 0);
        }
    }
    assert_true(loop_until(fixture->loop, has_term, fixture));
    assert_true(loop_until(fixture->loop, has_usr1, fixture));
    assert_int_equal(fixture->counts[SIGUSR1], 1);
}

static void
test_a_handler_may_close(void **state)
{
    struct fixture *fixture = *state;

    fixture->closes = true;
    open_signals(fixture);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    while (fixture->signals != NULL) {
        ev_run(fixture->loop, EVRUN_ONCE);
    }
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->counts[SIGTERM] + fixture->counts[SIGUSR1], 1);
}

static void
test_a_broken_pipe_is_an_errno(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1);
    assert_int_equal(errno, EPIPE);
    close(ends[1]);
}

static void
test_signals_have_names(void **state)
{
    (void)state;
    assert_string_equal(signals_name(SIGTERM), "TERM");
    assert_string_equal(signals_name(SIGSEGV), "SEGV");
    assert_string_equal(signals_name(99), "signal 99");
    assert_string_equal(signals_name(-1), "signal -1");
    signals_close(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_signal_is_handed_on_with_its_sender, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_signal_before_the_loop_is_not_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_ignored_signal_is_caught_all_the_same, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_no_process_sent_has_no_sender, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fs52_a_flood_hides_no_other_signal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_handler_may_close, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_broken_pipe_is_an_errno, setup, teardown),
        cmocka_unit_test(test_signals_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
