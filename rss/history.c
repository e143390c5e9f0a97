/*
 * history.c: see history.h.
 *
 * Owns which samples are kept. Must not read a clock, allocate or judge.
 */
#include "history.h"

#include <limits.h>

static void
add_recent(struct history *history, const struct history_sample *sample)
{
    history->recent[history->recent_count % HISTORY_RECENT] = *sample;
    history->recent_count++;
    /* A count that wrapped to 0 would say that there is nothing; the place stays the same. */
    if (history->recent_count == 0) {
        history->recent_count = HISTORY_RECENT;
    }
}

/* Every second point goes. The next sample is then due: at the new spacing from the last one. */
static void
thin(struct history *history)
{
    unsigned stride = history->line_stride == 0 ? 1 : history->line_stride;

    for (unsigned i = 0; i < HISTORY_LINE / 2; i++) {
        history->line[i] = history->line[2 * i];
    }
    history->line_count = HISTORY_LINE / 2;
    history->line_stride = stride > UINT_MAX / 2 ? UINT_MAX : stride * 2;
}

static void
add_to_line(struct history *history, const struct history_sample *sample)
{
    history->line_skipped++;
    if (sample->rss_bytes == 0 ||
        (history->line_count > 0 && history->line_skipped < history->line_stride)) {
        return;
    }
    if (history->line_count == HISTORY_LINE) {
        thin(history);
    }
    history->line[history->line_count++] = *sample;
    history->line_skipped = 0;
}

void
history_add(struct history *history, const struct history_sample *sample)
{
    add_recent(history, sample);
    add_to_line(history, sample);
    history_note_peak(history, sample->rss_bytes, sample->at_ms);
}

const struct history_sample *
history_at(const struct history *history, unsigned back)
{
    if (back >= HISTORY_RECENT || back >= history->recent_count) {
        return NULL;
    }
    return &history->recent[(history->recent_count - 1 - back) % HISTORY_RECENT];
}

void
history_note_peak(struct history *history, uint64_t rss_bytes, int64_t at_ms)
{
    if (rss_bytes > history->peak_rss_bytes) {
        history->peak_rss_bytes = rss_bytes;
        history->peak_ms = at_ms;
    }
}
