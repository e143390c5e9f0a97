/*
 * config_limits.h: values that are right one by one, and of which one keeps another from acting.
 *
 * Owns the warnings about them. Must not change values.
 */
#ifndef SWARM_CONFIG_LIMITS_H
#define SWARM_CONFIG_LIMITS_H

#include "config.h"

/* Adds the warnings. Returns 0, or -ENOMEM with `ret_error` written. */
MUST_CHECK int config_limits_check(struct config *config, struct config_error *ret_error);

#endif
