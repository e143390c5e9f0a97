/* log_line.c: see log_line.h; also the building of a line on the caller's stack (log.h). */
#include "log_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util_text.h"

/* Kept free at the end of a line for what closes it: "…\"" of a field and of msg, ",\"msg\":\"",
 * "}}\n". */
#define CLOSING_ROOM 32
/* The least that a field must find free to be begun at all: quotes and a number of 64 bits. */
#define VALUE_ROOM_MIN 24
#define REPLACEMENT "\xEF\xBF\xBD"
#define ELLIPSIS "\xE2\x80\xA6"

struct event_row {
    const char *name;
    enum log_level level;
    const char *keys;
    const char *meaning;
};

#define EVENT_ROW(event, text, level, keys, meaning)                                               \
    [EVENT_##event] = {text, LOG_##level, keys, meaning},
static const struct event_row rows[] = {EVENT_TABLE(EVENT_ROW)};
#undef EVENT_ROW

static const struct {
    const char *name;
    const char *low_name;
    const char *priority;
    const char *colour;
} levels[] = {
    [LOG_DEBUG] = {"DEBUG", "debug", "<7>", "\x1b[34m"},
    [LOG_INFO] = {"INFO", "info", "<6>", "\x1b[32m"},
    [LOG_WARN] = {"WARN", "warn", "<4>", "\x1b[33m"},
    [LOG_ERROR] = {"ERROR", "error", "<3>", "\x1b[31m"},
};

static const struct event_row *
find_row(enum event event)
{
    static const struct event_row unknown = {"unknown", LOG_ERROR, "", ""};

    return (unsigned)event < ARRAY_LEN(rows) ? &rows[event] : &unknown;
}

const char *
log_event_name(enum event event)
{
    return find_row(event)->name;
}

enum log_level
log_event_level(enum event event)
{
    return find_row(event)->level;
}

const char *
log_event_keys(enum event event)
{
    return find_row(event)->keys;
}

const char *
log_event_meaning(enum event event)
{
    return find_row(event)->meaning;
}

const char *
log_level_name(enum log_level level)
{
    return levels[level].name;
}

void
log_begin(struct log_line *line, enum event event)
{
    line->event = event;
    line->field_count = 0;
    line->say = NULL;
    line->used = 0;
}

void
log_number(struct log_line *line, const char *key, int64_t number)
{
    if (line->field_count < LOG_LINE_FIELDS_MAX) {
        line->fields[line->field_count].key = key;
        line->fields[line->field_count].text = NULL;
        line->fields[line->field_count].number = number;
        line->field_count++;
    }
}

void
log_text(struct log_line *line, const char *key, const char *text)
{
    char *kept = line->room + line->used;
    size_t left = sizeof(line->room) - line->used;

    if (text == NULL || left == 0 || line->field_count == LOG_LINE_FIELDS_MAX) {
        return;
    }
    util_copy_text(kept, left, text);
    line->used += strlen(kept) + 1;
    line->fields[line->field_count].key = key;
    line->fields[line->field_count].text = kept;
    line->field_count++;
}

static void say(struct log_line *line, const char *format, va_list values) PRINTF_LIKE(2, 0);

static void
say(struct log_line *line, const char *format, va_list values)
{
    char *kept = line->room + line->used;
    size_t left = sizeof(line->room) - line->used;

    if (left > 1 && vsnprintf(kept, left, format, values) >= 0) {
        line->say = kept;
        line->used += strlen(kept) + 1;
    }
}

void
log_say(struct log_line *line, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    say(line, format, values);
    va_end(values);
}

const char *
log_line_text(const struct log_line *line, const char *key)
{
    for (unsigned i = 0; i < line->field_count; i++) {
        if (strcmp(line->fields[i].key, key) == 0) {
            return line->fields[i].text;
        }
    }
    return NULL;
}

bool
log_line_number(const struct log_line *line, const char *key, int64_t *ret_number)
{
    for (unsigned i = 0; i < line->field_count; i++) {
        if (strcmp(line->fields[i].key, key) == 0 && line->fields[i].text == NULL) {
            *ret_number = line->fields[i].number;
            return true;
        }
    }
    return false;
}

const char *
log_line_said(const struct log_line *line)
{
    return line->say;
}

/* A line that is being written. */
struct sheet {
    char *to;
    size_t used;
    size_t room; /* without CLOSING_ROOM */
};

static bool
put(struct sheet *sheet, const char *text, size_t length)
{
    if (length > sheet->room - sheet->used) {
        return false;
    }
    memcpy(sheet->to + sheet->used, text, length);
    sheet->used += length;
    return true;
}

/* For what must stand in any case; CLOSING_ROOM is there for it. */
static void
put_closing(struct sheet *sheet, const char *text)
{
    size_t length = strlen(text);

    memcpy(sheet->to + sheet->used, text, length);
    sheet->used += length;
    if (sheet->room < sheet->used) {
        sheet->room = sheet->used;
    }
}

static void put_format(struct sheet *sheet, const char *format, ...) PRINTF_LIKE(2, 3);

static void
put_format(struct sheet *sheet, const char *format, ...)
{
    char text[128];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    put(sheet, text, strlen(text));
}

static bool
put_control(struct sheet *sheet, const char *text)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r'};
    char escaped[8];
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned code = bytes[0] == 0xC2 ? bytes[1] : bytes[0];

    if (code < sizeof(letters) && letters[code] != '\0') {
        snprintf(escaped, sizeof(escaped), "\\%c", letters[code]);
    } else {
        snprintf(escaped, sizeof(escaped), "\\u%04x", code);
    }
    return put(sheet, escaped, strlen(escaped));
}

