/*
 * test_proc2.c: libproc2's own figures of several processes at once: ourselves, a child that shares, a zombie, nobody.
 */
#include "machine_rig.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/proc2.h"

#define SHARED_BYTES ((size_t)32 << 20)
#define OWN_BYTES ((size_t)8 << 20)

static bool
touch_own(const void *context)
{
    (void)context;
    return machine_touch(OWN_BYTES) != NULL;
}

/* The child shares what we touched: RSS counts it whole, PSS half, USS not at all. */
static void
test_ourselves_and_a_child(void **state)
{
    void *shared = machine_touch(SHARED_BYTES);
    pid_t pids[2] = {getpid(), machine_child(touch_own, NULL)};
    struct proc2_row rows[2];
    int error = proc2_read(pids, 2, rows);

    (void)state;
    machine_end(pids[1]);
    munmap(shared, SHARED_BYTES);
    assert_int_equal(error, 0);
    for (int i = 0; i < 2; i++) {
        assert_true(rows[i].found);
        /* The kernel batches this counter per CPU: it may be a little behind. */
        assert_true(rows[i].rss_kib >= SHARED_BYTES / 1024 / 2);
        assert_true(rows[i].rss_kib < UINT64_C(1) << 30);
    }
    /* Some containers have no smaps_rollup to read: zeros there. */
    if (access("/proc/self/smaps_rollup", R_OK) == 0) {
        assert_true(rows[1].uss_kib >= OWN_BYTES / 1024);
        assert_true(rows[1].uss_kib < (OWN_BYTES + SHARED_BYTES) / 1024);
        assert_true(rows[1].pss_kib >= rows[1].uss_kib);
        assert_true(rows[1].pss_kib < rows[1].uss_kib + 2 * SHARED_BYTES / 1024);
    }
}

/* Rows of the dead stay empty, and those of the others are not shifted by them. */
static void
test_the_dead_are_not_found(void **state)
{
    pid_t child = machine_child(touch_own, NULL);
    pid_t pids[5] = {0x7FFFFFF0, child, 0, -1, getpid()};
    struct proc2_row rows[5];
    siginfo_t info;

    (void)state;
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(proc2_read(pids, 5, rows), 0);
    assert_false(rows[0].found || rows[2].found || rows[3].found);
    assert_int_equal(rows[1].rss_kib, 0);
    assert_int_equal(rows[1].pss_kib, 0);
    assert_true(rows[4].found && rows[4].rss_kib > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(proc2_read(&child, 1, rows), 0);
    assert_false(rows[0].found);
}

static void
test_bounds(void **state)
{
    pid_t pids[PROC2_PIDS_MAX + 1];
    struct proc2_row rows[PROC2_PIDS_MAX + 1];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        pids[i] = getpid();
    }
    assert_int_equal(proc2_read(pids, 0, rows), 0);
    assert_int_equal(proc2_read(pids, PROC2_PIDS_MAX, rows), 0);
    assert_true(rows[0].rss_kib > 0);
    assert_true(rows[PROC2_PIDS_MAX - 1].rss_kib == rows[0].rss_kib);
    assert_int_equal(proc2_read(pids, PROC2_PIDS_MAX + 1, rows), -E2BIG);
    assert_false(rows[0].found || rows[PROC2_PIDS_MAX].found);
}

static int
close_library(void **state)
{
    (void)state;
    proc2_done();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ourselves_and_a_child),
        cmocka_unit_test(test_the_dead_are_not_found),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, close_library);
}
