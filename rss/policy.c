/*
 * policy.c: see policy.h.
 *
 * Owns the comparison with a limit. Must not measure, remember, act or read a clock.
 */
#include "policy.h"

enum figure {
    FIGURE_RSS,
    FIGURE_PSS,
    FIGURE_USS,
    FIGURE_JOBS,
    FIGURE_AGE,
};

static const struct {
    const char *name;
    enum figure figure;
    bool is_hard;
} limit_table[POLICY_LIMIT_COUNT] = {
    [POLICY_MAX_RSS] = {"max-rss", FIGURE_RSS, false},
    [POLICY_MAX_PSS] = {"max-pss", FIGURE_PSS, false},
    [POLICY_MAX_USS] = {"max-uss", FIGURE_USS, false},
    [POLICY_MAX_JOBS] = {"max-jobs", FIGURE_JOBS, false},
    [POLICY_MAX_AGE] = {"max-age", FIGURE_AGE, false},
    [POLICY_KILL_RSS] = {"kill-rss", FIGURE_RSS, true},
    [POLICY_KILL_PSS] = {"kill-pss", FIGURE_PSS, true},
    [POLICY_KILL_USS] = {"kill-uss", FIGURE_USS, true},
};

/* Where a sample stands beside a bound. */
enum side {
    SIDE_UNSEEN,
    SIDE_WITHIN,
    SIDE_ABOVE,
};

bool
policy_is_hard(enum policy_limit limit)
{
    return limit < POLICY_LIMIT_COUNT && limit_table[limit].is_hard;
}

bool
policy_is_memory(enum policy_limit limit)
{
    return limit < POLICY_LIMIT_COUNT && limit_table[limit].figure <= FIGURE_USS;
}

const char *
policy_limit_name(enum policy_limit limit)
{
    return limit < POLICY_LIMIT_COUNT ? limit_table[limit].name : "?";
}

/* Figures as a sample has them: 0 is not known. */
static struct history_sample
sample_of(const struct memory_figures *figures, unsigned sharers)
{
    struct history_sample sample = {.sharers = sharers};

    if (figures != NULL && figures->rss_known) {
        sample.rss_bytes = figures->rss_bytes;
    }
    if (figures != NULL && figures->private_known) {
        sample.pss_bytes = figures->pss_bytes;
        sample.uss_bytes = figures->uss_bytes;
    }
    return sample;
}

/* PSS with as many sharers as there should be: what is shared is divided among them. */
static uint64_t
pss_of_all(const struct history_sample *sample, const struct policy_worker *worker)
{
    uint64_t sharers = sample->sharers != 0 ? sample->sharers : worker->sharers;
    uint64_t all = worker->sharers;
    uint64_t shared;

    if (worker->sharers_fresh == 0 || all == 0) {
        return sample->pss_bytes;
    }
    all = all > worker->sharers_fresh ? all : worker->sharers_fresh;
    all = all > worker->sharers_whole ? all : worker->sharers_whole;
    if (sharers >= all || sample->uss_bytes == 0 || sample->pss_bytes <= sample->uss_bytes) {
        return sample->pss_bytes;
    }
    shared = sample->pss_bytes - sample->uss_bytes;
    return sample->uss_bytes + shared / all * sharers + shared % all * sharers / all;
}

/* `now` and `fresh` as samples with the sharers of their own time. */
static struct history_sample
sample_now(const struct policy_worker *worker)
{
    const struct memory_figures *now = worker->now;
    const struct memory_figures *fresh = worker->fresh;
    unsigned sharers = worker->sharers_read;

    if (sharers == 0 && now != NULL && fresh != NULL && fresh->private_known &&
        now->private_ms == fresh->private_ms && now->pss_bytes == fresh->pss_bytes) {
        sharers = worker->sharers_fresh;
    }
    return sample_of(now, sharers);
}

static struct history_sample
sample_fresh(const struct policy_worker *worker)
{
    return sample_of(worker->fresh, worker->sharers_fresh);
}

/*
 * The figure of memory in a sample; 0: not known. PSS and USS are often of an earlier reading than
 * RSS, which is an upper bound of both.
 */
static uint64_t
bytes_of(const struct history_sample *sample, enum figure figure,
         const struct policy_worker *worker)
{
    uint64_t bytes = sample->rss_bytes;

    if (figure == FIGURE_PSS) {
        bytes = pss_of_all(sample, worker);
    } else if (figure == FIGURE_USS) {
        bytes = sample->uss_bytes;
    }
    return sample->rss_bytes != 0 && sample->rss_bytes < bytes ? sample->rss_bytes : bytes;
}

static enum side
side_of(const struct history_sample *sample, enum figure figure, const struct policy_worker *worker,
        uint64_t bound)
{
    uint64_t bytes = bytes_of(sample, figure, worker);

    if (bytes == 0) {
        return sample->rss_bytes != 0 && sample->rss_bytes <= bound ? SIDE_WITHIN : SIDE_UNSEEN;
    }
    return bytes > bound ? SIDE_ABOVE : SIDE_WITHIN;
}

static uint64_t
age_ms(const struct policy_worker *worker)
{
    if (worker->now_ms <= worker->ready_ms) {
        return 0;
    }
    return (uint64_t)worker->now_ms - (uint64_t)worker->ready_ms;
}

uint64_t
policy_value(enum policy_limit limit, const struct policy_worker *worker)
{
    enum figure figure;
    struct history_sample now;

    if (limit >= POLICY_LIMIT_COUNT) {
        return 0;
    }
    figure = limit_table[limit].figure;
    if (figure == FIGURE_JOBS) {
        return worker->jobs;
    }
    if (figure == FIGURE_AGE) {
        return age_ms(worker);
    }
    now = sample_now(worker);
    return bytes_of(&now, figure, worker);
}

