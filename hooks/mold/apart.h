/*
 * apart.h: what workers write to, though nothing of the application changes, lies apart in a mold.
 *
 * Owns which of Ruby's allocations those are. Must not know where they are taken from (allocator.h).
 *
 * Workers share a mold's page until they write to it, and a few bytes copy 4,096. Two kinds of small memory are written
 * wherever Ruby code runs, and are spread over all of malloc's pages between memory that is only read:
 *
 * - the caches beside each call, each constant and each instance variable in code (struct rb_call_data, union
 *   iseq_inline_storage_entry), filled when a line runs for the first time; 3.3 writes empty ones anew at each marking of
 *   the collector. Ruby asks for them with ruby_xcalloc, as arrays of small elements (compile.c: ZALLOC_N).
 * - the variables that a block has taken with it (imemo_env): each marking sets a flag in them that is set already (gc.c,
 *   gc_mark_imemo). Ruby asks for them with ruby_xmalloc2, as for many other things, from one place (vm.c,
 *   vm_make_env_each), which is found by having it asked.
 *
 * Seen on 3.1 and 3.3. From 3.4 on marking writes neither (github.com/ruby/ruby, change 10899).
 *
 * Of the pages where they stand by themselves, the workers copy fewer. docs/copy-on-write.md has what that brings.
 */
#ifndef SWARM_MOLD_APART_H
#define SWARM_MOLD_APART_H

/* Ruby: a block that, when it is called, makes another one, which takes 48 variables with it. */
#define APART_MAKER                                                                                \
    "proc { a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = "      \
    "c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = d0 = d1 = d2 = d3 = d4 = d5 = d6 = d7 = "             \
    "e0 = e1 = e2 = e3 = e4 = e5 = e6 = e7 = f0 = f1 = f2 = f3 = f4 = f5 = f6 = f7 = nil; "        \
    "proc { a0 } }"

/* Right before APART_MAKER's block is called: from where does Ruby ask for so many variables? */
void apart_watch(void);

/* After that, in every case. Where it has not been seen once, and once only, that memory is taken as all other. */
void apart_learn(void);

#endif
