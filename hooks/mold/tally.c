/* tally.c: see tally.h. */
#include "tally.h"

#include "master/board.h"
#include "utf8.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

/* The last row takes what has no row of its own. */
#define REST_ROW (BOARD_CLASSES - 1)
#define UNNAMED "(unnamed)"

/* A power of two, four times the rows: a search ends soon. */
#define SLOTS 256u
#define WORD_BITS 64u
#define WORDS (BOARD_RECORDS / WORD_BITS)

/* What a ticket says, from its lowest bits: the record + 1 (0: none), the row, the start in µs since
 * the board was opened (8.9 years). */
#define TICKET_RECORD_BITS 8u
#define TICKET_ROW_BITS 6u
#define TICKET_START_SHIFT (TICKET_RECORD_BITS + TICKET_ROW_BITS)
#define TICKET_START_MASK ((UINT64_C(1) << 48) - 1)

_Static_assert(BOARD_RECORDS < (1u << TICKET_RECORD_BITS), "a ticket holds any record");
_Static_assert(BOARD_CLASSES <= (1u << TICKET_ROW_BITS), "a ticket holds any row");
_Static_assert(BOARD_RECORDS % WORD_BITS == 0, "the words of `taken` are full");

static struct board *board;

/* What only this process needs to know of its board. */
static struct {
    uint64_t opened_us;
    uint64_t taken[WORDS]; /* a bit for each record */
    uint8_t slots[SLOTS];  /* by the name's hash: row + 1, 0 where nothing is */
} own;

#define LOAD(place) __atomic_load_n(place, __ATOMIC_RELAXED)
#define STORE(place, value) __atomic_store_n(place, value, __ATOMIC_RELAXED)

/* One writer at a time (the VM's lock, or the one native thread): no locked instruction is needed, only that the
 * reader never sees half a number. */
#define ADD(place, count) STORE(place, LOAD(place) + (count))

static uint64_t
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* NULL with errno set where there is none. */
static struct board *
map_board(int fd)
{
    struct stat facts;
    void *page;

    if (fstat(fd, &facts) < 0) {
        return NULL;
    }
    /* A shorter file would end the worker by SIGBUS at the first job. */
    if (facts.st_size < (off_t)BOARD_SIZE) {
        errno = EPROTO;
        return NULL;
    }
    page = mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? NULL : page;
}

int
tally_open(int take_fd)
{
    struct board *found = map_board(take_fd);
    int error = found == NULL ? -errno : 0;

    util_close(&take_fd);
    if (found == NULL) {
        return error;
    }
    if (found->magic != BOARD_MAGIC || found->version != BOARD_VERSION) {
        munmap(found, BOARD_SIZE);
        return -EPROTO;
    }
    own.opened_us = now_us();
    memset(own.taken, 0, sizeof(own.taken));
    memset(own.slots, 0, sizeof(own.slots));
    board = found;
    tally_beat();
    return 0;
}

void
tally_close(void)
{
    struct board *ours = board;

    board = NULL;
    if (ours != NULL) {
        munmap(ours, BOARD_SIZE);
    }
}

void
tally_forget(void)
{
    board = NULL;
}

void
tally_beat(void)
{
    if (board != NULL) {
        STORE(&board->beat_ms, (uint64_t)util_now_ms());
    }
}

void
tally_progress(void)
{
    if (board != NULL) {
        ADD(&board->progress, 1);
    }
}

void
tally_quiet(void)
{
    if (board != NULL) {
        STORE(&board->quiet, 1);
    }
}

/* Classes. */

struct name {
    char text[BOARD_NAME_SIZE];
    size_t length;
};

static void
take_name(const struct tally_text *text, struct name *ret_name)
{
    if (text->length == 0) {
        util_copy_text(ret_name->text, sizeof(ret_name->text), UNNAMED);
        ret_name->length = strlen(UNNAMED);
        return;
    }
    ret_name->length = utf8_copy(ret_name->text, sizeof(ret_name->text), text->bytes, text->length);
}

/* FNV-1a. */
static unsigned
hash(const struct name *name)
{
    uint32_t value = 2166136261u;

    for (size_t i = 0; i < name->length; i++) {
        value = (value ^ (unsigned char)name->text[i]) * 16777619u;
    }
    return (value ^ (value >> 16)) % SLOTS;
}

/* The row of that name, or -ENOENT with the slot where it belongs. */
static int
find_row(const struct name *name, unsigned *ret_slot)
{
    unsigned slot = hash(name);
    unsigned found;

    while ((found = own.slots[slot]) != 0) {
        if (memcmp(board->classes[found - 1].name, name->text, name->length + 1) == 0) {
            return (int)found - 1;
        }
        slot = (slot + 1) % SLOTS;
    }
    *ret_slot = slot;
    return -ENOENT;
}

