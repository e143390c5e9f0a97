/* signs.c: see signs.h. */
#include "signs.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "orders.h"

static bool is_spinning;

static void *
spin(void *unused)
{
    (void)unused;
    while (__atomic_load_n(&is_spinning, __ATOMIC_RELAXED)) {
    }
    return NULL;
}

/* A thread, so that the worker goes on beating and obeying as Sidekiq's main thread does. */
static void
follow_spin(bool is_wanted)
{
    static pthread_t spinner;
    int error = 0;

    if (is_wanted == is_spinning) {
        return;
    }
    __atomic_store_n(&is_spinning, is_wanted, __ATOMIC_RELAXED);
    if (is_wanted) {
        error = pthread_create(&spinner, NULL, spin, NULL);
    } else {
        pthread_join(spinner, NULL);
    }
    if (error != 0) {
        is_spinning = false;
        fprintf(stderr, "fake-mold: spin: %s\n", strerror(error));
    }
}

void
signs_show(const struct actor *actor, const char *place)
{
    bool is_ordered = orders_stand(actor, place);
    bool is_mute = is_ordered && orders_take(actor, place, "mute", NULL);
    bool is_wedged = is_ordered && orders_take(actor, place, "wedge", NULL);

    if (!is_mute) {
        __atomic_store_n(&actor->board->beat_ms, (uint64_t)util_now_ms(), __ATOMIC_RELAXED);
    }
    if (!is_mute && !is_wedged) {
        __atomic_fetch_add(&actor->board->progress, 1, __ATOMIC_RELAXED);
    }
    follow_spin(is_ordered && orders_take(actor, place, "spin", NULL));
}
