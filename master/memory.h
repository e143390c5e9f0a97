/*
 * memory.h: the verb `swarm memory`: what the service's memory is made of, and with --map where that of one process is.
 *
 * The map is read here, by the asking process, so that the master never waits for it.
 */
#ifndef SWARM_MEMORY_H
#define SWARM_MEMORY_H

#include "util.h"

struct memory_order {
    const char *path; /* of the control socket */
    const char *map;  /* a slot's number, or "mold"; NULL: the page of all */
    bool json;
};

/* Asks, reads, prints, and returns the exit code; what is wrong is said on standard error. */
int memory_run(const struct memory_order *order);

#endif
