/*
 * promotion.h: how a worker becomes a mold, in C; what comes before it in Ruby is promotion.rb.
 *
 * Owns the order in which a worker's ties are let go and a mold's are tied. Runs when Ruby has only its main thread left, which
 * calls it.
 */
#ifndef SWARM_MOLD_PROMOTION_H
#define SWARM_MOLD_PROMOTION_H

#include "master/util.h"

/*
 * Makes this worker a mold: threads, board, fork, signals, rope, names. On an error, which is told, and when `master` is gone,
 * the process ends.
 */
void promotion_finish(pid_t master);

#endif
