/*
 * map_kind.h: the kinds of memory that a process has, and which kind a mapping is of by its permissions and its name.
 *
 * Plain data and pure functions. Must not read /proc, nor the contents of memory.
 */
#ifndef SWARM_RSS_MAP_KIND_H
#define SWARM_RSS_MAP_KIND_H

#include "../master/util.h"

enum map_kind {
    MAP_KIND_RUBY_HEAP, /* pages of the VM's objects */
    MAP_KIND_MALLOC, /* what malloc gives: arenas of jemalloc or glibc, the brk heap; the VM stack of Ruby's main thread
                              is malloc's, too, and the transient heap of Ruby <= 3.2 is counted here */
    MAP_KIND_STACK, /* of the main thread, other threads and fibers; those of Ruby hold its VM stack as well */
    MAP_KIND_LIBRARY_DATA, /* .data, .bss, .got, relocated constants: private file mappings that may be, or were, written to */
    MAP_KIND_CODE,   /* code, constants and other files that are only read */
    MAP_KIND_JIT,    /* machine code made at run time (YJIT) */
    MAP_KIND_SHARED, /* memfd, shared memory: the board */
    MAP_KIND_OTHER,  /* anonymous memory that cannot be told apart */
    MAP_KIND_COUNT,
};

/* KiB. resident = private + shared, but for pages that came or went during the reading. */
struct map_figures {
    uint64_t resident_kib;
    uint64_t
        private_kib; /* mapped by this process alone: of its RSS what its death gives back (USS) */
    uint64_t shared_kib;
    uint64_t swap_kib;
    uint64_t
        pss_kib; /* exact for a mapping of one kind, else the mapping's, dealt out by shared pages */
};

struct map_report {
    struct map_figures kinds[MAP_KIND_COUNT];
    struct map_figures total;
    uint64_t page_tables_kib; /* the kernel's, for this process alone: no part of any RSS */
    uint64_t
        ruby_blocks; /* heap pages of Ruby that were recognised, as GC.stat[:heap_allocated_pages] counts them */
    uint64_t threads;
    bool
        is_content_known; /* false: the kernel refused it, so what may be Ruby's or malloc's is MAP_KIND_OTHER */
};

#define MAP_NAME_SIZE 64

/* A mapping as smaps has it. */
struct map_area {
    uint64_t from;
    uint64_t to; /* the first address behind it */
    bool is_readable;
    bool is_writable;
    bool is_executable;
    bool is_shared;
    bool has_file;
    char name[MAP_NAME_SIZE]; /* a path, "[heap]", …, cut; "" for none */
    struct map_figures figures;
    uint64_t anonymous_kib; /* of a file's mapping: pages that were written to */
};

/* Words for people, which also name the kinds in JSON: "ruby heap", "malloc", …; "?" for no kind. */
const char *map_kind_name(enum map_kind kind);

/*
 * The kind of a mapping. Where it may hold several (map_kind_is_mixed), the kind of what is neither Ruby's heap nor a stack.
 * `below` is the mapping before it in smaps, or NULL.
 *
 * Anonymous private memory that may be written to is malloc's if it is nothing else: besides malloc, Ruby itself maps its
 * heap pages and stacks only (and a few tables with names of their own since 3.4), and the loader what belongs to a library.
 */
enum map_kind map_kind_of(const struct map_area *area, const struct map_area *below);

/* Whether heap pages of Ruby and stacks may lie in it: the kernel makes one mapping of anonymous neighbours. */
bool map_kind_is_mixed(const struct map_area *area);

/* Whether it is the guard below a stack: a little anonymous memory that nobody may touch. */
bool map_kind_is_guard(const struct map_area *area);

/* Adds each figure of `from`. */
void map_kind_add(struct map_figures *to, const struct map_figures *from);

#endif
