/* pool.c: see pool.h. */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>

#define TIMEOUT_DEFAULT_MS 25000 /* Sidekiq's own default of -t */

const char *
remedy_name(enum remedy remedy)
{
    static const char *const names[] = {
        [REMEDY_LOG] = "log",
        [REMEDY_RECYCLE] = "recycle",
        [REMEDY_KILL] = "kill",
    };

    return names[remedy];
}

int
pool_init(struct pool *pool, const struct pool_settings *settings)
{
    *pool = (struct pool){
        .settings = *settings,
        .timeout_ms = TIMEOUT_DEFAULT_MS,
    };
    TAILQ_INIT(&pool->workers);
    TAILQ_INIT(&pool->molds);
    pool->slots = calloc(pool_positions(settings), sizeof(*pool->slots));
    if (pool->slots == NULL) {
        return -ENOMEM;
    }
    for (unsigned i = 0; i < pool_positions(settings); i++) {
        pool->slots[i].number = i;
        pool->slots[i].index = i;
    }
    return 0;
}

unsigned
pool_positions(const struct pool_settings *settings)
{
    return settings->processes + settings->spare;
}

static void
free_worker(struct worker *worker)
{
    free(worker->rule_states);
    free(worker);
}

void
pool_done(struct pool *pool)
{
    struct worker *worker = TAILQ_FIRST(&pool->workers);
    struct mold *mold = TAILQ_FIRST(&pool->molds);

    while (worker != NULL) {
        struct worker *next = TAILQ_NEXT(worker, entry);

        free_worker(worker);
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
    if (pool->settings.rule_count > 0) {
        worker->rule_states = calloc(pool->settings.rule_count, sizeof(*worker->rule_states));
        if (worker->rule_states == NULL) {
            free(worker);
            return NULL;
        }
    }
    worker->ties = (struct ties){.board_fd = -1};
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
    mold->ties = (struct ties){.board_fd = -1};
    TAILQ_INSERT_TAIL(&pool->molds, mold, entry);
    return mold;
}

struct mold *
pool_promote(struct pool *pool, const struct worker *worker, int64_t now_ms)
{
    struct mold *mold = pool_add_mold(pool, now_ms);

    if (mold == NULL) {
        return NULL;
    }
    mold->id = worker->id;
    mold->pid = worker->pid;
    mold->is_promoted = true;
    mold->from_slot = worker->slot;
    mold->memory = worker->memory;
    mold->rollup_rss_bytes = worker->rollup_rss_bytes;
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

/* Without a mold all of it is its own. */
static uint64_t
cost_of(const struct pool *pool, const struct worker *worker)
{
    const struct memory_figures *fresh = &worker->fresh;

    if (fresh->private_known) {
        return fresh->uss_bytes;
    }
    return fresh->rss_known && !pool->settings.prefork ? fresh->rss_bytes : 0;
}

void
pool_remove_worker(struct pool *pool, struct worker *worker)
{
    struct slot *slot = &pool->slots[worker->slot];
    uint64_t cost = cost_of(pool, worker);

    if (cost != 0) {
        pool->last_cost_bytes = cost;
    }
    if (slot->current == worker) {
        slot->current = NULL;
    }
    if (slot->successor == worker) {
        slot->successor = NULL;
    }
    TAILQ_REMOVE(&pool->workers, worker, entry);
    free_worker(worker);
}

void
pool_remove_mold(struct pool *pool, struct mold *mold)
{
    if (pool->mold == mold) {
        pool->mold = NULL;
    }
    if (pool->mold_before == mold) {
        pool->mold_before = NULL;
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

bool
pool_is_spare(const struct pool *pool, const struct worker *worker)
{
    return worker->slot >= pool->settings.processes;
}

unsigned
pool_living_in_slots(const struct pool *pool)
{
    const struct worker *worker;
    unsigned count = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        count +=
            !pool_is_spare(pool, worker) && worker_is_living(worker) && !worker_is_stuck(worker);
    }
    return count;
}

unsigned
pool_spares(const struct pool *pool)
{
    const struct worker *worker;
    unsigned count = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        count += pool_is_spare(pool, worker) && worker->state == WORKER_WAITING;
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

bool
pool_has_rule_on(const struct pool_settings *settings, enum rule_subject subject)
{
    for (unsigned i = 0; i < settings->rule_count; i++) {
        if (settings->rules[i].subject == subject) {
            return true;
        }
    }
    return false;
}

bool
pool_needs_private(const struct pool_settings *settings)
{
    const uint64_t *bound = settings->limits.bound;

    return bound[POLICY_MAX_PSS] != 0 || bound[POLICY_MAX_USS] != 0 ||
           bound[POLICY_KILL_PSS] != 0 || bound[POLICY_KILL_USS] != 0 ||
           settings->max_total_bytes != 0 || pool_has_rule_on(settings, RULE_PSS) ||
           pool_has_rule_on(settings, RULE_USS);
}

bool
pool_is_watching(const struct pool_settings *settings)
{
    bool has_limit = settings->max_total_bytes != 0 || settings->max_mold_rss_bytes != 0;

    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        has_limit |= settings->limits.bound[i] != 0;
    }
    return has_limit || settings->refork_jobs != 0 || settings->rule_count > 0 ||
           settings->hang_timeout_ms != NEVER_MS || settings->max_job_time_ms != NEVER_MS ||
           settings->stopped_timeout_ms != NEVER_MS;
}

unsigned
pool_sharers(const struct pool *pool, unsigned generation)
{
    const struct worker *worker;
    const struct mold *mold;
    unsigned count = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        count +=
            worker->generation == generation && worker->pid != 0 && worker->state < WORKER_KILLED;
    }
    TAILQ_FOREACH (mold, &pool->molds, entry) {
        count += mold->generation == generation && mold->state < MOLD_LEAVING;
    }
    return count;
}

unsigned
pool_sharers_whole(const struct pool *pool)
{
    return pool->settings.prefork ? pool_positions(&pool->settings) + 1 : 0;
}

static uint64_t
less(uint64_t from, uint64_t what)
{
    return from > what ? from - what : 0;
}

uint64_t
pool_group_limit(const struct pool *pool)
{
    uint64_t limit = pool->group.limit_bytes;
    uint64_t high = pool->group.high_bytes;

    return high != 0 && (limit == 0 || high < limit) ? high : limit;
}

uint64_t
pool_group_held(const struct pool *pool)
{
    return less(pool->group.used_bytes, pool->group.cache_bytes);
}

uint64_t
pool_room(const struct pool *pool)
{
    const struct group_figures *group = &pool->group;
    uint64_t room = UINT64_MAX;

    if (group->available_bytes != 0) {
        room = group->available_bytes;
    }
    if (pool_group_limit(pool) != 0 && group->used_known) {
        uint64_t free = less(pool_group_limit(pool), pool_group_held(pool));

        room = free < room ? free : room;
    }
    if (pool->total.known && pool->total.limit_bytes != 0) {
        uint64_t free = less(pool->total.limit_bytes, pool->total.bytes);

        room = free < room ? free : room;
    }
    return room;
}

uint64_t
pool_worker_cost(const struct pool *pool)
{
    const struct worker *worker;
    uint64_t cost = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        uint64_t own = cost_of(pool, worker);

        cost = own > cost ? own : cost;
    }
    return cost != 0 ? cost : pool->last_cost_bytes;
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
