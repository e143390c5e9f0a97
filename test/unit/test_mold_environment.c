/*
 * test_mold_environment.c: what a mold gets beside the user's environment, for each option and each variable that the
 * user may have set.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "config_case.h"
#include "master/config_environment.h"
#include "master/mold_environment.h"

#define GROWTH                                                                                     \
    "RUBY_GC_HEAP_GROWTH_MAX_SLOTS RUBY_GC_HEAP_FREE_SLOTS_MIN_RATIO "                             \
    "RUBY_GC_HEAP_FREE_SLOTS_GOAL_RATIO"
#define LIBRARY "/lib/libjemalloc.so.2"

static const char *
value(const struct mold_environment *environment, const char *name)
{
    return config_environment_find(environment->envp, name);
}

static size_t
count(const struct mold_environment *environment)
{
    size_t found = 0;

    while (environment->envp[found] != NULL) {
        found++;
    }
    return found;
}

/* The environment for these words and these variables, with the library there. */
static struct mold_environment
make(struct config_case *test, const char *const *envp)
{
    struct mold_environment environment;
    const struct mold_environment_order order = {
        .config = &test->config,
        .envp = (char *const *)(uintptr_t)envp,
        .jemalloc = LIBRARY,
    };

    config_case_expect(test);
    assert_int_equal(mold_environment_make(&environment, &order), 0);
    return environment;
}

static void
done(struct config_case *test, struct mold_environment *environment)
{
    mold_environment_done(environment);
    assert_null(environment->envp);
    config_case_done(test);
}

static void
by_default_heaps_are_bounded_and_jemalloc_is_preloaded(void **state)
{
    struct config_case test = {0};
    const char *envp[] = {"HOME=/root", NULL};
    struct mold_environment environment = make(&test, envp);

    (void)state;
    assert_string_equal(value(&environment, "HOME"), "/root");
    assert_non_null(value(&environment, "RUBY_GC_HEAP_GROWTH_MAX_SLOTS"));
    assert_non_null(value(&environment, "RUBY_GC_HEAP_FREE_SLOTS_MIN_RATIO"));
    assert_non_null(value(&environment, "RUBY_GC_HEAP_FREE_SLOTS_GOAL_RATIO"));
    assert_string_equal(value(&environment, "LD_PRELOAD"), LIBRARY);
    assert_non_null(strstr(value(&environment, "MALLOC_CONF"), "background_thread:false"));
    assert_string_equal(value(&environment, "SWARM_MOLD_ADDED"),
                        "LD_PRELOAD auto MALLOC_CONF " GROWTH);
    assert_string_equal(environment.library, LIBRARY);
    assert_int_equal(count(&environment), 7);
    done(&test, &environment);
}

static void
an_empty_environment_is_enough(void **state)
{
    struct config_case test = {0};
    struct mold_environment environment = make(&test, NULL);

    (void)state;
    assert_int_equal(count(&environment), 6);
    done(&test, &environment);
}

static void
the_library_comes_before_what_the_user_preloads(void **state)
{
    struct config_case test = {0};
    const char *envp[] = {"LD_PRELOAD=/lib/a.so /lib/b.so", "PATH=/bin", NULL};
    struct mold_environment environment = make(&test, envp);

    (void)state;
    assert_string_equal(value(&environment, "LD_PRELOAD"), LIBRARY ":/lib/a.so /lib/b.so");
    assert_string_equal(value(&environment, "PATH"), "/bin");
    assert_int_equal(count(&environment), 7);
    done(&test, &environment);
}

static void
an_allocator_of_the_user_stays_alone(void **state)
{
    static const char *const theirs[] = {
        "LD_PRELOAD=/opt/libjemalloc.so.1",
        "LD_PRELOAD=libx.so:/usr/lib/libtcmalloc_minimal.so.4",
        "LD_PRELOAD=/opt/libmimalloc.so",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(theirs); i++) {
        struct config_case test = {.words = {"--allocator", "jemalloc"}};
        const char *envp[] = {theirs[i], NULL};
        struct mold_environment environment = make(&test, envp);

        assert_string_equal(environment.envp[0], theirs[i]);
        assert_null(value(&environment, "MALLOC_CONF"));
        assert_string_equal(value(&environment, "SWARM_MOLD_ADDED"), GROWTH);
        assert_null(environment.library);
        assert_false(mold_environment_wants_jemalloc(&test.config, environment.envp));
        done(&test, &environment);
    }
}

