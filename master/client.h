/*
 * client.h: the verbs' side of the control socket: one request, one answer, words for a person.
 */
#ifndef SWARM_CLIENT_H
#define SWARM_CLIENT_H

#include <jansson.h>

#include "util.h"

struct client_order {
    const char *path;
    const char *verb;
    char *const *arguments; /* NULL-terminated */
    bool json;              /* print the answer as JSON */
};

/*
 * Asks, prints the answer (status as a table by status_view, others as a sentence) and returns the exit code:
 * 0, 64, 69 without a service, 70 …
 */
int client_run(const struct client_order *order);

#endif
