/*
 * log_line.h: how one event becomes one line: text in Sidekiq's shape, logfmt or JSON.
 *
 * Pure. Owns the shape of the lines and the look-up of the event table (events.h). Must not write
 * anything or read a clock: that is log.c's.
 */
#ifndef SWARM_LOG_LINE_H
#define SWARM_LOG_LINE_H

#include "log.h"

/* What a line is made with beside its own words. */
struct log_look {
    enum log_format format;
    bool with_time;     /* text and logfmt: begin with the time stamp; JSON always has it */
    bool with_priority; /* text and logfmt: begin with "<6>", as sd-daemon(3) reads it */
    bool with_colour;   /* text: colour the level */
    int64_t wall_ms;    /* milliseconds since 1970, UTC */
    pid_t pid;
    pid_t tid;
};

/* No buffer for log_line_render may be smaller. */
#define LOG_LINE_SIZE_MIN 256

/*
 * Writes the line with its newline, at most `size` bytes and without a terminator. Returns its
 * length. The result is one line, always valid UTF-8, and whole in its format: what does not fit is
 * cut with "…", fields first in, msg last.
 */
size_t log_line_render(const struct log_line *line, const struct log_look *look, char *to,
                       size_t size);

/* The row of an event in EVENT_TABLE. An unknown number gives "unknown", LOG_ERROR and empty texts.
 */
const char *log_event_name(enum event event);
enum log_level log_event_level(enum event event);
const char *log_event_keys(enum event event);
const char *log_event_meaning(enum event event);

/* What stands under `key`: NULL, or false, if there is no such key or it is of the other kind. */
const char *log_line_text(const struct log_line *line, const char *key);
bool log_line_number(const struct log_line *line, const char *key, int64_t *ret_number);

/* What log_say said; NULL if nothing was. */
const char *log_line_said(const struct log_line *line);

/* "INFO" for LOG_INFO. */
const char *log_level_name(enum log_level level);

#endif
