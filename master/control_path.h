/*
 * control_path.h: where the control socket is: --control, else $RUNTIME_DIRECTORY/swarm.sock, else
 * tmp/sockets/swarm.sock where the application has a tmp folder, else a 0700 folder of the user under
 * $XDG_RUNTIME_DIR or the temporary directory, keyed by the working directory. Service and verbs ask the same function.
 */
#ifndef SWARM_CONTROL_PATH_H
#define SWARM_CONTROL_PATH_H

#include "util.h"

/* `given` is --control or NULL. Returns 0 and a malloc'd absolute path, or -errno (-ENAMETOOLONG: over sun_path's 107 bytes). */
MUST_CHECK int control_path_find(const char *given, char **ret_path);

/* Makes the folder that the path needs, if it is one of the defaults. Returns 0 or -errno; -EPERM: somebody else's. */
MUST_CHECK int control_path_prepare(const char *given, const char *path);

/*
 * Looks whether a socket could be made there after control_path_prepare, and makes nothing. Returns 0 or -errno
 * (-EPERM: the folder is somebody else's; -EACCES, -ENOENT, -ENOTDIR, -EROFS).
 */
MUST_CHECK int control_path_look(const char *given, const char *path);

#endif
