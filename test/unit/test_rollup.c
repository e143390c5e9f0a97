/*
 * test_rollup.c: PSS, USS and swap through libproc2: of real processes, of dead and forbidden ones, and of a /proc of our
 * own in a mount namespace, since libproc2 knows no other path.
 */
#include "machine_rig.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/rollup.h"

#define SHARED_BYTES ((size_t)32 << 20)
#define OWN_BYTES ((size_t)8 << 20)
#define SKIPPED 77

static bool
touch_own(const void *context)
{
    (void)context;
    return machine_touch(OWN_BYTES) != NULL;
}

static void
skip_without_rollup(void)
{
    if (access("/proc/self/smaps_rollup", R_OK) != 0) {
        print_message("skipped: this kernel has no smaps_rollup\n");
        skip();
    }
}

/* The child shares what we touched: PSS counts half of it, USS nothing. */
static void
test_a_child_that_shares(void **state)
{
    struct memory_figures figures = {.rss_known = true, .rss_bytes = 7};
    void *shared;
    pid_t child;
    int64_t took_us;

    (void)state;
    skip_without_rollup();
    shared = machine_touch(SHARED_BYTES);
    assert_non_null(shared);
    child = machine_child(touch_own, NULL);
    took_us = rollup_read(child, 1234, &figures);
    machine_end(child);
    munmap(shared, SHARED_BYTES);
    assert_true(took_us >= 1);
    assert_true(figures.private_known);
    assert_int_equal(figures.private_ms, 1234);
    assert_true(figures.uss_bytes >= OWN_BYTES);
    assert_true(figures.uss_bytes < OWN_BYTES + SHARED_BYTES);
    assert_true(figures.pss_bytes >= figures.uss_bytes);
    assert_true(figures.pss_bytes >= OWN_BYTES + SHARED_BYTES / 2);
    assert_true(figures.pss_bytes < OWN_BYTES + 2 * SHARED_BYTES);
    assert_true(figures.rss_known && figures.rss_bytes == 7);
    rollup_done();
}

static void
test_the_dead_are_unknown(void **state)
{
    struct memory_figures figures = {.private_known = true};
    pid_t child = machine_child(touch_own, NULL);
    siginfo_t info;

    (void)state;
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(rollup_read(child, 1, &figures), -ESRCH);
    assert_false(figures.private_known);
    assert_int_equal(waitpid(child, NULL, 0), child);
    figures.private_known = true;
    assert_int_equal(rollup_read(child, 1, &figures), -ESRCH);
    assert_false(figures.private_known);
    assert_int_equal(rollup_read(0, 1, &figures), -ESRCH);
    assert_int_equal(rollup_read(-1, 1, &figures), -ESRCH);
    rollup_done();
}

static bool
hide(const void *context)
{
    (void)context;
    return prctl(PR_SET_DUMPABLE, 0) == 0;
}

/* Reads the process as somebody who may not. Returns 0 for what is expected. */
static int
read_forbidden(const void *context)
{
    const pid_t *pid = context;
    struct memory_figures figures = {.private_known = true};

    if (getuid() == 0 && setuid(65534) != 0) {
        return SKIPPED;
    }
    return rollup_read(*pid, 1, &figures) == -EACCES && !figures.private_known ? 0 : 1;
}

/* FS-23: libproc2 gives zeros, and no error. */
static void
test_no_permission(void **state)
{
    pid_t child = machine_child(hide, NULL);
    int code = machine_run(read_forbidden, &child);

    (void)state;
    machine_end(child);
    if (code == SKIPPED) {
        print_message("skipped: this root cannot become another user\n");
        skip();
    }
    assert_int_equal(code, 0);
}

static void
put_process(const struct machine *machine)
{
    machine_put(machine, "proc/uptime", "12345.67 23456.78\n");
    machine_put(machine, "proc/4242/statm", "9000000 2097152 1 1 0 1 0\n");
    machine_put(
        machine, "proc/4242/stat",
        "4242 (a) Z (b\n) S 77 78 78 -1 -1 4194560 1 5 6 7 8 9 10 11 20 0 5 0 99 1 2 3 0 0 0 0 "
        "0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    machine_put(machine, "proc/4242/status",
                "Name:\ta) Z (b\\n\nState:\tS (sleeping)\nTgid:\t4242\nPid:\t4242\nPPid:\t77\n");
}