static void
what_the_user_has_set_stays(void **state)
{
    struct config_case test = {0};
    const char *envp[] = {"MALLOC_CONF=narenas:4", "RUBY_GC_HEAP_FREE_SLOTS_MIN_RATIO=0.5",
                          "RUBY_GC_HEAP_GROWTH_MAX_SLOTS=", NULL};
    struct mold_environment environment = make(&test, envp);

    (void)state;
    assert_string_equal(value(&environment, "MALLOC_CONF"), "narenas:4");
    assert_string_equal(value(&environment, "RUBY_GC_HEAP_FREE_SLOTS_MIN_RATIO"), "0.5");
    assert_string_equal(value(&environment, "RUBY_GC_HEAP_GROWTH_MAX_SLOTS"), "");
    assert_string_equal(value(&environment, "SWARM_MOLD_ADDED"),
                        "LD_PRELOAD auto RUBY_GC_HEAP_FREE_SLOTS_GOAL_RATIO");
    done(&test, &environment);
}

static void
a_jemalloc_that_was_asked_for_is_not_given_up(void **state)
{
    struct config_case test = {.words = {"--allocator", "jemalloc"}};
    struct mold_environment environment = make(&test, NULL);

    (void)state;
    assert_string_equal(value(&environment, "SWARM_MOLD_ADDED"), "LD_PRELOAD MALLOC_CONF " GROWTH);
    done(&test, &environment);
}

static void
each_lever_can_be_left_out(void **state)
{
    struct config_case ruby = {.words = {"--heap-growth", "ruby"}};
    struct config_case libc = {.words = {"--allocator", "system"}};
    struct config_case none = {.words = {"--heap-growth", "ruby", "--allocator", "system"}};
    const char *envp[] = {"A=b", "SWARM_MOLD_ADDED=LD_PRELOAD", NULL};
    struct mold_environment environment = make(&ruby, envp);

    (void)state;
    assert_string_equal(value(&environment, "SWARM_MOLD_ADDED"), "LD_PRELOAD auto MALLOC_CONF");
    assert_int_equal(count(&environment), 4);
    done(&ruby, &environment);

    environment = make(&libc, envp);
    assert_string_equal(value(&environment, "SWARM_MOLD_ADDED"), GROWTH);
    assert_null(value(&environment, "LD_PRELOAD"));
    done(&libc, &environment);

    environment = make(&none, envp);
    assert_int_equal(count(&environment), 1);
    done(&none, &environment);
}

static void
without_a_mold_nothing_is_added(void **state)
{
    struct config_case test = {.words = {"--no-prefork", "--allocator", "jemalloc"}};
    const char *envp[] = {"A=b", NULL};
    struct mold_environment environment = make(&test, envp);

    (void)state;
    assert_int_equal(count(&environment), 1);
    assert_null(environment.library);
    assert_false(mold_environment_wants_jemalloc(&test.config, environment.envp));
    done(&test, &environment);
}

static void
without_the_library_heaps_are_bounded_all_the_same(void **state)
{
    struct config_case test = {0};
    struct mold_environment environment;
    const struct mold_environment_order order = {.config = &test.config};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(mold_environment_make(&environment, &order), 0);
    assert_string_equal(value(&environment, "SWARM_MOLD_ADDED"), GROWTH);
    assert_null(environment.library);
    done(&test, &environment);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_default_heaps_are_bounded_and_jemalloc_is_preloaded),
        cmocka_unit_test(an_empty_environment_is_enough),
        cmocka_unit_test(the_library_comes_before_what_the_user_preloads),
        cmocka_unit_test(an_allocator_of_the_user_stays_alone),
        cmocka_unit_test(what_the_user_has_set_stays),
        cmocka_unit_test(a_jemalloc_that_was_asked_for_is_not_given_up),
        cmocka_unit_test(each_lever_can_be_left_out),
        cmocka_unit_test(without_a_mold_nothing_is_added),
        cmocka_unit_test(without_the_library_heaps_are_bounded_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
