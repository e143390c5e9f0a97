/*
 * signals.h: the signals of the master itself.
 *
 * Owns the dispositions: TERM INT TSTP TTIN USR1 USR2 HUP TTOU are caught, PIPE is ignored, from
 * the first instruction of main (signals_hold: blocked until the loop can take them). Must not
 * decide: it counts and hands on.
 */
#ifndef SWARM_SIGNALS_H
#define SWARM_SIGNALS_H

#include <ev.h>

#include "util.h"

struct signals;

struct signals_handlers {
    void *context;
    void (*on_signal)(void *context, int signal,
                      pid_t sender); /* sender 0: the kernel or a terminal */
};

/* Blocks what will be caught, so that nothing is lost before the loop runs. */
void signals_hold(void);

/* Takes them by a signalfd on the loop. Returns 0 or -errno. */
MUST_CHECK int signals_open(struct ev_loop *loop, const struct signals_handlers *handlers,
                            struct signals **ret_signals);
void signals_close(struct signals *signals);

/* "TERM" for SIGTERM; "signal 99" for one without a name (in a static buffer). */
const char *signals_name(int signal);

#endif