/* Puts one character, escaped as JSON has it, which the other formats share. Moves *text behind it.
 */
static bool
put_character(struct sheet *sheet, const char **text)
{
    const char *at = *text;
    size_t length = util_character_length(at);

    *text += length == 0 ? 1 : length;
    if (length == 0) {
        return put(sheet, REPLACEMENT, strlen(REPLACEMENT));
    }
    if (util_is_control(at)) {
        return put_control(sheet, at);
    }
    if (*at == '"' || *at == '\\') {
        char escaped[] = {'\\', *at};

        return put(sheet, escaped, sizeof(escaped));
    }
    return put(sheet, at, length);
}

static void
put_quoted(struct sheet *sheet, const char *text)
{
    put_closing(sheet, "\"");
    while (*text != '\0') {
        if (!put_character(sheet, &text)) {
            put_closing(sheet, ELLIPSIS);
            break;
        }
    }
    put_closing(sheet, "\"");
}

static bool
is_plain(const char *text)
{
    const char *at = text;

    for (size_t length; *at != '\0'; at += length) {
        length = util_character_length(at);
        if (length == 0 || util_is_control(at) || strchr(" \"=\\", *at) != NULL) {
            return false;
        }
    }
    return at != text;
}

static bool
has_room(const struct sheet *sheet, const char *key)
{
    return sheet->room - sheet->used >= strlen(key) + VALUE_ROOM_MIN;
}

/* " key=value", quoted where a reader of logfmt needs it. */
static void
put_pair(struct sheet *sheet, const char *key, const char *text)
{
    if (!has_room(sheet, key)) {
        return;
    }
    put_format(sheet, " %s=", key);
    if (!is_plain(text) || !put(sheet, text, strlen(text))) {
        put_quoted(sheet, text);
    }
}

static void
put_pairs(struct sheet *sheet, const struct log_line *line)
{
    for (unsigned i = 0; i < line->field_count; i++) {
        if (line->fields[i].text != NULL) {
            put_pair(sheet, line->fields[i].key, line->fields[i].text);
        } else if (has_room(sheet, line->fields[i].key)) {
            put_format(sheet, " %s=%" PRId64, line->fields[i].key, line->fields[i].number);
        }
    }
    if (line->say != NULL) {
        put_pair(sheet, "msg", line->say);
    }
    put_closing(sheet, "\n");
}

