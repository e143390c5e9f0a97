/*
 * top_screen.c: see top_screen.h.
 *
 * The terminal is opened anew because O_NONBLOCK belongs to an open file description, which the shell would
 * share. Non-blocking it must be: a terminal that is stopped (Ctrl-S) must not keep us from hearing a TERM.
 */
#include "top_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Alternate screen, cursor hidden, no wrap at the last column; and back (xterm's control sequences). */
#define ENTER_BYTES "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
#define LEAVE_BYTES "\x1b[?7h\x1b[?25h\x1b[m\x1b[?1049l"
#define LEAVE_WAIT_MS 500

struct top_screen {
    int fd;
    bool is_entered;
    bool has_colours;
    struct termios before;
    char *bytes; /* being written */
    size_t length;
    size_t written;
    char *next; /* the newest picture, when another is being written */
};

/* What a crash must put back; async-signal-safe to read while `fd` is not negative. */
static struct {
    volatile sig_atomic_t fd;
    struct termios before;
} crash = {.fd = -1};

static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

/* Only async-signal-safe calls (signal-safety(7)); SA_RESETHAND lets the signal do its work when we return to it. */
static void
on_crash(int signal)
{
    if (crash.fd >= 0) {
        (void)!write(crash.fd, LEAVE_BYTES, sizeof(LEAVE_BYTES) - 1);
        tcsetattr(crash.fd, TCSANOW, &crash.before);
    }
    raise(signal);
}

static void
watch_crashes(const struct top_screen *screen)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};

    crash.before = screen->before;
    crash.fd = screen->fd;
    for (size_t i = 0; i < ARRAY_LEN(crashes); i++) {
        sigaction(crashes[i], &action, NULL);
    }
}

static bool
knows_sequences(const char *term)
{
    return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0 &&
           strcmp(term, "unknown") != 0;
}

/* NO_COLOR: no-color.org. */
static bool
knows_colours(const char *term)
{
    static const char *const coloured[] = {"xterm", "screen",    "tmux", "linux",
                                           "rxvt",  "konsole",   "vte",  "foot",
                                           "kitty", "alacritty", "st-",  "gnome"};
    const char *refused = getenv("NO_COLOR");

    if (refused != NULL && refused[0] != '\0') {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(coloured); i++) {
        if (strncmp(term, coloured[i], strlen(coloured[i])) == 0) {
            return true;
        }
    }
    return strstr(term, "color") != NULL || getenv("COLORTERM") != NULL;
}

/* Returns a descriptor of a description of its own, or -errno. */
static int
open_terminal(void)
{
    char name[128];
    int fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 && ttyname_r(STDIN_FILENO, name, sizeof(name)) == 0) {
        fd = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    }
    return fd < 0 ? -errno : fd;
}

int
top_screen_open(struct top_screen **ret_screen)
{
    const char *term = getenv("TERM");
    struct top_screen *screen;
    int fd;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return -ENOTTY;
    }
    if (!knows_sequences(term)) {
        return -ENOTSUP;
    }
    fd = open_terminal();
    if (fd < 0) {
        return fd;
    }
    screen = calloc(1, sizeof(*screen));
    if (screen == NULL || tcgetattr(fd, &screen->before) < 0) {
        int error = screen == NULL ? -ENOMEM : -errno;

        free(screen);
        util_close(&fd);
        return error;
    }
    screen->fd = fd;
    screen->has_colours = knows_colours(term);
    *ret_screen = screen;
    return 0;
}

void
top_screen_close(struct top_screen *screen)
{
    if (screen == NULL) {
        return;
    }
    top_screen_leave(screen);
    crash.fd = -1;
    util_close(&screen->fd);
    free(screen->bytes);
    free(screen->next);
    free(screen);
}

