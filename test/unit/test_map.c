/*
 * test_map.c: the memory of real processes by kind: children that write to a known number of pages of each kind.
 */
#include "machine_rig.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/map.h"
#include "rss/map_smaps.h"
#include "rss/proc.h"

#define PAGE 4096
#define PAGE_KIB 4
#define SHARED_BYTES ((size_t)32 << 20)
#define PAGES 1000
#define PAGES_KIB (PAGES * PAGE_KIB)
/* What the C library writes besides, in a child that does next to nothing. */
#define SLACK_KIB 512
#define STACK_BYTES ((size_t)1 << 20)
#define USED_STACK_BYTES ((size_t)512 << 10)
#define BSS_PAGES 600

static char *touched;
static char bss[BSS_PAGES * PAGE];
static sem_t stack_is_used;

static void
skip_without_smaps(void)
{
    if (access("/proc/self/smaps", R_OK) != 0 || access("/proc/self/pagemap", R_OK) != 0) {
        print_message("skipped: this kernel has no smaps or no pagemap\n");
        skip();
    }
    if (sysconf(_SC_PAGESIZE) != PAGE) {
        print_message("skipped: these figures are of pages of 4 KiB\n");
        skip();
    }
}

static bool
do_nothing(const void *context)
{
    (void)context;
    return true;
}

static bool
write_anonymous(const void *context)
{
    (void)context;
    for (size_t i = 0; i < PAGES; i++) {
        touched[i * 2 * PAGE] = 2;
    }
    return true;
}

static bool
write_bss(const void *context)
{
    (void)context;
    memset(bss, 2, sizeof(bss));
    return true;
}

static void *
use_stack(void *unused)
{
    volatile char used[USED_STACK_BYTES];

    (void)unused;
    for (size_t i = 0; i < sizeof(used); i += PAGE) {
        used[i] = 1;
    }
    sem_post(&stack_is_used);
    for (;;) {
        pause();
    }
    return NULL;
}

static bool
write_stack(const void *context)
{
    pthread_attr_t attributes;
    pthread_t thread;

    (void)context;
    return sem_init(&stack_is_used, 0, 0) == 0 && pthread_attr_init(&attributes) == 0 &&
           pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 &&
           pthread_create(&thread, &attributes, use_stack, NULL) == 0 &&
           sem_wait(&stack_is_used) == 0;
}

/* A memfd as a board is one, and a page of machine code. */
static bool
write_board_and_code(const void *context)
{
    size_t bytes = (size_t)PAGES * PAGE;
    int fd = memfd_create("a board", MFD_CLOEXEC);
    char *board, *code;

    (void)context;
    if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0) {
        return false;
    }
    board = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    code = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED || code == MAP_FAILED) {
        return false;
    }
    memset(board, 1, bytes);
    memset(code, 0x90, bytes);
    return mprotect(code, bytes, PROT_READ | PROT_EXEC) == 0;
}

/* Memory that is read and never written to, which no RSS counts. */
static bool
read_zeros(const void *context)
{
    size_t bytes = (size_t)PAGES * PAGE;
    volatile const char *zeros =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int sum = 0;

    (void)context;
    for (size_t i = 0; i < bytes; i += PAGE) {
        sum += zeros[i];
    }
    return sum == 0;
}

static struct map_report
report_of(bool (*begin)(const void *context))
{
    struct map_report report = {0};
    pid_t child = machine_child(begin, NULL);
    int error = map_read(child, &report);

    machine_end(child);
    assert_int_equal(error, 0);
    return report;
}

/* How much more of a kind is private than in a child that does nothing. */
static int64_t
grown_kib(bool (*begin)(const void *context), enum map_kind kind)
{
    struct map_report before = report_of(do_nothing);
    struct map_report after = report_of(begin);

    return (int64_t)after.kinds[kind].private_kib - (int64_t)before.kinds[kind].private_kib;
}

static void
assert_near(int64_t kib, int64_t wanted_kib)
{
    assert_in_range(kib + SLACK_KIB, wanted_kib, wanted_kib + 2 * SLACK_KIB);
}

static void
test_anonymous(void **state)
{
    struct map_report report;

    (void)state;
    skip_without_smaps();
    assert_near(grown_kib(write_anonymous, MAP_KIND_MALLOC), PAGES_KIB);
    report = report_of(do_nothing);
    assert_true(report.is_content_known);
    assert_true(report.kinds[MAP_KIND_MALLOC].shared_kib >= SHARED_BYTES / 1024);
    assert_true(report.kinds[MAP_KIND_MALLOC].pss_kib >= SHARED_BYTES / 1024 / 2);
    assert_int_equal(report.ruby_blocks, 0);
    assert_int_equal(report.kinds[MAP_KIND_RUBY_HEAP].resident_kib, 0);
    assert_true(report.page_tables_kib > 0);
    assert_int_equal(report.threads, 1);
}

static void
test_library_data(void **state)
{
    (void)state;
    skip_without_smaps();
    assert_near(grown_kib(write_bss, MAP_KIND_LIBRARY_DATA), BSS_PAGES * PAGE_KIB);
    assert_near(grown_kib(write_bss, MAP_KIND_MALLOC), 0);
}

static void
test_stack_of_a_thread(void **state)
{
    struct map_report report;

    (void)state;
    skip_without_smaps();
    report = report_of(write_stack);
    assert_int_equal(report.threads, 2);
    assert_near(grown_kib(write_stack, MAP_KIND_STACK), USED_STACK_BYTES / 1024);
    assert_near(grown_kib(write_stack, MAP_KIND_MALLOC), 0);
}

