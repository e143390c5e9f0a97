/*
 * top.h: `swarm top`: a running service, live.
 */
#ifndef SWARM_TOP_H
#define SWARM_TOP_H

#include "util.h"

struct top_order {
    const char *path; /* of the control socket */
    bool once;        /* print one picture, without a terminal's help */
};

/* Runs until somebody leaves it. Returns an exit code; ends itself by the signal that asked for its end (TERM, HUP, QUIT). */
int top_run(const struct top_order *order);

#endif
