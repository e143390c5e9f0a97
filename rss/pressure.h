/*
 * pressure.h: the kernel's word that processes wait for memory (PSI), as a descriptor.
 *
 * A trigger of /proc/pressure/memory or a cgroup's memory.pressure wakes by POLLPRI, which libev cannot wait for; so the
 * trigger stands in an epoll descriptor of its own, and that one is readable.
 */
#ifndef SWARM_RSS_PRESSURE_H
#define SWARM_RSS_PRESSURE_H

#include "../master/util.h"

struct pressure {
    int trigger_fd; /* -1: none */
    int epoll_fd;   /* readable when the trigger fired; give this to the loop */
};

/* Asks to be told when some process waited for memory 150 ms within 2 s (2 s is what the kernel allows without privileges).
 * Returns 0, or -errno where the kernel has no PSI or forbids it (then both are -1). */
MUST_CHECK int pressure_open(struct pressure *pressure, const char *path);
/* Takes the event. Returns true if the trigger had fired, false for a trigger that ended (its cgroup is gone): close it. */
bool pressure_take(struct pressure *pressure);
void pressure_close(struct pressure *pressure);

#endif
