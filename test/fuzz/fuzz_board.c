/*
 * fuzz_board.c: a page that a dying worker left.
 *
 * The first byte is the number of threads. Promises: what is unknown is zero; what is known is
 * within the bounds that board_reader states.
 */
#include "targets.h"

#include <string.h>

#include "master/board_reader.h"

static void
check_known(const struct board_figures *figures, const struct board *board, unsigned threads_max)
{
    FUZZ_CHECK(threads_max == 0 || figures->busy <= threads_max);
    FUZZ_CHECK(figures->busy == board->busy);
    FUZZ_CHECK(figures->beat_ms >= 0);
    FUZZ_CHECK(figures->started == board->started);
    FUZZ_CHECK(figures->done <= figures->started + 1024);
    FUZZ_CHECK(figures->failed <= figures->started + 1024);
    FUZZ_CHECK(board->magic == BOARD_MAGIC && board->version == BOARD_VERSION);
}

void
fuzz_board(const uint8_t *data, size_t size)
{
    struct board board = {0};
    struct board_figures figures;
    unsigned threads_max = size > 0 ? data[0] : 0;
    size_t length = size > 0 ? size - 1 : 0;

    if (length > 0) {
        memcpy(&board, data + 1, length < sizeof(board) ? length : sizeof(board));
    }
    board_read(&board, threads_max, &figures);
    if (figures.known) {
        check_known(&figures, &board, threads_max);
        return;
    }
    FUZZ_CHECK(figures.beat_ms == 0 && figures.started == 0 && figures.done == 0);
    FUZZ_CHECK(figures.failed == 0 && figures.busy == 0 && !figures.quiet);
}
