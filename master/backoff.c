/* backoff.c: see backoff.h. */
#include "backoff.h"

static int64_t
wait_of(unsigned failures)
{
    int64_t wait_ms = BACKOFF_FIRST_MS;

    for (unsigned i = 1; i < failures && wait_ms < BACKOFF_LAST_MS; i++) {
        wait_ms += wait_ms / 2;
    }
    return wait_ms < BACKOFF_LAST_MS ? wait_ms : BACKOFF_LAST_MS;
}

int64_t
backoff_fail(struct backoff *backoff, int64_t now_ms)
{
    int64_t wait_ms;

    backoff->failures++;
    wait_ms = wait_of(backoff->failures);
    backoff->retry_ms = util_after_ms(now_ms, wait_ms);
    return wait_ms;
}

void
backoff_forgive(struct backoff *backoff, int64_t now_ms)
{
    backoff->failures++;
    backoff->retry_ms = now_ms;
}

void
backoff_hold(struct backoff *backoff, int64_t now_ms, int64_t floor_ms)
{
    int64_t until_ms = util_after_ms(now_ms, floor_ms);

    if (backoff->retry_ms < until_ms) {
        backoff->retry_ms = until_ms;
    }
}

void
backoff_heal(struct backoff *backoff, int64_t span_ms)
{
    if (span_ms >= BACKOFF_HEALTHY_MS) {
        *backoff = (struct backoff){0};
    }
}
