/*
 * test_memory_map.c: a map of one process in, the page and the JSON of `swarm memory --map` out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "master/memory_map.h"
#include "status_case.h"

#define MIB 1024

static const struct memory_subject worker = {
    .pid = 812, .start_ticks = 48700, .slot = 3, .generation = 2};

/* What a worker may have after some thousand jobs. */
static const struct map_report report = {
    .kinds =
        {
            [MAP_KIND_RUBY_HEAP] = {.resident_kib = 80 * MIB,
                                    .private_kib = 20 * MIB,
                                    .shared_kib = 60 * MIB,
                                    .pss_kib = 32 * MIB},
            [MAP_KIND_MALLOC] = {.resident_kib = 90 * MIB,
                                 .private_kib = 25 * MIB,
                                 .shared_kib = 65 * MIB,
                                 .swap_kib = 2 * MIB,
                                 .pss_kib = 38 * MIB},
            [MAP_KIND_CODE] = {.resident_kib = 20 * MIB, .shared_kib = 20 * MIB, .pss_kib = MIB},
        },
    .total = {.resident_kib = 190 * MIB,
              .private_kib = 45 * MIB,
              .shared_kib = 145 * MIB,
              .swap_kib = 2 * MIB,
              .pss_kib = 71 * MIB},
    .page_tables_kib = 700,
    .ruby_blocks = 4321,
    .threads = 12,
    .is_content_known = true,
};

static void
test_largest_private_part_first(void **state)
{
    char *text = memory_map_page(&worker, &report, -1, 80);

    (void)state;
    assert_non_null(text);
    assert_string_equal(text,
                        "Slot 3: worker 812, generation 2.\n"
                        "\n"
                        "KIND            RESIDENT  PRIVATE  SHARED  SWAP  OF PRIVATE\n"
                        "malloc               90M      25M     65M  2.0M         56%\n"
                        "ruby heap            80M      20M     60M     0         44%\n"
                        "code and files       20M        0     20M     0          0%\n"
                        "all                 190M      45M    145M  2.0M        100%\n"
                        "\n"
                        "12 threads; 4321 heap pages of Ruby; page tables 700K, which no other "
                        "figure\ncounts.\n");
    free(text);
}

/* It is said who could have looked, and what is in the way. */
static void
test_contents_that_may_not_be_read(void **state)
{
    struct memory_subject mold = worker;
    struct map_report hidden = {.threads = 1};
    char *text;

    (void)state;
    mold.slot = -1;
    hidden.kinds[MAP_KIND_OTHER].resident_kib = hidden.total.resident_kib = 7;
    text = memory_map_page(&mold, &hidden, 1, 80);
    assert_non_null(text);
    status_case_assert_has(text, "Mold: process 812, generation 2.\n");
    status_case_assert_has(text, "     7K        0       0     0           -\n");
    status_case_assert_has(text, "\n1 thread; page tables 0, which no other figure counts.\n");
    status_case_assert_has(text, map_kind_name(MAP_KIND_OTHER));
    status_case_assert_has(text, " here. As root they are told apart");
    status_case_assert_has(text, "kernel.yama.ptrace_scope = 0");
    free(text);
    text = memory_map_page(&mold, &hidden, -1, 80);
    assert_null(strstr(text, "yama"));
    free(text);
}

static void
test_every_width_holds(void **state)
{
    struct map_report hidden = report;

    (void)state;
    hidden.is_content_known = false;
    for (size_t width = 40; width < 200; width++) {
        char *text = memory_map_page(&worker, &hidden, 2, width);

        assert_non_null(text);
        status_case_assert_fits(text, width);
        free(text);
    }
}

static json_int_t
bytes(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static void
test_json(void **state)
{
    json_t *json = memory_map_json(&worker, &report);
    const json_t *kinds = json_object_get(json, "kinds");
    json_t *kind;
    json_int_t resident = 0;
    size_t i;

    (void)state;
    assert_non_null(json);
    assert_int_equal(json_array_size(kinds), MAP_KIND_COUNT);
    json_array_foreach(kinds, i, kind)
    {
        assert_string_equal(json_string_value(json_object_get(kind, "kind")),
                            map_kind_name((enum map_kind)i));
        resident += bytes(kind, "resident_bytes");
    }
    assert_int_equal(resident, bytes(json_object_get(json, "total"), "resident_bytes"));
    assert_int_equal(resident, 190 * 1024 * 1024);
    assert_int_equal(bytes(json, "pid"), 812);
    assert_int_equal(bytes(json, "slot"), 3);
    assert_int_equal(bytes(json, "start_ticks"), 48700);
    assert_int_equal(bytes(json, "page_tables_bytes"), 700 * 1024);
    assert_true(json_is_true(json_object_get(json, "content_known")));
    json_decref(json);
}

static void
test_json_of_a_mold_has_no_slot(void **state)
{
    struct memory_subject mold = worker;
    json_t *json;

    (void)state;
    mold.slot = -1;
    json = memory_map_json(&mold, &report);
    assert_true(json_is_null(json_object_get(json, "slot")));
    json_decref(json);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_largest_private_part_first),
        cmocka_unit_test(test_contents_that_may_not_be_read),
        cmocka_unit_test(test_every_width_holds),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_of_a_mold_has_no_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
