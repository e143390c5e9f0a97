/*
 * plan_early.c: what a worker's trend is good for. It never ends anybody by itself: it only moves a graceful recycle that
 * comes anyway.
 *
 * Staggering: when more workers than may be replaced at once are about to reach a limit together, the first of them is
 * replaced while it is still below. Preparing: the successor of a worker that will reach its limit within the next cycles is
 * booted now and waits at its gate; if it is not needed within PLAN_EXPECT_MS, it is ended, having held no job.
 */
#include "plan_turn.h"

/* A worker that comes near a graceful limit. */
struct approach {
    struct policy_finding finding;
    int64_t in_ms; /* NEVER_MS: it does not */
};

static bool
is_approached(const struct policy_finding *finding)
{
    return (finding->limit == POLICY_MAX_RSS || finding->limit == POLICY_MAX_PSS ||
            finding->limit == POLICY_MAX_USS) &&
           finding->weight == POLICY_WITHIN;
}

static struct approach
approach_of(const struct pool *pool, const struct worker *worker, int64_t now_ms)
{
    struct approach soonest = {.in_ms = NEVER_MS};
    struct policy_finding findings[POLICY_LIMIT_COUNT];
    struct trend trend;

    trend_of(&worker->history, worker->ready_ms, &trend);
    if (!trend.known) {
        return soonest;
    }
    plan_weigh(pool, worker, now_ms, findings);
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        int64_t in_ms = is_approached(&findings[i])
                            ? trend_time_to_ms(&trend, findings[i].value, findings[i].bound)
                            : NEVER_MS;

        if (in_ms < soonest.in_ms) {
            soonest = (struct approach){.finding = findings[i], .in_ms = in_ms};
        }
    }
    return soonest;
}

static bool
is_crowding(const struct approach *approach)
{
    return approach->in_ms <= PLAN_CROWD_MS &&
           approach->finding.value >= approach->finding.bound / 100 * (100 - PLAN_EARLY_PERCENT);
}

/* Its successor is booted before it is wanted. */
static void
expect(struct turn *turn, struct worker *worker, const struct approach *approach)
{
    int64_t lead_ms = 2 * turn->pool->settings.check_interval_ms + worker->boot_ms;

    if (approach->in_ms <= lead_ms && !worker->is_expected) {
        worker->is_expected = true;
        worker->expected_ms = turn->now_ms;
    }
}

/* Without one of these limits nobody's trend leads anywhere. */
static bool
has_limit(const struct policy_limits *limits)
{
    return limits->bound[POLICY_MAX_RSS] != 0 || limits->bound[POLICY_MAX_PSS] != 0 ||
           limits->bound[POLICY_MAX_USS] != 0;
}

static void
look_ahead(struct turn *turn)
{
    const struct pool *pool = turn->pool;
    struct approach first = {.in_ms = NEVER_MS};
    struct worker *soonest = NULL;
    struct worker *worker;
    unsigned crowd = 0;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        struct approach approach = {.in_ms = NEVER_MS};

        if (worker->state == WORKER_READY && worker->wanted == REASON_NONE) {
            approach = approach_of(pool, worker, turn->now_ms);
            crowd += is_crowding(&approach);
        }
        if (approach.in_ms < first.in_ms) {
            first = approach;
            soonest = worker;
        }
    }
    if (soonest == NULL || !plan_may_recycle(pool)) {
        return;
    }
    if (crowd > pool->settings.max_recycles && is_crowding(&first)) {
        plan_recycle_worker(turn, soonest, plan_limit_reasons[first.finding.limit], &first.finding);
    } else {
        expect(turn, soonest, &first);
    }
}

/* A successor that nobody needed after all. */
static void
forget_expected(struct turn *turn, struct slot *slot)
{
    struct worker *worker = slot->current;
    struct worker *successor = slot->successor;

    if (worker == NULL || !worker->is_expected || worker->wanted != REASON_NONE ||
        !turn_is_due(turn, worker->expected_ms + PLAN_EXPECT_MS)) {
        return;
    }
    worker->is_expected = false;
    slot->successor = NULL;
    if (successor != NULL) {
        plan_kill_worker(turn, successor, REASON_RECYCLE);
    }
}

void
plan_early(struct turn *turn)
{
    const struct pool *pool = turn->pool;

    if (pool->stop.stage != STOP_NONE || pool->quiet || pool->settings.dry_run) {
        return;
    }
    for (unsigned i = 0; i < pool->settings.processes; i++) {
        forget_expected(turn, &pool->slots[i]);
    }
    if (pool->is_cycle && has_limit(&pool->settings.limits)) {
        look_ahead(turn);
    }
}
