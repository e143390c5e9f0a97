/*
 * launch_environment.h: finds the allocator for molds, and makes their environment with it.
 *
 * Owns the places where a jemalloc may be. Must not open the library: a master that loaded it would be served by it.
 */
#ifndef SWARM_LAUNCH_ENVIRONMENT_H
#define SWARM_LAUNCH_ENVIRONMENT_H

#include "mold_environment.h"

struct launch_environment {
    struct mold_environment mold;
    char *jemalloc; /* malloc'd path; NULL: none */
};

/*
 * Makes the environment of molds from the user's `envp`, which is borrowed. Where SWARM_JEMALLOC is set, it is the path
 * of the library, and no other place is looked at. Returns 0, -ENOMEM, or -ENOENT where --allocator jemalloc finds none:
 * then a sentence is in `ret_wrong`.
 */
MUST_CHECK int launch_environment_make(struct launch_environment *ret, const struct config *config,
                                       char *const *envp, char *ret_wrong, size_t size);

/* Frees what it holds; a zero struct is fine. */
void launch_environment_done(struct launch_environment *environment);

#endif
