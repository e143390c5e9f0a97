/*
 * test_policy.c: samples in, verdicts out.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rss/policy.h"

#define MIB (UINT64_C(1) << 20)

/* One worker and one limit of memory. Sizes are MiB, -1 is not known; the history is RSS, oldest first, ended by END. */
#define END (-2)

struct scene {
    enum policy_limit limit;
    int bound;
    unsigned cycles;
    unsigned window;
    int rss[8]; /* the last one is now */
    int pss;
    int uss;
    int fresh; /* RSS, PSS and USS alike */
    int64_t age_ms;
    int64_t grace_ms;
    bool is_pressed;
    enum policy_weight weight;
    unsigned above;
    unsigned seen;
};

static struct memory_figures
figures_of(int rss, int pss, int uss)
{
    return (struct memory_figures){
        .rss_known = rss >= 0,
        .private_known = pss >= 0,
        .rss_bytes = rss > 0 ? (uint64_t)rss * MIB : 0,
        .pss_bytes = pss > 0 ? (uint64_t)pss * MIB : 0,
        .uss_bytes = uss > 0 ? (uint64_t)uss * MIB : 0,
    };
}

static struct policy_finding
weigh(const struct policy_limits *limits, const struct policy_worker *worker,
      enum policy_limit limit)
{
    struct policy_finding findings[POLICY_LIMIT_COUNT];

    policy_weigh(limits, worker, findings);
    for (unsigned i = 0; i < POLICY_LIMIT_COUNT; i++) {
        assert_int_equal(findings[i].limit, i);
        assert_true(findings[i].above <= findings[i].seen);
        assert_true(limits->bound[i] != 0 || findings[i].weight == POLICY_NO_LIMIT);
    }
    return findings[limit];
}

static struct policy_finding
play(const struct scene *scene)
{
    struct policy_limits limits = {
        .cycles = scene->cycles, .window = scene->window, .grace_ms = scene->grace_ms};
    struct history history = {0};
    struct memory_figures now = {0};
    struct memory_figures fresh = figures_of(scene->fresh, scene->fresh, scene->fresh);
    struct policy_worker worker = {.now_ms = 500000 + scene->age_ms,
                                   .ready_ms = 500000,
                                   .now = &now,
                                   .fresh = &fresh,
                                   .history = &history,
                                   .is_pressed = scene->is_pressed};

    limits.bound[scene->limit] = (uint64_t)scene->bound * MIB;
    for (size_t i = 0; i < ARRAY_LEN(scene->rss) && scene->rss[i] != END; i++) {
        now = figures_of(scene->rss[i], scene->pss, scene->uss);
        history_add(&history, &(struct history_sample){.rss_bytes = now.rss_bytes,
                                                       .pss_bytes = now.pss_bytes,
                                                       .uss_bytes = now.uss_bytes});
    }
    return weigh(&limits, &worker, scene->limit);
}

static void
play_all(const struct scene *scenes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct policy_finding finding = play(&scenes[i]);

        if (finding.weight != scenes[i].weight || finding.above != scenes[i].above ||
            finding.seen != scenes[i].seen) {
            fail_msg("scene %zu: weight %d, %u of %u", i, (int)finding.weight, finding.above,
                     finding.seen);
        }
    }
}

#define RSS(...)                                                                                   \
    {                                                                                              \
        __VA_ARGS__, END                                                                           \
    }
#define GRACEFUL(n, m, ...)                                                                        \
    .limit = POLICY_MAX_RSS, .bound = 600, .cycles = n, .window = m, .rss = __VA_ARGS__, .pss = -1

