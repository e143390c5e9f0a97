/*
 * top_keys.h: what a terminal sends, as keys. Pure.
 */
#ifndef SWARM_TOP_KEYS_H
#define SWARM_TOP_KEYS_H

#include <stdbool.h>

/* A key is the ASCII character that it writes, or one of these. */
enum top_key {
    TOP_KEY_NONE = 0, /* not a whole key yet, or none that we know */
    TOP_KEY_ENTER = '\n',
    TOP_KEY_ESCAPE = 256, /* Backspace, too */
    TOP_KEY_UP,
    TOP_KEY_DOWN,
    TOP_KEY_PAGE_UP,
    TOP_KEY_PAGE_DOWN,
    TOP_KEY_HOME,
    TOP_KEY_END,
    TOP_KEY_REDRAW, /* Ctrl-L */
};

/* How long the rest of a sequence may take; an ESC that nothing follows within that is the key Esc. */
#define TOP_KEYS_PAUSE_MS 50

/* Where in a sequence the reader stands; zero at first. */
struct top_keys {
    enum { TOP_KEYS_PLAIN, TOP_KEYS_ESC, TOP_KEYS_CSI, TOP_KEYS_SS3, TOP_KEYS_SWALLOW } state;
    int number; /* the first parameter of a sequence */
    bool is_second;
};

/* Takes one byte. Returns the key that it completes, else TOP_KEY_NONE. */
int top_keys_take(struct top_keys *keys, unsigned char byte);

/* True when a sequence has begun: after TOP_KEYS_PAUSE_MS without a byte, top_keys_end is to be called. */
bool top_keys_is_open(const struct top_keys *keys);

/* Nothing more came. Returns TOP_KEY_ESCAPE for an ESC alone, else TOP_KEY_NONE. */
int top_keys_end(struct top_keys *keys);

#endif
