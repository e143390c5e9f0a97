/*
 * test_cpu_quota.c: quotas from folders that stand for /proc and /sys/fs/cgroup, and our affinity.
 */
#include "machine_rig.h"

#include <limits.h>
#include <sched.h>

#include "rss/cpu_quota.h"

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
    machine_put(machine, "proc/self/cgroup", "%s", "");
    assert_int_equal(quota(machine), UINT_MAX);
    machine_put(machine, "proc/self/cgroup", "no cgroup at all\n\n:::\n");
    assert_int_equal(quota(machine), UINT_MAX);
}

static void
test_v2(void **state)
{
    const struct machine *machine = *state;

    machine_put(machine, "proc/self/cgroup", "0::/system.slice/sidekiq.service\n");
    machine_put(machine, "sys/system.slice/sidekiq.service/cpu.max", "max 100000\n");
    assert_int_equal(quota(machine), UINT_MAX);
    machine_put(machine, "sys/system.slice/sidekiq.service/cpu.max", "150000 100000\n");
    assert_int_equal(quota(machine), 2);
    machine_put(machine, "sys/system.slice/sidekiq.service/cpu.max", "400000 100000\n");
    assert_int_equal(quota(machine), 4);
    machine_put(machine, "sys/system.slice/sidekiq.service/cpu.max", "1000 100000\n");
    assert_int_equal(quota(machine), 1);
}

/* A parent's smaller quota binds, a child's too. */
static void
test_v2_walks_up(void **state)
{
    const struct machine *machine = *state;

    machine_put(machine, "proc/self/cgroup", "0::/a/b/c\n");
    machine_put(machine, "sys/a/b/c/cpu.max", "800000 100000\n");
    machine_put(machine, "sys/a/b/cpu.max", "max 100000\n");
    machine_put(machine, "sys/a/cpu.max", "300000 100000\n");
    assert_int_equal(quota(machine), 3);
    machine_put(machine, "sys/a/b/c/cpu.max", "200000 100000\n");
    assert_int_equal(quota(machine), 2);
    machine_put(machine, "sys/cpu.max", "100000 100000\n");
    assert_int_equal(quota(machine), 1);
}

/* In a container the path may be the host's, while the mount begins at our own group. */
static void
test_v2_in_a_container(void **state)
{
    const struct machine *machine = *state;

    machine_put(machine, "sys/cpu.max", "250000 100000\n");
    machine_put(machine, "proc/self/cgroup", "0::/\n");
    assert_int_equal(quota(machine), 3);
    machine_put(machine, "proc/self/cgroup", "0::/docker/0123456789abcdef\n");
    assert_int_equal(quota(machine), 3);
    machine_put(machine, "proc/self/cgroup", "0::/../../elsewhere\n");
    assert_int_equal(quota(machine), 3);
}

static void
test_v1(void **state)
{
    const struct machine *machine = *state;

    machine_put(machine, "proc/self/cgroup",
                "9:name=systemd:/x\n5:cpuset:/y\n4:cpuacct,cpu:/job/7\n3:memory:/m\n");
    machine_put(machine, "sys/cpu,cpuacct/job/7/cpu.cfs_quota_us", "-1\n");
    machine_put(machine, "sys/cpu,cpuacct/job/7/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(machine), UINT_MAX);
    machine_put(machine, "sys/cpu,cpuacct/job/7/cpu.cfs_quota_us", "220000\n");
    assert_int_equal(quota(machine), 3);
    machine_put(machine, "sys/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
    machine_put(machine, "sys/cpu,cpuacct/job/cpu.cfs_period_us", "50000\n");
    assert_int_equal(quota(machine), 1);
}

static void
test_v1_of_its_own_mount(void **state)
{
    const struct machine *machine = *state;

    machine_put(machine, "proc/self/cgroup", "1:cpu:/\n");
    machine_put(machine, "sys/cpu/cpu.cfs_quota_us", "600000\n");
    machine_put(machine, "sys/cpu/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(machine), 6);
}

static void
test_hybrid_takes_the_smaller(void **state)
{
    const struct machine *machine = *state;

    machine_put(machine, "proc/self/cgroup", "1:cpu:/k\n0::/k\n");
    machine_put(machine, "sys/cpu/k/cpu.cfs_quota_us", "600000\n");
    machine_put(machine, "sys/cpu/k/cpu.cfs_period_us", "100000\n");
    machine_put(machine, "sys/unified/k/cpu.max", "500000 100000\n");
    assert_int_equal(quota(machine), 5);
    machine_put(machine, "sys/unified/k/cpu.max", "max 100000\n");
    assert_int_equal(quota(machine), 6);
}

static void
test_garbage_is_no_quota(void **state)
{
    static const char *const texts[] = {
        "",           "\n",      "150000",      "x 100000\n",
        "150000 0\n", "1 2 3\n", "-5 100000\n", "99999999999999999999 1\n"};
    const struct machine *machine = *state;

    machine_put(machine, "proc/self/cgroup", "0::/\n");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        machine_put(machine, "sys/cpu.max", "%s", texts[i]);
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
    machine_put(machine, "proc/self/cgroup", "0::/\n");
    machine_put(machine, "sys/cpu.max", "800000 100000\n");
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(cpu_quota_cores(machine->proc, machine->sys), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    machine_put(machine, "sys/cpu.max", "100000 100000\n");
    assert_int_equal(cpu_quota_cores(machine->proc, machine->sys), 1);
}

static void
test_this_machine(void **state)
{
    (void)state;
    assert_true(cpu_quota_cores("/proc", "/sys/fs/cgroup") >= 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_nothing_known),
        MACHINE_CASE(test_v2),
        MACHINE_CASE(test_v2_walks_up),
        MACHINE_CASE(test_v2_in_a_container),
        MACHINE_CASE(test_v1),
        MACHINE_CASE(test_v1_of_its_own_mount),
        MACHINE_CASE(test_hybrid_takes_the_smaller),
        MACHINE_CASE(test_garbage_is_no_quota),
        MACHINE_CASE(test_affinity),
        MACHINE_CASE(test_this_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
