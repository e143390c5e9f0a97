/*
 * check.h: `swarm check`: everything short of starting workers, in the order of a start.
 *
 * Takes no lock and leaves nothing behind. Must not change the machine, the control socket's place or Redis.
 */
#ifndef SWARM_CHECK_H
#define SWARM_CHECK_H

#include "config.h"

/*
 * Checks and writes the findings to standard output; what the application prints goes to standard error. The caller
 * has made this process a subreaper. Returns the exit code: 0; 78 (the place of the control socket or the pid file
 * cannot be used), 75 (the application does not boot), 69 (Redis does not answer), 70; 128 + the signal that ended it.
 */
int check_run(const struct config *config, char *const *envp);

/* Says that the configuration itself is not valid. `words` (`count` of them) are the verb's own. Returns the exit code. */
int check_refuse(char *const *words, int count, const struct config_error *error);

#endif
