/*
 * status.h: the state of the service as JSON (docs/status.md), for `swarm status` and for TTIN.
 */
#ifndef SWARM_STATUS_H
#define SWARM_STATUS_H

#include <jansson.h>

#include "supervisor.h"

/* What is known now; NULL without memory. */
json_t *status_json(struct supervisor *supervisor);

/* Why the worker of that slot was or was not replaced, in sentences: the answer to `swarm explain`. */
json_t *status_explain(struct supervisor *supervisor, unsigned slot);

#endif
