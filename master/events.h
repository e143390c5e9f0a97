/*
 * events.h: every event of the log, in one table: name, level, its keys, what it means to an operator.
 *
 * docs/log.md is generated from it, and a test reads real logs against it. A key in brackets may be missing;
 * every event may end with msg. Names and keys are an interface: extend, never rename.
 */
#ifndef SWARM_EVENTS_H
#define SWARM_EVENTS_H

#define EVENT_TABLE(X)                                                                                               \
    X(STARTING, "starting", INFO, "version pid processes prefork [preload] [file]", "The master runs and will start its first mold.") \
    X(WARNING, "warning", WARN, "", "Something in the configuration or surroundings deserves a look; msg says what.") \
    X(STANDARD_OUTPUT, "log_dropped", WARN, "lines", "Standard output did not take lines for a while; so many are lost.") \
    X(CLIENT_REFUSED, "client_refused", WARN, "[uid] [pid] reason", "A client of the control socket was turned away.") \
    X(INTERNAL, "internal_error", ERROR, "[what]", "A mistake of swarm itself or a failing system call; the service goes on as msg says.")

#define EVENT_ENUM(name, text, level, keys, meaning) EVENT_##name,
enum event { EVENT_TABLE(EVENT_ENUM) EVENT_COUNT };
#undef EVENT_ENUM

#endif
