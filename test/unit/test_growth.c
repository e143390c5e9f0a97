/* test_growth.c: which class of job makes workers grow: counts and RSS in, bytes for each job out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "master/growth.h"

#define MIB (INT64_C(1) << 20)

/* As a board tells of a worker: jobs of each class started and ended since its start. */
static struct board_class_figures
class_of(const char *name, uint64_t started, uint64_t done, uint64_t failed)
{
    struct board_class_figures figures = {
        .started = started,
        .done = done,
        .failed = failed,
        .work_ms = 10 * (done + failed),
    };

    util_copy_text(figures.name, sizeof(figures.name), name);
    return figures;
}

static const struct growth_class *
find(const struct growth *growth, const char *name)
{
    for (unsigned i = 0; i < growth->count; i++) {
        if (strcmp(growth->classes[i].name, name) == 0) {
            return &growth->classes[i];
        }
    }
    return NULL;
}

/* One class that has started and done so many; a cycle with that RSS. */
static void
cycle(struct growth *growth, struct growth_mark *mark, uint64_t started, uint64_t done, int64_t rss)
{
    const struct board_class_figures class = class_of("Leaky", started, done, 0);

    growth_count(growth, mark, &class, 1, (uint64_t)(rss * MIB));
}

static void
test_the_first_look_counts_jobs_but_no_growth(void **state)
{
    static struct growth growth;
    struct growth_mark mark = {0};
    const struct board_class_figures class = class_of("Leaky", 7, 4, 2);

    (void)state;
    growth = (struct growth){0};
    growth_count(&growth, &mark, &class, 1, (uint64_t)(100 * MIB));
    assert_int_equal(growth.count, 1);
    assert_int_equal(growth.classes[0].jobs, 6);
    assert_int_equal(growth.classes[0].failed, 2);
    assert_int_equal(growth.classes[0].work_ms, 60);
    assert_int_equal(growth.classes[0].alone_jobs + growth.classes[0].shared_jobs, 0);
}

static void
test_alone_the_growth_is_its_own(void **state)
{
    static struct growth growth;
    struct growth_mark mark = {0};
    double bytes;
    bool alone;

    (void)state;
    growth = (struct growth){0};
    cycle(&growth, &mark, 0, 0, 100);
    cycle(&growth, &mark, 4, 4, 120);
    assert_int_equal(growth.classes[0].alone_jobs, 4);
    assert_int_equal(growth.classes[0].alone_bytes, 20 * MIB);
    assert_true(growth_per_job(&growth.classes[0], &bytes, &alone));
    assert_true(alone);
    assert_true(bytes == (double)(5 * MIB));
    /* What it gives back is given back. */
    cycle(&growth, &mark, 5, 5, 100);
    assert_int_equal(growth.classes[0].alone_jobs, 5);
    assert_int_equal(growth.classes[0].alone_bytes, 0);
}

/* It takes memory cycle after cycle, and is the first to end after them. */
static void
test_a_long_jobs_growth_is_counted_at_its_end(void **state)
{
    static struct growth growth;
    struct growth_mark mark = {0};

    (void)state;
    growth = (struct growth){0};
    cycle(&growth, &mark, 0, 0, 100);
    cycle(&growth, &mark, 1, 0, 150);
    cycle(&growth, &mark, 1, 0, 200);
    assert_int_equal(growth.count, 0);
    cycle(&growth, &mark, 1, 1, 210);
    assert_int_equal(growth.classes[0].alone_jobs, 1);
    assert_int_equal(growth.classes[0].alone_bytes, 110 * MIB);
}

/* Nobody was at work: it is nobody's growth. */
static void
test_growth_without_a_job_is_no_jobs(void **state)
{
    static struct growth growth;
    struct growth_mark mark = {0};

    (void)state;
    growth = (struct growth){0};
    cycle(&growth, &mark, 0, 0, 100);
    cycle(&growth, &mark, 0, 0, 500);
    cycle(&growth, &mark, 1, 1, 501);
    assert_int_equal(growth.classes[0].alone_bytes, MIB);
}

static void
test_together_it_is_shared_out_by_jobs(void **state)
{
    static struct growth growth;
    struct growth_mark mark = {0};
    const struct board_class_figures before[] = {class_of("Leaky", 0, 0, 0),
                                                 class_of("Tidy", 0, 0, 0)};
    const struct board_class_figures after[] = {class_of("Leaky", 3, 2, 1),
                                                class_of("Tidy", 1, 1, 0)};
    double bytes;
    bool alone;

    (void)state;
    growth = (struct growth){0};
    growth_count(&growth, &mark, before, 2, (uint64_t)(100 * MIB));
    growth_count(&growth, &mark, after, 2, (uint64_t)(140 * MIB));
    assert_int_equal(find(&growth, "Leaky")->shared_jobs, 3);
    assert_int_equal(find(&growth, "Leaky")->shared_bytes, 30 * MIB);
    assert_int_equal(find(&growth, "Tidy")->shared_bytes, 10 * MIB);
    assert_int_equal(find(&growth, "Tidy")->alone_jobs, 0);
    assert_true(growth_per_job(find(&growth, "Tidy"), &bytes, &alone));
    assert_false(alone);
    assert_true(bytes == (double)(10 * MIB));
}

