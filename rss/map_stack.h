/*
 * map_stack.h: where the stacks of threads and fibers lie.
 *
 * The main thread's has a name, [stack]. Another one is anonymous memory above a guard, and the kernel makes one mapping of it
 * and what is mapped right above. Where it ends a thread tells: glibc and musl keep its descriptor at the upper end of its
 * stack, and the descriptor holds the list of robust mutexes, whose address the kernel knows (get_robust_list(2)). Stacks of
 * fibers, and those that a fork left behind of threads that the child does not have, are known by their guard alone.
 *
 * Owns the list. Must not read the contents of memory.
 */
#ifndef SWARM_RSS_MAP_STACK_H
#define SWARM_RSS_MAP_STACK_H

#include "map_smaps.h"

struct map_stack {
    uint64_t from;
    uint64_t to;
};

/* In the order of their addresses. Zeroed: empty. */
struct map_stacks {
    struct map_stack *list;
    size_t count;
    size_t room;
    uint64_t largest_bytes; /* of a thread's: what a stack without one may have */
};

/*
 * Finds the stacks of a process among its mappings. Returns 0, -ESRCH or -errno. The list is to be done with in any case.
 */
MUST_CHECK int map_stack_find(pid_t pid, const struct map_areas *areas, struct map_stacks *stacks);

/*
 * Adds the stack of a thread whose descriptor holds that address, if there is one. Returns 0 or -ENOMEM. Part of
 * map_stack_find.
 */
MUST_CHECK int map_stack_add_thread(const struct map_areas *areas, uint64_t descriptor,
                                    struct map_stacks *stacks);

/* Adds what lies above the guards that no thread has. Returns 0 or -ENOMEM. Part of map_stack_find. */
MUST_CHECK int map_stack_add_others(const struct map_areas *areas, struct map_stacks *stacks);

void map_stack_done(struct map_stacks *stacks);

#endif
