/*
 * test_oom.c: the kernel's counter of kills for want of memory: where it is found, and that it grows by a real one.
 */
#include "machine_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/oom.h"

static void
test_counter_of_v2(void **state)
{
    const struct machine *machine = *state;
    struct oom_watch watch;

    machine_put(machine, "proc/self/cgroup", "0::/shop\n");
    machine_put(machine, "sys/shop/memory.events", "low 0\noom 9\noom_kill 3\noom_group_kill 7\n");
    oom_open(&watch, machine->proc, machine->sys);
    assert_int_equal(watch.count, 3);
    assert_false(oom_has_grown(&watch));
    machine_put(machine, "sys/shop/memory.events", "low 0\noom 9\noom_kill 4\n");
    assert_true(oom_has_grown(&watch));
    assert_false(oom_has_grown(&watch));
}

static void
test_counter_of_v1(void **state)
{
    const struct machine *machine = *state;
    struct oom_watch watch;

    machine_put(machine, "proc/self/cgroup", "4:hugetlb,memory:/shop\n0::/\n");
    machine_put(machine, "sys/memory/shop/memory.oom_control", "under_oom 0\noom_kill 1\n");
    oom_open(&watch, machine->proc, machine->sys);
    assert_int_equal(watch.count, 1);
    machine_put(machine, "sys/memory/shop/memory.oom_control", "under_oom 0\noom_kill 2\n");
    assert_true(oom_has_grown(&watch));
}

static void
test_counter_of_the_machine(void **state)
{
    const struct machine *machine = *state;
    struct oom_watch watch;

    oom_open(&watch, machine->proc, machine->sys);
    assert_string_equal(watch.path, "");
    assert_false(oom_has_grown(&watch));
    machine_put(machine, "proc/vmstat", "a 1\noom_kill 4294967296\n");
    oom_open(&watch, machine->proc, machine->sys);
    assert_true(watch.count == UINT64_C(1) << 32);
    machine_put(machine, "proc/vmstat", "a 1\noom_kill 4294967297\n");
    assert_true(oom_has_grown(&watch));
}

/* A file that vanishes is no kill. */
static void
test_unknown_never_grows(void **state)
{
    const struct machine *machine = *state;
    struct oom_watch watch;

    machine_put(machine, "proc/vmstat", "oom_kill 4\n");
    oom_open(&watch, machine->proc, machine->sys);
    machine_put(machine, "proc/vmstat", "oom_kill x\n");
    assert_false(oom_has_grown(&watch));
    machine_remove(machine, "proc/vmstat");
    assert_false(oom_has_grown(&watch));
}

#define REAL_ROOT "/sys/fs/cgroup/memory"
#define LIMIT_BYTES ((size_t)16 << 20)

static bool
write_text(const char *folder, const char *file, const char *text)
{
    char path[256];
    int fd;
    bool done;

    snprintf(path, sizeof(path), "%s/%s", folder, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    util_close(&fd);
    return done;
}

/* Enters the group and eats more than it allows. Swap, where there is some, is not enough for this either. */
static void
eat_too_much(const char *group)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (write_text(group, "cgroup.procs", "0")) {
        for (int i = 0; i < 64; i++) {
            (void)!machine_touch(LIMIT_BYTES);
        }
    }
    _exit(1);
}

static bool
is_removed(void *context)
{
    return rmdir(context) == 0 || errno == ENOENT;
}

static void
test_a_real_kill(void **state)
{
    const struct machine *machine = *state;
    char group[128];
    struct oom_watch watch;
    int status;
    bool is_limited, has_grown, grows_again;
    pid_t child;

    snprintf(group, sizeof(group), REAL_ROOT "/swarm-unit-oom-%d", (int)getpid());
    if (access(REAL_ROOT "/memory.usage_in_bytes", R_OK) != 0 || mkdir(group, 0755) != 0) {
        print_message("skipped: no cgroup v1 at " REAL_ROOT " in which a group can be made\n");
        skip();
    }
    is_limited = write_text(group, "memory.limit_in_bytes", "16777216");
    /* Without accounting of swap this file is missing. */
    (void)write_text(group, "memory.memsw.limit_in_bytes", "16777216");
    machine_put(machine, "proc/self/cgroup", "4:memory:/swarm-unit-oom-%d\n", (int)getpid());
    oom_open(&watch, machine->proc, "/sys/fs/cgroup");
    child = fork();
    if (child == 0) {
        eat_too_much(group);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    has_grown = oom_has_grown(&watch);
    grows_again = oom_has_grown(&watch);
    assert_true(machine_until(is_removed, group));
    assert_true(is_limited);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(has_grown);
    assert_false(grows_again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_counter_of_v2),
        MACHINE_CASE(test_counter_of_v1),
        MACHINE_CASE(test_counter_of_the_machine),
        MACHINE_CASE(test_unknown_never_grows),
        MACHINE_CASE(test_a_real_kill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