static void
test_shared_and_code(void **state)
{
    struct map_report before, after;

    (void)state;
    skip_without_smaps();
    before = report_of(do_nothing);
    after = report_of(write_board_and_code);
    assert_int_equal(after.kinds[MAP_KIND_SHARED].resident_kib -
                         before.kinds[MAP_KIND_SHARED].resident_kib,
                     PAGES_KIB);
    assert_int_equal(after.kinds[MAP_KIND_JIT].private_kib - before.kinds[MAP_KIND_JIT].private_kib,
                     PAGES_KIB);
    assert_true(after.kinds[MAP_KIND_CODE].resident_kib > 0);
}

static struct map_figures
whole_of(pid_t pid)
{
    struct map_areas areas = {0};
    struct map_figures whole = {0};

    if (map_smaps_read(pid, "smaps_rollup", &areas) == 0) {
        whole = areas.list[0].figures;
    }
    map_smaps_done(&areas);
    return whole;
}

static bool
stands(void *context)
{
    struct proc_stat stat;

    return proc_read_stat("/proc", *(pid_t *)context, &stat) == 0 && stat.state == 'T';
}

/*
 * The kinds together are what the kernel says of the whole, and the look itself changes nothing: above all it un-shares no
 * page. The slack is what we write to ourselves, whose pages the child shares.
 */
static void
test_sum(void **state)
{
    struct map_report report;
    struct map_figures before, after;
    bool stood;
    pid_t child;
    int error;

    (void)state;
    skip_without_smaps();
    child = machine_child(read_zeros, NULL);
    kill(child, SIGSTOP);
    stood = machine_until(stands, &child);
    before = whole_of(child);
    error = map_read(child, &report);
    after = whole_of(child);
    machine_end(child);
    assert_true(stood);
    assert_int_equal(error, 0);
    assert_true(before.shared_kib >= SHARED_BYTES / 1024);
    assert_int_equal(before.resident_kib, after.resident_kib);
    assert_near((int64_t)after.private_kib, (int64_t)before.private_kib);
    assert_int_equal(report.total.resident_kib, after.resident_kib);
    assert_int_equal(report.total.private_kib + report.total.shared_kib, after.resident_kib);
    assert_near((int64_t)report.total.private_kib, (int64_t)after.private_kib);
    assert_int_equal(report.total.swap_kib, after.swap_kib);
    /* Each mapping's PSS is rounded down, too. */
    assert_near((int64_t)report.total.pss_kib, (int64_t)after.pss_kib);
}

/* Opening /proc/PID/mem fails: no descriptor is left for it beside that of the pagemap. */
static int
read_without_contents(const void *context)
{
    const pid_t *child = context;
    struct map_report report;
    int next = dup(STDERR_FILENO);
    struct rlimit one = {.rlim_cur = (rlim_t)next + 1, .rlim_max = (rlim_t)next + 1};

    close(next);
    if (setrlimit(RLIMIT_NOFILE, &one) != 0 || map_read(*child, &report) != 0) {
        return 1;
    }
    if (report.is_content_known || report.ruby_blocks != 0) {
        return 2;
    }
    return report.kinds[MAP_KIND_OTHER].resident_kib >= SHARED_BYTES / 1024 &&
                   report.kinds[MAP_KIND_STACK].private_kib >= USED_STACK_BYTES / 1024
               ? 0
               : 3;
}

static void
test_contents_refused(void **state)
{
    pid_t child;
    int code;

    (void)state;
    skip_without_smaps();
    child = machine_child(write_stack, NULL);
    code = machine_run(read_without_contents, &child);
    machine_end(child);
    assert_int_equal(code, 0);
}

static void
test_nobody(void **state)
{
    struct map_report report = {.ruby_blocks = 7};
    pid_t child = machine_child(do_nothing, NULL);
    siginfo_t info;

    (void)state;
    skip_without_smaps();
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(map_read(child, &report), -ESRCH);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(map_read(child, &report), -ESRCH);
    assert_int_equal(map_read(-1, &report), -ESRCH);
    assert_int_equal(report.ruby_blocks, 7);
}

static int
read_as_nobody(const void *context)
{
    const pid_t *pid = context;
    struct map_report report;

    return setuid(65534) == 0 && map_read(*pid, &report) == -EACCES ? 0 : 1;
}

static void
test_no_permission(void **state)
{
    pid_t child;
    int code;

    (void)state;
    skip_without_smaps();
    if (getuid() != 0) {
        print_message("skipped: only root can become somebody who may not\n");
        skip();
    }
    child = machine_child(do_nothing, NULL);
    code = machine_run(read_as_nobody, &child);
    machine_end(child);
    assert_int_equal(code, 0);
}

static int
touch_all(void **state)
{
    (void)state;
    memset(bss, 1, sizeof(bss));
    touched = machine_touch(SHARED_BYTES);
    return touched != NULL ? 0 : -1;
}

static int
give_back(void **state)
{
    (void)state;
    return munmap(touched, SHARED_BYTES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anonymous),
        cmocka_unit_test(test_library_data),
        cmocka_unit_test(test_stack_of_a_thread),
        cmocka_unit_test(test_shared_and_code),
        cmocka_unit_test(test_sum),
        cmocka_unit_test(test_contents_refused),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_no_permission),
    };

    return cmocka_run_group_tests(tests, touch_all, give_back);
}
