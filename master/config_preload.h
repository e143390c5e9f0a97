/*
 * config_preload.h: what `--prefork`, `--preload`, `--preload-groups` and `--preboot` mean
 * together.
 *
 * Owns the rules, so that the rest of swarm reads three settled fields: `prefork`, `preload`,
 * `fork_hooks`.
 *
 *   given                               mold  preload   fork hooks
 *   nothing, --prefork                  yes   app       yes
 *   --preload app|gems|none             yes   as said   yes
 *   --preload-groups LIST alone         yes   gems      yes         (an empty list: none)
 *   --preboot F, also with --no-prefork yes   none      no          as sidekiq-process-manager has
 * it
 *   --preboot F --prefork               yes   app       yes
 *   --preboot F --preload WHAT          yes   as said   yes
 *   --no-prefork                        no    none      no
 *   --no-prefork --preload WHAT         refused
 *
 * Must not read values: it looks at those that were read, and at who gave them.
 */
#ifndef SWARM_CONFIG_PRELOAD_H
#define SWARM_CONFIG_PRELOAD_H

#include "config.h"

/* Settles the fields. Returns 0; -EINVAL or -ENOMEM with `ret_error` written. */
MUST_CHECK int config_preload_settle(struct config *config, struct config_error *ret_error);

#endif
