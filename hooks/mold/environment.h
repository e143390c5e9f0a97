/*
 * environment.h: what the master added to the environment of a mold for its start, and its way out again: programs
 * that the application or its jobs start must find the environment that swarm was given.
 *
 * Owns the variable SWARM_MOLD_ADDED, whose text is a list of words: the names of the variables that were added
 * (master/mold_environment.h). Must not decide what is added.
 */
#ifndef SWARM_MOLD_ENVIRONMENT_H
#define SWARM_MOLD_ENVIRONMENT_H

#include "master/util.h"

/*
 * First thing in main. Restores LD_PRELOAD and removes MALLOC_CONF, which the loader and the allocator have read by
 * now. What the VM reads stays, with the variable that names it, until its first file takes both out
 * (environment_script). Returns 0 or -ENOMEM.
 */
MUST_CHECK int environment_take(void);

/* True if the master said this word: the name of a variable that it added, or ENVIRONMENT_AUTO. */
bool environment_has(const char *word);

/* Said where the allocator was chosen by swarm, and may be given up by it. */
#define ENVIRONMENT_AUTO "auto"

/* The version of an allocator that this program has given up by environment_start_again; empty: none. */
const char *environment_refused(void);

/*
 * Executes this program again, without the allocator that the master preloaded. Everything else stays: the process,
 * its descriptors, what the VM will read. Returns only on failure, with -errno; then all goes on as it is.
 */
int environment_start_again(char **argv, const char *refused);

/*
 * The Ruby file that takes out of the environment what only the VM was to read. It has to be loaded before
 * bundler/setup, which keeps a copy. NULL: there is nothing to take out, or no room for the path.
 */
char *environment_script(const char *hooks, char *to, size_t size);

#endif
