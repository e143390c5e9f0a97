/*
 * test_offspring.c: workers with the programs of their jobs: from a folder that stands for /proc, and real ones.
 */
#include "machine_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/offspring.h"

#define PAGE ((uint64_t)sysconf(_SC_PAGESIZE))

struct one {
    int pid;
    int parent;
    int group;
    char process_state;
    unsigned pages;
    const char *name;
};

static void
put_process(const struct machine *machine, const struct one *one)
{
    char path[64];

    snprintf(path, sizeof(path), "proc/%d/stat", one->pid);
    machine_put(machine, path, "%d (%s) %c %d %d 1 -1 -1 4 9 5 6 7 8 9 1 -2 0 5 0 18 12 8 9 0\n",
                one->pid, one->name == NULL ? "ruby" : one->name, one->process_state, one->parent,
                one->group);
    snprintf(path, sizeof(path), "proc/%d/statm", one->pid);
    if (one->process_state == 'Z') {
        machine_put(machine, path, "0 0 0 0 0 0 0\n");
    } else {
        machine_put(machine, path, "99999999 %u 1 1 0 1 0\n", one->pages);
    }
}

static void
assert_one(const struct offspring *one, unsigned count, uint64_t pages)
{
    assert_int_equal(one->count, count);
    assert_true(one->rss_bytes == pages * PAGE);
}

/* Three generations, an orphan, one that left the group, zombies, and the kernel's own. */
static void
test_families(void **state)
{
    static const struct one family[] = {
        {1, 0, 1, 'S', 7, "init"},
        {2, 0, 0, 'S', 0, "kthreadd"},
        {3, 2, 0, 'I', 0, "kworker/0:0"},
        {100, 1, 100, 'S', 50, "swarm"},
        {200, 100, 200, 'S', 1000, "sidekiq 7.3 [1 of 5]"},
        {201, 200, 200, 'S', 1, "sh"},
        {202, 201, 200, 'R', 10, ") S 300 300 (("},
        {203, 202, 203, 'S', 100, "a) Z 1 1\n(x"}, /* left the group */
        {300, 100, 300, 'S', 2000, "sidekiq"},
        {301, 100, 300, 'S', 1048576, ""}, /* its parent is dead: the master's child now */
        {302, 301, 302, 'S', 1, "("},      /* child of an orphan, in a group of its own */
        {303, 300, 300, 'Z', 0, "defunct"},
        {400, 100, 400, 'S', 5, "swarm-mold"},
        {999, 1, 999, 'S', 9, "stranger"},
        {1200, 203, 999, 'D', 1000, "great-grandchild"},
    };
    const struct machine *machine = *state;
    struct offspring list[] = {{.worker = 300, .rss_bytes = 77, .count = 7},
                               {.worker = 200},
                               {.worker = 500},
                               {.worker = 0},
                               {.worker = -1}};

    for (size_t i = 0; i < sizeof(family) / sizeof(family[0]); i++) {
        put_process(machine, &family[i]);
    }
    machine_put(machine, "proc/meminfo", "MemTotal: 1 kB\n");
    machine_put(machine, "proc/201x/stat", "garbage");
    machine_put(machine, "proc/self/stat", "garbage");
    machine_put(machine, "proc/777/stat", "garbage");
    machine_put(machine, "proc/778/cmdline", "gone");
    assert_int_equal(offspring_read(machine->proc, list, 5), 0);
    assert_one(&list[0], 2, 1048577); /* more than 4 GiB */
    assert_one(&list[1], 4, 1111);
    assert_one(&list[2], 0, 0);
    assert_one(&list[3], 0, 0);
    assert_one(&list[4], 0, 0);
}

/* Between the pass and the reading a process may go, and pids used again may close a ring of parents. */
static void
test_races(void **state)
{
    static const struct one family[] = {
        {200, 1, 200, 'S', 1000, NULL}, {201, 200, 200, 'S', 3, NULL},
        {202, 200, 200, 'S', 5, NULL},  {300, 301, 300, 'S', 1, NULL},
        {301, 300, 301, 'S', 1, NULL},  {302, 302, 302, 'S', 1, NULL},
    };
    const struct machine *machine = *state;
    struct offspring list[] = {{.worker = 200}};

    for (size_t i = 0; i < sizeof(family) / sizeof(family[0]); i++) {
        put_process(machine, &family[i]);
    }
    machine_remove(machine, "proc/201/statm");
    assert_int_equal(offspring_read(machine->proc, list, 1), 0);
    assert_one(&list[0], 1, 5);
}

/* The group of a worker that died a moment ago is still its own. */
static void
test_worker_that_is_gone(void **state)
{
    static const struct one orphan = {201, 1, 200, 'S', 3, NULL};
    const struct machine *machine = *state;
    struct offspring list[] = {{.worker = 200}};

    put_process(machine, &orphan);
    assert_int_equal(offspring_read(machine->proc, list, 1), 0);
    assert_one(&list[0], 1, 3);
}

static void
test_nothing_to_read(void **state)
{
    struct offspring list[] = {{.worker = 200, .rss_bytes = 5, .count = 5}};

    (void)state;
    assert_int_equal(offspring_read("/nonexistent", list, 1), -ENOENT);
    assert_one(&list[0], 0, 0);
    assert_int_equal(offspring_read("/proc", list, 0), 0);
}

/* --- real ones --- */

#define OWN_BYTES ((size_t)8 << 20)

static bool
wait_only(const void *context)
{
    (void)context;
    return machine_touch(OWN_BYTES) != NULL;
}

static bool
leave_group(const void *context)
{
    prctl(PR_SET_NAME, ") Z 1 1\n(");
    return setsid() >= 0 && wait_only(context);
}

/* A middle that leaves a child behind, as a job does that starts a program in the background. */
static bool
leave_orphan(void)
{
    int ready[2];
    char byte;
    pid_t middle;
    bool done;

    if (pipe(ready) != 0) {
        return false;
    }
    middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            close(ready[0]);
            _exit(wait_only(NULL) && write(ready[1], "x", 1) == 1 && pause() ? 0 : 1);
        }
        _exit(0);
    }
    close(ready[1]);
    done = middle > 0 && waitpid(middle, NULL, 0) == middle && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    return done;
}

static bool
be_worker(const void *context)
{
    (void)context;
    if (setpgid(0, 0) != 0) {
        return false;
    }
    machine_child(wait_only, NULL);
    machine_child(leave_group, NULL);
    return leave_orphan();
}

/* Orphans come to us and are reaped by us. */
static void
test_real_family(void **state)
{
    pid_t worker;
    struct offspring list[1];
    int error;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    worker = machine_child(be_worker, NULL);
    list[0].worker = worker;
    error = offspring_read("/proc", list, 1);
    kill(-worker, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0) {
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    assert_int_equal(error, 0);
    assert_int_equal(list[0].count, 3);
    assert_true(list[0].rss_bytes >= 3 * OWN_BYTES / 2);
    assert_true(list[0].rss_bytes < UINT64_C(1) << 40);
    assert_int_equal(offspring_read("/proc", list, 1), 0);
    assert_one(&list[0], 0, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_families),
        MACHINE_CASE(test_races),
        MACHINE_CASE(test_worker_that_is_gone),
        cmocka_unit_test(test_nothing_to_read),
        cmocka_unit_test(test_real_family),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