/* Another class's job ran beside it, at the beginning or at the end. */
static void
test_one_at_work_beside_it_makes_it_shared(void **state)
{
    static const uint64_t tidy[][2] = {{1, 1}, {0, 1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(tidy); i++) {
        static struct growth growth;
        struct growth_mark mark = {0};
        const struct board_class_figures before[] = {class_of("Leaky", 0, 0, 0),
                                                     class_of("Tidy", tidy[i][0], 0, 0)};
        const struct board_class_figures after[] = {class_of("Leaky", 1, 1, 0),
                                                    class_of("Tidy", tidy[i][1], 0, 0)};

        growth = (struct growth){0};
        growth_count(&growth, &mark, before, 2, (uint64_t)(100 * MIB));
        growth_count(&growth, &mark, after, 2, (uint64_t)(110 * MIB));
        assert_int_equal(find(&growth, "Leaky")->alone_jobs, 0);
        assert_int_equal(find(&growth, "Leaky")->shared_bytes, 10 * MIB);
        assert_null(find(&growth, "Tidy"));
    }
}

/* At its death its RSS is not known any more: its last jobs are counted, and no growth with them. */
static void
test_without_rss_only_jobs_are_counted(void **state)
{
    static struct growth growth;
    struct growth_mark mark = {0};

    (void)state;
    growth = (struct growth){0};
    cycle(&growth, &mark, 0, 0, 100);
    cycle(&growth, &mark, 2, 2, 0);
    assert_int_equal(growth.classes[0].jobs, 2);
    assert_int_equal(growth.classes[0].alone_jobs, 0);
    assert_false(mark.known);
    cycle(&growth, &mark, 3, 3, 300);
    assert_int_equal(growth.classes[0].jobs, 3);
    assert_int_equal(growth.classes[0].alone_jobs, 0);
}

/* A dying process leaves garbage: counts that go backwards are no jobs. */
static void
test_fs_13_counts_that_go_backwards_are_no_jobs(void **state)
{
    static struct growth growth;
    struct growth_mark mark = {0};

    (void)state;
    growth = (struct growth){0};
    cycle(&growth, &mark, 5, 5, 100);
    cycle(&growth, &mark, 2, 2, 200);
    assert_int_equal(growth.classes[0].jobs, 5);
    assert_int_equal(growth.classes[0].alone_bytes + growth.classes[0].shared_bytes, 0);
}

static void
test_a_few_alone_speak_clearer_than_many_shared(void **state)
{
    struct growth_class class = {
        .alone_jobs = 2, .alone_bytes = 2 * MIB, .shared_jobs = 100, .shared_bytes = 500 * MIB};
    double bytes;
    bool alone;

    (void)state;
    assert_true(growth_per_job(&class, &bytes, &alone));
    assert_false(alone);
    assert_true(bytes == (double)(5 * MIB));
    class.alone_jobs = 3;
    class.alone_bytes = -3 * MIB;
    assert_true(growth_per_job(&class, &bytes, &alone));
    assert_true(alone);
    assert_true(bytes == (double)-MIB);
    assert_false(growth_per_job(&(struct growth_class){.jobs = 5}, &bytes, &alone));
}

static void
count_class(struct growth *growth, const char *name)
{
    struct growth_mark mark = {0};
    const struct board_class_figures class = class_of(name, 1, 1, 0);

    growth_count(growth, &mark, &class, 1, 0);
}

/* The last row is for all the rest, which a worker's own board may have named before. */
static void
test_more_classes_than_there_is_room_for_are_one(void **state)
{
    static struct growth growth;
    unsigned rest = 0;

    (void)state;
    growth = (struct growth){0};
    count_class(&growth, BOARD_CLASS_REST);
    for (unsigned i = 0; i < 2 * GROWTH_CLASSES; i++) {
        char name[32];

        snprintf(name, sizeof(name), "Job%u", i);
        count_class(&growth, name);
    }
    count_class(&growth, "Job0");
    assert_in_range(growth.count, GROWTH_CLASSES - 1, GROWTH_CLASSES);
    for (unsigned i = 0; i < growth.count; i++) {
        rest += strcmp(growth.classes[i].name, BOARD_CLASS_REST) == 0;
    }
    assert_int_equal(rest, 1);
    assert_int_equal(find(&growth, "Job0")->jobs, 2);
    assert_int_equal(find(&growth, BOARD_CLASS_REST)->jobs,
                     1 + 2 * GROWTH_CLASSES - (growth.count - 1));
}

static void
test_the_last_row_is_the_rests(void **state)
{
    static struct growth growth;

    (void)state;
    growth = (struct growth){0};
    for (unsigned i = 0; i < 2 * GROWTH_CLASSES; i++) {
        char name[32];

        snprintf(name, sizeof(name), "Job%u", i);
        count_class(&growth, name);
    }
    assert_int_equal(growth.count, GROWTH_CLASSES);
    assert_string_equal(growth.classes[GROWTH_CLASSES - 1].name, BOARD_CLASS_REST);
    assert_int_equal(growth.classes[GROWTH_CLASSES - 1].jobs, GROWTH_CLASSES + 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_look_counts_jobs_but_no_growth),
        cmocka_unit_test(test_alone_the_growth_is_its_own),
        cmocka_unit_test(test_a_long_jobs_growth_is_counted_at_its_end),
        cmocka_unit_test(test_growth_without_a_job_is_no_jobs),
        cmocka_unit_test(test_together_it_is_shared_out_by_jobs),
        cmocka_unit_test(test_one_at_work_beside_it_makes_it_shared),
        cmocka_unit_test(test_without_rss_only_jobs_are_counted),
        cmocka_unit_test(test_fs_13_counts_that_go_backwards_are_no_jobs),
        cmocka_unit_test(test_a_few_alone_speak_clearer_than_many_shared),
        cmocka_unit_test(test_more_classes_than_there_is_room_for_are_one),
        cmocka_unit_test(test_the_last_row_is_the_rests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
