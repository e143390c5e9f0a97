/*
 * facts.h: what adapters tell becomes facts in the pool. It records and returns; deciding is the plan's.
 */
#ifndef SWARM_FACTS_H
#define SWARM_FACTS_H

#include "link.h"
#include "supervisor.h"

/* Handlers of the adapters; `context` is the supervisor, `id` that of a worker or a mold. */
void facts_on_message(void *context, uint64_t id, const struct wire_message *message,
                      struct wire_extra *extra);
void facts_on_garbage(void *context, uint64_t id, pid_t sender);
void facts_on_link_end(void *context, uint64_t id, int error);
void facts_on_process_end(void *context, uint64_t id, const struct process_end *end);
void facts_on_dying(void *context, uint64_t id, int signal);

/* Reads the head of one worker's board. */
void facts_read_board(struct worker *worker);

/*
 * Reads the boards of the workers whose figures the plan needs (or of all, for a person), and whether those workers are
 * stopped.
 */
void facts_read_boards(struct supervisor *supervisor, bool all);

#endif