/* Waits until the terminal takes something. Returns whether it does before the deadline. */
static bool
wait_for_room(const struct top_screen *screen, int64_t deadline_ms)
{
    struct pollfd look = {.fd = screen->fd, .events = POLLOUT};
    int64_t left_ms = deadline_ms - util_now_ms();

    return left_ms > 0 && (poll(&look, 1, (int)left_ms) >= 0 || errno == EINTR);
}

/* Writes a few bytes, waiting a little for a terminal that is slow. */
static void
write_now(const struct top_screen *screen, const char *bytes, size_t length)
{
    int64_t deadline_ms = util_now_ms() + LEAVE_WAIT_MS;

    while (length > 0) {
        ssize_t took = write(screen->fd, bytes, length);

        if (took > 0) {
            bytes += took;
            length -= (size_t)took;
        } else if ((took < 0 && errno != EAGAIN && errno != EINTR) ||
                   !wait_for_room(screen, deadline_ms)) {
            return;
        }
    }
}

int
top_screen_enter(struct top_screen *screen)
{
    struct termios raw = screen->before;

    if (screen->is_entered) {
        return 0;
    }
    /* ISIG stays: Ctrl-C and Ctrl-Z reach all of the job, as everywhere. */
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(screen->fd, TCSADRAIN, &raw) < 0) {
        return -errno;
    }
    screen->is_entered = true;
    watch_crashes(screen);
    write_now(screen, ENTER_BYTES, sizeof(ENTER_BYTES) - 1);
    return 0;
}

static void
drop_pictures(struct top_screen *screen)
{
    free(screen->bytes);
    free(screen->next);
    screen->bytes = NULL;
    screen->next = NULL;
}

void
top_screen_leave(struct top_screen *screen)
{
    if (!screen->is_entered) {
        return;
    }
    screen->is_entered = false;
    drop_pictures(screen);
    write_now(screen, LEAVE_BYTES, sizeof(LEAVE_BYTES) - 1);
    /* TCSAFLUSH would drop keys that were meant for the shell; TCSADRAIN would wait for a stopped terminal. */
    tcsetattr(screen->fd, TCSANOW, &screen->before);
}

int
top_screen_fd(const struct top_screen *screen)
{
    return screen->fd;
}

bool
top_screen_is_writing(const struct top_screen *screen)
{
    return screen->bytes != NULL;
}

void
top_screen_size(const struct top_screen *screen, unsigned *ret_width, unsigned *ret_height)
{
    struct winsize size = {0};

    if (ioctl(screen->fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0) {
        size = (struct winsize){.ws_col = 80, .ws_row = 24};
    }
    *ret_width = size.ws_col;
    *ret_height = size.ws_row;
}

bool
top_screen_has_colours(const struct top_screen *screen)
{
    return screen->has_colours;
}

static void
begin(struct top_screen *screen, char *take_bytes)
{
    screen->bytes = take_bytes;
    screen->length = take_bytes != NULL ? strlen(take_bytes) : 0;
    screen->written = 0;
}

void
top_screen_show(struct top_screen *screen, char *take_bytes)
{
    if (take_bytes == NULL || !screen->is_entered) {
        free(take_bytes);
    } else if (screen->bytes != NULL) {
        free(screen->next);
        screen->next = take_bytes;
    } else {
        begin(screen, take_bytes);
    }
}

int
top_screen_write(struct top_screen *screen)
{
    while (screen->bytes != NULL) {
        ssize_t took =
            write(screen->fd, screen->bytes + screen->written, screen->length - screen->written);

        if (took < 0) {
            return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        }
        screen->written += (size_t)took;
        if (screen->written == screen->length) {
            free(screen->bytes);
            begin(screen, screen->next);
            screen->next = NULL;
        }
    }
    return 0;
}

ssize_t
top_screen_read(struct top_screen *screen, unsigned char *to, size_t size)
{
    ssize_t got = read(screen->fd, to, size);

    /* VMIN 0 makes "nothing there" a zero; a terminal that hung up is told by POLLHUP and EIO. */
    return got >= 0 ? got : errno == EAGAIN || errno == EINTR ? 0 : -errno;
}
