/*
 * top_keys.c: see top_keys.h.
 *
 * Sequences are those of ECMA-48 as xterm, the Linux console, screen and tmux send them.
 */
#include "top_keys.h"

#define ESC 0x1B
#define DELETE 0x7F

static int
plain_key(struct top_keys *keys, unsigned char byte)
{
    switch (byte) {
    case ESC:
        keys->state = TOP_KEYS_ESC;
        return TOP_KEY_NONE;
    case '\r':
    case '\n':
        return TOP_KEY_ENTER;
    case '\b':
    case DELETE:
        return TOP_KEY_ESCAPE;
    case 'L' - '@':
        return TOP_KEY_REDRAW;
    default:
        return byte >= ' ' && byte < DELETE ? byte : TOP_KEY_NONE;
    }
}

static int
after_escape(struct top_keys *keys, unsigned char byte)
{
    *keys = (struct top_keys){.state = TOP_KEYS_PLAIN};
    if (byte == '[') {
        keys->state = TOP_KEYS_CSI;
    } else if (byte == 'O') {
        keys->state = TOP_KEYS_SS3;
    } else if (byte == ESC) {
        keys->state = TOP_KEYS_ESC;
        return TOP_KEY_ESCAPE;
    }
    return TOP_KEY_NONE;
}

static int
letter_key(unsigned char byte)
{
    switch (byte) {
    case 'A':
        return TOP_KEY_UP;
    case 'B':
        return TOP_KEY_DOWN;
    case 'H':
        return TOP_KEY_HOME;
    case 'F':
        return TOP_KEY_END;
    default:
        return TOP_KEY_NONE;
    }
}

/* ESC [ 5 ~ and the like. */
static int
number_key(int number)
{
    switch (number) {
    case 1:
    case 7:
        return TOP_KEY_HOME;
    case 4:
    case 8:
        return TOP_KEY_END;
    case 5:
        return TOP_KEY_PAGE_UP;
    case 6:
        return TOP_KEY_PAGE_DOWN;
    default:
        return TOP_KEY_NONE;
    }
}

/* Digits and semicolons come before the byte that ends the sequence, which is one from @ to ~. */
static int
in_sequence(struct top_keys *keys, unsigned char byte)
{
    if (byte >= '0' && byte <= '9') {
        if (!keys->is_second && keys->number < 100) {
            keys->number = keys->number * 10 + (byte - '0');
        }
        return TOP_KEY_NONE;
    }
    if (byte == ';') {
        keys->is_second = true;
        return TOP_KEY_NONE;
    }
    if (byte == ESC) {
        keys->state = TOP_KEYS_ESC;
        return TOP_KEY_NONE;
    }
    if (byte < '@' || byte > '~') {
        return TOP_KEY_NONE;
    }
    /* The Linux console's function keys are ESC [ [ A. */
    keys->state = byte == '[' ? TOP_KEYS_SWALLOW : TOP_KEYS_PLAIN;
    return byte == '~' ? number_key(keys->number) : letter_key(byte);
}

int
top_keys_take(struct top_keys *keys, unsigned char byte)
{
    switch (keys->state) {
    case TOP_KEYS_PLAIN:
        return plain_key(keys, byte);
    case TOP_KEYS_ESC:
        return after_escape(keys, byte);
    case TOP_KEYS_CSI:
        return in_sequence(keys, byte);
    case TOP_KEYS_SS3:
        keys->state = TOP_KEYS_PLAIN;
        return letter_key(byte);
    case TOP_KEYS_SWALLOW:
        keys->state = TOP_KEYS_PLAIN;
        break;
    }
    return TOP_KEY_NONE;
}

bool
top_keys_is_open(const struct top_keys *keys)
{
    return keys->state != TOP_KEYS_PLAIN;
}

int
top_keys_end(struct top_keys *keys)
{
    int key = keys->state == TOP_KEYS_ESC ? TOP_KEY_ESCAPE : TOP_KEY_NONE;

    *keys = (struct top_keys){.state = TOP_KEYS_PLAIN};
    return key;
}
