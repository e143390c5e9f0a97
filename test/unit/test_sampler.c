/*
 * test_sampler.c: RSS, faults, CPU time and state by kept descriptors: of texts, of real processes, of dead ones.
 */
#include "machine_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/sampler.h"

#define OWN_BYTES ((size_t)16 << 20)
#define PID 4242
#define STAT_HEAD "4242 (a) Z 1 (ruby\n) S 77 78 78 -1 -1 4194560 "

static uint64_t
page(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

static struct sampler
open_fixture(const struct machine *machine)
{
    struct sampler sampler = SAMPLER_CLOSED;

    assert_int_equal(sampler_open(&sampler, machine->proc, PID), 0);
    assert_true(fcntl(sampler.statm_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(sampler.stat_fd, F_GETFD) & FD_CLOEXEC);
    return sampler;
}

/* FS-25: beyond 4 GiB and 32 bits, behind a hostile name. */
static void
test_large_figures(void **state)
{
    const struct machine *machine = *state;
    struct memory_figures figures = {.private_known = true, .pss_bytes = 7};
    struct sampler sampler;

    machine_put(machine, "proc/4242/statm", "9000000 2097152 1 1 0 1 0\n");
    machine_put(machine, "proc/4242/stat",
                STAT_HEAD "8589934592 5 6 7 500000000000 1000 10 11 20 0 5 0 99 1 2\n");
    sampler = open_fixture(machine);
    assert_int_equal(sampler_read_rss(&sampler, 1234, &figures), 0);
    assert_true(figures.rss_known);
    assert_true(figures.rss_bytes == 2097152 * page());
    assert_int_equal(figures.rss_ms, 1234);
    assert_true(figures.file_bytes == 0);
    sampler_read_files(&sampler, &figures);
    assert_true(figures.file_bytes == page());
    assert_false(figures.stat_known);
    assert_int_equal(sampler_read_stat(&sampler, &figures), 0);
    assert_true(figures.stat_known);
    assert_true(figures.minor_faults == UINT64_C(8589934592));
    assert_true(figures.cpu_ms == UINT64_C(500000001000) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
    assert_int_equal(figures.state, 'S');
    assert_int_equal(figures.start_ticks, 99);
    assert_true(figures.private_known && figures.pss_bytes == 7);
    sampler_close(&sampler);
}

/* Unknown stays unknown, and what was known before is not called known any more (FS-23). */
static void
test_garbage_is_unknown(void **state)
{
    static const char *const statms[] = {"",          "17",  "1000 17",
                                         "1000 17\n", "x y", "-1 5 0 0 0 0 0\n"};
    static const char *const stats[] = {
        "",
        "4242 (ruby",
        STAT_HEAD "1 5",
        STAT_HEAD "1 5 6 7 8 9 10 11 20 0 5 0",
        STAT_HEAD "1 5 6 7 18446744073709551615 9 10 11 20 0 5 0 99 1\n",
    };
    const struct machine *machine = *state;
    struct sampler sampler;

    machine_put(machine, "proc/4242/statm", "%s", "");
    machine_put(machine, "proc/4242/stat", "%s", "");
    sampler = open_fixture(machine);
    for (size_t i = 0; i < ARRAY_LEN(statms); i++) {
        struct memory_figures figures = {.rss_known = true, .rss_bytes = 4711};

        machine_put(machine, "proc/4242/statm", "%s", statms[i]);
        assert_int_equal(sampler_read_rss(&sampler, 1, &figures), -EBADMSG);
        figures.file_bytes = 7;
        sampler_read_files(&sampler, &figures);
        assert_true(figures.file_bytes == 0);
        assert_false(figures.rss_known);
    }
    for (size_t i = 0; i < ARRAY_LEN(stats); i++) {
        struct memory_figures figures = {.stat_known = true};

        machine_put(machine, "proc/4242/stat", "%s", stats[i]);
        assert_int_equal(sampler_read_stat(&sampler, &figures), -EBADMSG);
        assert_false(figures.stat_known);
    }
    sampler_close(&sampler);
}

/* A text that fills the whole buffer was not read to its end. */
static void
test_a_text_without_end(void **state)
{
    const struct machine *machine = *state;
    struct memory_figures figures = {0};
    struct sampler sampler;
    char long_name[4096];

    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    machine_put(machine, "proc/4242/statm", "1000 17 1 1 0 1 0\n");
    machine_put(machine, "proc/4242/stat", "4242 (%s) S 1 2 3", long_name);
    sampler = open_fixture(machine);
    assert_int_equal(sampler_read_stat(&sampler, &figures), -EBADMSG);
    sampler_close(&sampler);
}

static void
test_zombie(void **state)
{
    const struct machine *machine = *state;
    struct memory_figures figures = {.rss_known = true};
    struct sampler sampler;

    machine_put(machine, "proc/4242/statm", "0 0 0 0 0 0 0\n");
    machine_put(machine, "proc/4242/stat",
                "4242 (ruby) Z 77 78 78 -1 -1 4 3 5 6 7 100 50 1 1 20 0 5 0 99 1\n");
    sampler = open_fixture(machine);
    assert_int_equal(sampler_read_rss(&sampler, 1, &figures), -ESRCH);
    assert_false(figures.rss_known);
    assert_int_equal(sampler_read_stat(&sampler, &figures), 0);
    assert_int_equal(figures.state, 'Z');
    assert_true(figures.cpu_ms > 0);
    sampler_close(&sampler);
}

/* As /proc looks to others where it is mounted with hidepid=2: no such folder. */
static void
test_what_is_hidden_is_gone(void **state)
{
    const struct machine *machine = *state;
    struct sampler sampler = SAMPLER_CLOSED;

    assert_int_equal(sampler_open(&sampler, machine->proc, PID), -ESRCH);
    assert_int_equal(sampler.statm_fd, -1);
    assert_int_equal(sampler.stat_fd, -1);
    sampler_close(&sampler);
    /* What opened stays open. */
    machine_put(machine, "proc/4242/statm", "1000 17 1 1 0 1 0\n");
    assert_int_equal(sampler_open(&sampler, machine->proc, PID), -ESRCH);
    assert_true(sampler.statm_fd >= 0);
    assert_int_equal(sampler.stat_fd, -1);
    sampler_close(&sampler);
    assert_int_equal(sampler.statm_fd, -1);
    sampler_close(&sampler);
}

static void
test_a_closed_one_is_unknown(void **state)
{
    struct sampler sampler = SAMPLER_CLOSED;
    struct memory_figures figures = {.rss_known = true, .stat_known = true};

    (void)state;
    assert_int_equal(sampler_read_rss(&sampler, 1, &figures), -EBADF);
    assert_int_equal(sampler_read_stat(&sampler, &figures), -EBADF);
    assert_false(figures.rss_known || figures.stat_known);
}

static bool
touch_own(const void *context)
{
    (void)context;
    prctl(PR_SET_NAME, ") Z 1 1\n(x) ");
    return machine_touch(OWN_BYTES) != NULL;
}

/* Sees a real child live, die and vanish by the same descriptors. */
static void
test_real_child(void **state)
{
    pid_t child = machine_child(touch_own, NULL);
    struct sampler sampler = SAMPLER_CLOSED;
    struct memory_figures figures = {0};
    siginfo_t info;

    (void)state;
    assert_int_equal(sampler_open(&sampler, "/proc", child), 0);
    assert_int_equal(sampler_read_rss(&sampler, 5, &figures), 0);
    assert_int_equal(sampler_read_stat(&sampler, &figures), 0);
    /* Where the kernel batches this counter per thread or CPU it may be a little behind. */
    assert_true(figures.rss_bytes >= OWN_BYTES / 2);
    assert_true(figures.rss_bytes < UINT64_C(1) << 40);
    assert_true(figures.minor_faults > 0);
    assert_true(figures.state == 'S' || figures.state == 'R');
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(sampler_read_rss(&sampler, 6, &figures), -ESRCH);
    assert_int_equal(sampler_read_stat(&sampler, &figures), 0);
    assert_int_equal(figures.state, 'Z');
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(sampler_read_rss(&sampler, 7, &figures), -ESRCH);
    assert_int_equal(sampler_read_stat(&sampler, &figures), -ESRCH);
    assert_false(figures.rss_known || figures.stat_known);
    sampler_close(&sampler);
}

static void
test_cpu_time_grows(void **state)
{
    struct sampler sampler = SAMPLER_CLOSED;
    struct memory_figures figures = {0};
    int64_t end_ms = util_now_ms() + MACHINE_DEADLINE_MS;
    uint64_t before;

    (void)state;
    assert_int_equal(sampler_open(&sampler, "/proc", getpid()), 0);
    assert_int_equal(sampler_read_stat(&sampler, &figures), 0);
    before = figures.cpu_ms;
    while (figures.cpu_ms <= before && util_now_ms() < end_ms) {
        assert_int_equal(sampler_read_stat(&sampler, &figures), 0);
    }
    assert_true(figures.cpu_ms > before);
    assert_int_equal(figures.state, 'R');
    sampler_close(&sampler);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_large_figures),          MACHINE_CASE(test_garbage_is_unknown),
        MACHINE_CASE(test_a_text_without_end),     MACHINE_CASE(test_zombie),
        MACHINE_CASE(test_what_is_hidden_is_gone), cmocka_unit_test(test_a_closed_one_is_unknown),
        cmocka_unit_test(test_real_child),         cmocka_unit_test(test_cpu_time_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