static void
test_cycles(void **state)
{
    static const struct scene scenes[] = {
        {GRACEFUL(1, 1, RSS(600)), .weight = POLICY_WITHIN, .seen = 1},
        {GRACEFUL(1, 1, RSS(601)), .weight = POLICY_EXCEEDED, .above = 1, .seen = 1},
        {GRACEFUL(1, 1, RSS(700, 500)), .weight = POLICY_WITHIN, .seen = 1},
        /* FS-16: a slow leak. */
        {GRACEFUL(3, 3, RSS(590, 610)), .weight = POLICY_COUNTING, .above = 1, .seen = 2},
        {GRACEFUL(3, 3, RSS(590, 610, 620)), .weight = POLICY_COUNTING, .above = 2, .seen = 3},
        {GRACEFUL(3, 3, RSS(590, 610, 620, 630)), .weight = POLICY_EXCEEDED, .above = 3, .seen = 3},
        /* With fewer samples than the window those count that there are. */
        {GRACEFUL(3, 5, RSS(610, 620, 630)), .weight = POLICY_EXCEEDED, .above = 3, .seen = 3},
        {GRACEFUL(3, 5, RSS(610, 500, 620, 500, 630)), .weight = POLICY_EXCEEDED, .above = 3,
         .seen = 5},
        /* FS-17: a spike shorter than the rule. */
        {GRACEFUL(3, 5, RSS(500, 900, 900, 500, 500)), .weight = POLICY_WITHIN, .above = 2,
         .seen = 5},
        {GRACEFUL(3, 5, RSS(700, 700, 500, 500, 500, 500, 700)), .weight = POLICY_COUNTING,
         .above = 1, .seen = 5},
        /* Above before, but not now: nobody is replaced for what is over. */
        {GRACEFUL(3, 5, RSS(700, 700, 700, 700, 500)), .weight = POLICY_WITHIN, .above = 4,
         .seen = 5},
        /* What was not seen counts neither way, and is passed over. */
        {GRACEFUL(3, 3, RSS(610, -1, 620, -1, -1, 630)), .weight = POLICY_EXCEEDED, .above = 3,
         .seen = 3},
        {GRACEFUL(3, 3, RSS(590, -1, 620, -1, -1, 630)), .weight = POLICY_COUNTING, .above = 2,
         .seen = 3},
        {GRACEFUL(2, 4, RSS(-1, -1, 610)), .weight = POLICY_COUNTING, .above = 1, .seen = 1},
        /* Not known now: nothing, whatever it was. */
        {GRACEFUL(3, 3, RSS(610, 620, 630, -1)), .weight = POLICY_NOT_KNOWN, .above = 3, .seen = 3},
        {GRACEFUL(1, 1, RSS(-1)), .weight = POLICY_NOT_KNOWN},
        {GRACEFUL(1, 1, RSS(0)), .weight = POLICY_NOT_KNOWN},
        /* Settings that no configuration has. */
        {GRACEFUL(0, 0, RSS(500, 610)), .weight = POLICY_EXCEEDED, .above = 1, .seen = 1},
        {GRACEFUL(9, 2, RSS(610, 620)), .weight = POLICY_EXCEEDED, .above = 2, .seen = 2},
        {GRACEFUL(1, UINT_MAX, RSS(500, 610)), .weight = POLICY_EXCEEDED, .above = 1, .seen = 2},
        /* 0 is no limit. */
        {.limit = POLICY_MAX_RSS,
         .cycles = 1,
         .window = 1,
         .rss = RSS(9000),
         .pss = -1,
         .weight = POLICY_NO_LIMIT},
    };

    (void)state;
    play_all(scenes, ARRAY_LEN(scenes));
}

static void
test_grace_pressure_and_hopeless_limits(void **state)
{
    static const struct scene scenes[] = {
        {GRACEFUL(1, 1, RSS(700)), .age_ms = 9999, .grace_ms = 10000, .weight = POLICY_IN_GRACE,
         .above = 1, .seen = 1},
        {GRACEFUL(1, 1, RSS(700)), .age_ms = 10000, .grace_ms = 10000, .weight = POLICY_EXCEEDED,
         .above = 1, .seen = 1},
        {GRACEFUL(1, 1, RSS(500)), .age_ms = 10, .grace_ms = 10000, .weight = POLICY_WITHIN,
         .seen = 1},
        {GRACEFUL(2, 2, RSS(700)), .age_ms = 10, .grace_ms = 10000, .weight = POLICY_COUNTING,
         .above = 1, .seen = 1},
        /* Not ready yet. */
        {GRACEFUL(1, 1, RSS(700)), .age_ms = -400, .grace_ms = 1, .weight = POLICY_IN_GRACE,
         .above = 1, .seen = 1},
        {GRACEFUL(1, 1, RSS(700)), .age_ms = -400, .grace_ms = 0, .weight = POLICY_EXCEEDED,
         .above = 1, .seen = 1},
        /* Pressure: one sample is enough, but it has to be this one, and the grace holds. */
        {GRACEFUL(3, 5, RSS(500, 700)), .is_pressed = true, .weight = POLICY_EXCEEDED, .above = 1,
         .seen = 2},
        {GRACEFUL(3, 5, RSS(700, 500)), .is_pressed = true, .weight = POLICY_WITHIN, .above = 1,
         .seen = 2},
        {GRACEFUL(3, 5, RSS(700)), .is_pressed = true, .age_ms = 5, .grace_ms = 10,
         .weight = POLICY_IN_GRACE, .above = 1, .seen = 1},
        /* FS-20: born at 620M or at the limit itself, under a limit of 600M. */
        {GRACEFUL(1, 1, RSS(620)), .fresh = 620, .weight = POLICY_HOPELESS, .above = 1, .seen = 1},
        {GRACEFUL(1, 1, RSS(620)), .fresh = 600, .weight = POLICY_HOPELESS, .above = 1, .seen = 1},
        {GRACEFUL(1, 1, RSS(620)), .fresh = 599, .weight = POLICY_EXCEEDED, .above = 1, .seen = 1},
        {GRACEFUL(1, 1, RSS(590)), .fresh = 620, .weight = POLICY_WITHIN, .seen = 1},
        /* It is known before the cycles are counted, in grace, and under pressure. */
        {GRACEFUL(3, 3, RSS(620)), .fresh = 620, .age_ms = 1, .grace_ms = 10, .is_pressed = true,
         .weight = POLICY_HOPELESS, .above = 1, .seen = 1},
    };

    (void)state;
    play_all(scenes, ARRAY_LEN(scenes));
}

