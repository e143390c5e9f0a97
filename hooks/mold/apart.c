/*
 * apart.c: see apart.h.
 *
 * Owns two functions in libruby's place: the program's own come before a library's of the same name, and Ruby frees both
 * kinds of memory with free(3), as it frees its own.
 */
#include "apart.h"

#include "allocator.h"

#include <dlfcn.h>
#include <stdlib.h>

/* Calls have 16 bytes each, constants and instance variables 8 to 24, depending on the Ruby. */
#define LARGEST_CACHE 32
/* Of APART_MAKER's block: nothing else that happens in its call asks for as many values at once. */
#define LEARN_VARIABLES 48
/* What a block's memory has beside its variables: its method or block, its parent, its flags (VM_ENV_DATA_SIZE), its object. */
#define LEARN_EXTRA 8

/* The places of the allocator, of which each has memory of one kind. */
enum place {
    CACHES,
    VARIABLES,
};

typedef void *allocate_function(size_t count, size_t size);

/* As ruby/internal/xmalloc.h has them. Extensions call them, too, in any thread that has the VM's lock. */
allocate_function ruby_xcalloc;
allocate_function ruby_xmalloc2;

static struct {
    bool is_on;
    unsigned seen;
    const void *place;
} learning;

/* Where vm_make_env_each goes on after its call; NULL: not known. */
static const void *environments;

/* What libruby itself would give; it is looked for once for each name. */
static void *
take_next(allocate_function **next, const char *name, size_t count, size_t size)
{
    if (*next == NULL) {
        /* The way that dlsym(3) gives for turning its answer into a function. */
        *(void **)next = dlsym(RTLD_NEXT, name);
    }
    if (*next == NULL) {
        abort(); /* a libruby without it would not have loaded its own code */
    }
    return (*next)(count, size);
}

__attribute__((visibility("default"))) void *
ruby_xcalloc(size_t count, size_t size)
{
    static allocate_function *next;
    void *memory = NULL;

    if (size <= LARGEST_CACHE) {
        memory = allocator_take_apart(CACHES, count, size);
    }
    return memory != NULL ? memory : take_next(&next, "ruby_xcalloc", count, size);
}

static void
learn(size_t count, const void *place)
{
    if (count >= LEARN_VARIABLES && count <= LEARN_VARIABLES + LEARN_EXTRA) {
        learning.seen++;
        learning.place = place;
    }
}

__attribute__((visibility("default"))) void *
ruby_xmalloc2(size_t count, size_t size)
{
    static allocate_function *next;
    const void *place = __builtin_return_address(0);
    void *memory = NULL;

    if (learning.is_on) {
        learn(count, place);
    } else if (place == environments) {
        memory = allocator_take_apart(VARIABLES, count, size);
    }
    return memory != NULL ? memory : take_next(&next, "ruby_xmalloc2", count, size);
}

void
apart_watch(void)
{
    learning.is_on = true;
}

void
apart_learn(void)
{
    if (learning.seen == 1) {
        environments = learning.place;
    }
    learning.is_on = false;
}
