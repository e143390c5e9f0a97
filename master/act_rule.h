/*
 * act_rule.h: the programs of rules.
 */
#ifndef SWARM_ACT_RULE_H
#define SWARM_ACT_RULE_H

#include "supervisor.h"

/*
 * Starts the program of a rule that fired or recovered, if it has one, through the runner. It gets one JSON object on its
 * standard input: rule, when, state ("fired", "recovered"), slot, index, pid, generation, figures.
 */
void act_rule_run(struct supervisor *supervisor, const struct action *action);

/* A program of a rule ended: told if it failed. */
void act_rule_on_end(const struct runner_end *end);

#endif
