/*
 * top_screen.h: the terminal that `swarm top` draws on.
 *
 * Owns its modes: raw, the alternate screen, the hidden cursor; and puts them back, also when this program crashes. Must
 * not know what is drawn.
 */
#ifndef SWARM_TOP_SCREEN_H
#define SWARM_TOP_SCREEN_H

#include "util.h"

struct top_screen;

/*
 * Opens the terminal that standard input and output are, by a description of its own, so that the shell's stays as it is.
 * Returns 0; -ENOTTY when they are none; -ENOTSUP when it cannot place a cursor (TERM is dumb); or another -errno.
 */
MUST_CHECK int top_screen_open(struct top_screen **ret_screen);

/* Leaves it as it was. Accepts NULL. */
void top_screen_close(struct top_screen *screen);

/* Takes it over, and gives it back for a while. Returns 0 or -errno; a second call changes nothing. */
MUST_CHECK int top_screen_enter(struct top_screen *screen);
void top_screen_leave(struct top_screen *screen);

/* The descriptor to poll, and whether to poll it for POLLOUT, too. */
int top_screen_fd(const struct top_screen *screen);
bool top_screen_is_writing(const struct top_screen *screen);

void top_screen_size(const struct top_screen *screen, unsigned *ret_width, unsigned *ret_height);
bool top_screen_has_colours(const struct top_screen *screen);

/* Shows a picture, freeing it; one that is not written out yet is finished first, one that waits is dropped. */
void top_screen_show(struct top_screen *screen, char *take_bytes);

/* Writes what the terminal takes now. Returns 0 or -errno (-EIO: the terminal is gone). */
MUST_CHECK int top_screen_write(struct top_screen *screen);

/* Reads keys. Returns their count, 0 for none now, or -errno (-EIO: the terminal is gone). */
MUST_CHECK ssize_t top_screen_read(struct top_screen *screen, unsigned char *to, size_t size);

#endif
