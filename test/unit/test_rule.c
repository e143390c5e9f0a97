/*
 * test_rule.c: rules judged: so many of the last cycles, recovery, figures that are not known.
 *
 * A history is a text, one letter a cycle: 'H' a hit, '.' none, '?' not known; what came of it is a
 * text of the same length: 'F' fired, 'R' recovered, '-' nothing new.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "master/rule.h"

#define LIMIT 800

struct history {
    unsigned cycles;
    unsigned window;
    const char *cycle;
    const char *outcome;
};

static const struct history histories[] = {
    /* At once. */
    {1, 1, "H", "F"},
    {1, 1, "....", "----"},
    {1, 1, ".HHH..H.", "-F--R-FR"},
    /* "5 cycles": five in a row. */
    {5, 5, "HHHH.HHHH", "---------"},
    {5, 5, "HHHHH", "----F"},
    {5, 5, "HHHHHHH", "----F--"},
    {5, 5, "HHHHH....H", "----F-----"},
    {5, 5, "HHHHH.....", "----F----R"},
    {5, 5, "HHHHH.....HHHHH", "----F----R----F"},
    /* "3 of 5": gaps are allowed, and a hit leaves the window after five cycles. */
    {3, 5, "HHH", "--F"},
    {3, 5, "H.H.H", "----F"},
    {3, 5, "H..HH", "----F"},
    {3, 5, "H...HH", "------"},
    {3, 5, "H....H....H", "-----------"},
    {3, 5, "HH.H.....", "---F----R"},
    {3, 5, "HHH....H.....", "--F---------R"},
    {2, 3, "H.H..HH...", "--F------R"},
    /* One hit in the window keeps what is active so: no flapping. */
    {1, 3, "H.......", "F--R----"},
    {1, 3, "H..H..H...", "F--------R"},
    /* What is not known counts neither way: as if the cycle had not been. */
    {1, 1, "?", "-"},
    {1, 1, "H?.", "F-R"},
    {1, 1, "H?????.", "F-----R"},
    {3, 3, "HH?H", "---F"},
    {3, 3, "H?H?H", "----F"},
    {3, 3, "HHH??.?.?.", "--F------R"},
    {2, 2, "????????", "--------"},
    /* Numbers that no file can have are read as the nearest that it can. */
    {0, 0, ".H.", "-FR"},
};

static bool
holds(char cycle)
{
    return cycle == 'H';
}

static char
judge(const struct rule *rule, char cycle, struct rule_state *state)
{
    struct rule_facts facts = {0};

    facts.known[rule->subject] = cycle != '?';
    facts.value[rule->subject] = holds(cycle) ? LIMIT + 1 : LIMIT;
    switch (rule_judge(rule, &facts, state)) {
    case RULE_STILL:
        return '-';
    case RULE_FIRED:
        return 'F';
    case RULE_RECOVERED:
        return 'R';
    }
    return '!';
}

static void
assert_outcome(const struct history *history)
{
    const struct rule rule = {.subject = RULE_TOTAL,
                              .comparison = RULE_ABOVE,
                              .value = LIMIT,
                              .cycles = history->cycles,
                              .window = history->window};
    struct rule_state state = {0};
    char outcome[64] = "";

    assert_int_equal(strlen(history->cycle), strlen(history->outcome));
    for (size_t at = 0; history->cycle[at] != '\0'; at++) {
        outcome[at] = judge(&rule, history->cycle[at], &state);
    }
    if (strcmp(outcome, history->outcome) != 0) {
        fail_msg("%u of %u, %s: %s, expected %s", history->cycles, history->window, history->cycle,
                 outcome, history->outcome);
    }
}

static void
test_so_many_of_the_last_cycles(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(histories); i++) {
        assert_outcome(&histories[i]);
    }
}

static const struct {
    enum rule_comparison comparison;
    uint64_t value;
    bool fires;
} comparisons[] = {
    {RULE_ABOVE, 799, false},    {RULE_ABOVE, 800, false},   {RULE_ABOVE, 801, true},
    {RULE_AT_LEAST, 799, false}, {RULE_AT_LEAST, 800, true}, {RULE_AT_LEAST, 801, true},
    {RULE_BELOW, 799, true},     {RULE_BELOW, 800, false},   {RULE_BELOW, 801, false},
    {RULE_AT_MOST, 799, true},   {RULE_AT_MOST, 800, true},  {RULE_AT_MOST, 801, false},
    {RULE_BELOW, 0, true},       {RULE_ABOVE, 0, false},     {RULE_ABOVE, UINT64_MAX, true},
};

