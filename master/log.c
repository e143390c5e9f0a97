/* log.c: see log.h. Where lines go, and what happens when they are not taken. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log_line.h"

/* No line is longer than PIPE_BUF: a pipe takes it whole or not at all (pipe(7)). */
#define LINE_MAX_BYTES 4096

/*
 * How standard output is written without waiting. Its open file description belongs to the shell
 * and the workers, too, so it must never become non-blocking itself.
 */
enum sink {
    SINK_UNKNOWN, /* not looked at yet */
    SINK_FILE,    /* write(2) never waits for a reader */
    SINK_OWN,     /* a pipe or a terminal, opened once more for ourselves, non-blocking */
    SINK_SOCKET,  /* journald's, say: each send is asked not to wait */
    SINK_POLLED,  /* asked for room first */
};

static struct {
    struct log_settings settings;
    enum sink sink;
    int own_fd;
    bool is_journal;
    bool is_terminal;
    char rest[LINE_MAX_BYTES]; /* of a line that was taken in part */
    size_t rest_length;
    uint64_t dropped;
    uint64_t untold;
} output = {.settings = {.level = LOG_INFO}, .own_fd = -1};

static struct {
    void (*on_line)(void *context, const struct log_line *line);
    void *context;
} listener;

/* $JOURNAL_STREAM is "device:inode" of the stream that systemd gave us (systemd.exec(5)). */
static bool
is_journal_stream(const struct stat *about)
{
    const char *named = getenv("JOURNAL_STREAM");
    char ours[64];

    snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)about->st_dev, (uintmax_t)about->st_ino);
    return named != NULL && strcmp(named, ours) == 0;
}

/* Another user's pipe cannot be opened again, nor one that nobody reads: then it is asked for room
 * first. */
static enum sink
open_again(void)
{
    output.own_fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return output.own_fd >= 0 ? SINK_OWN : SINK_POLLED;
}

static void
look_at_output(void)
{
    struct stat about;
    const char *no_colour = getenv("NO_COLOR");

    util_close(&output.own_fd);
    output.rest_length = 0;
    output.is_journal = output.is_terminal = false;
    output.sink = SINK_FILE;
    if (fstat(STDOUT_FILENO, &about) < 0) {
        return;
    }
    output.is_journal = is_journal_stream(&about);
    output.is_terminal = isatty(STDOUT_FILENO) && (no_colour == NULL || *no_colour == '\0');
    if (S_ISSOCK(about.st_mode)) {
        output.sink = SINK_SOCKET;
    } else if (S_ISFIFO(about.st_mode) || isatty(STDOUT_FILENO)) {
        output.sink = open_again();
    }
}

void
log_open(const struct log_settings *settings)
{
    output.settings = *settings;
    look_at_output();
}

void
log_hold_standard_fds(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The lowest free number is the one that is missing; not CLOEXEC, since programs we start
         * need it. */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) {
            return;
        }
    }
}

static ssize_t
write_if_room(const char *bytes, size_t length)
{
    struct pollfd room = {.fd = STDOUT_FILENO, .events = POLLOUT};

    if (poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(STDOUT_FILENO, bytes, length);
}

static ssize_t
write_now(const char *bytes, size_t length)
{
    switch (output.sink) {
    case SINK_UNKNOWN:
    case SINK_FILE:
        return write(STDOUT_FILENO, bytes, length);
    case SINK_OWN:
        return write(output.own_fd, bytes, length);
    case SINK_SOCKET:
        return send(STDOUT_FILENO, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    case SINK_POLLED:
        return write_if_room(bytes, length);
    }
    return -1;
}

/* Returns how many of the bytes were taken. */
static size_t
push(const char *bytes, size_t length)
{
    ssize_t taken;

    do {
        taken = write_now(bytes, length);
    } while (taken < 0 && errno == EINTR);
    return taken > 0 ? (size_t)taken : 0;
}

/* A line that was taken in part is finished before anything else, so that lines stay whole. */
static bool
push_rest(void)
{
    size_t taken = output.rest_length > 0 ? push(output.rest, output.rest_length) : 0;

    output.rest_length -= taken;
    memmove(output.rest, output.rest + taken, output.rest_length);
    return output.rest_length == 0;
}

static bool
push_line(const char *bytes, size_t length)
{
    size_t taken;

    if (!push_rest()) {
        return false;
    }
    taken = push(bytes, length);
    if (taken > 0 && taken < length) {
        output.rest_length = length - taken;
        memcpy(output.rest, bytes + taken, output.rest_length);
    }
    return taken > 0;
}

static bool
write_line(const struct log_line *line)
{
    char bytes[LINE_MAX_BYTES];
    struct timespec now;
    struct log_look look = {
        .format = output.settings.format,
        .with_time = !output.settings.dyno,
        .with_priority = output.is_journal,
        .with_colour = output.is_terminal,
        .pid = getpid(),
        .tid = gettid(),
    };

    clock_gettime(CLOCK_REALTIME, &now);
    look.wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return push_line(bytes, log_line_render(line, &look, bytes, sizeof(bytes)));
}

static bool
is_wanted(enum event event)
{
    return log_event_level(event) >= output.settings.level;
}

/* Tells what was lost before the first line that is taken again. Returns false while nothing is
 * taken. */
static bool
tell_losses(void)
{
    struct log_line line;

    if (output.untold == 0) {
        return true;
    }
    if (is_wanted(EVENT_LOG_DROPPED)) {
        log_begin(&line, EVENT_LOG_DROPPED);
        log_number(&line, "lines", (int64_t)output.untold);
        log_say(&line, "standard output did not take them; these lines are lost");
        if (!write_line(&line)) {
            return false;
        }
    }
    output.untold = 0;
    return true;
}

void
log_end(struct log_line *line)
{
    int kept = errno;

    if (is_wanted(line->event)) {
        if (output.sink == SINK_UNKNOWN) {
            look_at_output();
        }
        if (!tell_losses() || !write_line(line)) {
            output.dropped++;
            output.untold++;
        }
    }
    if (listener.on_line != NULL) {
        listener.on_line(listener.context, line);
    }
    errno = kept;
}

void
log_note(enum event event, const char *format, ...)
{
    struct log_line line;
    char words[2048];
    va_list values;

    va_start(values, format);
    if (vsnprintf(words, sizeof(words), format, values) < 0) {
        words[0] = '\0';
    }
    va_end(values);
    log_begin(&line, event);
    log_say(&line, "%s", words);
    log_end(&line);
}

static void
write_piece(enum event event, const char *key, int64_t number, const char *piece)
{
    struct log_line line;

    log_begin(&line, event);
    if (key != NULL) {
        log_number(&line, key, number);
    }
    log_text(&line, "line", piece);
    log_end(&line);
}

void
log_lines(enum event event, const char *key, int64_t number, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, "\n");
        char piece[2048];

        snprintf(piece, sizeof(piece), "%.*s", (int)length, text);
        if (length > 0) {
            write_piece(event, key, number, piece);
        }
        text += length + (text[length] == '\n' ? 1 : 0);
    }
}

void
log_set_listener(void (*on_line)(void *context, const struct log_line *line), void *context)
{
    listener.on_line = on_line;
    listener.context = context;
}

uint64_t
log_dropped(void)
{
    return output.dropped;
}
