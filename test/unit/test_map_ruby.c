/*
 * test_map_ruby.c: heap pages of Ruby among other memory: heads of the known layouts, made-up blocks, a real ruby.
 */
#include "machine_rig.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rss/map.h"
#include "rss/map_ruby.h"

#define SMALL ((uint64_t)16 << 10)
#define LARGE ((uint64_t)64 << 10)
#define AT UINT64_C(0x7f02bd320000)
#define BLOCKS 50
/* Between its answer and our look Ruby may need another page. */
#define PAGES_SLACK 8

static void
set_slots(uint64_t head[MAP_RUBY_HEAD_WORDS], size_t word, uint16_t bytes, uint16_t count)
{
    head[word] = bytes | (uint64_t)count << 16;
}

static void
test_known_layouts(void **state)
{
    /* Ruby 3.1, and 3.2 and 3.3, as seen in a process. */
    uint64_t ruby31[] = {0x1990028, 0x600000000, 0x55eaff811828, 0x55eaff96a9f0, AT + 16, 0, 0, 0};
    uint64_t ruby33[] = {0x6660028, 0x200000000, 0x55b8f10d4420, 0x55b8f12eb070, AT + 8, 0, 0, 0};
    /* 3.4 has its block before `start`; the slots of 640 bytes begin at a multiple of theirs. */
    uint64_t ruby34[] = {0, 0, 0x55b8f10d4420, 0, AT, AT + 640, 0, 0};
    /* What comes after 4.0: the allocator's fields first. */
    uint64_t newer[] = {AT + 0x4000, AT + 64, 0x199999a, 0, 3, 0x55b8f10d4420, 0, 0};

    (void)state;
    set_slots(ruby34, 0, 640, 101);
    set_slots(newer, 3, 160, 409);
    assert_int_equal(map_ruby_block_bytes(AT, ruby31), SMALL);
    assert_int_equal(map_ruby_block_bytes(AT, ruby33), LARGE);
    assert_int_equal(map_ruby_block_bytes(AT, ruby34), LARGE);
    assert_int_equal(map_ruby_block_bytes(AT, newer), LARGE);
}

/* Ruby >= 3.4 keeps blocks without slots. */
static void
test_empty_block(void **state)
{
    uint64_t empty[] = {0, 0, 0, 0x55b8f12eb070, AT, 0, 0, 0};

    (void)state;
    assert_int_equal(map_ruby_block_bytes(AT, empty), LARGE);
    assert_int_equal(map_ruby_block_bytes(AT + SMALL, empty), 0);
    empty[0] = 0x55b8f12eb070;
    assert_int_equal(map_ruby_block_bytes(AT, empty), 0);
}

static void
test_no_blocks(void **state)
{
    uint64_t zeros[MAP_RUBY_HEAD_WORDS] = {0};
    uint64_t list[] = {AT + 0x8000, AT, AT + 8, AT + 16, 0, 0, 0, 0};
    uint64_t elsewhere[] = {0x6660028, 0, 0, 0, AT - 8, AT + LARGE, 0, 0};
    uint64_t too_few[] = {0, 0, 0, 0, AT + 8, 0, 0, 0};
    uint64_t unaligned[] = {0x6660028, 0, 0, 0, AT + SMALL + 8, 0, 0, 0};

    (void)state;
    set_slots(too_few, 0, 40, 1200);
    assert_int_equal(map_ruby_block_bytes(AT, zeros), 0);
    assert_int_equal(map_ruby_block_bytes(AT, list), 0);
    assert_int_equal(map_ruby_block_bytes(AT, elsewhere), 0);
    assert_int_equal(map_ruby_block_bytes(AT, too_few), 0);
    assert_int_equal(map_ruby_block_bytes(AT + SMALL, unaligned), 0);
    memset(zeros, 0xff, sizeof(zeros));
    assert_int_equal(map_ruby_block_bytes(AT, zeros), 0);
}

