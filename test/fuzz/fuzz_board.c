/*
 * fuzz_board.c: a board that a dying worker left.
 *
 * The input: the number of threads, the room for jobs and classes, the room for a payload (each a byte), the head of
 * the board, then writes into rows and records: which (a byte; its highest bit: a record, else a row), where in it and how
 * many bytes (two bytes each, the lower first), and these bytes. Promises: what is unknown is zero, what is known is within
 * the bounds that board_reader.h states, and texts are texts.
 */
#include "targets.h"

#include <errno.h>
#include <string.h>

#include "master/board_reader.h"
#include "master/util_text.h"

#define HEAD_SIZE (offsetof(struct board, record_count) + sizeof(uint32_t))
#define NOW_MS (INT64_C(1) << 40)
#define ROOM_MAX 128u
#define RECORD_BIT 0x80u

/* 4 MB: too much for a stack, and to be cleared for each input. */
static struct board board;

struct reader {
    const uint8_t *at;
    size_t left;
};

/* A place on the board and the bytes that go there. */
struct piece {
    char *to;
    const uint8_t *from;
    size_t size;
};

static unsigned
next_byte(struct reader *reader)
{
    if (reader->left == 0) {
        return 0;
    }
    reader->left--;
    return *reader->at++;
}

static size_t
next_number(struct reader *reader)
{
    unsigned low = next_byte(reader);

    return low | (size_t)next_byte(reader) << 8;
}

static void
next_bytes(struct reader *reader, struct piece *piece, size_t size)
{
    piece->from = reader->at;
    piece->size = size < reader->left ? size : reader->left;
    reader->at += piece->size;
    reader->left -= piece->size;
}

/* Returns false at the end of the input. */
static bool
next_piece(struct reader *reader, struct piece *ret_piece)
{
    unsigned which = next_byte(reader);
    bool is_record = (which & RECORD_BIT) != 0;
    size_t whole = is_record ? sizeof(board.records[0]) : sizeof(board.classes[0]);
    size_t at = next_number(reader) % whole;
    size_t size = next_number(reader);

    ret_piece->to = (is_record ? (char *)&board.records[which % BOARD_RECORDS]
                               : (char *)&board.classes[which % BOARD_CLASSES]) +
                    at;
    next_bytes(reader, ret_piece, size < whole - at ? size : whole - at);
    return ret_piece->size > 0;
}

/* Writes what the input says, or clears exactly that. */
static void
write_pieces(struct reader reader, bool is_clearing)
{
    struct piece piece;

    next_bytes(&reader, &piece, HEAD_SIZE);
    piece.to = (char *)&board;
    do {
        if (piece.size == 0) {
            return;
        }
        if (is_clearing) {
            memset(piece.to, 0, piece.size);
        } else {
            memcpy(piece.to, piece.from, piece.size);
        }
    } while (next_piece(&reader, &piece));
}

static void
check_known(const struct board_figures *figures, unsigned threads_max)
{
    FUZZ_CHECK(threads_max == 0 || figures->busy <= threads_max);
    FUZZ_CHECK(figures->busy == board.busy);
    FUZZ_CHECK(figures->beat_ms >= 0);
    FUZZ_CHECK(figures->progress == board.progress);
    FUZZ_CHECK(figures->started == board.started);
    FUZZ_CHECK(figures->done <= figures->started + 1024);
    FUZZ_CHECK(figures->failed <= figures->started + 1024);
    FUZZ_CHECK(board.magic == BOARD_MAGIC && board.version == BOARD_VERSION);
    FUZZ_CHECK(board.class_count <= BOARD_CLASSES && board.record_count <= BOARD_RECORDS);
}

static bool
check_head(unsigned threads_max)
{
    struct board_figures figures;

    board_read(&board, threads_max, &figures);
    if (figures.known) {
        check_known(&figures, threads_max);
        return true;
    }
    FUZZ_CHECK(figures.beat_ms == 0 && figures.started == 0 && figures.done == 0);
    FUZZ_CHECK(figures.failed == 0 && figures.busy == 0 && !figures.quiet);
    FUZZ_CHECK(figures.progress == 0);
    return false;
}

