/*
 * map_stack.c: see map_stack.h.
 */
#include "map_stack.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* pthread_attr_init(3): the default of x86-64; Ruby's own are smaller. */
#define USUAL_STACK_BYTES (UINT64_C(8) << 20)

static int
add_stack(struct map_stacks *stacks, uint64_t from, uint64_t to)
{
    if (stacks->count == stacks->room) {
        size_t room = stacks->room == 0 ? 64 : stacks->room * 2;
        struct map_stack *grown = reallocarray(stacks->list, room, sizeof(*grown));

        if (grown == NULL) {
            return -ENOMEM;
        }
        stacks->list = grown;
        stacks->room = room;
    }
    stacks->list[stacks->count++] = (struct map_stack){.from = from, .to = to};
    return 0;
}

/* Whether a stack may begin where the mapping does. */
static bool
is_above_guard(const struct map_areas *areas, const struct map_area *area)
{
    const struct map_area *below = area > areas->list ? area - 1 : NULL;

    return below != NULL && below->to == area->from && map_kind_is_guard(below) &&
           map_kind_is_mixed(area);
}

int
map_stack_add_thread(const struct map_areas *areas, uint64_t descriptor, struct map_stacks *stacks)
{
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t top = (descriptor / page_bytes + 1) * page_bytes;
    const struct map_area *area = map_smaps_find(areas, descriptor);

    /* The main thread's descriptor is elsewhere: the loader made it. */
    if (area == NULL || !is_above_guard(areas, area)) {
        return 0;
    }
    if (top - area->from > stacks->largest_bytes) {
        stacks->largest_bytes = top - area->from;
    }
    return add_stack(stacks, area->from, top);
}

static bool
has_stack_at(const struct map_stacks *stacks, size_t count, uint64_t from)
{
    for (size_t i = 0; i < count; i++) {
        if (stacks->list[i].from == from) {
            return true;
        }
    }
    return false;
}

int
map_stack_add_others(const struct map_areas *areas, struct map_stacks *stacks)
{
    uint64_t most = stacks->largest_bytes > 0 ? stacks->largest_bytes : USUAL_STACK_BYTES;
    size_t of_threads = stacks->count;
    int error = 0;

    for (size_t i = 0; i < areas->count && error == 0; i++) {
        const struct map_area *area = &areas->list[i];
        bool is_other =
            is_above_guard(areas, area) && !has_stack_at(stacks, of_threads, area->from);
        uint64_t bytes = area->to - area->from;

        if (is_other) {
            error = add_stack(stacks, area->from, area->from + (bytes < most ? bytes : most));
        }
    }
    return error;
}

/* One entry of /proc/PID/task; a thread that ended meanwhile, or that the kernel says nothing of, is passed over. */
static int
add_entry(const char *name, const struct map_areas *areas, struct map_stacks *stacks)
{
    uint64_t thread;
    uint64_t descriptor = 0;
    size_t size;

    if (util_parse_u64(name, &thread) != 0 || thread > INT_MAX ||
        syscall(SYS_get_robust_list, (int)thread, &descriptor, &size) != 0 || descriptor == 0) {
        return 0;
    }
    return map_stack_add_thread(areas, descriptor, stacks);
}

static int
add_threads(pid_t pid, const struct map_areas *areas, struct map_stacks *stacks)
{
    char path[64];
    DIR *folder;
    struct dirent *entry;
    int error = 0;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    folder = opendir(path);
    if (folder == NULL) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    do {
        entry = readdir(folder);
        error = entry != NULL ? add_entry(entry->d_name, areas, stacks) : 0;
    } while (entry != NULL && error == 0);
    closedir(folder);
    return error;
}

static int
compare_stacks(const void *left, const void *right)
{
    const struct map_stack *a = left;
    const struct map_stack *b = right;

    return (a->from > b->from) - (a->from < b->from);
}

int
map_stack_find(pid_t pid, const struct map_areas *areas, struct map_stacks *stacks)
{
    int error = add_threads(pid, areas, stacks);

    if (error == 0) {
        error = map_stack_add_others(areas, stacks);
    }
    if (stacks->count > 0) {
        qsort(stacks->list, stacks->count, sizeof(*stacks->list), compare_stacks);
    }
    return error;
}

void
map_stack_done(struct map_stacks *stacks)
{
    free(stacks->list);
    *stacks = (struct map_stacks){0};
}
