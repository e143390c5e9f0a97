/*
 * rollup.c: see rollup.h.
 *
 * Owns what zeros mean, and the share of time. Must not know libproc2 (proc2) nor who is read next.
 */
#include "rollup.h"

#include <errno.h>
#include <time.h>

#include "proc2.h"

#define KIB 1024

static int64_t
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A zombie has no memory at all; a living process always has some, and a PSS above 0 (FS-23). */
static int
judge(const struct proc2_row *row)
{
    if (!row->found || row->rss_kib == 0) {
        return -ESRCH;
    }
    return row->pss_kib == 0 ? -EACCES : 0;
}

int64_t
rollup_read(pid_t pid, int64_t now_ms, struct memory_figures *figures)
{
    struct proc2_row row;
    int64_t start_us = now_us();
    int64_t took_us;
    int error = proc2_read(&pid, 1, &row);

    figures->private_known = false;
    if (error == 0) {
        error = judge(&row);
    }
    if (error < 0) {
        return error;
    }
    figures->private_known = true;
    figures->pss_bytes = row.pss_kib * KIB;
    figures->uss_bytes = row.uss_kib * KIB;
    figures->swap_bytes = row.swap_kib * KIB;
    figures->private_ms = now_ms;
    took_us = now_us() - start_us;
    return took_us > 0 ? took_us : 1;
}

void
rollup_done(void)
{
    proc2_done();
}

int64_t
rollup_rest_ms(int64_t took_us, unsigned percent)
{
    int64_t rest_us;

    if (percent == 0) {
        return NEVER_MS;
    }
    if (percent >= 100 || took_us <= 0) {
        return 0;
    }
    /* What rests is to what worked as the other share is to this one. */
    if (__builtin_mul_overflow(took_us, (int64_t)(100 - percent), &rest_us)) {
        return NEVER_MS;
    }
    rest_us = rest_us / percent + (rest_us % percent != 0);
    return rest_us / 1000 + (rest_us % 1000 != 0);
}
