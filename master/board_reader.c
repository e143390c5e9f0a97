/*
 * board_reader.c: see board_reader.h.
 *
 * Owns the checks of a board. Must not write to it, and must not read a row or a record that the head does not tell of.
 */
#include "board_reader.h"

#include <errno.h>
#include <string.h>

#include "util_text.h"

/* No worker lives to see a counter or a clock of milliseconds above this (8,900 years of beats). */
#define NUMBER_MAX (UINT64_C(1) << 48)

/* More threads than any Sidekiq runs: the bound while the concurrency is not known. */
#define THREADS_MAX 65536u

/*
 * The counters are not one snapshot: several threads write them while we read. What is counted as
 * finished may be ahead of what we saw started by a few jobs, never by many.
 */
#define SLACK_JOBS 1024u

/* The reader's `now` is that of its turn: a job may have started since. Later than this, it is no time of a job. */
#define AHEAD_MAX_MS 60000

/* Texts and payloads change under the reader as numbers do, so they are copied by words of this kind. */
typedef uint64_t word __attribute__((may_alias));

static uint64_t
load64(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static uint32_t
load32(const uint32_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

/* `from` begins at a multiple of a word, and its last word ends within the board. */
static void
copy_words(char *to, const char *from, size_t size)
{
    for (size_t at = 0; at < size; at += sizeof(word)) {
        word value = __atomic_load_n((const word *)(const void *)(from + at), __ATOMIC_RELAXED);

        memcpy(to + at, &value, size - at < sizeof(value) ? size - at : sizeof(value));
    }
}

static bool
has_head(const struct board *board)
{
    return load32(&board->magic) == BOARD_MAGIC && load32(&board->version) == BOARD_VERSION &&
           load32(&board->class_count) <= BOARD_CLASSES &&
           load32(&board->record_count) <= BOARD_RECORDS;
}

/* Compared one by one before they are summed: garbage would overflow. */
static bool
are_plausible(uint64_t started, uint64_t done, uint64_t failed)
{
    return started <= NUMBER_MAX && done <= NUMBER_MAX && failed <= NUMBER_MAX &&
           done + failed <= started + SLACK_JOBS;
}

static bool
is_plausible(const struct board_figures *figures, unsigned threads_max)
{
    unsigned busy_max = threads_max > 0 ? threads_max : THREADS_MAX;

    return figures->beat_ms >= 0 && (uint64_t)figures->beat_ms <= NUMBER_MAX &&
           figures->progress <= NUMBER_MAX &&
           are_plausible(figures->started, figures->done, figures->failed) &&
           figures->busy <= busy_max && figures->busy <= figures->started + SLACK_JOBS;
}

void
board_read(const struct board *board, unsigned threads_max, struct board_figures *ret_figures)
{
    struct board_figures figures = {.known = true};
    uint32_t quiet;

    *ret_figures = (struct board_figures){.known = false};
    if (!has_head(board)) {
        return;
    }
    /* Ends before starts, so that a job that comes and goes meanwhile makes no end without a start.
     */
    figures.done = load64(&board->done);
    figures.failed = load64(&board->failed);
    figures.started = load64(&board->started);
    figures.beat_ms = (int64_t)load64(&board->beat_ms);
    figures.progress = load64(&board->progress);
    figures.busy = load32(&board->busy);
    quiet = load32(&board->quiet);
    figures.quiet = quiet == 1;
    if (quiet <= 1 && is_plausible(&figures, threads_max)) {
        *ret_figures = figures;
    }
}

static bool
is_believed(const struct board *board)
{
    struct board_figures figures;

    board_read(board, 0, &figures);
    return figures.known;
}

/* A count is loaded once: garbage may change between the check and the use. */
static unsigned
count_of(const uint32_t *count, unsigned most)
{
    uint32_t found = __atomic_load_n(count, __ATOMIC_ACQUIRE);

    return found <= most ? found : 0;
}

/* The writer terminates each text; one without an end is garbage, not a text to mend. */
static bool
take_text(char *to, const char *from, size_t size)
{
    copy_words(to, from, size);
    if (memchr(to, '\0', size) == NULL) {
        return false;
    }
    util_clean_text(to);
    return true;
}

/* What was read since `sequence` was loaded (acquire) belongs to one job. */
static bool
still_holds(const struct board_record *record, uint32_t sequence)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return load32(&record->sequence) == sequence;
}

static bool
take_numbers(const struct board_record *record, int64_t now_ms, struct board_job *job)
{
    uint64_t started_ms = load64(&record->started_ms);
    uint32_t kept = load32(&record->payload_kept);

    job->payload_size = load32(&record->payload_size);
    job->payload_cut = job->payload_size > kept;
    if (started_ms == 0 || started_ms > (uint64_t)now_ms + AHEAD_MAX_MS ||
        kept > BOARD_PAYLOAD_SIZE || kept > job->payload_size ||
        load32(&record->class_row) >= BOARD_CLASSES) {
        return false;
    }
    job->started_ms = started_ms < (uint64_t)now_ms ? (int64_t)started_ms : now_ms;
    return true;
}

static bool
take_job(const struct board_record *record, int64_t now_ms, struct board_job *ret_job)
{
    ret_job->sequence = __atomic_load_n(&record->sequence, __ATOMIC_ACQUIRE);
    return ret_job->sequence % 2 == 1 && take_numbers(record, now_ms, ret_job) &&
           take_text(ret_job->name, record->name, sizeof(record->name)) &&
           take_text(ret_job->jid, record->jid, sizeof(record->jid)) &&
           take_text(ret_job->queue, record->queue, sizeof(record->queue)) &&
           still_holds(record, ret_job->sequence);
}

/* Puts `job` where it belongs among `count` others; where there is no room the youngest goes. Returns how many they are now. */
static unsigned
insert(struct board_job *jobs, unsigned count, unsigned room, const struct board_job *job)
{
    unsigned at = count;

    while (at > 0 && jobs[at - 1].started_ms > job->started_ms) {
        at--;
    }
    if (at == room) {
        return count;
    }
    count -= count == room;
    memmove(&jobs[at + 1], &jobs[at], (count - at) * sizeof(*jobs));
    jobs[at] = *job;
    return count + 1;
}

unsigned
board_read_jobs(const struct board *board, int64_t now_ms, struct board_job *ret_jobs,
                unsigned room)
{
    unsigned records = is_believed(board) ? count_of(&board->record_count, BOARD_RECORDS) : 0;
    unsigned count = 0;

    for (unsigned i = 0; i < records; i++) {
        struct board_job job = {.record = i};

        if (take_job(&board->records[i], now_ms, &job)) {
            count = insert(ret_jobs, count, room, &job);
        }
    }
    return count;
}

ssize_t
board_read_payload(const struct board *board, const struct board_job *job, char *to, size_t size)
{
    const struct board_record *record = &board->records[job->record % BOARD_RECORDS];
    size_t length;

    to[0] = '\0';
    if (job->record >= BOARD_RECORDS || job->sequence % 2 == 0 ||
        __atomic_load_n(&record->sequence, __ATOMIC_ACQUIRE) != job->sequence) {
        return -ENOENT;
    }
    length = load32(&record->payload_kept);
    if (length > BOARD_PAYLOAD_SIZE) {
        return -ENOENT;
    }
    length = length < size ? length : size - 1;
    copy_words(to, record->payload, length);
    if (!still_holds(record, job->sequence)) {
        to[0] = '\0';
        return -ENOENT;
    }
    to[length] = '\0';
    return job->payload_cut ? -EFBIG : (ssize_t)length;
}

static bool
take_class(const struct board_class *row, struct board_class_figures *ret_class)
{
    uint64_t work_us;

    ret_class->done = load64(&row->done);
    ret_class->failed = load64(&row->failed);
    ret_class->started = load64(&row->started);
    work_us = load64(&row->work_us);
    ret_class->work_ms = work_us / 1000;
    return are_plausible(ret_class->started, ret_class->done, ret_class->failed) &&
           ret_class->work_ms <= NUMBER_MAX &&
           take_text(ret_class->name, row->name, sizeof(row->name)) && ret_class->name[0] != '\0';
}

unsigned
board_read_classes(const struct board *board, struct board_class_figures *ret_classes,
                   unsigned room)
{
    unsigned rows = is_believed(board) ? count_of(&board->class_count, BOARD_CLASSES) : 0;
    unsigned count = 0;

    for (unsigned i = 0; i < rows && count < room; i++) {
        struct board_class_figures class;

        if (take_class(&board->classes[i], &class)) {
            ret_classes[count] = class;
            count++;
        }
    }
    return count;
}
