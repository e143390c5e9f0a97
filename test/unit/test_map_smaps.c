/*
 * test_map_smaps.c: texts of smaps: whole ones, those of other kernels, torn ones; and which guards are of stacks.
 */
#include "machine_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/map_smaps.h"
#include "rss/map_stack.h"

static int
parse(const char *text, struct map_areas *areas)
{
    /* The text is only read. */
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    int error;

    assert_non_null(file);
    error = map_smaps_parse(file, areas);
    fclose(file);
    return error;
}

static void
test_golden(void **state)
{
    struct map_areas areas = {0};
    const struct map_area *area;

    (void)state;
    assert_int_equal(
        parse(
            "56468c819000-56468c81b000 r-xp 00002000 fe:00 247498                     "
            "/opt/my app/bin/ru\\012by (deleted)\n"
            "Size:                  8 kB\nKernelPageSize:        4 kB\nRss:                   8 "
            "kB\n"
            "Pss:                   3 kB\nPss_Dirty:             1 kB\nShared_Clean:          1 "
            "kB\n"
            "Shared_Dirty:          2 kB\nPrivate_Clean:         4 kB\nPrivate_Dirty:         5 "
            "kB\n"
            "Anonymous:             6 kB\nSwap:                  7 kB\nSwapPss:               9 "
            "kB\n"
            "THPeligible:           0\nProtectionKey:         0\nSomething_New: who knows\n"
            "VmFlags: rd ex mr mw me \n"
            "7f00e0000000-7f00e4000000 rw-p 00000000 00:00 0 \nRss:  65536 kB\n"
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n",
            &areas),
        0);
    assert_int_equal(areas.count, 3);
    area = &areas.list[0];
    assert_string_equal(area->name, "/opt/my app/bin/ru\\012by (deleted)");
    assert_true(area->from == 0x56468c819000 && area->to == 0x56468c81b000);
    assert_true(area->is_readable && !area->is_writable && area->is_executable && area->has_file);
    assert_int_equal(area->figures.resident_kib, 8);
    assert_int_equal(area->figures.pss_kib, 3);
    assert_int_equal(area->figures.shared_kib, 3);
    assert_int_equal(area->figures.private_kib, 9);
    assert_int_equal(area->figures.swap_kib, 7);
    assert_int_equal(area->anonymous_kib, 6);
    assert_string_equal(areas.list[1].name, "");
    assert_false(areas.list[1].has_file);
    assert_int_equal(areas.list[1].figures.resident_kib, 65536);
    assert_int_equal(areas.list[1].figures.pss_kib, 0);
    assert_string_equal(areas.list[2].name, "[vsyscall]");
    assert_ptr_equal(map_smaps_find(&areas, 0x7f00e0000000), &areas.list[1]);
    assert_ptr_equal(map_smaps_find(&areas, 0x7f00e3ffffff), &areas.list[1]);
    assert_null(map_smaps_find(&areas, 0x7f00e4000000));
    assert_null(map_smaps_find(&areas, 0));
    map_smaps_done(&areas);
    assert_null(map_smaps_find(&areas, 0x7f00e0000000));
}

/* The sum of smaps_rollup is one mapping; figures beyond 4 GiB. */
static void
test_rollup(void **state)
{
    struct map_areas areas = {0};

    (void)state;
    assert_int_equal(
        parse(
            "558c7dad6000-7fff5f772000 ---p 00000000 00:00 0                  [rollup]\n"
            "Rss:             8388608 kB\nPss:             6291456 kB\nPrivate_Dirty: 5242880 kB\n",
            &areas),
        0);
    assert_int_equal(areas.count, 1);
    assert_int_equal(areas.list[0].figures.resident_kib, 8388608);
    assert_int_equal(areas.list[0].figures.private_kib, 5242880);
    map_smaps_done(&areas);
}

/* A name that is longer than what we keep, longer than any path may be. */
static void
test_long_name(void **state)
{
    static char text[16000];
    struct map_areas areas = {0};
    size_t length;

    (void)state;
    length = (size_t)snprintf(text, sizeof(text), "1000-2000 rw-p 00000000 fe:00 7   /");
    memset(text + length, 'x', sizeof(text) - length - 20);
    memcpy(text + sizeof(text) - 20, "\nRss:       4 kB\n", 18);
    assert_int_equal(parse(text, &areas), 0);
    assert_int_equal(areas.count, 1);
    assert_int_equal(strlen(areas.list[0].name), MAP_NAME_SIZE - 1);
    assert_int_equal(areas.list[0].figures.resident_kib, 4);
    map_smaps_done(&areas);
}

