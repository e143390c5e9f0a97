/*
 * pidfile.h: --pid-file, for recipes that want one. Locked while the master lives, so that a second
 * start in the same place is refused; removed at the end.
 */
#ifndef SWARM_PIDFILE_H
#define SWARM_PIDFILE_H

#include "util.h"

struct pidfile;

/*
 * Returns 0; -EWOULDBLOCK with *ret_owner = pid of the running service (0 if unknown); else -errno
 * (the folder is missing, not writable, the path is a folder).
 */
MUST_CHECK int pidfile_open(const char *path, struct pidfile **ret_file, pid_t *ret_owner);
/* Removes the file if it is still ours. Accepts NULL. */
void pidfile_close(struct pidfile *file);

#endif
