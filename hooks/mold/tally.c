/* tally.c: see tally.h. */
#include "tally.h"

#include "master/board.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct board *board;

#define ADD(field, count) __atomic_fetch_add(&board->field, count, __ATOMIC_RELAXED)
#define STORE(field, value) __atomic_store_n(&board->field, value, __ATOMIC_RELAXED)

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

    util_close(&take_fd);
    if (found == NULL) {
        return -errno;
    }
    if (found->magic != BOARD_MAGIC || found->version != BOARD_VERSION) {
        munmap(found, BOARD_SIZE);
        return -EPROTO;
    }
    board = found;
    return 0;
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
        STORE(beat_ms, (uint64_t)util_now_ms());
    }
}

void
tally_job_started(void)
{
    if (board != NULL) {
        ADD(started, 1);
        ADD(busy, 1);
        tally_beat();
    }
}

static void
end_job(uint64_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
    ADD(busy, (uint32_t)-1);
    tally_beat();
}

void
tally_job_done(void)
{
    if (board != NULL) {
        end_job(&board->done);
    }
}

void
tally_job_failed(void)
{
    if (board != NULL) {
        end_job(&board->failed);
    }
}

void
tally_quiet(void)
{
    if (board != NULL) {
        STORE(quiet, 1);
        tally_beat();
    }
}