#define HARD(what, ...)                                                                            \
    .limit = what, .bound = 600, .cycles = 3, .window = 5, .rss = __VA_ARGS__, .grace_ms = 10000

static void
test_hard_limits_look_at_this_moment_alone(void **state)
{
    static const struct scene scenes[] = {
        {HARD(POLICY_KILL_RSS, RSS(500, 601)), .weight = POLICY_EXCEEDED, .above = 1, .seen = 1},
        {HARD(POLICY_KILL_RSS, RSS(700, 700, 700, 700, 600)), .weight = POLICY_WITHIN, .seen = 1},
        {HARD(POLICY_KILL_RSS, RSS(700, 700, 700, 700, -1)), .pss = 900,
         .weight = POLICY_NOT_KNOWN},
        {HARD(POLICY_KILL_RSS, RSS(900)), .fresh = 620, .weight = POLICY_HOPELESS, .above = 1,
         .seen = 1},
        {HARD(POLICY_KILL_PSS, RSS(900)), .pss = 601, .uss = 100, .fresh = 599,
         .weight = POLICY_EXCEEDED, .above = 1, .seen = 1},
        {HARD(POLICY_KILL_USS, RSS(900)), .pss = 700, .uss = 600, .weight = POLICY_WITHIN,
         .seen = 1},
        {HARD(POLICY_KILL_USS, RSS(900)), .pss = 700, .uss = 601, .weight = POLICY_EXCEEDED,
         .above = 1, .seen = 1},
        {HARD(POLICY_KILL_USS, RSS(900)), .pss = 700, .uss = 601, .fresh = 600,
         .weight = POLICY_HOPELESS, .above = 1, .seen = 1},
        {HARD(POLICY_KILL_USS, RSS(900)), .pss = -1, .weight = POLICY_NOT_KNOWN},
    };

    (void)state;
    play_all(scenes, ARRAY_LEN(scenes));
}

#define PRIVATE(what, ...) .limit = what, .bound = 600, .cycles = 2, .window = 3, .rss = __VA_ARGS__

/* RSS is an upper bound of both. */
static void
test_pss_and_uss(void **state)
{
    static const struct scene scenes[] = {
        {PRIVATE(POLICY_MAX_PSS, RSS(900, 900)), .pss = 650, .uss = 10, .weight = POLICY_EXCEEDED,
         .above = 2, .seen = 2},
        {PRIVATE(POLICY_MAX_USS, RSS(900, 900)), .pss = 650, .uss = 10, .weight = POLICY_WITHIN,
         .seen = 2},
        {PRIVATE(POLICY_MAX_USS, RSS(900, 900)), .pss = 650, .uss = 601, .weight = POLICY_EXCEEDED,
         .above = 2, .seen = 2},
        {PRIVATE(POLICY_MAX_PSS, RSS(900, 900)), .pss = -1, .weight = POLICY_NOT_KNOWN},
        {PRIVATE(POLICY_MAX_PSS, RSS(900, 600)), .pss = -1, .weight = POLICY_WITHIN, .seen = 1},
        {PRIVATE(POLICY_MAX_USS, RSS(900, 600)), .pss = -1, .weight = POLICY_WITHIN, .seen = 1},
        /* An old reading is refuted by a lower RSS. */
        {PRIVATE(POLICY_MAX_USS, RSS(900, 900, 599)), .pss = 650, .uss = 640,
         .weight = POLICY_WITHIN, .above = 2, .seen = 3},
        /* Zeros are not known. */
        {PRIVATE(POLICY_MAX_USS, RSS(900)), .pss = 0, .uss = 0, .weight = POLICY_NOT_KNOWN},
        /* Known without RSS. */
        {PRIVATE(POLICY_MAX_USS, RSS(-1, -1)), .pss = 650, .uss = 640, .weight = POLICY_EXCEEDED,
         .above = 2, .seen = 2},
    };

    (void)state;
    play_all(scenes, ARRAY_LEN(scenes));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_grace_pressure_and_hopeless_limits),
        cmocka_unit_test(test_hard_limits_look_at_this_moment_alone),
        cmocka_unit_test(test_pss_and_uss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
