/*
 * test_group.c: memory of the group from folders that stand for cgroup v2, v1, both and none.
 */
#include "machine_rig.h"

#include <stdio.h>
#include <string.h>

#include "rss/group.h"

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)
#define NO_LIMIT_V1 "9223372036854771712\n"

static void
put_machine(const struct machine *machine, uint64_t total_kib)
{
    machine_put(machine, "proc/meminfo",
                "MemTotal:       %8llu kB\nMemFree:           47000 kB\nMemAvailable:    1024 kB\n",
                (unsigned long long)total_kib);
}

/* Opens, reads, closes. */
static struct group_figures
figures_of(const struct machine *machine)
{
    struct group *group = NULL;
    struct group_figures figures;

    assert_int_equal(group_open(machine->proc, machine->sys, &group), 0);
    group_read(group, &figures);
    group_close(group);
    return figures;
}

static void
assert_texts(const struct machine *machine, const char *name, const char *pressure)
{
    struct group *group = NULL;
    char path[256];

    assert_int_equal(group_open(machine->proc, machine->sys, &group), 0);
    assert_string_equal(group_name(group), name);
    snprintf(path, sizeof(path), "%s/%s", machine->root, pressure);
    assert_string_equal(group_pressure_path(group), pressure[0] == '\0' ? "" : path);
    group_close(group);
}

static void
put_v2(const struct machine *machine)
{
    put_machine(machine, 16 << 20);
    machine_put(machine, "proc/self/cgroup", "0::/system.slice/shop.service\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.current", "6442450944\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.max", "max\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.high", "max\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.oom.group", "0\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.stat",
                "anon 5368709120\nfile 536870912\nkernel 1\nshmem 4096\nfile_mapped 77\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.swap.current", "4294967296\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.events",
                "low 0\nhigh 9\nmax 0\noom 5\noom_kill 3\noom_group_kill 1\n");
}

static void
test_v2(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures;

    put_v2(machine);
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_V2);
    assert_true(figures.used_known);
    assert_true(figures.used_bytes == 6 * GIB);
    assert_true(figures.cache_bytes == GIB / 2);
    assert_true(figures.swap_bytes == 4 * GIB);
    assert_true(figures.limit_bytes == 0);
    assert_true(figures.high_bytes == 0);
    assert_true(figures.machine_bytes == 16 * GIB);
    assert_true(figures.available_bytes == MIB);
    assert_true(figures.ooms_known);
    assert_int_equal(figures.ooms, 3);
    assert_false(figures.dies_together);
    assert_texts(machine, "/system.slice/shop.service", "");
}

/* The least of the group's and its parents' binds; what the machine does not have is no limit. */
static void
test_v2_limits_walk_up(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures;

    put_v2(machine);
    machine_put(machine, "sys/system.slice/memory.max", "8589934592\n");
    machine_put(machine, "sys/system.slice/memory.high", "7516192768\n");
    machine_put(machine, "sys/system.slice/memory.oom.group", "1\n");
    figures = figures_of(machine);
    assert_true(figures.limit_bytes == 8 * GIB);
    assert_true(figures.high_bytes == 7 * GIB);
    assert_true(figures.dies_together);
    machine_put(machine, "sys/system.slice/shop.service/memory.max", "2147483648\n");
    machine_put(machine, "sys/system.slice/shop.service/memory.high", "9663676416\n");
    figures = figures_of(machine);
    assert_true(figures.limit_bytes == 2 * GIB);
    assert_true(figures.high_bytes == 7 * GIB);
    put_machine(machine, 1 << 20);
    figures = figures_of(machine);
    assert_true(figures.limit_bytes == 0);
    assert_true(figures.high_bytes == 0);
    assert_true(figures.machine_bytes == GIB);
}

/* A parent that has not handed the controller down is what we are charged to. */
static void
test_v2_without_controller(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures;

    put_v2(machine);
    machine_put(machine, "proc/self/cgroup", "0::/system.slice/shop.service/inner/most\n");
    machine_put(machine, "sys/system.slice/shop.service/inner/most/cgroup.procs", "1\n");
    machine_put(machine, "sys/system.slice/shop.service/inner/most/memory.pressure", "\n");
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_V2);
    assert_true(figures.used_bytes == 6 * GIB);
    assert_int_equal(figures.ooms, 3);
    assert_texts(machine, "/system.slice/shop.service/inner/most",
                 "sys/system.slice/shop.service/inner/most/memory.pressure");
}

