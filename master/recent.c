/* recent.c: see recent.h. */
#include "recent.h"

void
recent_add(struct recent *recent, const struct recent_end *end)
{
    recent->ends[recent->count % RECENT_MAX] = *end;
    recent->count++;
}

const struct recent_end *
recent_at(const struct recent *recent, unsigned back)
{
    if (back >= RECENT_MAX || back >= recent->count) {
        return NULL;
    }
    return &recent->ends[(recent->count - 1 - back) % RECENT_MAX];
}

const struct recent_end *
recent_of_slot(const struct recent *recent, unsigned slot)
{
    for (unsigned back = 0; back < RECENT_MAX; back++) {
        const struct recent_end *end = recent_at(recent, back);

        if (end != NULL && end->slot == slot) {
            return end;
        }
    }
    return NULL;
}
