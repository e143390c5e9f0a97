/*
 * test_statm.c: /proc/PID/statm, as text and of real processes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/proc.h"
#include "rss/statm.h"

static void
test_text_gives_resident_pages(void **state)
{
    uint64_t rss = 0;

    (void)state;
    assert_int_equal(statm_parse("26431 17191 1200 1 0 16000 0\n", 4096, &rss), 0);
    assert_true(rss == UINT64_C(17191) * 4096);
}

/* FS-25: figures of 4 GiB and more. */
static void
test_large_figures(void **state)
{
    uint64_t rss = 0;

    (void)state;
    assert_int_equal(statm_parse("9000000 2097152 1 1 0 1 0\n", 4096, &rss), 0);
    assert_true(rss == UINT64_C(8) << 30);
    assert_int_equal(statm_parse("99999999999 268435456 1 1 0 1 0", 65536, &rss), 0);
    assert_true(rss == UINT64_C(16) << 40);
}

static void
test_what_is_no_statm(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "17",
        "17 ",
        "26431 17",
        "26431 17\n",
        "x 1 2",
        "1 x 2",
        "-1 5 0",
        "1 -5 0",
        "1\t5",
        "1 5x 0",
        "1.5 3 0",
        "99999999999999999999999 1 0",
        "1 99999999999999999999999 0",
        "1 18446744073709551615 0",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        uint64_t rss = 4711;

        assert_int_equal(statm_parse(texts[i], 4096, &rss), -EBADMSG);
        assert_true(rss == 4711);
    }
}

static void
test_process_without_memory_is_gone(void **state)
{
    uint64_t rss = 4711;

    (void)state;
    assert_int_equal(statm_parse("0 0 0 0 0 0 0\n", 4096, &rss), -ESRCH);
    assert_true(rss == 4711);
}

static void
test_own_process(void **state)
{
    int fd = proc_open("/proc", getpid(), "statm");
    uint64_t first = 0, again = 0;

    (void)state;
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(statm_read(fd, &first), 0);
    assert_int_equal(statm_read(fd, &again), 0);
    assert_true(first > 64 * 1024 && first < UINT64_C(1) << 40);
    assert_true(again > 64 * 1024);
    close(fd);
}

/* A kept descriptor never speaks of another process that got the same pid. */
static void
test_descriptor_of_a_dead_process(void **state)
{
    pid_t child = fork();
    uint64_t rss = 4711;
    siginfo_t info;
    int fd;

    (void)state;
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            pause();
        }
    }
    fd = proc_open("/proc", child, "statm");
    assert_true(fd >= 0);
    assert_int_equal(statm_read(fd, &rss), 0);
    assert_true(rss > 0 && rss != 4711);
    rss = 4711;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(statm_read(fd, &rss), -ESRCH);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(statm_read(fd, &rss), -ESRCH);
    assert_true(rss == 4711);
    close(fd);
}

/* What the process would not have a second time. */
static void
test_pages_of_files(void **state)
{
    static const char *const texts[] = {"", "26431 17191", "26431 17191 1200", "26431 17191 x 1",
                                        "1 2 18446744073709551615 0"};
    uint64_t bytes = 4711;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(statm_parse_files(texts[i], 4096, &bytes), -EBADMSG);
        assert_true(bytes == 4711);
    }
    assert_int_equal(statm_parse_files("0 0 0 0 0 0 0\n", 4096, &bytes), -ESRCH);
    assert_true(bytes == 4711);
    assert_int_equal(statm_parse_files("26431 17191 1200 1 0 16000 0\n", 4096, &bytes), 0);
    assert_true(bytes == UINT64_C(1200) * 4096);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_gives_resident_pages),
        cmocka_unit_test(test_large_figures),
        cmocka_unit_test(test_what_is_no_statm),
        cmocka_unit_test(test_process_without_memory_is_gone),
        cmocka_unit_test(test_pages_of_files),
        cmocka_unit_test(test_own_process),
        cmocka_unit_test(test_descriptor_of_a_dead_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
