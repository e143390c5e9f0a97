/*
 * family.h: who of an earlier service in the same place still lives (FS-47).
 *
 * A master that was killed leaves workers that finish their jobs. Its molds and workers inherited a descriptor of the
 * file PATH.family, which carries a shared flock(2) until the last of them is gone. The next master asks for
 * that lock alone. Owns the descriptor; must not decide whether to wait.
 */
#ifndef SWARM_FAMILY_H
#define SWARM_FAMILY_H

#include "util.h"

struct family;

/* `control_path` names the place; its lock (control_socket.h) must be held. Returns 0 or -errno. */
MUST_CHECK int family_open(const char *control_path, struct family **ret_family);

/*
 * True when nobody of an earlier service lives; from then on the descriptor marks our own family.
 * Ask until it says so, or call family_join.
 */
bool family_is_alone(struct family *family);

/* Marks our own family beside what is left of the earlier one. */
void family_join(struct family *family);

/* What molds inherit. */
int family_fd(const struct family *family);

/* Removes the file if nobody is left. Accepts NULL. */
void family_close(struct family *family);

#endif
