/*
 * tell.h: this process's end of its link to the master: messages out and in.
 *
 * Owns the descriptor. It is moved to a high number, out of the way of code that closes or counts
 * the low ones, and never blocks: a master that does not read (it may be stopped for minutes) must
 * not stop a worker. Since a library may close a descriptor that it does not know, the number is
 * used only while the same socket stands behind it. Must not know what a message is good for.
 */
#ifndef SWARM_MOLD_TELL_H
#define SWARM_MOLD_TELL_H

#include "master/wire.h"

/* Takes over a link in place of the one before, which is closed. Returns 0 or -errno; then
 * `take_fd` is closed. */
MUST_CHECK int tell_open(int take_fd);

/* Closes the link. Async-signal-safe. */
void tell_close(void);

/* The link's descriptor, or -1 when it was closed, by us or by anyone else. */
int tell_fd(void);

/*
 * Sends one message, waiting up to `wait_ms` (0: not at all, NEVER_MS: as long as it takes) for the
 * master to read. Returns 0, -EAGAIN when the time is over, -EINTR when a signal broke the wait,
 * -ENOTCONN without a link, or another -errno (-EPIPE: the master is gone).
 */
MUST_CHECK int tell_send(const struct wire_message *message, int64_t wait_ms);

/* Receives one message without waiting. Returns as wire_receive does; -ENOTCONN without a link. */
MUST_CHECK int tell_receive(struct wire_message *ret_message, struct wire_extra *ret_extra);

/* Sends a failure, waiting at most ten seconds. Texts are cut to their fields; an unsent one is
 * lost, as at most. */
void tell_failure(const struct wire_failure *failure);

/* One line of the mold's own on standard error. It may be lost, never blocks for long, and needs no
 * memory. */
void tell_log(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
