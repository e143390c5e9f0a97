/*
 * test_board_reader.c: boards of healthy, dying and mad workers (FS-13).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "master/board_reader.h"

#define NOW_MS 1000000

static struct board board;

/* Puts a job into a record, as a worker does. */
static void
put_job(unsigned at, uint64_t started_ms, const char *jid)
{
    struct board_record *record = &board.records[at];

    *record = (struct board_record){.started_ms = started_ms, .payload_size = 2, .payload_kept = 2};
    util_copy_text(record->name, sizeof(record->name), "HardJob");
    util_copy_text(record->jid, sizeof(record->jid), jid);
    util_copy_text(record->queue, sizeof(record->queue), "default");
    util_copy_text(record->payload, sizeof(record->payload), "{}");
    record->sequence = 1;
}

/* A worker that has done a thousand jobs of two classes and works on two. */
static int
make_healthy(void **state)
{
    (void)state;
    memset(&board, 0, sizeof(board));
    board.magic = BOARD_MAGIC;
    board.version = BOARD_VERSION;
    board.beat_ms = 123456;
    board.progress = 120;
    board.started = 1000;
    board.done = 980;
    board.failed = 15;
    board.busy = 5;
    board.class_count = 2;
    board.classes[0] = (struct board_class){
        .name = "HardJob", .started = 700, .done = 690, .failed = 7, .work_us = 1234567};
    board.classes[1] =
        (struct board_class){.name = "SoftJob", .started = 300, .done = 290, .failed = 8};
    board.record_count = 3;
    put_job(0, 5000, "b000");
    put_job(2, 4000, "a000");
    return 0;
}

static bool
is_known(unsigned threads_max)
{
    struct board_figures figures;

    board_read(&board, threads_max, &figures);
    return figures.known;
}

/* How many jobs and classes the board shows. */
static unsigned
count_jobs(void)
{
    static struct board_job jobs[BOARD_RECORDS];

    return board_read_jobs(&board, NOW_MS, jobs, BOARD_RECORDS);
}

static unsigned
count_classes(void)
{
    struct board_class_figures classes[BOARD_CLASSES];

    return board_read_classes(&board, classes, BOARD_CLASSES);
}

/* The only job, of record 0. */
static struct board_job
read_job(void)
{
    struct board_job job;

    assert_int_equal(board_read_jobs(&board, NOW_MS, &job, 1), 1);
    return job;
}

static void
test_healthy(void **state)
{
    struct board_figures figures;

    (void)state;
    board_read(&board, 10, &figures);
    assert_true(figures.known);
    assert_int_equal(figures.beat_ms, 123456);
    assert_int_equal(figures.progress, 120);
    assert_int_equal(figures.started, 1000);
    assert_int_equal(figures.done, 980);
    assert_int_equal(figures.failed, 15);
    assert_int_equal(figures.busy, 5);
    assert_false(figures.quiet);
}

static void
test_quiet(void **state)
{
    struct board_figures figures;

    (void)state;
    board.quiet = 1;
    board_read(&board, 10, &figures);
    assert_true(figures.known);
    assert_true(figures.quiet);
    board.quiet = 2;
    assert_false(is_known(10));
}

static void
test_fresh_and_foreign(void **state)
{
    (void)state;
    memset(&board, 0, sizeof(board));
    assert_false(is_known(10));
    board.magic = BOARD_MAGIC;
    assert_false(is_known(10));
    board.version = BOARD_VERSION + 1;
    assert_false(is_known(10));
    board.version = BOARD_VERSION;
    assert_true(is_known(10));
    assert_int_equal(count_jobs(), 0);
    assert_int_equal(count_classes(), 0);
}

static void
test_more_jobs_than_threads(void **state)
{
    (void)state;
    assert_true(is_known(5));
    assert_false(is_known(4));
    assert_true(is_known(0));
    board.busy = UINT32_MAX;
    assert_false(is_known(0));
}

/* Several threads count while we read: a few jobs of difference are no madness, many are. */
static void
test_counters_that_disagree(void **state)
{
    (void)state;
    board.done = 1010;
    assert_true(is_known(10));
    board.done = 100000;
    assert_false(is_known(10));
    board.started = 200000;
    assert_true(is_known(10));
}

