/*
 * test_proc.c: /proc/PID/stat with hostile names (FS-25), and of real processes.
 */
#include "machine_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "rss/proc.h"

/* Fields 3 to 23 of a real line, with a fault count and a start time beyond 32 bits. */
#define REST                                                                                       \
    " S 77 78 78 -1 -1 4194560 8589934592 5 6 7 8 9 10 11 -20 0 5 0 18446744073709551600 1234567 "
#define TAIL                                                                                       \
    "891 18446744073709551615 0 0 0 0 0 0 0 4096 1260 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

static void
test_hostile_names(void **state)
{
    static const char *const names[] = {
        "ruby",
        "sidekiq 7.3.9",
        "a) R 1 2 3",
        "((((",
        "))))",
        "",
        "new\nline",
        " ",
        ") S 1 1 1 1",
        "tab\t)",
        "(",
        ")",
        "\x1b[31mred",
        "\xff\xfe",
        "a) S 1 (b) Z",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char text[512];
        struct proc_stat stat = {0};

        snprintf(text, sizeof(text), "4242 (%s)" REST TAIL, names[i]);
        assert_int_equal(proc_parse_stat(text, &stat), 0);
        assert_int_equal(stat.state, 'S');
        assert_int_equal(stat.parent, 77);
        assert_int_equal(stat.group, 78);
        assert_true(stat.minor_faults == UINT64_C(8589934592));
        assert_true(stat.start_ticks == UINT64_C(18446744073709551600));
        assert_true(stat.cpu_ticks == 8 + 9);
    }
}

/* FS-25: user and system time together, beyond 32 bits; more than fits is the most there is. */
static void
test_cpu_ticks(void **state)
{
    struct proc_stat stat = {0};

    (void)state;
    assert_int_equal(proc_parse_stat("1 (a) S 1 1 1 -1 -1 4 1 5 6 7 8589934592 8589934592 1 1 20 0 "
                                     "5 0 99 1\n",
                                     &stat),
                     0);
    assert_true(stat.cpu_ticks == UINT64_C(17179869184));
    assert_int_equal(proc_parse_stat("1 (a) S 1 1 1 -1 -1 4 1 5 6 7 18446744073709551615 2 1 1 20 "
                                     "0 5 0 99 1\n",
                                     &stat),
                     0);
    assert_true(stat.cpu_ticks == UINT64_MAX);
}

static void
test_what_is_no_stat(void **state)
{
    static const char *const texts[] = {
        "",
        "4242",
        "4242 (ruby",
        "4242 (ruby)",
        "4242 (ruby) ",
        "4242 (ruby) S",
        "4242 (ruby) S ",
        "4242 (ruby) S 1 2 3",
        "4242 (ruby) SS 77 78 78 -1 -1 4194560 1 5 6 7 8 9 10 11 20 0 5 0 99 1",
        "4242 (ruby) S x 78 78 -1 -1 4194560 1 5 6 7 8 9 10 11 20 0 5 0 99 1",
        "4242 (ruby) S 77 78 78 -1 -1 4194560 1x 5 6 7 8 9 10 11 20 0 5 0 99 1",
        "4242 (ruby) S 77 78 78 -1 -1 4194560 1  5 6 7 8 9 10 11 20 0 5 0 99 1",
        "4242 (ruby) S -77 78 78 -1 -1 4194560 1 5 6 7 8 9 10 11 20 0 5 0 99 1",
        "4242 (ruby) S 9999999999 78 78 -1 -1 4194560 1 5 6 7 8 9 10 11 20 0 5 0 99 1",
        "4242 (ruby) S 77 78 78 -1 -1 4194560 99999999999999999999999 5 6 7 8 9 10 11 20 0 5 0 9 1",
        "4242 (ruby)S 77 78 78 -1 -1 4194560 1 5 6 7 8 9 10 11 20 0 5 0 99 1",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct proc_stat stat = {.parent = 4711};

        assert_int_equal(proc_parse_stat(texts[i], &stat), -EBADMSG);
        assert_int_equal(stat.parent, 4711);
    }
}

static void
test_own_process(void **state)
{
    struct proc_stat stat = {0};

    (void)state;
    assert_int_equal(proc_read_stat("/proc", getpid(), &stat), 0);
    assert_int_equal(stat.parent, getppid());
    assert_int_equal(stat.group, getpgrp());
    assert_int_equal(stat.state, 'R');
    assert_true(stat.minor_faults > 0);
}

static bool
deceive(const void *context)
{
    (void)context;
    return prctl(PR_SET_NAME, ") Z 1 1\n(x) ") == 0;
}

/* What the kernel itself writes for a process that chose its name to deceive. */
static void
test_child_with_a_hostile_name(void **state)
{
    pid_t child = machine_child(deceive, NULL);
    struct proc_stat stat = {0};

    (void)state;
    assert_int_equal(proc_read_stat("/proc", child, &stat), 0);
    assert_int_equal(stat.parent, getpid());
    assert_int_equal(stat.group, getpgrp());
    assert_int_not_equal(stat.state, 'Z');
    machine_end(child);
    assert_int_equal(proc_read_stat("/proc", child, &stat), -ESRCH);
}

static void
test_open(void **state)
{
    const struct machine *machine = *state;
    char long_path[8192], text[8];
    int fd;

    assert_int_equal(proc_open("/proc", 0x7FFFFFFF, "statm"), -ESRCH);
    assert_int_equal(proc_open("/nonexistent", 1, "statm"), -ESRCH);
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(proc_open(long_path, 1, "statm"), -ENAMETOOLONG);
    machine_put(machine, "proc/7/statm", "1 2");
    fd = proc_open(machine->proc, 7, "statm");
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(proc_read_again(fd, text, sizeof(text)), 3);
    assert_string_equal(text, "1 2");
    machine_put(machine, "proc/7/statm", "7 numbers and more");
    assert_int_equal(proc_read_again(fd, text, sizeof(text)), sizeof(text) - 1);
    assert_string_equal(text, "7 numbe");
    util_close(&fd);
    assert_int_equal(proc_read_again(fd, text, sizeof(text)), -EBADF);
    assert_string_equal(text, "");
}

static void
test_wchan(void **state)
{
    char name[64] = "untouched";
    char small[4] = "";

    (void)state;
    assert_int_equal(proc_read_wchan("/proc", getpid(), name, sizeof(name)), 0);
    assert_string_not_equal(name, "0");
    assert_string_not_equal(name, "untouched");
    assert_int_equal(proc_read_wchan("/proc", getpid(), small, sizeof(small)), 0);
    assert_true(strlen(small) < sizeof(small));
    assert_int_equal(proc_read_wchan("/proc", 0x7FFFFFFF, name, sizeof(name)), -ESRCH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_what_is_no_stat),
        cmocka_unit_test(test_own_process),
        cmocka_unit_test(test_cpu_ticks),
        cmocka_unit_test(test_child_with_a_hostile_name),
        MACHINE_CASE(test_open),
        cmocka_unit_test(test_wchan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
