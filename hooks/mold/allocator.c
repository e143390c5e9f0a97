/* allocator.c: see allocator.h. */
#include "allocator.h"

#include "environment.h"
#include "tell.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#include <malloc.h>
#endif

/* Below 5.3 a fork may stop for ever in jemalloc's own locks (its issue 2019 and ChangeLog). */
#define LEAST_MAJOR 5
#define LEAST_MINOR 3
/* jemalloc(3), "arena.<i>.purge": all arenas at once. */
#define ALL_ARENAS "4096"
/* New threads get automatic arenas, of which this is the first. */
#define AUTOMATIC_ARENA 0
/* Larger memory has pages of its own. */
#define APART_LARGEST 4096
/* What docs/copy-on-write.md has the figures of. */
#define LIBC_ARENAS 2

typedef int mallctl_function(const char *name, void *old, size_t *old_size, void *new,
                             size_t new_size);

/* MALLOCX_ZERO, MALLOCX_TCACHE_NONE and MALLOCX_ARENA of jemalloc.h, whose package a mold does not need. */
#define FLAG_ZERO 0x40
#define FLAG_NO_CACHE (1 << 8)
#define FLAG_ARENA(arena) ((int)((arena) + 1) << 20)

typedef void *mallocx_function(size_t size, int flags);

/* NULL: the allocator is another one. */
static mallctl_function *mallctl;
static mallocx_function *mallocx;

/* Of each place that lies apart; 0: there is none. */
static int apart_flags[ALLOCATOR_PLACES];

static void
find_jemalloc(void)
{
    /* The way that dlsym(3) gives for turning its answer into a function. */
    *(void **)&mallctl = dlsym(RTLD_DEFAULT, "mallctl");
    *(void **)&mallocx = dlsym(RTLD_DEFAULT, "mallocx");
}

/* "5.3.0" of "5.3.0-0-g54eaed1d8b56b1aa528be3bdd1877e59c56fa90c". */
static void
write_version(char *to, size_t size)
{
    const char *version = NULL;
    size_t length = sizeof(version);

    if (mallctl("version", (void *)&version, &length, NULL, 0) != 0 || version == NULL) {
        version = "of unknown version";
    }
    snprintf(to, size, "%.*s", (int)strcspn(version, "-"), version);
}

static bool
is_too_old(const char *version)
{
    int major;
    int minor;

    return sscanf(version, "%d.%d", &major, &minor) == 2 &&
           (major < LEAST_MAJOR || (major == LEAST_MAJOR && minor < LEAST_MINOR));
}

void
allocator_check(char **argv)
{
    char version[32];
    int error;

    find_jemalloc();
    if (mallctl == NULL || !environment_has(ENVIRONMENT_AUTO)) {
        return;
    }
    write_version(version, sizeof(version));
    if (is_too_old(version)) {
        error = environment_start_again(argv, version);
        tell_log("jemalloc %s stays, though a fork may hang with it: %s; use --allocator system",
                 version, strerror(-error));
    }
}

/* Nothing that was freed before waits in this thread, to be handed out from pages of the other arena. */
static void
use_arena(unsigned arena)
{
    (void)mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    (void)mallctl("thread.arena", NULL, NULL, &arena, sizeof(arena));
}

/* As many arenas as threads, by default up to eight for each core, are as many places with holes. */
static void
bound_libc(void)
{
#ifdef __GLIBC__
    const char *tunables = getenv("GLIBC_TUNABLES");

    if (getenv("MALLOC_ARENA_MAX") == NULL &&
        (tunables == NULL || strstr(tunables, "glibc.malloc.arena_max") == NULL)) {
        mallopt(M_ARENA_MAX, LIBC_ARENAS);
    }
#endif
}

static bool
make_arena(unsigned *ret_arena)
{
    size_t size = sizeof(*ret_arena);

    return mallctl("arenas.create", ret_arena, &size, NULL, 0) == 0;
}

void
allocator_start(void)
{
    unsigned arena;

    if (mallctl == NULL) {
        bound_libc();
        return;
    }
    if (make_arena(&arena)) {
        use_arena(arena);
    }
    for (unsigned place = 0; mallocx != NULL && place < ALLOCATOR_PLACES; place++) {
        if (make_arena(&arena)) {
            apart_flags[place] = FLAG_ZERO | FLAG_NO_CACHE | FLAG_ARENA(arena);
        }
    }
}

void *
allocator_take_apart(unsigned place, size_t count, size_t size)
{
    size_t bytes;

    if (apart_flags[place] == 0 || __builtin_mul_overflow(count, size, &bytes) || bytes == 0 ||
        bytes > APART_LARGEST) {
        return NULL;
    }
    return mallocx(bytes, apart_flags[place]);
}

void
allocator_settle(void)
{
    if (mallctl != NULL) {
        (void)mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
        (void)mallctl("arena." ALL_ARENAS ".purge", NULL, NULL, NULL, 0);
        return;
    }
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void
allocator_become(void)
{
    memset(apart_flags, 0, sizeof(apart_flags));
    if (mallctl != NULL) {
        use_arena(AUTOMATIC_ARENA);
    }
}

void
allocator_rest(void)
{
    if (mallctl != NULL) {
        (void)mallctl("arena." ALL_ARENAS ".decay", NULL, NULL, NULL, 0);
    }
}

/* Of others only the name is asked for, by a function that each exports. */
static const char *
other_name(void)
{
    static const char *const known[][2] = {{"tc_malloc", "tcmalloc"}, {"mi_malloc", "mimalloc"}};

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (dlsym(RTLD_DEFAULT, known[i][0]) != NULL) {
            return known[i][1];
        }
    }
    return NULL;
}

static void
write_libc(char *to, size_t size)
{
    const char *refused = environment_refused();
    int used = 0;

#ifdef __GLIBC__
    used = snprintf(to, size, "glibc %s", gnu_get_libc_version());
#else
    used = snprintf(to, size, "libc");
#endif
    if (*refused != '\0' && (size_t)used < size) {
        snprintf(to + used, size - (size_t)used, " (jemalloc %s is too old to fork)", refused);
    }
}

void
allocator_name(char *to, size_t size)
{
    const char *other = mallctl == NULL ? other_name() : NULL;
    char version[32];

    if (mallctl != NULL) {
        write_version(version, sizeof(version));
        snprintf(to, size, "jemalloc %s", version);
    } else if (other != NULL) {
        util_copy_text(to, size, other);
    } else {
        write_libc(to, size);
    }
}