/* Neighbouring seeds give unlike draws: the finaliser of splitmix64 (Steele, Lea, Flood, 2014). */
static uint64_t
draw(uint64_t seed, enum policy_limit limit)
{
    uint64_t word = seed + UINT64_C(0x9e3779b97f4a7c15) * (limit + 1U);

    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

static unsigned
clamp(unsigned number, unsigned least, unsigned most)
{
    if (number < least) {
        return least;
    }
    return number > most ? most : number;
}

/* Counts the last `window` samples that know the figure. */
static void
count_samples(const struct policy_worker *worker, unsigned window, struct policy_finding *finding)
{
    enum figure figure = limit_table[finding->limit].figure;
    const struct history_sample *sample;

    if (worker->history == NULL) {
        return;
    }
    for (unsigned back = 0; finding->seen < window; back++) {
        enum side side;

        sample = history_at(worker->history, back);
        if (sample == NULL) {
            return;
        }
        side = side_of(sample, figure, worker, finding->bound);
        finding->seen += side != SIDE_UNSEEN;
        finding->above += side == SIDE_ABOVE;
    }
}

static enum policy_weight
weight_above(const struct policy_limits *limits, const struct policy_worker *worker,
             const struct policy_finding *finding)
{
    unsigned window = clamp(limits->window, 1, HISTORY_RECENT);

    if (finding->fresh >= finding->bound) {
        return POLICY_HOPELESS;
    }
    if (policy_is_hard(finding->limit)) {
        return POLICY_EXCEEDED;
    }
    if (!worker->is_pressed && finding->above < clamp(limits->cycles, 1, window)) {
        return POLICY_COUNTING;
    }
    if (limits->grace_ms > 0 && age_ms(worker) < (uint64_t)limits->grace_ms) {
        return POLICY_IN_GRACE;
    }
    return POLICY_EXCEEDED;
}

static void
weigh_memory(const struct policy_limits *limits, const struct policy_worker *worker,
             struct policy_finding *finding)
{
    enum figure figure = limit_table[finding->limit].figure;
    struct history_sample now = sample_now(worker);
    struct history_sample fresh = sample_fresh(worker);
    enum side side = side_of(&now, figure, worker, finding->bound);

    finding->fresh = bytes_of(&fresh, figure, worker);
    if (finding->bound == 0) {
        return;
    }
    if (policy_is_hard(finding->limit)) {
        finding->seen = side != SIDE_UNSEEN;
        finding->above = side == SIDE_ABOVE;
    } else {
        count_samples(worker, clamp(limits->window, 1, HISTORY_RECENT), finding);
    }
    finding->weight = POLICY_NOT_KNOWN;
    if (side == SIDE_WITHIN) {
        finding->weight = POLICY_WITHIN;
    } else if (side == SIDE_ABOVE) {
        finding->weight = weight_above(limits, worker, finding);
    }
}

static void
weigh_life(const struct policy_worker *worker, struct policy_finding *finding)
{
    if (finding->bound == 0) {
        return;
    }
    finding->bound -= draw(worker->seed, finding->limit) % (finding->bound / 10 + 1);
    finding->seen = 1;
    finding->above = finding->value >= finding->bound;
    finding->weight = finding->above > 0 ? POLICY_EXCEEDED : POLICY_WITHIN;
}

void
policy_weigh(const struct policy_limits *limits, const struct policy_worker *worker,
             struct policy_finding ret_findings[POLICY_LIMIT_COUNT])
{
    for (unsigned limit = 0; limit < POLICY_LIMIT_COUNT; limit++) {
        struct policy_finding *finding = &ret_findings[limit];

        *finding = (struct policy_finding){
            .limit = limit,
            .weight = POLICY_NO_LIMIT,
            .bound = limits->bound[limit],
            .value = policy_value(limit, worker),
        };
        if (policy_is_memory(limit)) {
            weigh_memory(limits, worker, finding);
        } else {
            weigh_life(worker, finding);
        }
    }
}

/* Bounds of exceeded findings are above 0. */
static bool
is_worse(const struct policy_finding *one, const struct policy_finding *other)
{
    bool hard = policy_is_hard(one->limit);

    if (hard != policy_is_hard(other->limit)) {
        return hard;
    }
    return (double)one->value / (double)one->bound > (double)other->value / (double)other->bound;
}

const struct policy_finding *
policy_worst(const struct policy_finding findings[POLICY_LIMIT_COUNT])
{
    const struct policy_finding *worst = NULL;

    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        if (findings[i].weight == POLICY_EXCEEDED &&
            (worst == NULL || is_worse(&findings[i], worst))) {
            worst = &findings[i];
        }
    }
    return worst;
}

uint64_t
policy_suggest_uss(uint64_t bound_bytes, const struct memory_figures *fresh)
{
    const uint64_t step = UINT64_C(50) << 20;
    uint64_t growth = bound_bytes / 5 * 2;
    uint64_t steps;

    if (fresh == NULL || !fresh->private_known || fresh->uss_bytes == 0 ||
        fresh->uss_bytes >= bound_bytes) {
        return 0;
    }
    if (fresh->rss_known && fresh->rss_bytes < bound_bytes &&
        bound_bytes - fresh->rss_bytes > growth) {
        growth = bound_bytes - fresh->rss_bytes;
    }
    if (growth >= bound_bytes - fresh->uss_bytes) {
        return 0;
    }
    steps = (fresh->uss_bytes + growth - 1) / step + 1;
    return steps <= (bound_bytes - 1) / step ? steps * step : 0;
}
