/*
 * test_board_torn.c: reading a board while its worker writes it. A thread takes records and gives them back as
 * fast as it can; what is believed of a job must belong to one and the same job.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/board_reader.h"

#define RECORDS 2u
/* So many that some are met while they change: a reader that does not look again fails at once on two cores. */
#define WHOLE_JOBS 100000u
#define DEADLINE_MS 120000

static struct board board;
static bool is_over;

static char
letter_of(unsigned number)
{
    return (char)('a' + number % 26);
}

/* Lengths differ, so that what an earlier job left behind a shorter payload would show. */
static uint32_t
payload_length(unsigned number)
{
    return 100 + number * 37 % 3000;
}

/* Every field tells the same number. The fence keeps the fields behind the end of the job before. */
static void
write_job(struct board_record *record, unsigned number)
{
    uint32_t length = payload_length(number);

    __atomic_thread_fence(__ATOMIC_RELEASE);
    snprintf(record->name, sizeof(record->name), "Job%u", number);
    snprintf(record->jid, sizeof(record->jid), "jid-%u", number);
    snprintf(record->queue, sizeof(record->queue), "queue-%u", number);
    memset(record->payload, letter_of(number), length);
    __atomic_store_n(&record->payload_size, length, __ATOMIC_RELAXED);
    __atomic_store_n(&record->payload_kept, length, __ATOMIC_RELAXED);
    __atomic_store_n(&record->started_ms, number, __ATOMIC_RELAXED);
    __atomic_store_n(&record->sequence, record->sequence + 1, __ATOMIC_RELEASE);
}

static void *
write_jobs(void *unused)
{
    (void)unused;
    for (unsigned number = 1; !__atomic_load_n(&is_over, __ATOMIC_RELAXED); number++) {
        struct board_record *record = &board.records[number % RECORDS];

        if (record->sequence % 2 == 1) {
            __atomic_store_n(&record->sequence, record->sequence + 1, __ATOMIC_RELEASE);
        }
        write_job(record, number);
        /* Some jobs stand a moment. */
        if (number % 4 == 0) {
            sched_yield();
        }
    }
    return NULL;
}

static void
assert_one_job(const struct board_job *job)
{
    unsigned number = (unsigned)job->started_ms;
    char text[32];

    snprintf(text, sizeof(text), "Job%u", number);
    assert_string_equal(job->name, text);
    snprintf(text, sizeof(text), "jid-%u", number);
    assert_string_equal(job->jid, text);
    snprintf(text, sizeof(text), "queue-%u", number);
    assert_string_equal(job->queue, text);
    assert_int_equal(job->payload_size, payload_length(number));
}

/* Returns whether the payload was still there. */
static bool
is_whole(const struct board_job *job)
{
    static char payload[BOARD_PAYLOAD_SIZE + 1];
    char letter[] = {letter_of((unsigned)job->started_ms), '\0'};
    ssize_t length = board_read_payload(&board, job, payload, sizeof(payload));

    if (length == -ENOENT) {
        assert_string_equal(payload, "");
        return false;
    }
    assert_int_equal(length, job->payload_size);
    assert_int_equal(strlen(payload), length);
    assert_int_equal(strspn(payload, letter), length);
    return true;
}

static void
test_a_job_is_one_job(void **state)
{
    int64_t deadline_ms = util_now_ms() + DEADLINE_MS;
    struct board_job jobs[RECORDS];
    unsigned whole = 0;
    pthread_t writer;

    (void)state;
    board.magic = BOARD_MAGIC;
    board.version = BOARD_VERSION;
    board.record_count = RECORDS;
    assert_int_equal(pthread_create(&writer, NULL, write_jobs, NULL), 0);
    while (whole < WHOLE_JOBS && util_now_ms() < deadline_ms) {
        unsigned count = board_read_jobs(&board, UINT32_MAX, jobs, RECORDS);

        for (unsigned i = 0; i < count; i++) {
            assert_one_job(&jobs[i]);
            whole += is_whole(&jobs[i]);
        }
    }
    __atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_true(whole >= WHOLE_JOBS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_job_is_one_job)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
