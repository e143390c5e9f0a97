/*
 * notify.h: tells the operator's program what happens: `[notify]` of the file.
 *
 * Listens to the log: a line whose event means something to an operator becomes one process of the
 * program, with one JSON object on its standard input. Owns which event of the log is which
 * notification, and that object. Must not wait for the program nor care what it does: running it is
 * the runner's, and what fails is said once a minute (FS-60).
 */
#ifndef SWARM_NOTIFY_H
#define SWARM_NOTIFY_H

#include "config.h"
#include "log.h"
#include "runner.h"

struct notify;

/*
 * Begins to listen (log_set_listener). `config` and `runner` are borrowed and must outlive it.
 * Returns 0 or -ENOMEM; *ret_notify is NULL, and nothing listens, when nobody is to be told. The
 * others accept that NULL.
 */
MUST_CHECK int notify_open(const struct config *config, struct runner *runner,
                           struct notify **ret_notify);

/* Listens no more, and says what was dropped and not said yet. To be called before runner_close. */
void notify_close(struct notify *notify);

/* The application's name (Sidekiq's tag), as soon as it is known: `service` of what is told. */
void notify_set_service(struct notify *notify, const char *service);

/* A line of the log; `context` is the struct notify. notify_open has it called. */
void notify_on_line(void *context, const struct log_line *line);

/* To be called for each end of the runner. Returns false when it was not one of notify's. */
bool notify_on_end(struct notify *notify, const struct runner_end *end);

#endif
