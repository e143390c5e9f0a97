/*
 * log.h: the master's log. One event, one line, stable keys (events.h), no secret ever.
 *
 *     struct log_line line;
 *
 *     log_begin(&line, EVENT_WORKER_READY);
 *     log_number(&line, "slot", 3);
 *     log_number(&line, "pid", 812);
 *     log_say(&line, "fetching after %.1f s", 4.1);
 *     log_end(&line);
 *
 * gives, in the default format and Sidekiq's shape:
 *
 *     2026-01-31T12:00:00.123Z pid=7 tid=7 INFO: event=worker_ready slot=3 pid=812 msg="fetching
 * after 4.1 s"
 *
 * Owns standard output. Never blocks: what standard output does not take at once is dropped,
 * counted, and the count is told when it takes lines again (FS-15, FS-58). Never fails, never ends
 * the process.
 */
#ifndef SWARM_LOG_H
#define SWARM_LOG_H

#include "events.h"
#include "util.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

#define LOG_LINE_FIELDS_MAX 24
#define LOG_LINE_ROOM 4096

/* One line that is being put together, on the caller's stack. Its members are log_line.c's. */
struct log_line {
    enum event event;
    unsigned field_count;
    struct {
        const char *key;
        const char *text; /* within room, or NULL for a number */
        int64_t number;
    } fields[LOG_LINE_FIELDS_MAX];
    const char *say; /* within room, or NULL */
    size_t used;
    char room[LOG_LINE_ROOM];
};

struct log_settings {
    enum log_level level;
    enum log_format format;
    bool dyno; /* Heroku stamps lines itself */
};

/* Starts with level info and text on standard output before any call of this. Again: looks at
 * standard output anew. */
void log_open(const struct log_settings *settings);

/*
 * Opens /dev/null in place of a standard descriptor (0, 1, 2) that we were started without, so that
 * none of our own descriptors becomes "standard output". To be called before anything else opens
 * one.
 */
void log_hold_standard_fds(void);

void log_begin(struct log_line *line, enum event event);
void log_number(struct log_line *line, const char *key, int64_t number);
/* A NULL text is left out, key and all; a text is cut to what fits and made one line. */
void log_text(struct log_line *line, const char *key, const char *text);
/* `msg`: the consequence or remedy, in words. */
void log_say(struct log_line *line, const char *format, ...) PRINTF_LIKE(2, 3);
/* Writes the line if its event's level is wanted. */
void log_end(struct log_line *line);

/* An event with nothing but words. */
void log_note(enum event event, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Writes a text of several lines (a backtrace), each as a line of its own of that event with key `line`,
 * and with `number` under `key` before it unless `key` is NULL.
 */
void log_lines(enum event event, const char *key, int64_t number, const char *text);

/*
 * Tells `on_line` of every line that log_end gets from now on, whatever its level and whether
 * standard output takes it, after it was written. It may log itself, and is told of that, too. There
 * is one at a time; NULL ends it.
 */
void log_set_listener(void (*on_line)(void *context, const struct log_line *line), void *context);

/* How many lines standard output did not take since the start. */
uint64_t log_dropped(void);

#endif