static void
test_wild_numbers(void **state)
{
    (void)state;
    board.started = UINT64_MAX;
    assert_false(is_known(10));
    board.started = UINT64_C(1) << 40;
    assert_true(is_known(10));
    board.done = UINT64_MAX;
    board.failed = 2;
    assert_false(is_known(10));
    make_healthy(NULL);
    board.beat_ms = UINT64_MAX;
    assert_false(is_known(10));
    board.beat_ms = UINT64_C(1) << 60;
    assert_false(is_known(10));
    make_healthy(NULL);
    board.progress = UINT64_C(1) << 49;
    assert_false(is_known(10));
}

static void
test_counts_beyond_the_board(void **state)
{
    (void)state;
    board.class_count = BOARD_CLASSES;
    board.record_count = BOARD_RECORDS;
    assert_true(is_known(10));
    board.class_count = BOARD_CLASSES + 1;
    assert_false(is_known(10));
    assert_int_equal(count_classes(), 0);
    assert_int_equal(count_jobs(), 0);
    make_healthy(NULL);
    board.record_count = BOARD_RECORDS + 1;
    assert_false(is_known(10));
    assert_int_equal(count_classes(), 0);
    assert_int_equal(count_jobs(), 0);
}

static void
test_unknown_is_zero(void **state)
{
    struct board_figures figures;
    const struct board_figures nothing = {.known = false};

    (void)state;
    memset(&board, 0xA5, sizeof(board));
    memset(&figures, 0x5A, sizeof(figures));
    board_read(&board, 10, &figures);
    assert_false(figures.known);
    assert_int_equal(figures.beat_ms, nothing.beat_ms);
    assert_int_equal(figures.progress, 0);
    assert_int_equal(figures.started, 0);
    assert_int_equal(figures.done, 0);
    assert_int_equal(figures.failed, 0);
    assert_int_equal(figures.busy, 0);
    assert_false(figures.quiet);
}

static void
test_jobs_the_oldest_first(void **state)
{
    struct board_job jobs[4];

    (void)state;
    assert_int_equal(board_read_jobs(&board, NOW_MS, jobs, 4), 2);
    assert_string_equal(jobs[0].jid, "a000");
    assert_int_equal(jobs[0].record, 2);
    assert_int_equal(jobs[0].started_ms, 4000);
    assert_string_equal(jobs[0].name, "HardJob");
    assert_string_equal(jobs[0].queue, "default");
    assert_int_equal(jobs[0].payload_size, 2);
    assert_false(jobs[0].payload_cut);
    assert_string_equal(jobs[1].jid, "b000");
    assert_int_equal(jobs[1].record, 0);
}

/* The oldest are kept, wherever they stand. */
static void
test_fewer_jobs_than_there_are(void **state)
{
    static const struct {
        uint64_t started_ms;
        const char *jid;
    } given[] = {{500, "e"}, {100, "a"}, {400, "d"}, {200, "b"}, {300, "c"}};
    struct board_job jobs[3];

    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(given); i++) {
        put_job(i, given[i].started_ms, given[i].jid);
    }
    board.record_count = ARRAY_LEN(given);
    assert_int_equal(board_read_jobs(&board, NOW_MS, jobs, 0), 0);
    assert_int_equal(board_read_jobs(&board, NOW_MS, jobs, 3), 3);
    assert_string_equal(jobs[0].jid, "a");
    assert_string_equal(jobs[1].jid, "b");
    assert_string_equal(jobs[2].jid, "c");
}

static void
test_jobs_of_one_moment_stand_by_record(void **state)
{
    static struct board_job jobs[BOARD_RECORDS];

    (void)state;
    board.record_count = BOARD_RECORDS;
    for (unsigned i = 0; i < BOARD_RECORDS; i++) {
        put_job(i, 7000, "x");
    }
    assert_int_equal(board_read_jobs(&board, NOW_MS, jobs, BOARD_RECORDS), BOARD_RECORDS);
    for (unsigned i = 0; i < BOARD_RECORDS; i++) {
        assert_int_equal(jobs[i].record, i);
    }
}