/* In a container the path may be the host's, while the mount begins at our own group. */
static void
test_v2_in_a_container(void **state)
{
    static const char *const paths[] = {"/", "/docker/0123456789abcdef", "/../../elsewhere"};
    const struct machine *machine = *state;

    put_machine(machine, 16 << 20);
    machine_put(machine, "sys/memory.current", "1073741824\n");
    machine_put(machine, "sys/memory.max", "3221225472\n");
    machine_put(machine, "sys/memory.events", "oom_kill 4\n");
    machine_put(machine, "sys/memory.pressure", "\n");
    machine_put(machine, "sys/memory.oom.group", "1\n");
    /* A container within ours: not our own group. */
    machine_put(machine, "sys/docker/memory.current", "1\n");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct group_figures figures;

        machine_put(machine, "proc/self/cgroup", "0::%s\n", paths[i]);
        figures = figures_of(machine);
        assert_int_equal(figures.kind, GROUP_V2);
        assert_true(figures.used_bytes == GIB);
        assert_true(figures.limit_bytes == 3 * GIB);
        assert_int_equal(figures.ooms, 4);
        assert_true(figures.dies_together);
        assert_texts(machine, paths[i], "sys/memory.pressure");
    }
}

static void
put_v1(const struct machine *machine, const char *folder)
{
    char path[256];

    put_machine(machine, 16 << 20);
    machine_put(machine, "proc/self/cgroup",
                "9:name=systemd:/x\n5:cpuset:/y\n3:hugetlb,memory:/job/7\n");
    snprintf(path, sizeof(path), "sys/memory%s/memory.usage_in_bytes", folder);
    machine_put(machine, path, "6442450944\n");
    snprintf(path, sizeof(path), "sys/memory%s/memory.limit_in_bytes", folder);
    machine_put(machine, path, NO_LIMIT_V1);
    snprintf(path, sizeof(path), "sys/memory%s/memory.oom_control", folder);
    machine_put(machine, path, "oom_kill_disable 0\nunder_oom 0\noom_kill 12\n");
    snprintf(path, sizeof(path), "sys/memory%s/memory.stat", folder);
    machine_put(machine, path,
                "cache 1\nrss 2\nswap 3\nhierarchical_memory_limit " NO_LIMIT_V1
                "total_cache 5368709120\ntotal_rss 3\ntotal_swap 4294967296\n");
}

static void
test_v1(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures;

    put_v1(machine, "/job/7");
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_V1);
    assert_true(figures.used_known);
    assert_true(figures.used_bytes == 6 * GIB);
    assert_true(figures.cache_bytes == 5 * GIB);
    assert_true(figures.swap_bytes == 4 * GIB);
    assert_true(figures.limit_bytes == 0);
    assert_true(figures.high_bytes == 0);
    assert_true(figures.ooms_known);
    assert_int_equal(figures.ooms, 12);
    assert_texts(machine, "/job/7", "");
    machine_put(machine, "sys/memory/job/memory.limit_in_bytes", "2147483648\n");
    assert_true(figures_of(machine).limit_bytes == 2 * GIB);
}

/* A container's root on v1; its hierarchical limit knows of parents that it cannot see. */
static void
test_v1_in_a_container(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures;

    put_v1(machine, "");
    machine_put(machine, "proc/pressure/memory", "\n");
    machine_put(machine, "sys/memory/memory.stat",
                "cache 1073741824\nswap 4096\nhierarchical_memory_limit 1610612736\n");
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_V1);
    assert_true(figures.used_bytes == 6 * GIB);
    assert_true(figures.limit_bytes == GIB + GIB / 2);
    assert_true(figures.cache_bytes == GIB);
    assert_true(figures.swap_bytes == 4096);
    assert_texts(machine, "/job/7", "proc/pressure/memory");
}

/* v1 counts our memory, v2 beside it has the pressure of our processes. */
static void
test_hybrid(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures;

    put_v1(machine, "/job/7");
    machine_put(machine, "proc/self/cgroup", "3:memory:/job/7\n0::/system.slice/shop.service\n");
    machine_put(machine, "sys/unified/system.slice/shop.service/memory.pressure", "\n");
    machine_put(machine, "proc/pressure/memory", "\n");
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_V1);
    assert_true(figures.used_bytes == 6 * GIB);
    assert_int_equal(figures.ooms, 12);
    assert_texts(machine, "/job/7", "sys/unified/system.slice/shop.service/memory.pressure");
    /* The other way round: v2 has the memory controller. */
    machine_remove(machine, "sys/memory");
    machine_put(machine, "sys/unified/system.slice/shop.service/memory.current", "4096\n");
    machine_put(machine, "sys/unified/system.slice/memory.max", "8192\n");
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_V2);
    assert_true(figures.used_bytes == 4096);
    assert_true(figures.limit_bytes == 8192);
}

/* At the roots of the host's hierarchies everything of the machine is charged: no group has a say. */
static void
test_root_of_the_host(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures;

    put_v1(machine, "");
    machine_put(machine, "proc/self/cgroup", "3:memory:/\n0::/\n");
    machine_put(machine, "sys/memory/release_agent", "\n");
    machine_put(machine, "sys/unified/memory.pressure", "\n");
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_NONE);
    assert_false(figures.used_known);
    assert_true(figures.limit_bytes == 0);
    assert_true(figures.machine_bytes == 16 * GIB);
    assert_int_equal(figures.ooms, 12);
    assert_texts(machine, "/", "sys/unified/memory.pressure");
}

