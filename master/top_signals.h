/*
 * top_signals.h: the signals that `swarm top` hears, read instead of caught, so that the terminal is put back in peace.
 *
 * Owns the mask and the descriptor. Must not know what a signal means.
 */
#ifndef SWARM_TOP_SIGNALS_H
#define SWARM_TOP_SIGNALS_H

#include "util.h"

/*
 * Blocks TERM, INT, HUP, QUIT, TSTP, CONT and WINCH from here on, and ignores PIPE, which would end us with the terminal as
 * it is. Returns the descriptor to poll and to close, or -errno.
 */
MUST_CHECK int top_signals_open(void);

/* The next signal that came; 0: none. */
int top_signals_next(int fd);

/* Stops as the shell wants it when it sent TSTP; returns when it lets us go on. */
void top_signals_suspend(void);

/* Ends this process by that signal, also where it was started to ignore it. */
void top_signals_end_by(int number);

#endif