static void
test_free_and_unused_records_are_no_jobs(void **state)
{
    (void)state;
    board.records[0].sequence = 2;
    assert_int_equal(count_jobs(), 1);
    board.record_count = 2;
    assert_int_equal(count_jobs(), 0);
}

/* The reader's time is that of its turn; the job may be newer. */
static void
test_when_a_job_started(void **state)
{
    static const struct {
        uint64_t started_ms;
        unsigned jobs;
        int64_t told_ms;
    } cases[] = {
        {1, 1, 1},
        {NOW_MS, 1, NOW_MS},
        {NOW_MS + 60000, 1, NOW_MS},
        {NOW_MS + 60001, 0, 0},
        {UINT64_MAX, 0, 0},
        {0, 0, 0},
    };

    (void)state;
    board.record_count = 1;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct board_job job = {.started_ms = 0};

        put_job(0, cases[i].started_ms, "x");
        assert_int_equal(board_read_jobs(&board, NOW_MS, &job, 1), cases[i].jobs);
        assert_int_equal(job.started_ms, cases[i].told_ms);
    }
}

static void
test_sizes_that_cannot_be(void **state)
{
    static const struct {
        uint32_t size;
        uint32_t kept;
        uint32_t class_row;
        unsigned jobs;
    } cases[] = {
        {0, 0, 0, 1},
        {BOARD_PAYLOAD_SIZE, BOARD_PAYLOAD_SIZE, 0, 1},
        {UINT32_MAX, BOARD_PAYLOAD_SIZE, BOARD_CLASSES - 1, 1},
        {UINT32_MAX, BOARD_PAYLOAD_SIZE + 1, 0, 0},
        {1, 2, 0, 0},
        {2, 2, BOARD_CLASSES, 0},
    };

    (void)state;
    board.record_count = 1;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        put_job(0, 5000, "x");
        board.records[0].payload_size = cases[i].size;
        board.records[0].payload_kept = cases[i].kept;
        board.records[0].class_row = cases[i].class_row;
        assert_int_equal(count_jobs(), cases[i].jobs);
    }
}

static void
test_texts_are_clean(void **state)
{
    struct board_job job;

    (void)state;
    board.record_count = 1;
    memcpy(board.records[0].name, "J\033[31m\xC3\xA9\xC2\x9B\xFF.", 12);
    memcpy(board.records[0].jid, "a\nb\x7F\xED\xA0\x80", 8);
    memcpy(board.records[0].queue, "\xE2\x82\xAC\xC3", 5);
    job = read_job();
    assert_string_equal(job.name, "J?[31m\xC3\xA9???.");
    assert_string_equal(job.jid, "a?b????");
    assert_string_equal(job.queue, "\xE2\x82\xAC?");
}

static void
test_texts_without_end_are_garbage(void **state)
{
    (void)state;
    board.record_count = 1;
    assert_int_equal(count_jobs(), 1);
    memset(board.records[0].name, 'n', BOARD_NAME_SIZE);
    assert_int_equal(count_jobs(), 0);
    put_job(0, 5000, "x");
    memset(board.records[0].jid, 'j', BOARD_JID_SIZE);
    assert_int_equal(count_jobs(), 0);
    put_job(0, 5000, "x");
    memset(board.records[0].queue, 'q', BOARD_QUEUE_SIZE);
    assert_int_equal(count_jobs(), 0);
    memset(board.classes[1].name, 'c', BOARD_NAME_SIZE);
    assert_int_equal(count_classes(), 1);
}

static void
test_payload(void **state)
{
    struct board_job job = read_job();
    char payload[8];

    (void)state;
    memset(payload, 'x', sizeof(payload));
    assert_int_equal(board_read_payload(&board, &job, payload, sizeof(payload)), 2);
    assert_string_equal(payload, "{}");
    assert_int_equal(board_read_payload(&board, &job, payload, 2), 1);
    assert_string_equal(payload, "{");
    assert_int_equal(board_read_payload(&board, &job, payload, 1), 0);
    assert_string_equal(payload, "");
}

