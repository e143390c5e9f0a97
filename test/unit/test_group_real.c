/*
 * test_group_real.c: memory of the group as this kernel tells it: of a real group of v1, with a real OOM kill in it, and of
 * this machine as it is.
 */
#include "group_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/group.h"

#define MIB (UINT64_C(1) << 20)
#define ANON_BYTES (24 * MIB)
#define FILE_BYTES (16 * MIB)
/* What the group of an OOM kill may have, as text and as a number. */
#define LIMIT_TEXT "16777216"
#define LIMIT_BYTES (16 * MIB)

static void
put_machine(const struct machine *machine, const struct group_rig *rig)
{
    machine_put(machine, "proc/self/cgroup", "4:memory:%s\n", rig->name);
    machine_put(machine, "proc/meminfo", "MemTotal: %d kB\n", 16 << 20);
}

struct eater {
    struct group_rig rig;
    char file[128];
};

/* Enters the group, then touches memory and fills a file: both are charged to it. */
static bool
eat(const void *context)
{
    const struct eater *eater = context;
    char *memory;
    int fd;
    bool done = group_rig_enter(&eater->rig);

    memory = done ? machine_touch(ANON_BYTES) : NULL;
    fd = open(eater->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    done = memory != NULL && fd >= 0 && write(fd, memory, FILE_BYTES) == (ssize_t)FILE_BYTES;
    util_close(&fd);
    return done;
}

/* /proc/self/cgroup is a fixture that puts us into the real group; its figures are the kernel's own. */
static void
test_charges_and_limit(void **state)
{
    const struct machine *machine = *state;
    struct eater eater;
    struct group *group = NULL;
    struct group_figures before, during, after;
    pid_t child;
    bool is_limited;

    snprintf(eater.file, sizeof(eater.file), "%s/page-cache", machine->root);
    if (!group_rig_make(&eater.rig, "charge")) {
        skip();
    }
    put_machine(machine, &eater.rig);
    assert_int_equal(group_open(machine->proc, GROUP_RIG_SYS, &group), 0);
    group_read(group, &before);
    child = machine_child(eat, &eater);
    group_read(group, &during);
    machine_end(child);
    is_limited = group_rig_write(&eater.rig, "memory.limit_in_bytes", "536870912");
    group_read(group, &after);
    group_close(group);
    assert_true(group_rig_remove(&eater.rig));
    assert_true(is_limited);
    assert_int_equal(before.kind, GROUP_V1);
    assert_true(before.used_known);
    assert_true(before.ooms_known);
    assert_int_equal(before.ooms, 0);
    assert_true(during.used_bytes >= ANON_BYTES + FILE_BYTES);
    assert_true(during.cache_bytes >= FILE_BYTES);
    assert_true(during.used_bytes - during.cache_bytes >= ANON_BYTES);
    /* A machine whose own root is a container's may have less. */
    assert_true(after.limit_bytes > 0 && after.limit_bytes <= 512 * MIB);
    assert_true(after.used_bytes < during.used_bytes);
}

/* Below open files a group may be removed, and made again by that name: it is searched anew. */
static void
test_group_that_is_removed(void **state)
{
    const struct machine *machine = *state;
    struct group_rig rig;
    struct group *group = NULL;
    struct group_figures gone, again;
    int error;

    if (!group_rig_make(&rig, "removed")) {
        skip();
    }
    put_machine(machine, &rig);
    assert_int_equal(group_open(machine->proc, GROUP_RIG_SYS, &group), 0);
    assert_true(group_rig_remove(&rig));
    group_read(group, &gone);
    group_close(group);
    assert_int_equal(mkdir(rig.folder, 0755), 0);
    assert_int_equal(group_open(machine->proc, GROUP_RIG_SYS, &group), 0);
    assert_true(group_rig_remove(&rig));
    error = mkdir(rig.folder, 0755);
    group_read(group, &again);
    group_close(group);
    assert_true(group_rig_remove(&rig));
    assert_int_equal(error, 0);
    /* Within a container the root of the mount is a group, too. */
    if (access(GROUP_RIG_ROOT "/release_agent", F_OK) == 0) {
        assert_int_equal(gone.kind, GROUP_NONE);
        assert_false(gone.used_known);
    }
    assert_int_equal(again.kind, GROUP_V1);
    assert_true(again.used_known);
}

/* Enters the group and eats more than it allows. Swap, where there is some, is not enough for this either. */
static int
eat_too_much(const struct group_rig *rig)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (group_rig_enter(rig)) {
        for (int i = 0; i < 64; i++) {
            (void)!machine_touch(LIMIT_BYTES);
        }
    }
    return 1;
}

/* Returns its status as waitpid has it. */
static int
run_until_killed(const struct group_rig *rig)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        _exit(eat_too_much(rig));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* An OOM kill is a fact that the kernel counts, once. */
static void
test_a_real_kill(void **state)
{
    const struct machine *machine = *state;
    struct group_rig rig;
    struct group *group = NULL;
    struct group_figures before, after, later;
    bool is_limited;
    int status;

    if (!group_rig_make(&rig, "oom")) {
        skip();
    }
    is_limited = group_rig_write(&rig, "memory.limit_in_bytes", LIMIT_TEXT);
    /* Without accounting of swap this file is missing. */
    (void)group_rig_write(&rig, "memory.memsw.limit_in_bytes", LIMIT_TEXT);
    put_machine(machine, &rig);
    assert_int_equal(group_open(machine->proc, GROUP_RIG_SYS, &group), 0);
    group_read(group, &before);
    status = run_until_killed(&rig);
    group_read(group, &after);
    group_read(group, &later);
    group_close(group);
    assert_true(group_rig_remove(&rig));
    assert_true(is_limited);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(before.ooms_known && after.ooms_known);
    assert_int_equal(before.ooms, 0);
    assert_int_equal(after.ooms, 1);
    assert_int_equal(later.ooms, 1);
}

static void
test_this_machine(void **state)
{
    struct group *group = NULL;
    struct group_figures figures;

    (void)state;
    assert_int_equal(group_open("/proc", GROUP_RIG_SYS, &group), 0);
    group_read(group, &figures);
    assert_true(figures.machine_bytes > 0);
    assert_true(figures.limit_bytes < figures.machine_bytes);
    assert_true(figures.cache_bytes <= figures.used_bytes);
    group_close(group);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_charges_and_limit),
        MACHINE_CASE(test_group_that_is_removed),
        MACHINE_CASE(test_a_real_kill),
        cmocka_unit_test(test_this_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