static void
test_none(void **state)
{
    const struct machine *machine = *state;
    struct group_figures figures = figures_of(machine);

    assert_int_equal(figures.kind, GROUP_NONE);
    assert_false(figures.used_known || figures.ooms_known || figures.dies_together);
    assert_true(figures.machine_bytes == 0 && figures.available_bytes == 0);
    assert_texts(machine, "", "");
    put_machine(machine, 16 << 20);
    machine_put(machine, "proc/self/cgroup", "no cgroup at all\n\n:::\n");
    machine_put(machine, "proc/vmstat", "nr_free_pages 1\noom_kill_x 3\noom_kill 5\nfoo 6\n");
    machine_put(machine, "proc/pressure/memory", "\n");
    figures = figures_of(machine);
    assert_int_equal(figures.kind, GROUP_NONE);
    assert_true(figures.machine_bytes == 16 * GIB);
    assert_true(figures.ooms_known);
    assert_int_equal(figures.ooms, 5);
    assert_texts(machine, "", "proc/pressure/memory");
}

static void
test_garbage_is_unknown(void **state)
{
    static const char *const texts[] = {"",     "\n",    "x\n",
                                        "-1\n", "1 2\n", "99999999999999999999999\n"};
    const struct machine *machine = *state;

    put_v2(machine);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct group_figures figures;

        machine_put(machine, "sys/system.slice/shop.service/memory.current", "%s", texts[i]);
        machine_put(machine, "sys/system.slice/shop.service/memory.max", "%s", texts[i]);
        machine_put(machine, "sys/system.slice/shop.service/memory.events", "oom_kill %s",
                    texts[i]);
        machine_put(machine, "sys/system.slice/shop.service/memory.stat", "file %s", texts[i]);
        machine_put(machine, "proc/meminfo", "MemTotal: %s", texts[i]);
        figures = figures_of(machine);
        assert_int_equal(figures.kind, GROUP_V2);
        assert_false(figures.used_known);
        assert_true(figures.limit_bytes == 0);
    }
}

/* A mount of many parents, and a stat that the kernel would give in pieces. */
static void
test_long_texts_and_ways(void **state)
{
    const struct machine *machine = *state;
    char path[900] = "/a";
    char full[1000];
    char stat[9000];
    struct group_figures figures;

    put_machine(machine, 16 << 20);
    for (unsigned i = 0; i < 40; i++) {
        strcat(path, "/deep");
    }
    machine_put(machine, "proc/self/cgroup", "0::%s\n", path);
    snprintf(full, sizeof(full), "sys%s/memory.current", path);
    machine_put(machine, full, "8192\n");
    snprintf(full, sizeof(full), "sys%s/memory.max", path);
    machine_put(machine, full, "65536\n");
    stat[0] = '\0';
    for (unsigned i = 0; strlen(stat) < 8000; i++) {
        snprintf(stat + strlen(stat), 64, "something_%u 123456789\n", i);
    }
    snprintf(full, sizeof(full), "sys%s/memory.stat", path);
    machine_put(machine, full, "%sfile 4096\n", stat);
    figures = figures_of(machine);
    assert_true(figures.used_bytes == 8192);
    assert_true(figures.cache_bytes == 4096);
    assert_true(figures.limit_bytes == 65536);
}

static void
test_close_accepts_null(void **state)
{
    (void)state;
    group_close(NULL);
}

/* The counter of kills is 64 bits wide, grows below an open file, and is unknown when that is gone: no kill. */
static void
test_kills_are_counted_anew(void **state)
{
    const struct machine *machine = *state;
    struct group *group = NULL;
    struct group_figures figures;

    machine_put(machine, "proc/vmstat", "a 1\noom_kill 4294967296\n");
    assert_int_equal(group_open(machine->proc, machine->sys, &group), 0);
    group_read(group, &figures);
    assert_true(figures.ooms_known && figures.ooms == UINT64_C(1) << 32);
    machine_put(machine, "proc/vmstat", "a 1\noom_kill 4294967297\n");
    group_read(group, &figures);
    assert_true(figures.ooms_known && figures.ooms == (UINT64_C(1) << 32) + 1);
    machine_put(machine, "proc/vmstat", "oom_kill x\n");
    group_read(group, &figures);
    assert_false(figures.ooms_known);
    group_close(group);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_v2),
        MACHINE_CASE(test_v2_limits_walk_up),
        MACHINE_CASE(test_v2_without_controller),
        MACHINE_CASE(test_v2_in_a_container),
        MACHINE_CASE(test_v1),
        MACHINE_CASE(test_v1_in_a_container),
        MACHINE_CASE(test_hybrid),
        MACHINE_CASE(test_root_of_the_host),
        MACHINE_CASE(test_none),
        MACHINE_CASE(test_garbage_is_unknown),
        MACHINE_CASE(test_long_texts_and_ways),
        MACHINE_CASE(test_kills_are_counted_anew),
        cmocka_unit_test(test_close_accepts_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
