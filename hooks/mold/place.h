/*
 * place.h: where the Ruby files of swarm are.
 *
 * Owns nothing.
 */
#ifndef SWARM_MOLD_PLACE_H
#define SWARM_MOLD_PLACE_H

#include "master/util.h"

/*
 * The folder of hooks/: ../../share/sidekiq-swarm/hooks from this executable (installed), else the
 * source tree that it was built from. Returns 0, -ENAMETOOLONG, or -ENOENT when neither has the
 * boot script.
 */
MUST_CHECK int place_hooks(char *to, size_t size);

/* The boot script within that folder. Returns 0 or -ENAMETOOLONG. */
MUST_CHECK int place_boot_script(const char *hooks, char *to, size_t size);

#endif
