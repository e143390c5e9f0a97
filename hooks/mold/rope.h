/*
 * rope.h: the tie to the parent: the kernel signals this process when its parent dies.
 *
 * Owns nothing. The other tie is the link, whose end of file watch.c sees.
 */
#ifndef SWARM_MOLD_ROPE_H
#define SWARM_MOLD_ROPE_H

#include "master/util.h"

/*
 * Arms PR_SET_PDEATHSIG with `signal`. Call it from the main thread, and after the process was
 * handed to `parent`: the signal also comes when a reaper in between dies (prctl(2)). Returns 0, or
 * -ESRCH when the parent is another by now: it died before the rope was tied.
 */
MUST_CHECK int rope_tie(int signal, pid_t parent);

#endif
