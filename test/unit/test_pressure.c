/*
 * test_pressure.c: triggers of memory pressure: opened, refused, ended with their group, and fired by a real shortage.
 */
#include "group_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rss/pressure.h"

#define MACHINE_FILE "/proc/pressure/memory"
#define V2_ROOT "/sys/fs/cgroup/unified"
#define LIMIT_TEXT "12582912"
#define FILE_BYTES ((size_t)96 << 20)
#define PROVOKE_MS 20000

static void
assert_closed(const struct pressure *pressure)
{
    assert_int_equal(pressure->trigger_fd, -1);
    assert_int_equal(pressure->epoll_fd, -1);
}

/* Opens a trigger of the machine, or skips where the kernel refuses one. */
static struct pressure
open_or_skip(const char *path)
{
    struct pressure pressure;
    int error = pressure_open(&pressure, path);

    if (error < 0) {
        assert_closed(&pressure);
        print_message("skipped: no trigger on %s: %s\n", path, strerror(-error));
        skip();
    }
    return pressure;
}

static void
test_refusals(void **state)
{
    const struct machine *machine = *state;
    char path[256];
    struct pressure pressure;

    assert_int_equal(pressure_open(&pressure, ""), -ENOENT);
    assert_closed(&pressure);
    assert_int_equal(pressure_open(&pressure, "/nonexistent/memory.pressure"), -ENOENT);
    assert_closed(&pressure);
    /* A plain file cannot be waited for. */
    machine_put(machine, "proc/pressure/memory", "some avg10=0.00\n");
    snprintf(path, sizeof(path), "%s/pressure/memory", machine->proc);
    assert_int_equal(pressure_open(&pressure, path), -EPERM);
    assert_closed(&pressure);
    pressure_close(&pressure);
    assert_closed(&pressure);
}

static void
test_open_and_close(void **state)
{
    struct pressure pressure = open_or_skip(MACHINE_FILE);

    (void)state;
    assert_true(fcntl(pressure.trigger_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(pressure.epoll_fd, F_GETFD) & FD_CLOEXEC);
    pressure_close(&pressure);
    assert_closed(&pressure);
    pressure_close(&pressure);
}

/* The window is one that the kernel grants to everybody; older kernels grant none. */
static int
open_as_nobody(const void *context)
{
    struct pressure pressure;
    int error;

    (void)context;
    if (getuid() == 0 && setuid(65534) != 0) {
        return 77;
    }
    error = pressure_open(&pressure, MACHINE_FILE);
    if (error < 0) {
        return pressure.trigger_fd == -1 && pressure.epoll_fd == -1 ? 77 : 1;
    }
    return pressure.trigger_fd >= 0 && pressure.epoll_fd >= 0 ? 0 : 1;
}

static void
test_without_privileges(void **state)
{
    int code = machine_run(open_as_nobody, NULL);

    (void)state;
    if (code == 77) {
        print_message("skipped: this kernel allows no trigger without privileges\n");
        skip();
    }
    assert_int_equal(code, 0);
}

/* Waits as an event loop does: in an epoll of its own, which holds the descriptor. */
static bool
wait_readable(int fd, int timeout_ms)
{
    struct epoll_event event = {.events = EPOLLIN};
    int loop_fd = epoll_create1(EPOLL_CLOEXEC);
    bool is_readable;

    assert_true(loop_fd >= 0);
    assert_int_equal(epoll_ctl(loop_fd, EPOLL_CTL_ADD, fd, &event), 0);
    is_readable = epoll_wait(loop_fd, &event, 1, timeout_ms) == 1 && (event.events & EPOLLIN) != 0;
    close(loop_fd);
    return is_readable;
}

/* A trigger ends with its group. */
static void
test_group_that_is_removed(void **state)
{
    char group[128], path[256];
    struct pressure pressure;
    int error;
    bool is_readable, goes_on;

    (void)state;
    snprintf(group, sizeof(group), V2_ROOT "/swarm-unit-%d", (int)getpid());
    if (access(V2_ROOT "/cgroup.procs", R_OK) != 0) {
        snprintf(group, sizeof(group), "/sys/fs/cgroup/swarm-unit-%d", (int)getpid());
    }
    if (mkdir(group, 0755) != 0) {
        print_message("skipped: %s cannot be made: %s\n", group, strerror(errno));
        skip();
    }
    snprintf(path, sizeof(path), "%s/memory.pressure", group);
    error = pressure_open(&pressure, path);
    assert_int_equal(rmdir(group), 0);
    if (error < 0) {
        print_message("skipped: no trigger on %s: %s\n", path, strerror(-error));
        skip();
    }
    is_readable = wait_readable(pressure.epoll_fd, PROVOKE_MS);
    goes_on = pressure_take(&pressure);
    pressure_close(&pressure);
    if (!is_readable) {
        print_message("skipped: this kernel does not tell the end of a group's trigger\n");
        skip();
    }
    assert_false(goes_on);
}

struct thrash {
    struct group_rig rig;
    char file[128];
};

static int
make_file(const char *path)
{
    char block[65536];
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    memset(block, 7, sizeof(block));
    for (size_t done = 0; fd >= 0 && done < FILE_BYTES; done += sizeof(block)) {
        if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block)) {
            util_close(&fd);
        }
    }
    return fd;
}

/* Reads a file again and again, here and there, whose pages the group cannot hold. */
static void
thrash(const char *bytes)
{
    unsigned random = 1;
    volatile char sum = 0;

    for (;;) {
        random = random * 1103515245 + 12345;
        sum = (char)(sum + bytes[(size_t)(random >> 4) % FILE_BYTES]);
    }
}

static pid_t
start_thrash(const struct thrash *about)
{
    pid_t child = fork();

    if (child == 0) {
        int fd;
        const char *bytes;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!group_rig_enter(&about->rig) ||
            !group_rig_write(&about->rig, "memory.limit_in_bytes", LIMIT_TEXT)) {
            _exit(1);
        }
        fd = make_file(about->file);
        bytes = fd < 0 ? MAP_FAILED : mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
        if (bytes == MAP_FAILED) {
            _exit(1);
        }
        (void)madvise((void *)(uintptr_t)bytes, FILE_BYTES, MADV_RANDOM);
        thrash(bytes);
    }
    return child;
}

/* A process in too small a group waits for memory; how much of its time depends on the machine and its disk. */
static void
test_real_pressure(void **state)
{
    const struct machine *machine = *state;
    struct pressure pressure = open_or_skip(MACHINE_FILE);
    struct thrash about;
    bool is_readable, goes_on, goes_on_without;
    pid_t child;

    snprintf(about.file, sizeof(about.file), "%s/file", machine->root);
    if (!group_rig_make(&about.rig, "psi")) {
        pressure_close(&pressure);
        skip();
    }
    child = start_thrash(&about);
    is_readable = child > 0 && wait_readable(pressure.epoll_fd, PROVOKE_MS);
    goes_on = pressure_take(&pressure);
    goes_on_without = pressure_take(&pressure);
    machine_end(child);
    pressure_close(&pressure);
    assert_true(group_rig_remove(&about.rig));
    if (!is_readable) {
        print_message("skipped: this machine is too fast to run out of memory within 20 s\n");
        skip();
    }
    assert_true(goes_on);
    assert_true(goes_on_without);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_refusals),
        cmocka_unit_test(test_open_and_close),
        cmocka_unit_test(test_without_privileges),
        cmocka_unit_test(test_group_that_is_removed),
        MACHINE_CASE(test_real_pressure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
