/*
 * map_page.c: see map_page.h.
 */
#include "map_page.h"

#include <errno.h>
#include <unistd.h>

#define ENTRY_PRESENT (UINT64_C(1) << 63)
#define ENTRY_SWAPPED (UINT64_C(1) << 62)
#define ENTRY_EXCLUSIVE (UINT64_C(1) << 56) /* since Linux 4.2 */
#define BYTES_OF_KIB 1024

/* Reads exactly `size` bytes. Returns 0, -EIO for fewer, or -errno. */
static int
read_whole(int fd, void *to, size_t size, off_t at)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = pread(fd, (char *)to + done, size - done, at + (off_t)done);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : -EIO;
        }
        done += (size_t)got;
    }
    return 0;
}

static size_t
page_count(const struct map_window *window)
{
    return (window->to - window->from) / window->page_bytes;
}

static size_t
index_of(const struct map_window *window, uint64_t address)
{
    return (address - window->from) / window->page_bytes;
}

int
map_page_read(int pagemap, uint64_t from, uint64_t to, enum map_kind kind,
              struct map_window *window)
{
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t end = (from / MAP_PAGE_WINDOW_BYTES + 1) * MAP_PAGE_WINDOW_BYTES;

    window->page_bytes = page_bytes;
    window->from = from;
    window->to = end < to ? end : to;
    map_page_mark(window, window->from, window->to, kind);
    return read_whole(pagemap, window->entries, page_count(window) * sizeof(window->entries[0]),
                      (off_t)(from / page_bytes * sizeof(window->entries[0])));
}

void
map_page_mark(struct map_window *window, uint64_t from, uint64_t to, enum map_kind kind)
{
    uint64_t first = from > window->from ? from : window->from;
    uint64_t end = to < window->to ? to : window->to;

    for (uint64_t at = first; at < end; at += window->page_bytes) {
        window->kinds[index_of(window, at)] = kind;
    }
}

void
map_page_change(struct map_window *window, uint64_t from, uint64_t to, enum map_kind was,
                enum map_kind kind)
{
    uint64_t first = from > window->from ? from : window->from;
    uint64_t end = to < window->to ? to : window->to;

    for (uint64_t at = first; at < end; at += window->page_bytes) {
        enum map_kind *now = &window->kinds[index_of(window, at)];

        *now = *now == was ? kind : *now;
    }
}

void
map_page_count(const struct map_window *window, struct map_figures kinds[MAP_KIND_COUNT])
{
    uint64_t page_kib = window->page_bytes / BYTES_OF_KIB;

    for (size_t i = 0; i < page_count(window); i++) {
        struct map_figures *figures = &kinds[window->kinds[i]];
        uint64_t entry = window->entries[i];

        if (entry & ENTRY_PRESENT) {
            *(entry & ENTRY_EXCLUSIVE ? &figures->private_kib : &figures->shared_kib) += page_kib;
            figures->resident_kib += page_kib;
        } else if (entry & ENTRY_SWAPPED) {
            figures->swap_kib += page_kib;
        }
    }
}

bool
map_page_is_present(const struct map_window *window, uint64_t address)
{
    return (window->entries[index_of(window, address)] & ENTRY_PRESENT) != 0;
}

bool
map_page_is_swapped(const struct map_window *window, uint64_t address)
{
    return (window->entries[index_of(window, address)] & ENTRY_SWAPPED) != 0;
}

bool
map_page_look(struct map_look *look, uint64_t address)
{
    size_t count = ARRAY_LEN(look->entries);
    uint64_t page = address / (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t from = page / count * count;

    if (!look->is_read || look->from != from) {
        int error = read_whole(look->pagemap, look->entries, sizeof(look->entries),
                               (off_t)(from * sizeof(look->entries[0])));

        look->is_read = error == 0;
        look->from = from;
    }
    return look->is_read && (look->entries[page - from] & ENTRY_PRESENT) != 0;
}