static void
test_payload_of_full_size_and_beyond(void **state)
{
    static char payload[BOARD_PAYLOAD_SIZE + 1];
    struct board_job job;

    (void)state;
    board.record_count = 1;
    memset(board.records[0].payload, 'p', BOARD_PAYLOAD_SIZE);
    board.records[0].payload_kept = BOARD_PAYLOAD_SIZE;
    board.records[0].payload_size = BOARD_PAYLOAD_SIZE;
    job = read_job();
    assert_false(job.payload_cut);
    assert_int_equal(board_read_payload(&board, &job, payload, sizeof(payload)),
                     BOARD_PAYLOAD_SIZE);
    assert_int_equal(strlen(payload), BOARD_PAYLOAD_SIZE);
    board.records[0].payload_size = 1000000;
    job = read_job();
    assert_true(job.payload_cut);
    assert_int_equal(job.payload_size, 1000000);
    memset(payload, 0, sizeof(payload));
    assert_int_equal(board_read_payload(&board, &job, payload, sizeof(payload)), -EFBIG);
    assert_int_equal(strlen(payload), BOARD_PAYLOAD_SIZE);
}

static void
test_payload_of_a_job_that_is_gone(void **state)
{
    struct board_job job = read_job();
    struct board_job never = {.record = 1};
    struct board_job outside = {.record = BOARD_RECORDS, .sequence = 1};
    char payload[8] = "old";

    (void)state;
    assert_int_equal(board_read_payload(&board, &never, payload, sizeof(payload)), -ENOENT);
    assert_string_equal(payload, "");
    assert_int_equal(board_read_payload(&board, &outside, payload, sizeof(payload)), -ENOENT);
    board.records[job.record].payload_kept = BOARD_PAYLOAD_SIZE + 1;
    assert_int_equal(board_read_payload(&board, &job, payload, sizeof(payload)), -ENOENT);
    board.records[job.record].payload_kept = 2;
    board.records[job.record].sequence = 2;
    assert_int_equal(board_read_payload(&board, &job, payload, sizeof(payload)), -ENOENT);
    board.records[job.record].sequence = 3;
    assert_int_equal(board_read_payload(&board, &job, payload, sizeof(payload)), -ENOENT);
}

static void
test_classes(void **state)
{
    struct board_class_figures classes[3];

    (void)state;
    assert_int_equal(board_read_classes(&board, classes, 3), 2);
    assert_string_equal(classes[0].name, "HardJob");
    assert_int_equal(classes[0].started, 700);
    assert_int_equal(classes[0].done, 690);
    assert_int_equal(classes[0].failed, 7);
    assert_int_equal(classes[0].work_ms, 1234);
    assert_string_equal(classes[1].name, "SoftJob");
    assert_int_equal(board_read_classes(&board, classes, 1), 1);
    assert_int_equal(board_read_classes(&board, classes, 0), 0);
}

static void
test_rows_that_cannot_be(void **state)
{
    struct board_class_figures classes[2];

    (void)state;
    board.classes[0].name[0] = '\0';
    assert_int_equal(board_read_classes(&board, classes, 2), 1);
    assert_string_equal(classes[0].name, "SoftJob");
    board.classes[1].done = 300 + 1024 - 8 + 1;
    assert_int_equal(count_classes(), 0);
    board.classes[1].done = 300;
    assert_int_equal(count_classes(), 1);
    board.classes[1].work_us = UINT64_MAX;
    assert_int_equal(count_classes(), 0);
}

/* What no worker could have written is believed in no part. */
static void
test_an_unbelievable_head_takes_all_with_it(void **state)
{
    (void)state;
    assert_int_equal(count_jobs(), 2);
    assert_int_equal(count_classes(), 2);
    board.quiet = 7;
    assert_int_equal(count_jobs(), 0);
    assert_int_equal(count_classes(), 0);
}

static void
assert_promises(void)
{
    struct board_figures figures;
    struct board_job jobs[4];
    unsigned count = board_read_jobs(&board, NOW_MS, jobs, ARRAY_LEN(jobs));

    board_read(&board, 10, &figures);
    assert_true(figures.busy <= 10);
    assert_true(figures.beat_ms >= 0);
    assert_true(figures.done + figures.failed <= figures.started + 1024);
    assert_true(count <= 3);
    for (unsigned i = 0; i < count; i++) {
        assert_non_null(memchr(jobs[i].name, '\0', sizeof(jobs[i].name)));
        assert_null(strpbrk(jobs[i].jid, "\n\t\r\033\x7F"));
        assert_in_range(jobs[i].started_ms, 1, NOW_MS);
    }
    assert_true(count_classes() <= BOARD_CLASSES);
}

