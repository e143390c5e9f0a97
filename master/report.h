/*
 * report.h: the log lines of the service's life. Words only: it changes nothing.
 */
#ifndef SWARM_REPORT_H
#define SWARM_REPORT_H

#include "log.h"
#include "supervisor.h"

/* Begins a line with slot, gen and pid of a worker, or gen and pid of a mold. */
void report_begin_worker(struct log_line *line, enum event event, const struct worker *worker);
void report_begin_mold(struct log_line *line, enum event event, const struct mold *mold);

/* Of whichever of the two is there. */
void report_begin_either(struct log_line *line, enum event event, const struct worker *worker,
                         const struct mold *mold);
/* A figure in KiB; a text that is left out when it is empty. */
void report_kib(struct log_line *line, const char *key, uint64_t bytes);
void report_text(struct log_line *line, const char *key, const char *text);

/* Keys `state` and `kernel`: where the kernel says a process is, what remains to be told of one that does not answer. */
void report_kernel(struct log_line *line, pid_t pid);

void report_starting(const struct config *config, const char *control_path);
void report_step(const struct worker *worker, const struct mold *mold,
                 const struct wire_step *step);
void report_mold_ready(const struct supervisor *supervisor, const struct mold *mold);
void report_hello(const struct worker *worker);
void report_worker_ready(const struct worker *worker);
void report_failure(const struct worker *worker, const struct mold *mold,
                    const struct wire_failure *failure);
void report_protocol(const struct worker *worker, const struct mold *mold, pid_t sender,
                     const char *what);
void report_trace(pid_t pid, const char *text);
void report_signal(int signal, pid_t sender, const char *consequence);
void report_stopping(const struct supervisor *supervisor, enum stop_stage stage, int64_t now_ms);
void report_late(int64_t late_ms);
void report_spawn_failed(const struct worker *worker, int error, int64_t wait_ms);

/* The line of an action of the plan, where it has one. */
void report_action(const struct supervisor *supervisor, const struct action *action,
                   int64_t now_ms);

#endif