static void
check_text(const char *text, size_t size)
{
    FUZZ_CHECK(memchr(text, '\0', size) != NULL);
    while (*text != '\0') {
        FUZZ_CHECK(util_character_length(text) > 0 && !util_is_control(text));
        text += util_character_length(text);
    }
}

static void
check_payload(const struct board_job *job, size_t size)
{
    static char payload[BOARD_PAYLOAD_SIZE + 2];
    const struct board_record *record = &board.records[job->record];
    ssize_t length;
    size_t copied = record->payload_kept < size ? record->payload_kept : size - 1;

    memset(payload, 'x', size + 1);
    length = board_read_payload(&board, job, payload, size);
    FUZZ_CHECK(length == (job->payload_cut ? -EFBIG : (ssize_t)copied));
    FUZZ_CHECK(memcmp(payload, record->payload, copied) == 0);
    FUZZ_CHECK(payload[copied] == '\0' && payload[size] == 'x');
}

static void
check_job(const struct board_job *job)
{
    FUZZ_CHECK(job->record < board.record_count);
    FUZZ_CHECK(board.records[job->record].sequence % 2 == 1);
    FUZZ_CHECK(job->started_ms > 0 && job->started_ms <= NOW_MS);
    FUZZ_CHECK(job->payload_size == board.records[job->record].payload_size);
    check_text(job->name, sizeof(job->name));
    check_text(job->jid, sizeof(job->jid));
    check_text(job->queue, sizeof(job->queue));
}

static void
check_jobs(bool is_known, unsigned room, size_t payload_room)
{
    static struct board_job jobs[ROOM_MAX];
    unsigned count = board_read_jobs(&board, NOW_MS, jobs, room);

    FUZZ_CHECK(count <= room && (is_known || count == 0));
    for (unsigned i = 0; i < count; i++) {
        FUZZ_CHECK(i == 0 || jobs[i - 1].started_ms <= jobs[i].started_ms);
        check_job(&jobs[i]);
        check_payload(&jobs[i], payload_room);
    }
}

/* A job that was not read from this board, as of another worker or of long ago. */
static void
check_strange_job(const struct board_job *job)
{
    char payload[64];
    ssize_t length = board_read_payload(&board, job, payload, sizeof(payload));

    FUZZ_CHECK(length == -ENOENT || (length >= 0 && length < (ssize_t)sizeof(payload)));
    FUZZ_CHECK(length != -ENOENT || payload[0] == '\0');
}

static void
check_classes(bool is_known, unsigned room)
{
    static struct board_class_figures classes[ROOM_MAX];
    unsigned count = board_read_classes(&board, classes, room);

    FUZZ_CHECK(count <= room && count <= BOARD_CLASSES && (is_known || count == 0));
    for (unsigned i = 0; i < count; i++) {
        check_text(classes[i].name, sizeof(classes[i].name));
        FUZZ_CHECK(classes[i].name[0] != '\0');
        FUZZ_CHECK(classes[i].done <= classes[i].started + 1024);
        FUZZ_CHECK(classes[i].failed <= classes[i].started + 1024);
    }
}

void
fuzz_board(const uint8_t *data, size_t size)
{
    struct reader reader = {.at = data, .left = size};
    unsigned threads_max = next_byte(&reader);
    unsigned room = next_byte(&reader) % (ROOM_MAX + 1);
    /* Small ones, and one that holds any. */
    size_t payload_room = 1 + next_byte(&reader);
    bool is_known;

    payload_room = payload_room == 256 ? BOARD_PAYLOAD_SIZE + 1 : payload_room;
    write_pieces(reader, false);
    check_head(threads_max);
    is_known = check_head(0);
    check_jobs(is_known, room, payload_room);
    check_strange_job(&(struct board_job){.record = room, .sequence = threads_max});
    check_classes(is_known, room);
    write_pieces(reader, true);
}
