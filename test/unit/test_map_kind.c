/*
 * test_map_kind.c: which kind of memory a mapping is, by its permissions and its name.
 */
#include "machine_rig.h"

#include <string.h>

#include "rss/map_kind.h"

#define PAGE 4096

/* A mapping "rw-p" of so many pages; a name with a slash is a file's. */
static struct map_area
area_of(const char *flags, const char *name, uint64_t from, uint64_t pages)
{
    struct map_area area = {
        .from = from,
        .to = from + pages * PAGE,
        .is_readable = flags[0] == 'r',
        .is_writable = flags[1] == 'w',
        .is_executable = flags[2] == 'x',
        .is_shared = flags[3] == 's',
        .has_file = name[0] == '/',
    };

    util_copy_text(area.name, sizeof(area.name), name);
    return area;
}

static void
assert_kind(const char *flags, const char *name, enum map_kind kind)
{
    struct map_area area = area_of(flags, name, 1 << 20, 16);

    if (map_kind_of(&area, NULL) != kind) {
        fail_msg("%s %s is %s, not %s", flags, name, map_kind_name(map_kind_of(&area, NULL)),
                 map_kind_name(kind));
    }
}

static void
test_by_name(void **state)
{
    (void)state;
    assert_kind("rw-p", "[heap]", MAP_KIND_MALLOC);
    assert_kind("rw-p", "[stack]", MAP_KIND_STACK);
    assert_kind("rw-p", "[stack:4711]", MAP_KIND_STACK);
    assert_kind("r-xp", "[vdso]", MAP_KIND_CODE);
    assert_kind("r--p", "[vvar]", MAP_KIND_CODE);
    assert_kind("r--p", "[vvar_vclock]", MAP_KIND_CODE);
    assert_kind("--xp", "[vsyscall]", MAP_KIND_CODE);
    assert_kind("rw-p", "[anon:Ruby:GC:default:heap_page_body_allocate]", MAP_KIND_RUBY_HEAP);
    assert_kind("rw-p", "[anon:Ruby:rb_yjit_reserve_addr_space]", MAP_KIND_JIT);
    assert_kind("rw-p", "[anon:Ruby:fiber_pool_allocate_memory]", MAP_KIND_STACK);
    assert_kind("rw-p", "[anon:Ruby:Init_default_shapes:shape_list]", MAP_KIND_OTHER);
    assert_kind("rw-p", "[anon: glibc: pthread stack: 12]", MAP_KIND_STACK);
    assert_kind("rw-p", "[anon: glibc: malloc arena]", MAP_KIND_MALLOC);
    assert_kind("rw-p", "[anon:jemalloc_pg]", MAP_KIND_MALLOC);
    assert_kind("rw-s", "[anon_shmem:board]", MAP_KIND_SHARED);
    assert_kind("rw-p", "[uprobes]", MAP_KIND_OTHER);
}

static void
test_by_file(void **state)
{
    struct map_area relocated = area_of("r--p", "/lib/libc.so.6", 1 << 20, 4);

    (void)state;
    assert_kind("r-xp", "/lib/libruby.so.3.1", MAP_KIND_CODE);
    assert_kind("r--p", "/usr/lib/locale/locale-archive", MAP_KIND_CODE);
    assert_kind("rw-p", "/lib/libruby.so.3.1", MAP_KIND_LIBRARY_DATA);
    assert_kind("rw-s", "/memfd:swarm board 3 (deleted)", MAP_KIND_SHARED);
    assert_kind("r--s", "/memfd:swarm board 3 (deleted)", MAP_KIND_SHARED);
    assert_kind("rw-s", "/dev/zero (deleted)", MAP_KIND_SHARED);
    assert_kind("rw-s", "/SYSV00000000 (deleted)", MAP_KIND_SHARED);
    assert_kind("rw-s", "/var/lib/some file (deleted)", MAP_KIND_SHARED);
    assert_kind("r--s", "/usr/lib/gconv/gconv-modules.cache", MAP_KIND_CODE);
    relocated.anonymous_kib = 12;
    assert_int_equal(map_kind_of(&relocated, NULL), MAP_KIND_LIBRARY_DATA);
}

static void
test_nameless(void **state)
{
    (void)state;
    assert_kind("rw-p", "", MAP_KIND_MALLOC);
    assert_kind("rw-s", "", MAP_KIND_SHARED);
    assert_kind("r-xp", "", MAP_KIND_JIT);
    assert_kind("rwxp", "", MAP_KIND_JIT);
    assert_kind("r--p", "", MAP_KIND_OTHER);
    assert_kind("---p", "", MAP_KIND_OTHER);
}

/* .bss: right behind .data, and only there. */
static void
test_behind_data(void **state)
{
    struct map_area data = area_of("rw-p", "/lib/libc.so.6", 1 << 20, 2);
    struct map_area code = area_of("r-xp", "/lib/libc.so.6", 1 << 20, 2);
    struct map_area bss = area_of("rw-p", "", (1 << 20) + 2 * PAGE, 13);
    struct map_area later = area_of("rw-p", "", (1 << 20) + 3 * PAGE, 13);

    struct map_area merged = bss;

    (void)state;
    merged.to = merged.from + (UINT64_C(40) << 20);
    assert_int_equal(map_kind_of(&merged, &data), MAP_KIND_MALLOC);
    assert_int_equal(map_kind_of(&bss, &data), MAP_KIND_LIBRARY_DATA);
    assert_int_equal(map_kind_of(&bss, &code), MAP_KIND_MALLOC);
    assert_int_equal(map_kind_of(&later, &data), MAP_KIND_MALLOC);
}

static void
test_mixed_and_guards(void **state)
{
    struct map_area plain = area_of("rw-p", "", 1 << 20, 8);
    struct map_area heap = area_of("rw-p", "[heap]", 1 << 20, 8);
    struct map_area named = area_of("rw-p", "[stack]", 1 << 20, 8);
    struct map_area file = area_of("rw-p", "/lib/libc.so.6", 1 << 20, 8);
    struct map_area shared = area_of("rw-s", "", 1 << 20, 8);
    struct map_area code = area_of("rwxp", "", 1 << 20, 8);
    struct map_area guard = area_of("---p", "", 1 << 20, 1);
    struct map_area reserved = area_of("---p", "", 1 << 20, 16000);
    struct map_area gap = area_of("---p", "/lib/libc.so.6", 1 << 20, 1);

    (void)state;
    assert_true(map_kind_is_mixed(&plain));
    assert_true(map_kind_is_mixed(&heap));
    assert_false(map_kind_is_mixed(&named));
    assert_false(map_kind_is_mixed(&file));
    assert_false(map_kind_is_mixed(&shared));
    assert_false(map_kind_is_mixed(&code));
    assert_true(map_kind_is_guard(&guard));
    assert_false(map_kind_is_guard(&reserved));
    assert_false(map_kind_is_guard(&gap));
    assert_false(map_kind_is_guard(&plain));
}

static void
test_names(void **state)
{
    (void)state;
    for (int kind = 0; kind < MAP_KIND_COUNT; kind++) {
        for (int other = 0; other < kind; other++) {
            assert_string_not_equal(map_kind_name((enum map_kind)kind),
                                    map_kind_name((enum map_kind)other));
        }
    }
    assert_string_equal(map_kind_name(MAP_KIND_RUBY_HEAP), "ruby heap");
    assert_string_equal(map_kind_name(MAP_KIND_COUNT), "?");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_name),          cmocka_unit_test(test_by_file),
        cmocka_unit_test(test_nameless),         cmocka_unit_test(test_behind_data),
        cmocka_unit_test(test_mixed_and_guards), cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
