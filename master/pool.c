/* pool.c: see pool.h. */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>

#define TIMEOUT_DEFAULT_MS 25000 /* Sidekiq's own default of -t */

int
pool_init(struct pool *pool, const struct pool_settings *settings)
{
    *pool = (struct pool){
        .settings = *settings,
        .timeout_ms = TIMEOUT_DEFAULT_MS,
        .next_check_ms = settings->max_rss_bytes != 0 ? 0 : NEVER_MS,
    };
    TAILQ_INIT(&pool->workers);
    TAILQ_INIT(&pool->molds);
    pool->slots = calloc(settings->processes, sizeof(*pool->slots));
    if (pool->slots == NULL) {
        return -ENOMEM;
    }
    for (unsigned i = 0; i < settings->processes; i++) {
        pool->slots[i].number = i;
    }
    return 0;
}

void
pool_done(struct pool *pool)
{
    struct worker *worker = TAILQ_FIRST(&pool->workers);
    struct mold *mold = TAILQ_FIRST(&pool->molds);

    while (worker != NULL) {
        struct worker *next = TAILQ_NEXT(worker, entry);

        free(worker);
        worker = next;
    }
    while (mold != NULL) {
        struct mold *next = TAILQ_NEXT(mold, entry);

        free(mold);
        mold = next;
    }
    free(pool->slots);
    *pool = (struct pool){0};
}

struct worker *
pool_add_worker(struct pool *pool, unsigned slot, int64_t now_ms)
{
    struct worker *worker = calloc(1, sizeof(*worker));

    if (worker == NULL) {
        return NULL;
    }
    worker->id = ++pool->last_id;
    worker->slot = slot;
    worker->generation = pool->last_generation;
    worker->asked_ms = now_ms;
    worker->since_ms = now_ms;
    worker->ties = (struct ties){.board_fd = -1, .statm_fd = -1};
    TAILQ_INSERT_TAIL(&pool->workers, worker, entry);
    return worker;
}

struct mold *
pool_add_mold(struct pool *pool, int64_t now_ms)
{
    struct mold *mold = calloc(1, sizeof(*mold));

    if (mold == NULL) {
        return NULL;
    }
    mold->id = ++pool->last_id;
    mold->generation = ++pool->last_generation;
    mold->asked_ms = now_ms;
    mold->since_ms = now_ms;
    mold->ties = (struct ties){.board_fd = -1, .statm_fd = -1};
    TAILQ_INSERT_TAIL(&pool->molds, mold, entry);
    return mold;
}

struct worker *
pool_find_worker(const struct pool *pool, uint64_t id)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->id == id) {
            return worker;
        }
    }
    return NULL;
}

struct mold *
pool_find_mold(const struct pool *pool, uint64_t id)
{
    struct mold *mold;

    TAILQ_FOREACH (mold, &pool->molds, entry) {
        if (mold->id == id) {
            return mold;
        }
    }
    return NULL;
}

void
pool_remove_worker(struct pool *pool, struct worker *worker)
{
    struct slot *slot = &pool->slots[worker->slot];

    if (slot->current == worker) {
        slot->current = NULL;
    }
    if (slot->successor == worker) {
        slot->successor = NULL;
    }
    TAILQ_REMOVE(&pool->workers, worker, entry);
    free(worker);
}

void
pool_remove_mold(struct pool *pool, struct mold *mold)
{
    if (pool->mold == mold) {
        pool->mold = NULL;
    }
    TAILQ_REMOVE(&pool->molds, mold, entry);
    free(mold);
}

unsigned
pool_living(const struct pool *pool)
{
    const struct worker *worker;
    unsigned count = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker_is_living(worker) && !worker_is_stuck(worker)) {
            count++;
        }
    }
    return count;
}

unsigned
pool_count_state(const struct pool *pool, enum worker_state state)
{
    const struct worker *worker;
    unsigned count = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->state == state) {
            count++;
        }
    }
    return count;
}

const char *
pool_state_name(const struct pool *pool)
{
    if (pool->stop.stage != STOP_NONE) {
        return "stopping";
    }
    if (pool->quiet) {
        return "quiet";
    }
    return pool->ever_ready ? "running" : "booting";
}
