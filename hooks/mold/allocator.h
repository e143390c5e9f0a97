/*
 * allocator.h: who gives memory to this process, and from where a mold and its workers take theirs.
 *
 * Owns the settings of the allocator. Must not know what the memory is for.
 *
 * With jemalloc the main thread of a mold allocates from an arena of its own, and that of a worker from another: what a
 * worker needs then lies on fresh pages, instead of in the holes of pages that it shares with the mold. Two more hold what
 * lies apart (apart.h).
 */
#ifndef SWARM_MOLD_ALLOCATOR_H
#define SWARM_MOLD_ALLOCATOR_H

#include "master/util.h"

/*
 * First thing in main, after environment_take: gives up a jemalloc that swarm chose and that cannot be forked from
 * (environment_start_again: then this call does not return).
 */
void allocator_check(char **argv);

/* In a mold, before there is a VM. */
void allocator_start(void);

/* How many places lie apart, each of them an arena. */
#define ALLOCATOR_PLACES 2

/*
 * In a mold with jemalloc: zeroed memory of the place with that number, to be freed with free(3). NULL: there are no such
 * places, or the memory is none or large; take it from where all is taken.
 */
void *allocator_take_apart(unsigned place, size_t count, size_t size);

/* Before the first fork: what the boot has freed need not be copied by each worker. */
void allocator_settle(void);

/* First thing in a worker that was forked. */
void allocator_become(void);

/*
 * Gives back what has been free for as long as the settings say. jemalloc looks at its clock only when it is asked for
 * memory, so that a worker at rest would keep all of its last job's. Safe in any thread; costs microseconds.
 */
void allocator_rest(void);

/* "jemalloc 5.3.0", "glibc 2.36 (jemalloc 5.2.1 is too old to fork)". */
void allocator_name(char *to, size_t size);

#endif
