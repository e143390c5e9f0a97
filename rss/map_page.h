/*
 * map_page.h: the single pages of a process, from /proc/PID/pagemap, a window at a time.
 *
 * Must not know what the pages hold. Bits: Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef SWARM_RSS_MAP_PAGE_H
#define SWARM_RSS_MAP_PAGE_H

#include "map_kind.h"

#define MAP_PAGE_WINDOW_BYTES ((size_t)16 << 20)
#define MAP_PAGE_WINDOW (MAP_PAGE_WINDOW_BYTES / 4096)

/* Some pages side by side, and the kind that each one is of. */
struct map_window {
    uint64_t from;
    uint64_t to;
    uint64_t page_bytes;
    uint64_t entries[MAP_PAGE_WINDOW];
    enum map_kind kinds[MAP_PAGE_WINDOW];
};

/*
 * Reads the pages from `from` to `to`, or to the next address that is a multiple of a window's size: so no aligned block is
 * ever cut by the end of a window. Each page becomes of that kind. `pagemap` is open. Returns 0 or -errno.
 */
MUST_CHECK int map_page_read(int pagemap, uint64_t from, uint64_t to, enum map_kind kind,
                             struct map_window *window);

/* Makes what lies both in the window and between the addresses of that kind. */
void map_page_mark(struct map_window *window, uint64_t from, uint64_t to, enum map_kind kind);

/* The same, but only of pages that are of the kind `was`. */
void map_page_change(struct map_window *window, uint64_t from, uint64_t to, enum map_kind was,
                     enum map_kind kind);

/* Adds the pages of the window to the figures of their kinds; PSS stays as it is. */
void map_page_count(const struct map_window *window, struct map_figures kinds[MAP_KIND_COUNT]);

/* Whether the page of an address in the window is in memory, or in swap. */
bool map_page_is_present(const struct map_window *window, uint64_t address);
bool map_page_is_swapped(const struct map_window *window, uint64_t address);

/* For looks at single pages, in any order: neighbours are read at once. */
struct map_look {
    int pagemap;
    bool is_read;
    uint64_t from; /* the number of the first page */
    uint64_t entries[64];
};

/* Whether the page of any address is in memory; false for a failure, too. */
bool map_page_look(struct map_look *look, uint64_t address);

#endif
