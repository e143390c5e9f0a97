/*
 * mold_environment.h: the environment of a mold: the user's, with what bounds the growth of heaps and what brings the
 * allocator. docs/copy-on-write.md tells what each is for, and which figures the values are from.
 *
 * Owns the values. Must not look for a library (launch_environment.h does), nor touch a variable that the user has set.
 *
 * What is added is named in SWARM_MOLD_ADDED, so that the mold can take it out again: programs that the application
 * starts get the user's environment (hooks/mold/environment.h).
 */
#ifndef SWARM_MOLD_ENVIRONMENT_MASTER_H
#define SWARM_MOLD_ENVIRONMENT_MASTER_H

#include "config.h"

/* LD_PRELOAD, MALLOC_CONF, three of the VM, and the list of them. */
#define MOLD_ENVIRONMENT_OWN_MAX 6

struct mold_environment {
    char **envp; /* ends with NULL; texts that are not in `own` are borrowed from the order's */
    char *own[MOLD_ENVIRONMENT_OWN_MAX];
    unsigned own_count;
    const char *library; /* borrowed: what is preloaded; NULL: nothing */
};

/* What it is made from. All of it is borrowed, for as long as the environment is used. */
struct mold_environment_order {
    const struct config *config;
    char *const *envp;
    const char *jemalloc; /* path of the library; NULL: it is not there, or not wanted */
};

/*
 * Whether a jemalloc belongs under the mold: the workers are forked, --allocator does not say otherwise, and LD_PRELOAD
 * brings no allocator of the user's own choice.
 */
bool mold_environment_wants_jemalloc(const struct config *config, char *const *envp);

/* Makes the environment. Returns 0 or -ENOMEM. */
MUST_CHECK int mold_environment_make(struct mold_environment *ret,
                                     const struct mold_environment_order *order);

/* Frees what it holds; a zero struct is fine. */
void mold_environment_done(struct mold_environment *environment);

#endif
