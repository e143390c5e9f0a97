/* rule_judge.c: whether a rule holds for one worker in one cycle. See rule.h. */
#include "rule.h"

static bool
is_hit(const struct rule *rule, uint64_t value)
{
    switch (rule->comparison) {
    case RULE_ABOVE:
        return value > rule->value;
    case RULE_AT_LEAST:
        return value >= rule->value;
    case RULE_BELOW:
        return value < rule->value;
    case RULE_AT_MOST:
        return value <= rule->value;
    }
    return false;
}

/* The cycles that count, as bits. */
static uint64_t
window_mask(const struct rule *rule)
{
    if (rule->window >= RULE_WINDOW_MAX) {
        return UINT64_MAX;
    }
    return (UINT64_C(1) << (rule->window > 0 ? rule->window : 1)) - 1;
}

enum rule_outcome
rule_judge(const struct rule *rule, const struct rule_facts *facts, struct rule_state *state)
{
    unsigned needed = rule->cycles > 0 ? rule->cycles : 1;

    if (!facts->known[rule->subject]) {
        return RULE_STILL;
    }
    state->hits =
        (state->hits << 1 | is_hit(rule, facts->value[rule->subject])) & window_mask(rule);
    if (state->seen < RULE_WINDOW_MAX) {
        state->seen++;
    }
    if (!state->is_active && (unsigned)__builtin_popcountll(state->hits) >= needed) {
        state->is_active = true;
        return RULE_FIRED;
    }
    if (state->is_active && state->hits == 0) {
        state->is_active = false;
        return RULE_RECOVERED;
    }
    return RULE_STILL;
}