/* The reader believes a row once the count says that it is there. */
static void
publish_row(unsigned row, const char *name)
{
    util_copy_text(board->classes[row].name, BOARD_NAME_SIZE, name);
    __atomic_store_n(&board->class_count, row + 1, __ATOMIC_RELEASE);
}

static unsigned
take_row(const struct name *name)
{
    unsigned count = LOAD(&board->class_count);
    unsigned slot = 0;
    int found = find_row(name, &slot);

    if (found >= 0) {
        return (unsigned)found;
    }
    if (count < REST_ROW) {
        publish_row(count, name->text);
        own.slots[slot] = (uint8_t)(count + 1);
        return count;
    }
    if (count == REST_ROW) {
        publish_row(REST_ROW, BOARD_CLASS_REST);
    }
    return REST_ROW;
}

/* Records. */

/* The lowest free record, so that few pages are ever written; BOARD_RECORDS where all are taken. */
static unsigned
take_record(void)
{
    for (unsigned word = 0; word < WORDS; word++) {
        uint64_t free_ones = ~own.taken[word];

        if (free_ones != 0) {
            unsigned bit = (unsigned)__builtin_ctzll(free_ones);

            own.taken[word] |= UINT64_C(1) << bit;
            return word * WORD_BITS + bit;
        }
    }
    return BOARD_RECORDS;
}

static void
write_payload(const struct tally_text *payload, struct board_record *record)
{
    size_t kept =
        payload->length < BOARD_PAYLOAD_SIZE ? payload->length : (size_t)BOARD_PAYLOAD_SIZE;

    STORE(&record->payload_size,
          payload->length < UINT32_MAX ? (uint32_t)payload->length : UINT32_MAX);
    STORE(&record->payload_kept, (uint32_t)kept);
    if (kept > 0) {
        memcpy(record->payload, payload->bytes, kept);
    }
}

static void
fill_record(unsigned number, const struct tally_job *job, const struct name *name, unsigned row,
            uint64_t start_us)
{
    struct board_record *record = &board->records[number];

    /* Whoever still reads the job before sees that it is gone before it can see any of this one. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    STORE(&record->class_row, row);
    STORE(&record->started_ms, start_us / 1000);
    memcpy(record->name, name->text, name->length + 1);
    utf8_copy(record->jid, sizeof(record->jid), job->jid.bytes, job->jid.length);
    utf8_copy(record->queue, sizeof(record->queue), job->queue.bytes, job->queue.length);
    write_payload(&job->payload, record);
    if (LOAD(&board->record_count) <= number) {
        __atomic_store_n(&board->record_count, number + 1, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&record->sequence, LOAD(&record->sequence) + 1, __ATOMIC_RELEASE);
}

static void
leave_record(unsigned number)
{
    struct board_record *record = &board->records[number];

    __atomic_store_n(&record->sequence, LOAD(&record->sequence) + 1, __ATOMIC_RELEASE);
    own.taken[number / WORD_BITS] &= ~(UINT64_C(1) << number % WORD_BITS);
}

/* Jobs. */

bool
tally_job_started(const struct tally_job *job, uint64_t *ret_ticket)
{
    struct name name;
    uint64_t start_us;
    unsigned row;
    unsigned number;

    if (board == NULL) {
        return false;
    }
    start_us = now_us();
    take_name(&job->name, &name);
    row = take_row(&name);
    number = take_record();
    ADD(&board->started, 1);
    ADD(&board->busy, 1);
    ADD(&board->classes[row].started, 1);
    if (number < BOARD_RECORDS) {
        fill_record(number, job, &name, row, start_us);
    }
    *ret_ticket = (number < BOARD_RECORDS ? number + 1 : 0) | row << TICKET_RECORD_BITS |
                  ((start_us - own.opened_us) & TICKET_START_MASK) << TICKET_START_SHIFT;
    return true;
}

static void
end_job(uint64_t ticket, bool failed)
{
    unsigned record = ticket & ((1u << TICKET_RECORD_BITS) - 1);
    unsigned row = ticket >> TICKET_RECORD_BITS & ((1u << TICKET_ROW_BITS) - 1);
    uint64_t start_us = ticket >> TICKET_START_SHIFT;
    struct board_class *class = &board->classes[row];

    if (record > 0 && record <= BOARD_RECORDS) {
        leave_record(record - 1);
    }
    ADD(&class->work_us, now_us() - own.opened_us - start_us);
    ADD(failed ? &class->failed : &class->done, 1);
    ADD(failed ? &board->failed : &board->done, 1);
    ADD(&board->busy, (uint32_t)-1);
}

void
tally_job_done(uint64_t ticket)
{
    if (board != NULL) {
        end_job(ticket, false);
    }
}

void
tally_job_failed(uint64_t ticket)
{
    if (board != NULL) {
        end_job(ticket, true);
    }
}
