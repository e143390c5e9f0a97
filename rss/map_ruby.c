/*
 * map_ruby.c: see map_ruby.h.
 *
 * struct heap_page begins with slot_size and total_slots (unsigned short) on 3.1 to 4.0, and has `start` as its fifth or sixth
 * word; newer ones have other places for all three. So they are looked for in the whole head: the numbers must fit each other
 * and the block.
 */
#include "map_ruby.h"

#include <string.h>
#include <unistd.h>

#define SMALL_BLOCK (UINT64_C(16) * 1024)
#define LARGE_BLOCK (UINT64_C(64) * 1024)

/* Where the first slot may begin: behind the header, aligned to its size. */
#define START_MAX 4096
#define SLOT_MIN 16
#define SLOT_MAX 4096

/* struct heap_page's `body`, since 3.4: what an empty block has instead of slots. */
#define BODY_WORD 4

#define SHORTS_IN_HEAD (MAP_RUBY_HEAD_WORDS * sizeof(uint64_t) / sizeof(uint16_t))

/* Whether so many slots of that size fill the room, up to what is too little for one more (or two, by alignment). */
static bool
is_filled(uint64_t slot_bytes, uint64_t slots, uint64_t room)
{
    uint64_t used = slot_bytes * slots;

    return slot_bytes >= SLOT_MIN && slot_bytes <= SLOT_MAX && slot_bytes % sizeof(uint64_t) == 0 &&
           used <= room && room - used < 2 * slot_bytes;
}

/* Whether two neighbours among the short numbers of the head are the size and the number of the slots. */
static bool
has_slots(const uint64_t head[MAP_RUBY_HEAD_WORDS], uint64_t room)
{
    uint16_t shorts[SHORTS_IN_HEAD];

    memcpy(shorts, head, sizeof(shorts));
    for (size_t i = 0; i + 1 < SHORTS_IN_HEAD; i++) {
        if (is_filled(shorts[i], shorts[i + 1], room)) {
            return true;
        }
    }
    return false;
}

static uint64_t
block_from(uint64_t address, uint64_t start, const uint64_t head[MAP_RUBY_HEAD_WORDS])
{
    uint64_t before = start - address;

    if (has_slots(head, SMALL_BLOCK - before)) {
        return SMALL_BLOCK;
    }
    return address % LARGE_BLOCK == 0 && has_slots(head, LARGE_BLOCK - before) ? LARGE_BLOCK : 0;
}

/* A block that has no slots for now: Ruby >= 3.4 keeps it for any size of them. */
static bool
is_empty_block(uint64_t address, const uint64_t head[MAP_RUBY_HEAD_WORDS])
{
    return address % LARGE_BLOCK == 0 && (head[0] & UINT32_MAX) == 0 && head[BODY_WORD] == address;
}

uint64_t
map_ruby_block_bytes(uint64_t address, const uint64_t head[MAP_RUBY_HEAD_WORDS])
{
    uint64_t bytes = is_empty_block(address, head) ? LARGE_BLOCK : 0;

    for (size_t i = 0; i < MAP_RUBY_HEAD_WORDS && bytes == 0; i++) {
        if (head[i] > address && head[i] < address + START_MAX) {
            bytes = block_from(address, head[i], head);
        }
    }
    return bytes;
}

static bool
read_words(const struct map_ruby *ruby, uint64_t address, uint64_t *to, size_t count)
{
    ssize_t size = (ssize_t)(count * sizeof(*to));

    return pread(ruby->mem, to, (size_t)size, (off_t)address) == size;
}

/* Whether the struct of a block may stand there: in memory that malloc gave, never in the block itself. */
static bool
may_be_struct(struct map_ruby *ruby, uint64_t block, uint64_t address)
{
    const struct map_area *area;

    if (address == 0 || address % sizeof(uint64_t) != 0 ||
        (address >= block && address < block + SMALL_BLOCK)) {
        return false;
    }
    area = map_smaps_find(ruby->areas, address);
    return area != NULL && area->is_writable && !area->has_file &&
           map_page_look(&ruby->look, address);
}

/* The size of the block there, or 0. */
static uint64_t
look_at(struct map_ruby *ruby, const struct map_window *window, uint64_t address)
{
    uint64_t head[MAP_RUBY_HEAD_WORDS];
    uint64_t pointer;
    uint64_t bytes;

    if (!read_words(ruby, address, &pointer, 1) || !may_be_struct(ruby, address, pointer) ||
        !read_words(ruby, pointer, head, MAP_RUBY_HEAD_WORDS)) {
        return 0;
    }
    bytes = map_ruby_block_bytes(address, head);
    return address + bytes <= window->to ? bytes : 0;
}

void
map_ruby_mark(struct map_ruby *ruby, struct map_window *window)
{
    uint64_t first = (window->from + SMALL_BLOCK - 1) / SMALL_BLOCK * SMALL_BLOCK;
    uint64_t bytes;

    for (uint64_t at = first; at < window->to; at += bytes != 0 ? bytes : SMALL_BLOCK) {
        bytes = map_page_is_present(window, at) ? look_at(ruby, window, at) : 0;
        if (bytes != 0) {
            map_page_mark(window, at, at + bytes, MAP_KIND_RUBY_HEAP);
            ruby->blocks++;
        } else if (map_page_is_swapped(window, at)) {
            map_page_change(window, at, at + SMALL_BLOCK, MAP_KIND_MALLOC, MAP_KIND_OTHER);
        }
    }
}
