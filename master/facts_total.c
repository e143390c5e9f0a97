/*
 * facts_total.c: see facts_total.h.
 *
 * Where a cgroup limits the service, the kernel's own count is the total, page cache left out; else it is the sum of PSS, each
 * corrected by what its process has grown since it was read.
 */
#include "facts_total.h"

#include "log.h"
#include "rss/group.h"
#include "rss/rollup.h"

/* A pressure event means something for so long, and is told so often at most. */
#define PRESSED_MS 10000
#define PRESSED_TELL_MS 60000
/* An OOM kill that the kernel counted explains deaths that come so soon after. */
#define OOM_CREDIT_MS 5000

/* Of a process that shares: its PSS when it was read, and all it has grown since. */
static bool
add_share(const struct memory_figures *memory, uint64_t rollup_rss, uint64_t *sum)
{
    if (!memory->private_known) {
        return false;
    }
    *sum += memory->pss_bytes + memory->swap_bytes;
    if (memory->rss_known && memory->rss_bytes > rollup_rss) {
        *sum += memory->rss_bytes - rollup_rss;
    }
    return true;
}

/* The sum of what everybody's share is: what the service takes where no cgroup counts it. */
static bool
sum_shares(const struct pool *pool, uint64_t *ret_bytes)
{
    const struct worker *worker;
    const struct mold *mold;
    uint64_t sum = 0;

    TAILQ_FOREACH (mold, &pool->molds, entry) {
        if (mold->pid != 0 && !add_share(&mold->memory, mold->rollup_rss_bytes, &sum)) {
            return false;
        }
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        /* One that leaves still takes what it takes, but nobody reads it any more to know. */
        bool is_known = worker->state >= WORKER_WAITING && worker->state < WORKER_GONE &&
                        add_share(&worker->memory, worker->rollup_rss_bytes, &sum);

        if (worker->state == WORKER_READY && !is_known) {
            return false;
        }
    }
    *ret_bytes = sum;
    return true;
}

static void
keep_total(struct pool *pool)
{
    const struct group_figures *group = &pool->group;
    struct pool_total *total = &pool->total;

    total->limit_bytes = pool->settings.max_total_bytes;
    if (total->limit_bytes == POOL_TOTAL_AUTO) {
        total->limit_bytes = pool_group_limit(pool) / 100 * POOL_TOTAL_AUTO_PERCENT;
    }
    if (pool_group_limit(pool) != 0 && group->used_known) {
        total->known = true;
        total->bytes = group->swap_bytes + pool_group_held(pool);
    } else {
        total->known = sum_shares(pool, &total->bytes);
    }
}

void
facts_total_read(struct supervisor *supervisor)
{
    group_read(supervisor->group, &supervisor->pool.group);
    keep_total(&supervisor->pool);
}

/* An OOM kill that was counted explains one death by KILL, if that comes soon after. */
bool
facts_total_take_oom(struct supervisor *supervisor, int64_t now_ms)
{
    const struct group_figures *group = &supervisor->pool.group;

    group_read(supervisor->group, &supervisor->pool.group);
    if (!group->ooms_known) {
        return false;
    }
    if (group->ooms > supervisor->ooms_seen) {
        supervisor->oom_credit = group->ooms - supervisor->ooms_seen;
        supervisor->oom_credit_ms = now_ms;
    }
    supervisor->ooms_seen = group->ooms;
    if (supervisor->oom_credit == 0 || now_ms - supervisor->oom_credit_ms > OOM_CREDIT_MS) {
        return false;
    }
    supervisor->oom_credit--;
    return true;
}

/* The kernel reports that processes wait for memory: look at once, and act on the first sample (B8). */
static void
on_pressure(struct ev_loop *loop, struct ev_io *watcher, int events)
{
    struct supervisor *supervisor = watcher->data;
    struct pool *pool = &supervisor->pool;
    int64_t now_ms = supervisor_now_ms(supervisor);

    (void)events;
    if (!pressure_take(&supervisor->pressure)) {
        ev_io_stop(loop, watcher);
        pressure_close(&supervisor->pressure);
        return;
    }
    if (pool->pressed_ms == 0 || now_ms - pool->pressed_ms >= PRESSED_TELL_MS) {
        log_note(EVENT_PRESSURE, "processes wait for memory: limits act on their first sample");
    }
    pool->pressed_ms = now_ms;
    pool->pressed_until_ms = now_ms + PRESSED_MS;
    pool->next_check_ms = now_ms;
}

int
facts_total_open(struct supervisor *supervisor)
{
    struct pool *pool = &supervisor->pool;
    int error = group_open("/proc", "/sys/fs/cgroup", &supervisor->group);

    supervisor->pressure = (struct pressure){.trigger_fd = -1, .epoll_fd = -1};
    if (error != 0) {
        return error;
    }
    facts_total_read(supervisor);
    supervisor->ooms_seen = pool->group.ooms;
    if (pool->group.dies_together) {
        log_note(EVENT_WARNING,
                 "memory.oom.group is 1 for this service's cgroup: an OOM kill of one worker ends "
                 "all of it; set OOMPolicy=continue in the unit, or write 0 to memory.oom.group");
    }
    if (!pool_is_watching(&pool->settings) ||
        pressure_open(&supervisor->pressure, group_pressure_path(supervisor->group)) != 0) {
        return 0;
    }
    ev_io_init(&supervisor->pressure_io, on_pressure, supervisor->pressure.epoll_fd, EV_READ);
    supervisor->pressure_io.data = supervisor;
    ev_io_start(supervisor->loop, &supervisor->pressure_io);
    return 0;
}

void
facts_total_close(struct supervisor *supervisor)
{
    if (supervisor->group == NULL) {
        return;
    }
    if (supervisor->pressure.epoll_fd >= 0) {
        ev_io_stop(supervisor->loop, &supervisor->pressure_io);
        pressure_close(&supervisor->pressure);
    }
    group_close(supervisor->group);
    supervisor->group = NULL;
    rollup_done();
}