/* What a block begins with, in a child that makes some side by side, with other memory around them. */
static bool
make_blocks(const void *context)
{
    const uint64_t *size = context;
    char *memory = machine_touch((BLOCKS + 2) * LARGE);
    uint64_t address = ((uint64_t)(uintptr_t)memory / LARGE + 1) * LARGE;

    for (size_t i = 0; memory != NULL && i < BLOCKS; i++, address += *size) {
        uint64_t *head = calloc(MAP_RUBY_HEAD_WORDS, sizeof(*head));

        if (head == NULL) {
            return false;
        }
        set_slots(head, 0, 40, (uint16_t)((*size - 8) / 40));
        head[4] = address + 8;
        *(uint64_t **)(uintptr_t)address = head;
    }
    return memory != NULL;
}

static void
assert_blocks_of(uint64_t size)
{
    struct map_report report;
    pid_t child = machine_child(make_blocks, &size);
    int error = map_read(child, &report);

    machine_end(child);
    assert_int_equal(error, 0);
    assert_true(report.is_content_known);
    assert_int_equal(report.ruby_blocks, BLOCKS);
    assert_int_equal(report.kinds[MAP_KIND_RUBY_HEAP].private_kib, BLOCKS * size / 1024);
    assert_true(report.kinds[MAP_KIND_MALLOC].private_kib >=
                ((BLOCKS + 2) * LARGE - BLOCKS * size) / 1024);
}

static void
skip_without_contents(void)
{
    if (access("/proc/self/pagemap", R_OK) != 0 || access("/proc/self/mem", R_OK) != 0) {
        print_message("skipped: this kernel has no pagemap, or lets nobody read a process\n");
        skip();
    }
}

static void
test_made_up_blocks(void **state)
{
    (void)state;
    skip_without_contents();
    assert_blocks_of(SMALL);
    assert_blocks_of(LARGE);
}

static void
become_ruby(int answers, int life)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    unsetenv("RUBYOPT");
    unsetenv("RUBYLIB");
    dup2(life, STDIN_FILENO);
    dup2(answers, STDOUT_FILENO);
    execlp("ruby", "ruby", "--disable-gems", "-e",
           "$kept = Array.new(200_000) { |i| 'text' + i.to_s }; GC.start; GC.disable;"
           "$stdout.syswrite(\"#{GC.stat(:heap_allocated_pages)}\\n\"); $stdin.read",
           (char *)NULL);
    _exit(127);
}

/* Starts a ruby that lives until *ret_life is closed. Returns its pid, and how many heap pages it has; 0: there is no ruby. */
static pid_t
start_ruby(int *ret_life, unsigned long *ret_pages)
{
    char text[32] = "";
    int answers[2], life[2];
    struct pollfd answer;
    pid_t child;

    assert_int_equal(pipe(answers), 0);
    assert_int_equal(pipe(life), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(life[1]);
        become_ruby(answers[1], life[0]);
    }
    close(answers[1]);
    close(life[0]);
    answer = (struct pollfd){.fd = answers[0], .events = POLLIN};
    assert_int_equal(poll(&answer, 1, MACHINE_DEADLINE_MS), 1);
    if (read(answers[0], text, sizeof(text) - 1) <= 0) {
        text[0] = '\0';
    }
    close(answers[0]);
    *ret_life = life[1];
    *ret_pages = strtoul(text, NULL, 10);
    return child;
}

static void
test_a_real_ruby(void **state)
{
    struct map_report report;
    unsigned long pages;
    int life;
    pid_t child;
    int error;

    (void)state;
    skip_without_contents();
    child = start_ruby(&life, &pages);
    error = map_read(child, &report);
    machine_end(child);
    close(life);
    if (pages == 0) {
        print_message("skipped: there is no ruby in PATH\n");
        skip();
    }
    assert_int_equal(error, 0);
    assert_in_range(report.ruby_blocks + PAGES_SLACK, pages, pages + 2 * PAGES_SLACK);
    /* 200,000 strings of 40 bytes. */
    assert_true(report.kinds[MAP_KIND_RUBY_HEAP].private_kib > 7500);
    assert_true(report.kinds[MAP_KIND_MALLOC].private_kib > 1000);
    assert_int_equal(report.kinds[MAP_KIND_OTHER].resident_kib, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_layouts), cmocka_unit_test(test_empty_block),
        cmocka_unit_test(test_no_blocks),     cmocka_unit_test(test_made_up_blocks),
        cmocka_unit_test(test_a_real_ruby),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
