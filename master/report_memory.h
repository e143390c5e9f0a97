/*
 * report_memory.h: words and keys for lines about memory, limits and jobs at work. For report*.c, act.c and status*.c.
 */
#ifndef SWARM_REPORT_MEMORY_H
#define SWARM_REPORT_MEMORY_H

#include "report.h"

/* "HardJob:4f2a…:12,MailJob:77…:0": the jobs a worker holds, the oldest first; what does not fit is counted ("+3"). Returns `to`,
 * "" for none. */
char *report_jobs_text(const struct worker *worker, char *to, size_t size);
void report_jobs(struct log_line *line, const struct worker *worker);

/* RSS, USS and the peak of a worker that is gone. */
void report_last_figures(struct log_line *line, const struct worker *worker);
uint64_t report_peak_bytes(const struct worker *worker);

/* Keys of why a worker is replaced: the figure, its limit, the cycles, its growth. */
void report_recycle(struct log_line *line, const struct supervisor *supervisor,
                    const struct action *action);

/* The same in words: "rss 912M above 800M for 3 of 5 cycles; grows 31M/h, 12K a job". Returns `to`. */
char *report_detail(const struct supervisor *supervisor, const struct action *action,
                    char to[SLOT_DETAIL_SIZE]);

/* Lines of event trace: what the kernel says of each thread, for a worker whose Ruby cannot. */
void report_threads(pid_t pid);

/* 912M: for people. Returns `to`. */
#define REPORT_SIZE_TEXT 24
char *report_size(int64_t bytes, char to[REPORT_SIZE_TEXT]);

/* Lines of their own. */
void report_limit_too_low(struct log_line *line, const struct worker *worker,
                          const struct policy_finding *finding);
void report_total(struct log_line *line, const struct supervisor *supervisor,
                  const struct worker *worker);
void report_room(struct log_line *line, const struct pool *pool);
void report_hang(struct log_line *line, const struct supervisor *supervisor,
                 const struct worker *worker);

#endif
