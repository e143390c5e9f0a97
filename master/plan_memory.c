/*
 * plan_memory.c: is a worker too large, or the service as a whole? Judged only in a turn for which memory was looked at.
 *
 * Hard limits are judged at every glance and act at once. Graceful ones are judged when a worker has a new sample; the
 * worst leaves first, at most --max-recycles at a time, its successor before it. The total is judged at each cycle, and the
 * worker whose end gives most back is replaced, if that is worth it. An unknown figure never acts.
 */
#include "plan_turn.h"

const enum reason plan_limit_reasons[POLICY_LIMIT_COUNT] = {
    [POLICY_MAX_RSS] = REASON_RSS,       [POLICY_MAX_PSS] = REASON_PSS,
    [POLICY_MAX_USS] = REASON_USS,       [POLICY_MAX_JOBS] = REASON_JOBS,
    [POLICY_MAX_AGE] = REASON_AGE,       [POLICY_KILL_RSS] = REASON_KILL_RSS,
    [POLICY_KILL_PSS] = REASON_KILL_PSS, [POLICY_KILL_USS] = REASON_KILL_USS,
};

bool
plan_may_recycle(const struct pool *pool)
{
    const struct worker *worker;
    unsigned count = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        bool is_on_its_way = worker->wanted != REASON_NONE || worker_is_leaving(worker);

        count += is_on_its_way && worker_is_living(worker) && !worker_is_stuck(worker);
    }
    return count < pool->settings.max_recycles;
}

struct policy_worker
plan_policy_facts(const struct pool *pool, const struct worker *worker, int64_t now_ms)
{
    return (struct policy_worker){
        .now_ms = now_ms,
        .ready_ms = worker->ready_ms,
        .jobs = worker_jobs(worker),
        .seed = worker->slot,
        .now = &worker->memory,
        .fresh = &worker->fresh,
        .history = &worker->history,
        .sharers = worker->sharers != 0 ? worker->sharers : pool_sharers(pool, worker->generation),
        .sharers_read = worker->sharers_read,
        .sharers_fresh = worker->sharers_fresh,
        .sharers_whole = pool_sharers_whole(pool),
        .is_pressed = now_ms < pool->pressed_until_ms,
    };
}

void
plan_weigh(const struct pool *pool, const struct worker *worker, int64_t now_ms,
           struct policy_finding ret_findings[POLICY_LIMIT_COUNT])
{
    const struct policy_worker facts = plan_policy_facts(pool, worker, now_ms);

    policy_weigh(&pool->settings.limits, &facts, ret_findings);
}

/* Once for each limit, from the first worker that shows it. */
static void
tell_hopeless(struct turn *turn, struct worker *worker, const struct policy_finding *findings)
{
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        if (findings[i].weight == POLICY_HOPELESS && (turn->pool->limit_told & (1u << i)) == 0) {
            turn->pool->limit_told |= 1u << i;
            turn_act(turn, &(struct action){.kind = ACTION_LIMIT_TOO_LOW,
                                            .worker = worker,
                                            .finding = findings[i]});
        }
    }
}

/* Says once what would happen, until it would not any more. */
static void
tell_dry(struct turn *turn, struct worker *worker, const struct policy_finding *worst)
{
    unsigned bit = worst == NULL ? 0 : 1u << worst->limit;

    if (worst != NULL && (worker->dry_told & bit) == 0) {
        turn_act(turn, &(struct action){.kind = ACTION_WOULD_RECYCLE,
                                        .worker = worker,
                                        .reason = plan_limit_reasons[worst->limit],
                                        .finding = *worst});
    }
    worker->dry_told = bit;
}

/* One that drains may still grow; a hard limit ends it once. */
static bool
may_end(const struct worker *worker)
{
    return worker->state == WORKER_READY || worker->state == WORKER_QUIETING ||
           (worker->state == WORKER_DRAINING && !worker->is_hard);
}

/* Keeps, in worker->finding, why it should be replaced; returns whether it should. */
static bool
judge(struct turn *turn, struct worker *worker)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT];
    const struct policy_finding *worst;

    plan_weigh(turn->pool, worker, turn->now_ms, findings);
    tell_hopeless(turn, worker, findings);
    worst = policy_worst(findings);
    if (turn->pool->settings.dry_run) {
        tell_dry(turn, worker, worst);
        return false;
    }
    if (worst == NULL) {
        return false;
    }
    if (policy_is_hard(worst->limit)) {
        worker->finding = *worst;
        turn_act(turn, &(struct action){.kind = ACTION_RECYCLE,
                                        .worker = worker,
                                        .reason = plan_limit_reasons[worst->limit],
                                        .finding = *worst});
        plan_end_worker(turn, worker, plan_limit_reasons[worst->limit]);
        return false;
    }
    if (!worker->is_sampled || turn->pool->quiet || worker->state != WORKER_READY ||
        worker->wanted != REASON_NONE) {
        return false;
    }
    worker->finding = *worst;
    return true;
}

