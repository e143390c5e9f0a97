/*
 * link.h: the master's end of one socket to a mold or a worker.
 *
 * Owns the descriptor and its watchers. Decodes packets (wire.h) and hands them on; must not know
 * what they mean. What the peer does not read at once waits in a short queue (LINK_QUEUE_MAX),
 * after which the peer is treated as lost: nothing here ever blocks.
 */
#ifndef SWARM_LINK_H
#define SWARM_LINK_H

#include <ev.h>

#include "wire.h"

#define LINK_QUEUE_MAX 16

struct link;

struct link_handlers {
    void *context;
    /* The handler may take descriptors out of *extra by setting them to -1; the rest are closed
     * after it. */
    void (*on_message)(void *context, uint64_t id, const struct wire_message *message,
                       struct wire_extra *extra);
    /* A packet that is none of ours; the link goes on until the owner frees it. */
    void (*on_garbage)(void *context, uint64_t id, pid_t sender);
    /* End of file, error, or a queue that ran over; called once, the link is dead afterwards but
     * must be freed by the owner. */
    void (*on_end)(void *context, uint64_t id, int error);
};

/* Makes the two ends, CLOEXEC, ours non-blocking and asking for credentials. Returns 0 or -errno.
 */
MUST_CHECK int link_pair(int *ret_ours, int *ret_theirs);

/* Takes `fd` in any case. Returns 0 or -errno. `handlers` is copied. */
MUST_CHECK int link_open(struct ev_loop *loop, int take_fd, uint64_t id,
                         const struct link_handlers *handlers, struct link **ret_link);

/* Sends or queues. `fds` are borrowed (duplicated if the message must wait). Returns 0, -EPIPE on a
 * dead link, or -errno. */
MUST_CHECK int link_send(struct link *link, const struct wire_message *message, const int *fds,
                         unsigned fd_count);

/* Hands on what already waits to be read, as the loop would: the last words of a process whose
 * death is known. Accepts NULL. */
void link_drain(struct link *link);

/* Safe within a handler of this very link: it is freed when the handler has returned. Accepts NULL.
 */
void link_close(struct link *link);

#endif
