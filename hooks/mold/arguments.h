/*
 * arguments.h: the command line that the master gives a mold.
 *
 * Owns the table of the words it knows. Must not touch Ruby, descriptors or the environment: what
 * an option means is its reader's business.
 */
#ifndef SWARM_MOLD_ARGUMENTS_H
#define SWARM_MOLD_ARGUMENTS_H

#include "master/util.h"

enum arguments_role {
    ARGUMENTS_MOLD,   /* boots, then forks workers */
    ARGUMENTS_WORKER, /* boots and is the worker itself (--no-prefork) */
};

struct arguments {
    enum arguments_role role; /* a worker where a board was given */
    int link;                 /* descriptor numbers as inherited */
    int family;               /* held open while this process lives (master/family.h); -1: none */
    int board;                /* -1: none */
    uint32_t generation;
    uint32_t slot;
    uint32_t index;
    bool fork_hooks;
    bool check;                 /* `swarm check`: boots all of it, asks Redis, forks nothing */
    const char *preload;        /* "app", "gems" or "none" */
    const char *preload_groups; /* Bundler's groups, or NULL */
    const char *preboot;        /* a file to load in the mold, or NULL */
    const char *prepare;        /* "full", "no-compact" or "none" */
    bool eager_load;            /* all classes, whatever the application's configuration says */
    bool no_warm;               /* neither caches nor warm-up hooks */
    bool strict_fork;           /* threads and sockets refuse the fork */
    char **rest;                /* for Sidekiq's own parser; ends with NULL */
};

/*
 * Reads argv[1..]. `argv` is borrowed and must outlive *ret_arguments.
 * Returns 0, or -EINVAL after *ret_wrong was set to the word that is not understood.
 */
MUST_CHECK int arguments_parse(char **argv, struct arguments *ret_arguments,
                               const char **ret_wrong);

#endif
