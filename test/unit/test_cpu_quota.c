/*
 * test_cpu_quota.c: quotas from folders that stand for /proc and /sys/fs/cgroup, and our affinity.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rss/cpu_quota.h"

struct machine {
    char root[64];
    char proc[80];
    char sys[80];
};

/* Writes ROOT/PATH and makes the folders above it. */
static void
put(const struct machine *machine, const char *path, const char *text)
{
    char full[512];
    FILE *file;

    snprintf(full, sizeof(full), "%s/%s", machine->root, path);
    for (char *slash = strchr(full + strlen(machine->root) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(full, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int
set_up(void **state)
{
    struct machine *machine = calloc(1, sizeof(*machine));

    assert_non_null(machine);
    snprintf(machine->root, sizeof(machine->root), "/tmp/test_cpu_quota_XXXXXX");
    assert_non_null(mkdtemp(machine->root));
    snprintf(machine->proc, sizeof(machine->proc), "%s/proc", machine->root);
    snprintf(machine->sys, sizeof(machine->sys), "%s/sys", machine->root);
    *state = machine;
    return 0;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int
tear_down(void **state)
{
    struct machine *machine = *state;

    nftw(machine->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(machine);
    return 0;
}

static unsigned
quota(const struct machine *machine)
{
    return cpu_quota_of_cgroups(machine->proc, machine->sys);
}

static void
test_nothing_known(void **state)
{
    const struct machine *machine = *state;

    assert_int_equal(quota(machine), UINT_MAX);
    put(machine, "proc/self/cgroup", "");
    assert_int_equal(quota(machine), UINT_MAX);
    put(machine, "proc/self/cgroup", "no cgroup at all\n\n:::\n");
    assert_int_equal(quota(machine), UINT_MAX);
}

static void
test_v2(void **state)
{
    const struct machine *machine = *state;

    put(machine, "proc/self/cgroup", "0::/system.slice/sidekiq.service\n");
    put(machine, "sys/system.slice/sidekiq.service/cpu.max", "max 100000\n");
    assert_int_equal(quota(machine), UINT_MAX);
    put(machine, "sys/system.slice/sidekiq.service/cpu.max", "150000 100000\n");
    assert_int_equal(quota(machine), 2);
    put(machine, "sys/system.slice/sidekiq.service/cpu.max", "400000 100000\n");
    assert_int_equal(quota(machine), 4);
    put(machine, "sys/system.slice/sidekiq.service/cpu.max", "1000 100000\n");
    assert_int_equal(quota(machine), 1);
}

/* A parent's smaller quota binds, a child's too. */
static void
test_v2_walks_up(void **state)
{
    const struct machine *machine = *state;

    put(machine, "proc/self/cgroup", "0::/a/b/c\n");
    put(machine, "sys/a/b/c/cpu.max", "800000 100000\n");
    put(machine, "sys/a/b/cpu.max", "max 100000\n");
    put(machine, "sys/a/cpu.max", "300000 100000\n");
    assert_int_equal(quota(machine), 3);
    put(machine, "sys/a/b/c/cpu.max", "200000 100000\n");
    assert_int_equal(quota(machine), 2);
    put(machine, "sys/cpu.max", "100000 100000\n");
    assert_int_equal(quota(machine), 1);
}

/* In a container the path may be the host's, while the mount begins at our own group. */
static void
test_v2_in_a_container(void **state)
{
    const struct machine *machine = *state;

    put(machine, "sys/cpu.max", "250000 100000\n");
    put(machine, "proc/self/cgroup", "0::/\n");
    assert_int_equal(quota(machine), 3);
    put(machine, "proc/self/cgroup", "0::/docker/0123456789abcdef\n");
    assert_int_equal(quota(machine), 3);
    put(machine, "proc/self/cgroup", "0::/../../elsewhere\n");
    assert_int_equal(quota(machine), 3);
}

static void
test_v1(void **state)
{
    const struct machine *machine = *state;

    put(machine, "proc/self/cgroup",
        "9:name=systemd:/x\n5:cpuset:/y\n4:cpuacct,cpu:/job/7\n3:memory:/m\n");
    put(machine, "sys/cpu,cpuacct/job/7/cpu.cfs_quota_us", "-1\n");
    put(machine, "sys/cpu,cpuacct/job/7/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(machine), UINT_MAX);
    put(machine, "sys/cpu,cpuacct/job/7/cpu.cfs_quota_us", "220000\n");
    assert_int_equal(quota(machine), 3);
    put(machine, "sys/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
    put(machine, "sys/cpu,cpuacct/job/cpu.cfs_period_us", "50000\n");
    assert_int_equal(quota(machine), 1);
}

static void
test_v1_of_its_own_mount(void **state)
{
    const struct machine *machine = *state;

    put(machine, "proc/self/cgroup", "1:cpu:/\n");
    put(machine, "sys/cpu/cpu.cfs_quota_us", "600000\n");
    put(machine, "sys/cpu/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(machine), 6);
}

static void
test_hybrid_takes_the_smaller(void **state)
{
    const struct machine *machine = *state;

    put(machine, "proc/self/cgroup", "1:cpu:/k\n0::/k\n");
    put(machine, "sys/cpu/k/cpu.cfs_quota_us", "600000\n");
    put(machine, "sys/cpu/k/cpu.cfs_period_us", "100000\n");
    put(machine, "sys/unified/k/cpu.max", "500000 100000\n");
    assert_int_equal(quota(machine), 5);
    put(machine, "sys/unified/k/cpu.max", "max 100000\n");
    assert_int_equal(quota(machine), 6);
}

static void
test_garbage_is_no_quota(void **state)
{
    static const char *const texts[] = {
        "",           "\n",      "150000",      "x 100000\n",
        "150000 0\n", "1 2 3\n", "-5 100000\n", "99999999999999999999 1\n"};
    const struct machine *machine = *state;

    put(machine, "proc/self/cgroup", "0::/\n");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        put(machine, "sys/cpu.max", texts[i]);
        assert_int_equal(quota(machine), UINT_MAX);
    }
}

/* The smallest of both binds, and our own affinity is one of them. */
static void
test_affinity(void **state)
{
    const struct machine *machine = *state;
    cpu_set_t all, one;
    unsigned first = 0;

    if (sched_getaffinity(0, sizeof(all), &all) != 0) {
        print_message("skipped: this machine has more CPUs than a cpu_set_t\n");
        skip();
    }
    assert_int_equal(cpu_quota_cores(machine->proc, machine->sys), CPU_COUNT(&all));
    while (!CPU_ISSET(first, &all)) {
        first++;
    }
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    put(machine, "proc/self/cgroup", "0::/\n");
    put(machine, "sys/cpu.max", "800000 100000\n");
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(cpu_quota_cores(machine->proc, machine->sys), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    put(machine, "sys/cpu.max", "100000 100000\n");
    assert_int_equal(cpu_quota_cores(machine->proc, machine->sys), 1);
}

static void
test_this_machine(void **state)
{
    (void)state;
    assert_true(cpu_quota_cores("/proc", "/sys/fs/cgroup") >= 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_known),
        CASE(test_v2),
        CASE(test_v2_walks_up),
        CASE(test_v2_in_a_container),
        CASE(test_v1),
        CASE(test_v1_of_its_own_mount),
        CASE(test_hybrid_takes_the_smaller),
        CASE(test_garbage_is_no_quota),
        CASE(test_affinity),
        CASE(test_this_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