/* How many times its bound a figure is: limits of different kinds compare by that. */
static double
excess(const struct policy_finding *finding)
{
    return (double)finding->value / (double)finding->bound;
}

static void
judge_workers(struct turn *turn)
{
    struct worker *worst = NULL;
    struct worker *worker;

    TAILQ_FOREACH (worker, &turn->pool->workers, entry) {
        if (may_end(worker) && judge(turn, worker) &&
            (worst == NULL || excess(&worker->finding) > excess(&worst->finding))) {
            worst = worker;
        }
    }
    if (worst != NULL && plan_may_recycle(turn->pool)) {
        plan_recycle_worker(turn, worst, plan_limit_reasons[worst->finding.limit], &worst->finding);
    }
}

/* The worker whose end gives most back, if that is worth a fresh one's start. */
static struct worker *
find_largest(const struct pool *pool)
{
    uint64_t least = pool_worker_cost(pool) / 100 * PLAN_WORTH_PERCENT;
    struct worker *largest = NULL;
    struct worker *worker;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->state == WORKER_READY && worker->wanted == REASON_NONE &&
            worker_gain(worker) > least &&
            (largest == NULL || worker_gain(worker) > worker_gain(largest))) {
            largest = worker;
        }
    }
    return largest;
}

static unsigned
count_bits(uint32_t bits, unsigned window)
{
    uint32_t mask = window >= 32 ? UINT32_MAX : (UINT32_C(1) << window) - 1;

    return (unsigned)__builtin_popcount(bits & mask);
}

uint64_t
plan_total_threshold(const struct pool *pool)
{
    uint64_t limit = pool->total.limit_bytes;
    uint64_t room = 2 * pool_worker_cost(pool);
    uint64_t most = limit / 100 * PLAN_TOTAL_ROOM_PERCENT;

    return limit - (room < most ? room : most);
}

/* Is the service near its total for enough cycles? */
static bool
is_total_above(struct pool *pool, int64_t now_ms)
{
    struct pool_total *total = &pool->total;
    const struct policy_limits *limits = &pool->settings.limits;
    bool is_above = total->bytes > plan_total_threshold(pool);
    unsigned needed = now_ms < pool->pressed_until_ms ? 1 : limits->cycles;

    total->above = total->above << 1 | is_above;
    return is_above && count_bits(total->above, limits->window) >= needed;
}

/* Told once for each time that the total is reached; the line of a recycle says when somebody's end helps after all. */
static void
tell_total(struct turn *turn, struct worker *worker)
{
    if (!turn->pool->total.told) {
        turn->pool->total.told = true;
        turn_act(turn, &(struct action){
                           .kind = ACTION_TOTAL_HIGH, .worker = worker, .reason = REASON_TOTAL});
    }
}

static void
judge_total(struct turn *turn)
{
    struct pool *pool = turn->pool;
    const struct pool_total *total = &pool->total;
    struct worker *largest;

    if (!pool->is_cycle || !total->known || total->limit_bytes == 0) {
        return;
    }
    if (!is_total_above(pool, turn->now_ms)) {
        pool->total.told = pool->total.told && total->bytes > plan_total_threshold(pool);
        return;
    }
    largest = find_largest(pool);
    tell_total(turn, largest);
    if (pool->settings.dry_run) {
        return;
    }
    /* A spare is of use to whom it can replace; where that would not help, it is what can be spared. */
    if (largest == NULL) {
        (void)plan_spare_end(turn, REASON_TOTAL);
    } else if (plan_may_recycle(pool)) {
        plan_recycle_worker(turn, largest, REASON_TOTAL, NULL);
    }
}

void
plan_memory(struct turn *turn)
{
    const struct pool *pool = turn->pool;

    if (!pool->sampled || pool->stop.stage != STOP_NONE) {
        return;
    }
    /* Hard limits are there to save the machine: they hold while the service is quiet, too. */
    judge_workers(turn);
    if (!pool->quiet) {
        judge_total(turn);
    }
}
