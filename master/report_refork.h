/*
 * report_refork.h: the lines of a re-fork. Words only: it changes nothing.
 */
#ifndef SWARM_REPORT_REFORK_H
#define SWARM_REPORT_REFORK_H

#include "report.h"

/* What the line of an ACTION_REFORK_… or ACTION_PROMOTE tells behind its event and its process. */
void report_refork(struct log_line *line, const struct supervisor *supervisor,
                   const struct action *action, int64_t now_ms);

#endif