/* ISO 8601 with milliseconds, as Sidekiq stamps its lines. */
static void
stamp(int64_t wall_ms, char *to, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm when;
    char day_and_time[32];

    gmtime_r(&seconds, &when);
    strftime(day_and_time, sizeof(day_and_time), "%Y-%m-%dT%H:%M:%S", &when);
    snprintf(to, size, "%s.%03dZ", day_and_time, (int)(wall_ms % 1000));
}

static void
render_text(struct sheet *sheet, const struct log_line *line, const struct log_look *look)
{
    enum log_level level = log_event_level(line->event);
    char when[64];

    stamp(look->wall_ms, when, sizeof(when));
    put_format(sheet, "%s%s%spid=%d tid=%d %s%s%s: event=%s",
               look->with_priority ? levels[level].priority : "", look->with_time ? when : "",
               look->with_time ? " " : "", (int)look->pid, (int)look->tid,
               look->with_colour ? levels[level].colour : "", levels[level].name,
               look->with_colour ? "\x1b[0m" : "", log_event_name(line->event));
    put_pairs(sheet, line);
}

/* The writer is `from` here: many events have a `pid` of their own, and a reader of logfmt wants
 * each key once. */
static void
render_logfmt(struct sheet *sheet, const struct log_line *line, const struct log_look *look)
{
    enum log_level level = log_event_level(line->event);
    char when[64];

    stamp(look->wall_ms, when, sizeof(when));
    put_format(sheet, "%s%s%s%sfrom=%d level=%s event=%s",
               look->with_priority ? levels[level].priority : "", look->with_time ? "ts=" : "",
               look->with_time ? when : "", look->with_time ? " " : "", (int)look->pid,
               levels[level].low_name, log_event_name(line->event));
    put_pairs(sheet, line);
}

static void
put_members(struct sheet *sheet, const struct log_line *line)
{
    const char *comma = "";

    for (unsigned i = 0; i < line->field_count; i++) {
        const char *key = line->fields[i].key;

        if (!has_room(sheet, key)) {
            continue;
        }
        put_format(sheet, "%s\"%s\":", comma, key);
        if (line->fields[i].text != NULL) {
            put_quoted(sheet, line->fields[i].text);
        } else {
            put_format(sheet, "%" PRId64, line->fields[i].number);
        }
        comma = ",";
    }
}

/*
 * Sidekiq's keys (Sidekiq::Logger::Formatters::JSON), `tid` a text as there, and `event`. The
 * fields stand in `ctx`: a worker's `pid` would otherwise be a second `pid`.
 */
static void
render_json(struct sheet *sheet, const struct log_line *line, const struct log_look *look)
{
    const char *name = log_event_name(line->event);
    char when[64];

    stamp(look->wall_ms, when, sizeof(when));
    put_format(sheet, "{\"ts\":\"%s\",\"pid\":%d,\"tid\":\"%d\",\"lvl\":\"%s\",", when,
               (int)look->pid, (int)look->tid, levels[log_event_level(line->event)].name);
    put_format(sheet, "\"event\":\"%s\",\"ctx\":{", name);
    put_members(sheet, line);
    put_closing(sheet, "},\"msg\":");
    put_quoted(sheet, line->say != NULL ? line->say : name);
    put_closing(sheet, "}\n");
}

size_t
log_line_render(const struct log_line *line, const struct log_look *look, char *to, size_t size)
{
    struct sheet sheet = {.to = to, .room = size - CLOSING_ROOM};

    switch (look->format) {
    case LOG_FORMAT_TEXT:
        render_text(&sheet, line, look);
        break;
    case LOG_FORMAT_LOGFMT:
        render_logfmt(&sheet, line, look);
        break;
    case LOG_FORMAT_JSON:
        render_json(&sheet, line, look);
        break;
    }
    return sheet.used;
}
