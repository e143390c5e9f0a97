/*
 * launch_command.h: the command line of a swarm-mold, whose contract is hooks/mold/arguments.h.
 *
 * Owns the list of words while one is started. Must not start anything.
 */
#ifndef SWARM_LAUNCH_COMMAND_H
#define SWARM_LAUNCH_COMMAND_H

#include "config.h"

#define LAUNCH_NUMBERS_MAX 6
#define LAUNCH_NUMBER_SIZE 12

enum launch_role {
    LAUNCH_ROLE_MOLD,   /* boots and forks */
    LAUNCH_ROLE_WORKER, /* boots the application and is the worker */
    LAUNCH_ROLE_CHECK,  /* boots all of it for `swarm check`, and forks nothing */
};

/* What a command line is made from. All of it is borrowed. */
struct launch_command_order {
    const struct config *config;
    const char *program;
    enum launch_role role;
    unsigned generation;
    unsigned slot;   /* of a worker */
    bool has_family; /* it inherits the descriptor of family.h */
};

struct launch_command {
    char **words; /* argv; ends with NULL */
    unsigned count;
    char numbers[LAUNCH_NUMBERS_MAX][LAUNCH_NUMBER_SIZE]; /* words that are numbers stand here */
    unsigned number_count;
};

/* Makes the command line; `ret` must not move while it is used. Returns 0 or -ENOMEM. */
MUST_CHECK int launch_command_make(struct launch_command *ret,
                                   const struct launch_command_order *order);

void launch_command_done(struct launch_command *command);

#endif
