/*
 * actor.h: what a process of the fake mold is: a mold or a worker, and its place in the service.
 *
 * Owns nothing but the names. Must not act.
 */
#ifndef FAKE_ACTOR_H
#define FAKE_ACTOR_H

#include "master/board.h"
#include "master/util.h"

/* How often a process looks at its orders and beats, in milliseconds. */
#define ACTOR_TICK_MS 25

enum actor_role { ACTOR_MOLD, ACTOR_WORKER };

struct actor {
    enum actor_role role;
    uint32_t generation;
    uint32_t slot;  /* of a worker */
    uint32_t index; /* of a worker */
    int link_fd;    /* to the master; -1 once closed by order */
    int family_fd;  /* what marks the master's family (master/family.h); -1: none */
    struct board *board;
    pid_t master_pid;
    uint32_t timeout_ms; /* Sidekiq's -t */
    uint32_t grace_ms;   /* what a worker without a master may take longer than that */
    bool boots_itself;   /* a worker that was not forked from a mold */
};

#endif