/* In a mount namespace of our own the folder stands for /proc. */
static bool
become_proc(const struct machine *machine)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount(machine->proc, "/proc", NULL, MS_BIND, NULL) == 0;
}

static int
read_large(const void *context)
{
    struct memory_figures figures = {0};

    if (!become_proc(context)) {
        return SKIPPED;
    }
    if (rollup_read(4242, 9, &figures) < 1 || !figures.private_known) {
        return 1;
    }
    return figures.pss_bytes == UINT64_C(6442450944) * 1 &&
                   figures.uss_bytes == UINT64_C(5368709120) + 4096 &&
                   figures.swap_bytes == UINT64_C(8589934592)
               ? 0
               : 2;
}

static int
read_without_rollup(const void *context)
{
    struct memory_figures figures = {.private_known = true};

    if (!become_proc(context)) {
        return SKIPPED;
    }
    return rollup_read(4242, 9, &figures) == -EACCES && !figures.private_known ? 0 : 1;
}

static void
assert_in_namespace(int (*body)(const void *context), const struct machine *machine)
{
    int code = machine_run(body, machine);

    if (code == SKIPPED) {
        print_message("skipped: no mount namespace of our own is allowed here\n");
        skip();
    }
    assert_int_equal(code, 0);
}

/* FS-25: figures beyond 4 GiB. */
static void
test_large_figures(void **state)
{
    const struct machine *machine = *state;

    put_process(machine);
    machine_put(
        machine, "proc/4242/smaps_rollup",
        "558c7dad6000-7fff5f772000 ---p 00000000 00:00 0                          [rollup]\n"
        "Rss:             8388608 kB\nPss:             6291456 kB\n"
        "Shared_Clean:    3145728 kB\nPrivate_Clean:         4 kB\n"
        "Private_Dirty:   5242880 kB\nSwap:            8388608 kB\nSwapPss:               0 kB\n");
    assert_in_namespace(read_large, machine);
}

/* An old kernel, or a short read: a process with memory and without this file. */
static void
test_no_such_file(void **state)
{
    const struct machine *machine = *state;

    put_process(machine);
    assert_in_namespace(read_without_rollup, machine);
    machine_put(machine, "proc/4242/smaps_rollup", "558c7dad6000-7fff5f772000 ---p 000000");
    assert_in_namespace(read_without_rollup, machine);
}

static void
test_can_be_done_and_begun_again(void **state)
{
    struct memory_figures figures = {0};

    (void)state;
    skip_without_rollup();
    rollup_done();
    rollup_done();
    assert_true(rollup_read(getpid(), 1, &figures) >= 1);
    rollup_done();
    assert_true(rollup_read(getpid(), 2, &figures) >= 1);
    assert_int_equal(figures.private_ms, 2);
    rollup_done();
}

static void
test_rest(void **state)
{
    (void)state;
    assert_int_equal(rollup_rest_ms(1000, 1), 99);
    assert_int_equal(rollup_rest_ms(1, 1), 1);
    assert_int_equal(rollup_rest_ms(7000, 1), 693);
    assert_int_equal(rollup_rest_ms(1000000, 50), 1000);
    assert_int_equal(rollup_rest_ms(1000000, 99), 11);
    assert_int_equal(rollup_rest_ms(1000000, 100), 0);
    assert_int_equal(rollup_rest_ms(1000000, 1000), 0);
    assert_int_equal(rollup_rest_ms(0, 1), 0);
    assert_int_equal(rollup_rest_ms(-ESRCH, 1), 0);
    assert_true(rollup_rest_ms(1000, 0) == NEVER_MS);
    assert_true(rollup_rest_ms(INT64_MAX, 1) == NEVER_MS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_child_that_shares),
        cmocka_unit_test(test_the_dead_are_unknown),
        cmocka_unit_test(test_no_permission),
        MACHINE_CASE(test_large_figures),
        MACHINE_CASE(test_no_such_file),
        cmocka_unit_test(test_can_be_done_and_begun_again),
        cmocka_unit_test(test_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
