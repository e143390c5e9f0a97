/*
 * map_kind.c: see map_kind.h.
 *
 * Names in brackets: proc_pid_maps(5); [anon:…] is PR_SET_VMA_ANON_NAME, of Linux 5.17 with CONFIG_ANON_VMA_NAME.
 */
#include "map_kind.h"

#include <string.h>

/* The largest usual guard: one page of the machines with the largest pages. */
#define GUARD_BYTES_MAX (64 * 1024)
/* The largest .bss that Ruby loads is jemalloc's, with 2.2 MB. */
#define BSS_BYTES_MAX (UINT64_C(4) << 20)

static const char *const kind_names[MAP_KIND_COUNT] = {
    [MAP_KIND_RUBY_HEAP] = "ruby heap",  [MAP_KIND_MALLOC] = "malloc",
    [MAP_KIND_STACK] = "stacks",         [MAP_KIND_LIBRARY_DATA] = "library data",
    [MAP_KIND_CODE] = "code and files",  [MAP_KIND_JIT] = "jit code",
    [MAP_KIND_SHARED] = "shared memory", [MAP_KIND_OTHER] = "anonymous",
};

/* Beginnings of names that tell the kind; the longer before the shorter. */
static const struct {
    const char *begins;
    enum map_kind kind;
} named[] = {
    {"[heap]", MAP_KIND_MALLOC},
    {"[stack", MAP_KIND_STACK},
    {"[vdso]", MAP_KIND_CODE},
    {"[vvar", MAP_KIND_CODE},
    {"[vsyscall]", MAP_KIND_CODE},
    {"[anon:Ruby:GC:", MAP_KIND_RUBY_HEAP},
    {"[anon:Ruby:rb_yjit", MAP_KIND_JIT},
    {"[anon:Ruby:rb_zjit", MAP_KIND_JIT},
    {"[anon:Ruby:nt_alloc_thread_stack", MAP_KIND_STACK},
    {"[anon:Ruby:fiber", MAP_KIND_STACK},
    {"[anon: glibc: pthread stack", MAP_KIND_STACK},
    {"[anon: glibc: malloc", MAP_KIND_MALLOC},
    {"[anon:jemalloc", MAP_KIND_MALLOC},
    {"[anon_shmem:", MAP_KIND_SHARED},
};

const char *
map_kind_name(enum map_kind kind)
{
    return (unsigned)kind < MAP_KIND_COUNT ? kind_names[kind] : "?";
}

static bool
begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Returns MAP_KIND_COUNT where the name says nothing. */
static enum map_kind
kind_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (begins_with(name, named[i].begins)) {
            return named[i].kind;
        }
    }
    return name[0] == '[' ? MAP_KIND_OTHER : MAP_KIND_COUNT;
}

static enum map_kind
kind_of_file(const struct map_area *area)
{
    if (area->is_shared) {
        bool is_memory = begins_with(area->name, "/memfd:") || begins_with(area->name, "/dev/") ||
                         begins_with(area->name, "/SYSV");

        return is_memory || area->is_writable ? MAP_KIND_SHARED : MAP_KIND_CODE;
    }
    /* The loader relocates constants, then takes the permission to write away. */
    return area->is_writable || area->anonymous_kib > 0 ? MAP_KIND_LIBRARY_DATA : MAP_KIND_CODE;
}

/*
 * The loader maps what .bss needs beyond the file right behind .data. The kernel makes one mapping of that and of what an
 * allocator happened to map next to it, which is then nearly all of it.
 */
static bool
is_behind_data(const struct map_area *area, const struct map_area *below)
{
    return below != NULL && below->to == area->from && below->has_file && below->is_writable &&
           !below->is_shared && area->to - area->from <= BSS_BYTES_MAX;
}

static enum map_kind
kind_of_nameless(const struct map_area *area, const struct map_area *below)
{
    if (area->is_shared) {
        return MAP_KIND_SHARED;
    }
    if (area->is_executable) {
        return MAP_KIND_JIT;
    }
    if (!area->is_writable) {
        return MAP_KIND_OTHER;
    }
    return is_behind_data(area, below) ? MAP_KIND_LIBRARY_DATA : MAP_KIND_MALLOC;
}

enum map_kind
map_kind_of(const struct map_area *area, const struct map_area *below)
{
    enum map_kind kind = kind_by_name(area->name);

    if (kind != MAP_KIND_COUNT) {
        return kind;
    }
    return area->has_file ? kind_of_file(area) : kind_of_nameless(area, below);
}

bool
map_kind_is_mixed(const struct map_area *area)
{
    bool is_writable_only = area->is_writable && !area->is_executable && !area->is_shared;

    return is_writable_only && !area->has_file &&
           (area->name[0] == '\0' || strcmp(area->name, "[heap]") == 0);
}

bool
map_kind_is_guard(const struct map_area *area)
{
    return !area->is_readable && !area->is_writable && !area->is_executable && !area->is_shared &&
           !area->has_file && area->to - area->from <= GUARD_BYTES_MAX;
}

void
map_kind_add(struct map_figures *to, const struct map_figures *from)
{
    to->resident_kib += from->resident_kib;
    to->private_kib += from->private_kib;
    to->shared_kib += from->shared_kib;
    to->swap_kib += from->swap_kib;
    to->pss_kib += from->pss_kib;
}
