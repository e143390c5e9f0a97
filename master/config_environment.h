/*
 * config_environment.h: values from the environment.
 *
 * Owns the order of the names (SWARM_<OPTION>, then the inherited ones), and the warnings about
 * names that contradict each other or look like a slip. Must not read the process's own
 * environment: it is given.
 */
#ifndef SWARM_CONFIG_ENVIRONMENT_H
#define SWARM_CONFIG_ENVIRONMENT_H

#include "config.h"

/* The value of a variable; NULL if it is not set. */
const char *config_environment_find(char *const *envp, const char *name);

/*
 * The configuration file that the environment names; NULL if none. `ret_variable` is the name that
 * says it.
 */
const char *config_environment_file(char *const *envp, const char **ret_variable);

/*
 * Stores all values that the environment has, or with `for_verbs` those that are for the verbs of a
 * running service. Returns 0; -EINVAL or -ENOMEM with `ret_error` written.
 */
MUST_CHECK int config_environment_apply(struct config *config, const struct config_input *in,
                                        bool for_verbs, struct config_error *ret_error);

#endif
