/*
 * plan_rule.c: the operator's own rules, each for each worker that fetches, once a cycle.
 *
 * A rule that fires is told once until it recovers. Of its deeds the plan itself does only the recycle, within
 * --max-recycles; programs are started by act.c.
 */
#include "plan_turn.h"

static void
know(struct rule_facts *facts, enum rule_subject subject, bool known, uint64_t value)
{
    facts->known[subject] = known;
    facts->value[subject] = value;
}

static uint64_t
since(int64_t now_ms, int64_t then_ms)
{
    return now_ms > then_ms ? (uint64_t)(now_ms - then_ms) : 0;
}

static struct rule_facts
facts_of(const struct worker *worker, int64_t now_ms)
{
    const struct memory_figures *memory = &worker->memory;
    int64_t job_ms = worker->pulse.oldest_job_ms;
    struct rule_facts facts = {0};

    know(&facts, RULE_RSS, memory->rss_known, memory->rss_bytes);
    know(&facts, RULE_PSS, memory->private_known, memory->pss_bytes);
    know(&facts, RULE_USS, memory->private_known, memory->uss_bytes);
    know(&facts, RULE_TOTAL, memory->rss_known && worker->offspring_known,
         memory->rss_bytes + worker->offspring_bytes);
    know(&facts, RULE_CPU, worker->cpu_known, worker->cpu_centi);
    know(&facts, RULE_JOBS, worker->figures.known, worker_jobs(worker));
    know(&facts, RULE_AGE, true, since(now_ms, worker->ready_ms));
    know(&facts, RULE_JOB_AGE, worker->figures.known, job_ms != 0 ? since(now_ms, job_ms) : 0);
    return facts;
}

static void
tell(struct turn *turn, struct worker *worker, unsigned number, enum action_kind kind)
{
    turn_act(turn, &(struct action){
                       .kind = kind, .worker = worker, .reason = REASON_RULE, .rule = number});
}

/* A rule that could not act when it fired, since others were being replaced, acts later. */
static void
recycle(struct turn *turn, struct worker *worker, unsigned number)
{
    if (worker->wanted == REASON_NONE && !turn->pool->settings.dry_run &&
        plan_may_recycle(turn->pool)) {
        worker->rule = number;
        plan_recycle_worker(turn, worker, REASON_RULE, NULL);
    }
}

static void
judge(struct turn *turn, struct worker *worker)
{
    const struct pool_settings *settings = &turn->pool->settings;
    struct rule_facts facts = facts_of(worker, turn->now_ms);

    for (unsigned i = 0; i < settings->rule_count; i++) {
        const struct rule *rule = &settings->rules[i];
        struct rule_state *state = &worker->rule_states[i];
        enum rule_outcome outcome = rule_judge(rule, &facts, state);

        if (outcome == RULE_FIRED) {
            tell(turn, worker, i, ACTION_RULE_FIRED);
        } else if (outcome == RULE_RECOVERED) {
            tell(turn, worker, i, ACTION_RULE_OVER);
        }
        if (state->is_active && rule->then == RULE_DO_RECYCLE) {
            recycle(turn, worker, i);
        }
    }
}

void
plan_rules(struct turn *turn)
{
    const struct pool *pool = turn->pool;
    struct worker *worker;

    if (pool->settings.rule_count == 0 || pool->quiet || pool->stop.stage != STOP_NONE) {
        return;
    }
    TAILQ_FOREACH (worker, &pool->workers, entry) {
        if (worker->is_sampled && worker->state == WORKER_READY) {
            judge(turn, worker);
        }
    }
}
