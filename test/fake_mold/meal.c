/* meal.c: see meal.h. */
#include "meal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "journal.h"

#define MIB ((size_t)1024 * 1024)
/* The most that one process holds. */
#define MEAL_MAX_MIB 4096u

static char *pieces[MEAL_MAX_MIB]; /* of one MiB each */
static unsigned held_mib;

/* Growth at a pace; pace 0: none. */
static struct {
    unsigned pace; /* MiB a second */
    unsigned upto_mib;
    unsigned from_mib;
    int64_t since_ms;
} growth;

static bool
take_piece(void)
{
    char *piece = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (piece == MAP_FAILED) {
        perror("fake-mold: eat");
        return false;
    }
    memset(piece, 0x5A, MIB);
    pieces[held_mib] = piece;
    held_mib++;
    return true;
}

static void
hold(const struct actor *actor, unsigned wanted_mib)
{
    unsigned before_mib = held_mib;

    while (held_mib < wanted_mib && take_piece()) {
    }
    while (held_mib > wanted_mib) {
        held_mib--;
        munmap(pieces[held_mib], MIB);
    }
    if (held_mib != before_mib) {
        journal_write(actor, "ate", held_mib);
    }
}

static void
order_growth(unsigned pace, unsigned upto_mib)
{
    if (pace == growth.pace && upto_mib == growth.upto_mib) {
        return;
    }
    growth.pace = pace;
    growth.upto_mib = upto_mib;
    growth.from_mib = held_mib;
    growth.since_ms = util_now_ms();
}

void
meal_order(const struct actor *actor, const char *order)
{
    unsigned pace;
    unsigned mib;

    if (sscanf(order, "rate %u %u", &pace, &mib) == 2) {
        order_growth(pace, mib < MEAL_MAX_MIB ? mib : MEAL_MAX_MIB);
        return;
    }
    mib = (unsigned)strtoul(order, NULL, 10);
    if (mib <= MEAL_MAX_MIB) {
        order_growth(0, 0);
        hold(actor, mib);
    }
}

void
meal_grow(const struct actor *actor)
{
    uint64_t due_mib;

    if (growth.pace == 0 || held_mib >= growth.upto_mib) {
        return;
    }
    due_mib = growth.from_mib + (uint64_t)(util_now_ms() - growth.since_ms) * growth.pace / 1000;
    if (due_mib > held_mib) {
        hold(actor, due_mib < growth.upto_mib ? (unsigned)due_mib : growth.upto_mib);
    }
}

void
meal_forget(void)
{
    held_mib = 0;
    order_growth(0, 0);
}
