/*
 * toml_shim.h: a TOML document as a flat list, for C.
 *
 * Owns the border to toml++: no C++ type or exception crosses it. Must not know what the keys mean.
 */
#ifndef SWARM_TOML_SHIM_H
#define SWARM_TOML_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum toml_shim_kind {
    TOML_SHIM_TABLE,
    TOML_SHIM_ARRAY,
    TOML_SHIM_TEXT,
    TOML_SHIM_INTEGER,
    TOML_SHIM_FLOAT,
    TOML_SHIM_BOOLEAN,
    TOML_SHIM_TIME, /* dates and times of all kinds */
};

struct toml_shim_position {
    unsigned line; /* from 1 */
    unsigned column;
};

/*
 * One table, value or array. Elements of an array follow it as items of their own, with its keys and
 * the place of its key. A table among them has the place where it stands, and what it holds follows,
 * with the keys of the array before its own; arrays of tables within it are not taken apart.
 */
struct toml_shim_item {
    const char *const *keys; /* the path from the root */
    unsigned depth;          /* how many keys */
    long element;            /* the position within the array; -1: not an element of an array */
    long entry;              /* of an array of tables: which of them holds this; -1: none */
    size_t elements;         /* ARRAY: how many it has */
    enum toml_shim_kind kind;
    const char *text; /* TEXT: its bytes, UTF-8, with a zero byte behind */
    size_t text_size; /* without that zero byte; a text may hold others */
    int64_t integer;  /* INTEGER */
    double number;    /* FLOAT */
    bool boolean;     /* BOOLEAN */
    struct toml_shim_position key_at;
    struct toml_shim_position value_at;
};

struct toml_shim_document;

#define TOML_SHIM_ERROR_SIZE 256

struct toml_shim_error {
    struct toml_shim_position at;
    char text[TOML_SHIM_ERROR_SIZE];
};

/*
 * Parses TOML 1.0 strictly. Columns count characters.
 * Returns 0; -EINVAL with `ret_error` written; -ENOMEM. `ret` is freed with toml_shim_free.
 */
int toml_shim_parse(const char *contents, size_t size, struct toml_shim_document **ret,
                    struct toml_shim_error *ret_error);

/* The items in the order in which they stand in the document. */
const struct toml_shim_item *toml_shim_items(const struct toml_shim_document *document,
                                             size_t *ret_count);

/* NULL is fine. */
void toml_shim_free(struct toml_shim_document *document);

#ifdef __cplusplus
}
#endif

#endif
