/* mold_environment.c: see mold_environment.h. */
#include "mold_environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_environment.h"

#define ADDED "SWARM_MOLD_ADDED"
#define PRELOAD "LD_PRELOAD"

/*
 * After a collection Ruby lets the heap grow until a share of *all* slots is free (MIN_RATIO, towards GOAL_RATIO): in a
 * worker that shares a large heap with its mold, that is a large heap of its own. GROWTH_MAX_SLOTS bounds one step.
 * All Rubies from 2.4 on read these names, once, when the VM starts (ruby(1)).
 */
static const char *const growth[][2] = {
    {"RUBY_GC_HEAP_GROWTH_MAX_SLOTS", "100000"},
    {"RUBY_GC_HEAP_FREE_SLOTS_MIN_RATIO", "0.06"},
    {"RUBY_GC_HEAP_FREE_SLOTS_GOAL_RATIO", "0.12"},
};

/*
 * jemalloc(3). Two arenas, since one process of Ruby runs one thread at a time, and each arena has holes of its own. No
 * thread in the background: the mold must be alone when it forks. What is free goes back to the kernel after a second.
 */
static const char *const jemalloc_settings[2] = {
    "MALLOC_CONF", "narenas:2,background_thread:false,dirty_decay_ms:1000,muzzy_decay_ms:0"};

/* Part of the file name of each allocator that a user may preload. */
static const char *const allocators[] = {"jemalloc", "tcmalloc", "mimalloc"};

static bool
names_allocator(const char *preload)
{
    for (size_t i = 0; i < ARRAY_LEN(allocators); i++) {
        if (preload != NULL && strstr(preload, allocators[i]) != NULL) {
            return true;
        }
    }
    return false;
}

bool
mold_environment_wants_jemalloc(const struct config *config, char *const *envp)
{
    return config->prefork && config->allocator != CONFIG_ALLOCATOR_SYSTEM &&
           !names_allocator(config_environment_find(envp, PRELOAD));
}

static bool
is_variable(const char *text, const char *name)
{
    size_t length = strlen(name);

    return strncmp(text, name, length) == 0 && text[length] == '=';
}

/* Puts a variable in its place, or at the end. Takes `text`, which is NULL without memory. */
static int
put(struct mold_environment *environment, const char *name, char *text)
{
    char **at = environment->envp;

    if (text == NULL) {
        return -ENOMEM;
    }
    environment->own[environment->own_count++] = text;
    while (*at != NULL && !is_variable(*at, name)) {
        at++;
    }
    if (*at == NULL) {
        at[1] = NULL;
    }
    *at = text;
    return 0;
}

static char *
make_text(const char *name, const char *value, const char *rest)
{
    char *text;

    return asprintf(&text, "%s=%s%s%s", name, value, *rest == '\0' ? "" : ":", rest) < 0 ? NULL
                                                                                         : text;
}

/* Adds to the list of what was added. */
static void
note(char *words, size_t size, const char *word)
{
    size_t used = strlen(words);

    snprintf(words + used, size - used, "%s%s", used > 0 ? " " : "", word);
}

/* A variable that the user has not set. */
static int
add(struct mold_environment *environment, const char *const variable[2], char *words, size_t size)
{
    if (config_environment_find(environment->envp, variable[0]) != NULL) {
        return 0;
    }
    note(words, size, variable[0]);
    return put(environment, variable[0], make_text(variable[0], variable[1], ""));
}

static int
add_jemalloc(struct mold_environment *environment, const struct mold_environment_order *order,
             char *words, size_t size)
{
    const char *theirs = config_environment_find(order->envp, PRELOAD);
    int error;

    note(words, size, PRELOAD);
    if (order->config->allocator == CONFIG_ALLOCATOR_AUTO) {
        note(words, size, "auto");
    }
    environment->library = order->jemalloc;
    error = put(environment, PRELOAD,
                make_text(PRELOAD, order->jemalloc, theirs != NULL ? theirs : ""));
    return error != 0 ? error : add(environment, jemalloc_settings, words, size);
}

static int
fill(struct mold_environment *environment, const struct mold_environment_order *order)
{
    char words[256] = "";
    int error = 0;

    if (order->jemalloc != NULL && mold_environment_wants_jemalloc(order->config, order->envp)) {
        error = add_jemalloc(environment, order, words, sizeof(words));
    }
    for (size_t i = 0; error == 0 && i < ARRAY_LEN(growth) && order->config->prefork &&
                       order->config->heap_growth == CONFIG_HEAP_GROWTH_BOUNDED;
         i++) {
        error = add(environment, growth[i], words, sizeof(words));
    }
    if (error != 0 || *words == '\0') {
        return error;
    }
    return put(environment, ADDED, make_text(ADDED, words, ""));
}

int
mold_environment_make(struct mold_environment *ret, const struct mold_environment_order *order)
{
    struct mold_environment environment = {0};
    size_t count = 0;
    int error;

    while (order->envp != NULL && order->envp[count] != NULL) {
        count++;
    }
    environment.envp = calloc(count + MOLD_ENVIRONMENT_OWN_MAX + 1, sizeof(*environment.envp));
    if (environment.envp == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0, kept = 0; i < count; i++) {
        /* Only this master's word counts, should a mold's environment ever have come down to it. */
        if (!is_variable(order->envp[i], ADDED)) {
            environment.envp[kept++] = order->envp[i];
        }
    }
    error = fill(&environment, order);
    if (error != 0) {
        mold_environment_done(&environment);
        return error;
    }
    *ret = environment;
    return 0;
}

void
mold_environment_done(struct mold_environment *environment)
{
    for (unsigned i = 0; i < environment->own_count; i++) {
        free(environment->own[i]);
    }
    free(environment->envp);
    *environment = (struct mold_environment){0};
}