static void
test_each_comparison(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(comparisons); i++) {
        struct rule rule = {.subject = RULE_JOBS,
                            .comparison = comparisons[i].comparison,
                            .value = LIMIT,
                            .cycles = 1,
                            .window = 1};
        struct rule_facts facts = {.known[RULE_JOBS] = true,
                                   .value[RULE_JOBS] = comparisons[i].value};
        struct rule_state now = {0};

        assert_int_equal(rule_judge(&rule, &facts, &now) == RULE_FIRED, comparisons[i].fires);
        assert_int_equal(now.is_active, comparisons[i].fires);
    }
}

static void
test_each_subject_is_read_from_its_own_place(void **state)
{
    (void)state;
    for (unsigned subject = 0; subject < RULE_SUBJECT_COUNT; subject++) {
        struct rule rule = {
            .subject = (enum rule_subject)subject, .value = 1, .cycles = 1, .window = 1};
        struct rule_facts others = {0};
        struct rule_facts own = {0};
        struct rule_state now = {0};

        for (unsigned i = 0; i < RULE_SUBJECT_COUNT; i++) {
            others.known[i] = i != subject;
            others.value[i] = 2;
            own.known[i] = true;
            own.value[i] = i == subject ? 2 : 0;
        }
        assert_int_equal(rule_judge(&rule, &others, &now), RULE_STILL);
        assert_int_equal(now.seen, 0);
        assert_int_equal(rule_judge(&rule, &own, &now), RULE_FIRED);
    }
}

static void
test_an_unknown_figure_leaves_the_state_as_it_is(void **state)
{
    const struct rule rule = {.subject = RULE_PSS, .value = 1, .cycles = 2, .window = 3};
    const struct rule_facts unknown = {.value[RULE_PSS] = 5};
    struct rule_state now = {.hits = 5, .seen = 7, .is_active = true};

    (void)state;
    assert_int_equal(rule_judge(&rule, &unknown, &now), RULE_STILL);
    assert_int_equal(now.hits, 5);
    assert_int_equal(now.seen, 7);
    assert_true(now.is_active);
}

static enum rule_outcome
judge_long(const struct rule *rule, bool is_hit, unsigned times, struct rule_state *state)
{
    struct rule_facts facts = {.known[RULE_RSS] = true, .value[RULE_RSS] = is_hit};
    enum rule_outcome last = RULE_STILL;

    for (unsigned i = 0; i < times; i++) {
        assert_int_equal(last, RULE_STILL);
        last = rule_judge(rule, &facts, state);
    }
    return last;
}

static void
test_the_longest_window(void **state)
{
    const struct rule all = {.subject = RULE_RSS, .cycles = 64, .window = RULE_WINDOW_MAX};
    const struct rule one = {.subject = RULE_RSS, .cycles = 1, .window = RULE_WINDOW_MAX};
    struct rule_state now = {0};

    (void)state;
    assert_int_equal(judge_long(&all, true, 63, &now), RULE_STILL);
    assert_int_equal(judge_long(&all, true, 1, &now), RULE_FIRED);
    assert_int_equal(judge_long(&all, true, 100, &now), RULE_STILL);
    assert_int_equal(now.seen, RULE_WINDOW_MAX);
    assert_int_equal(judge_long(&all, false, 63, &now), RULE_STILL);
    assert_int_equal(judge_long(&all, false, 1, &now), RULE_RECOVERED);
    assert_int_equal(judge_long(&one, true, 1, &now), RULE_FIRED);
    assert_int_equal(judge_long(&one, false, 63, &now), RULE_STILL);
    assert_int_equal(judge_long(&one, false, 1, &now), RULE_RECOVERED);
}

static void
test_sixty_three_of_sixty_four(void **state)
{
    const struct rule rule = {.subject = RULE_RSS, .cycles = 63, .window = RULE_WINDOW_MAX};
    struct rule_state now = {0};

    (void)state;
    assert_int_equal(judge_long(&rule, true, 62, &now), RULE_STILL);
    assert_int_equal(judge_long(&rule, false, 1, &now), RULE_STILL);
    assert_int_equal(judge_long(&rule, true, 1, &now), RULE_FIRED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_many_of_the_last_cycles),
        cmocka_unit_test(test_each_comparison),
        cmocka_unit_test(test_each_subject_is_read_from_its_own_place),
        cmocka_unit_test(test_an_unknown_figure_leaves_the_state_as_it_is),
        cmocka_unit_test(test_the_longest_window),
        cmocka_unit_test(test_sixty_three_of_sixty_four),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