static void
damage(void *part, size_t size)
{
    unsigned char *bytes = part;

    for (size_t at = 0; at < size; at++) {
        unsigned char sound = bytes[at];

        for (unsigned value = 0; value < 256; value++) {
            bytes[at] = (unsigned char)value;
            assert_promises();
        }
        bytes[at] = sound;
    }
}

/* Any byte changed to anything: either unknown, or within the bounds that are promised. */
static void
test_every_byte_damaged(void **state)
{
    (void)state;
    damage(&board, offsetof(struct board, record_count) + sizeof(board.record_count));
    damage(&board.classes[0], sizeof(board.classes[0]));
    damage(&board.records[0], offsetof(struct board_record, payload));
}

/* Reading a page of the file that was never written makes it cost memory. */
static void
test_only_the_pages_that_count_are_read(void **state)
{
    struct board *mapped =
        mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct board_figures figures;
    struct board_job job;
    struct board_class_figures class;

    (void)state;
    assert_true(mapped != MAP_FAILED);
    mapped->magic = BOARD_MAGIC;
    mapped->version = BOARD_VERSION;
    assert_int_equal(mprotect((char *)mapped + BOARD_PAGE, BOARD_SIZE - BOARD_PAGE, PROT_NONE), 0);
    board_read(mapped, 10, &figures);
    assert_true(figures.known);
    assert_int_equal(board_read_jobs(mapped, NOW_MS, &job, 1), 0);
    assert_int_equal(board_read_classes(mapped, &class, 1), 0);
    /* One record was used: its first page and no other. */
    mapped->record_count = 1;
    assert_int_equal(mprotect(&mapped->records[0], BOARD_PAGE, PROT_READ), 0);
    assert_int_equal(board_read_jobs(mapped, NOW_MS, &job, 1), 0);
    assert_int_equal(munmap(mapped, BOARD_SIZE), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_healthy, make_healthy),
        cmocka_unit_test_setup(test_quiet, make_healthy),
        cmocka_unit_test_setup(test_fresh_and_foreign, make_healthy),
        cmocka_unit_test_setup(test_more_jobs_than_threads, make_healthy),
        cmocka_unit_test_setup(test_counters_that_disagree, make_healthy),
        cmocka_unit_test_setup(test_wild_numbers, make_healthy),
        cmocka_unit_test_setup(test_counts_beyond_the_board, make_healthy),
        cmocka_unit_test_setup(test_unknown_is_zero, make_healthy),
        cmocka_unit_test_setup(test_jobs_the_oldest_first, make_healthy),
        cmocka_unit_test_setup(test_fewer_jobs_than_there_are, make_healthy),
        cmocka_unit_test_setup(test_jobs_of_one_moment_stand_by_record, make_healthy),
        cmocka_unit_test_setup(test_free_and_unused_records_are_no_jobs, make_healthy),
        cmocka_unit_test_setup(test_when_a_job_started, make_healthy),
        cmocka_unit_test_setup(test_sizes_that_cannot_be, make_healthy),
        cmocka_unit_test_setup(test_texts_are_clean, make_healthy),
        cmocka_unit_test_setup(test_texts_without_end_are_garbage, make_healthy),
        cmocka_unit_test_setup(test_payload, make_healthy),
        cmocka_unit_test_setup(test_payload_of_full_size_and_beyond, make_healthy),
        cmocka_unit_test_setup(test_payload_of_a_job_that_is_gone, make_healthy),
        cmocka_unit_test_setup(test_classes, make_healthy),
        cmocka_unit_test_setup(test_rows_that_cannot_be, make_healthy),
        cmocka_unit_test_setup(test_an_unbelievable_head_takes_all_with_it, make_healthy),
        cmocka_unit_test_setup(test_every_byte_damaged, make_healthy),
        cmocka_unit_test(test_only_the_pages_that_count_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
