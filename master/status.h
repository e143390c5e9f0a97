/*
 * status.h: the state of the service as JSON (docs/status.md), for `swarm status` and for TTIN.
 */
#ifndef SWARM_STATUS_H
#define SWARM_STATUS_H

#include <jansson.h>

#include "supervisor.h"

/* With `look` the memory of every process is looked at (PSS, USS: some milliseconds), else only what is known. NULL without memory. */
json_t *status_json(struct supervisor *supervisor, bool look);

#endif
