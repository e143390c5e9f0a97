/*
 * map_ruby.h: which pages are Ruby's heap, told by what they hold.
 *
 * Before Ruby 3.4, or without names of mappings in the kernel, nothing else tells a heap page from malloc's memory: both are
 * anonymous, and the kernel makes one mapping of neighbours. But each heap page of Ruby (a "block" here, since the kernel's
 * pages are others) is aligned to its size, 16 KiB on 3.1 and 64 KiB since 3.2, and begins with a pointer to its struct
 * heap_page, in malloc's memory, which holds the address of the block's first slot, and the size and number of its slots
 * (gc.c, gc/default/default.c). Both ends together are no accident.
 *
 * Reads one word a block, and the head of its struct. Pages that are not in memory are never read, since that would bring them
 * in: a block whose first page is in swap is MAP_KIND_OTHER. Must not write to the process, nor un-share its pages:
 * process_vm_readv(2) would be faster, but it pins what it reads, and since Linux 5.19 the kernel gives the process a copy of
 * its own of a shared page before that (seen; mm/gup.c, gup_must_unshare). /proc/PID/mem does not pin.
 */
#ifndef SWARM_RSS_MAP_RUBY_H
#define SWARM_RSS_MAP_RUBY_H

#include "map_page.h"
#include "map_smaps.h"

#define MAP_RUBY_HEAD_WORDS 8

struct map_ruby {
    int mem; /* /proc/PID/mem, open for reading: PTRACE_MODE_ATTACH, see ptrace(2) */
    const struct map_areas *areas;
    struct map_look look; /* into the pagemap */
    uint64_t blocks;      /* recognised so far */
};

/* Makes each of Ruby's blocks in the window MAP_KIND_RUBY_HEAP, and counts them. */
void map_ruby_mark(struct map_ruby *ruby, struct map_window *window);

/*
 * The size of the block at `address`, in bytes, by the first 64 bytes of what its first word points to; 0 if it is no block.
 * Pure.
 */
uint64_t map_ruby_block_bytes(uint64_t address, const uint64_t head[MAP_RUBY_HEAD_WORDS]);

#endif
