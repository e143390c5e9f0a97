/*
 * test_look.c: libproc2's figures of real processes: ourselves, a forked child, a zombie, nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/look.h"

#define SHARED_BYTES ((size_t)32 << 20)
#define OWN_BYTES ((size_t)8 << 20)

/* Some containers have no smaps_rollup to read: figures are unknown there, and not wrong. */
static bool
has_rollup(void)
{
    return access("/proc/self/smaps_rollup", R_OK) == 0;
}

static void
assert_unknown(const struct look_figures *figures)
{
    assert_true(figures->rss_kib == LOOK_UNKNOWN);
    assert_true(figures->pss_kib == LOOK_UNKNOWN);
    assert_true(figures->uss_kib == LOOK_UNKNOWN);
    assert_true(figures->swap_kib == LOOK_UNKNOWN);
}

static void *
touched(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(memory != MAP_FAILED);
    memset(memory, 1, bytes);
    return memory;
}

/* A child that shares our memory, and has touched OWN_BYTES of its own when this returns. */
static pid_t
start_child(void)
{
    int ready[2];
    char byte;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        void *own =
            mmap(NULL, OWN_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (own != MAP_FAILED) {
            memset(own, 2, OWN_BYTES);
        }
        if (own == MAP_FAILED || write(ready[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

/* The child shares what we touched: RSS counts it whole, PSS half, USS not at all. */
static void
test_ourselves_and_a_child(void **state)
{
    void *shared = touched(SHARED_BYTES);
    pid_t pids[2] = {getpid(), start_child()};
    struct look_figures figures[2];

    (void)state;
    assert_int_equal(look_at(pids, 2, figures), 0);
    for (int i = 0; i < 2; i++) {
        /* The kernel batches this counter per CPU: it may be a little behind. */
        assert_true(figures[i].rss_kib >= (int64_t)SHARED_BYTES / 1024 / 2);
        assert_true(figures[i].rss_kib < (int64_t)1 << 30);
    }
    if (has_rollup()) {
        assert_true(figures[1].uss_kib >= (int64_t)OWN_BYTES / 1024);
        assert_true(figures[1].uss_kib < (int64_t)(OWN_BYTES + SHARED_BYTES) / 1024);
        assert_true(figures[1].pss_kib >= figures[1].uss_kib);
        assert_true(figures[1].pss_kib <= figures[1].rss_kib);
        assert_true(figures[1].swap_kib >= 0);
    }
    kill(pids[1], SIGKILL);
    assert_int_equal(waitpid(pids[1], NULL, 0), pids[1]);
    munmap(shared, SHARED_BYTES);
}

static void
test_the_dead_are_unknown(void **state)
{
    pid_t child = start_child();
    pid_t pids[5] = {0x7FFFFFF0, child, 0, -1, getpid()};
    struct look_figures figures[5];
    siginfo_t info;

    (void)state;
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(look_at(pids, 5, figures), 0);
    for (int i = 0; i < 4; i++) {
        assert_unknown(&figures[i]);
    }
    assert_true(figures[4].rss_kib > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(look_at(&child, 1, figures), 0);
    assert_unknown(&figures[0]);
}

static void
test_bounds(void **state)
{
    pid_t pids[256];
    struct look_figures figures[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        pids[i] = getpid();
    }
    assert_int_equal(look_at(pids, 0, figures), 0);
    assert_int_equal(look_at(pids, 255, figures), 0);
    assert_true(figures[0].rss_kib > 0);
    assert_true(figures[254].rss_kib == figures[0].rss_kib);
    assert_int_equal(look_at(pids, 256, figures), -E2BIG);
    assert_unknown(&figures[255]);
}

static void
test_can_be_done_and_begun_again(void **state)
{
    pid_t self = getpid();
    struct look_figures figures;

    (void)state;
    look_done();
    look_done();
    assert_int_equal(look_at(&self, 1, &figures), 0);
    assert_true(figures.rss_kib > 0);
    look_done();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ourselves_and_a_child),
        cmocka_unit_test(test_the_dead_are_unknown),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_can_be_done_and_begun_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
