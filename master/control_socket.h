/*
 * control_socket.h: makes the listening socket, and says whether a service already has the place.
 *
 * A lock file (PATH.lock, flock) tells a living owner from a stale socket without a race; a stale socket is
 * replaced, a file that is no socket never. Mode 0600 from the first moment.
 */
#ifndef SWARM_CONTROL_SOCKET_H
#define SWARM_CONTROL_SOCKET_H

#include "util.h"

struct control_socket;

/*
 * Returns 0; -EWOULDBLOCK when another service lives there (*ret_owner = its pid or 0); -ENOTSOCK when a
 * file that is no socket stands there; else -errno. *ret_fd is the caller's.
 */
MUST_CHECK int control_socket_open(const char *path, struct control_socket **ret_socket,
                                   int *ret_fd, pid_t *ret_owner);

/*
 * Looks whether control_socket_open would get the place, without locking, making or removing anything. Returns
 * as it does: 0, -EWOULDBLOCK (somebody listens there; *ret_owner = its pid or 0), -ENOTSOCK, -EPERM, else -errno.
 */
MUST_CHECK int control_socket_look(const char *path, pid_t *ret_owner);

/* Removes socket and lock file if they are still ours. Accepts NULL. */
void control_socket_close(struct control_socket *socket);

#endif