static void
test_bad_texts(void **state)
{
    static const char *const texts[] = {
        "1000-2000 rw-p 00000000 fe:00 7 /lib/x",
        "1000-2000 rw-p 00000000 fe:00 7 /lib/x\nRss:     4",
        "1000-2000 rw-p 00000000 fe:00 7 /lib/x\nRss:     four kB\n",
        "1000-2000 rw-p 00000000 fe:00 7 /lib/x\nRss:\n",
        "Rss:     4 kB\n",
        "2000-1000 rw-p 00000000 fe:00 7 /lib/x\n",
        "2000-2000 rw-p 00000000 fe:00 7 /lib/x\n",
        "1000-2000 rw- 00000000 fe:00 7 /lib/x\n",
        "1000-2000 rw-p\n",
        "1000 rw-p 00000000 fe:00 7 /lib/x\n",
        "hello\n",
        "\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct map_areas areas = {0};
        int error = parse(texts[i], &areas);

        map_smaps_done(&areas);
        if (error != -EBADMSG) {
            print_message("taken: %s\n", texts[i]);
        }
        assert_int_equal(error, -EBADMSG);
    }
}

static bool
begin_nothing(const void *context)
{
    (void)context;
    return true;
}

static void
test_read(void **state)
{
    struct map_areas areas = {0};
    pid_t child;
    siginfo_t info;

    (void)state;
    assert_int_equal(map_smaps_read(getpid(), "smaps", &areas), 0);
    assert_true(areas.count > 5);
    assert_non_null(map_smaps_find(&areas, (uint64_t)(uintptr_t)&areas));
    map_smaps_done(&areas);
    child = machine_child(begin_nothing, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(map_smaps_read(child, "smaps", &areas), -ESRCH);
    map_smaps_done(&areas);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(map_smaps_read(child, "smaps", &areas), -ESRCH);
    map_smaps_done(&areas);
}

/*
 * A thread's stack that is one mapping with what lies above it; one that a thread left behind; two of fibers; and two arenas of
 * glibc, the lower one with its reserve.
 */
static void
test_stacks(void **state)
{
    struct map_areas areas = {0};
    struct map_stacks stacks = {0};

    (void)state;
    assert_int_equal(
        parse("100000-101000 ---p 00000000 00:00 0 \n101000-a01000 rw-p 00000000 00:00 0 \n"
              "b00000-b01000 ---p 00000000 00:00 0 \nb01000-d01000 rw-p 00000000 00:00 0 \n"
              "e00000-e01000 ---p 00000000 00:00 0 \ne01000-e11000 rw-p 00000000 00:00 0 \n"
              "e11000-e12000 ---p 00000000 00:00 0 \ne12000-e22000 rw-p 00000000 00:00 0 \n"
              "f00000-f01000 rw-p 00000000 00:00 0 \n"
              "4000000-4021000 rw-p 00000000 00:00 0 \n4021000-8000000 ---p 00000000 00:00 0 \n"
              "8000000-8021000 rw-p 00000000 00:00 0 \n",
              &areas),
        0);
    /* The thread's descriptor, in the last page of its stack; then that of a main thread, which is elsewhere. */
    assert_int_equal(map_stack_add_thread(&areas, 0x200a00, &stacks), 0);
    assert_int_equal(map_stack_add_thread(&areas, 0xf00a00, &stacks), 0);
    assert_int_equal(map_stack_add_thread(&areas, 0x10, &stacks), 0);
    assert_int_equal(stacks.count, 1);
    assert_true(stacks.list[0].from == 0x101000 && stacks.list[0].to == 0x201000);
    assert_int_equal(map_stack_add_others(&areas, &stacks), 0);
    assert_int_equal(stacks.count, 4);
    assert_true(stacks.list[1].from == 0xb01000 && stacks.list[1].to == 0xc01000);
    assert_true(stacks.list[2].from == 0xe01000 && stacks.list[2].to == 0xe11000);
    assert_true(stacks.list[3].from == 0xe12000 && stacks.list[3].to == 0xe22000);
    map_stack_done(&stacks);
    map_smaps_done(&areas);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),    cmocka_unit_test(test_rollup),
        cmocka_unit_test(test_long_name), cmocka_unit_test(test_bad_texts),
        cmocka_unit_test(test_read),      cmocka_unit_test(test_stacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
