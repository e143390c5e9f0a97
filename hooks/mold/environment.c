/* environment.c: see environment.h. */
#include "environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ADDED "SWARM_MOLD_ADDED"
/* Set by environment_start_again for itself. */
#define REFUSED "SWARM_MOLD_REFUSED"
#define OF_THE_VM "RUBY_"
#define SCRIPT "lib/sidekiq/swarm/environment.rb"

static char *added;
static char refused[32];

/* The next word of a list, with its length; NULL at the end. */
static const char *
next_word(const char *at, size_t *ret_length)
{
    at += strspn(at, " ");
    *ret_length = strcspn(at, " ");
    return *ret_length > 0 ? at : NULL;
}

bool
environment_has(const char *word)
{
    const char *at = added != NULL ? added : "";
    size_t length;

    for (at = next_word(at, &length); at != NULL; at = next_word(at + length, &length)) {
        if (strlen(word) == length && strncmp(at, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* The words that are variables of the VM, joined by spaces: "" if there are none. NULL without memory. */
static char *
words_of_the_vm(void)
{
    char *words = calloc(1, strlen(added) + 2);
    size_t used = 0;
    size_t length;

    for (const char *at = next_word(added, &length); words != NULL && at != NULL;
         at = next_word(at + length, &length)) {
        if (strncmp(at, OF_THE_VM, strlen(OF_THE_VM)) == 0) {
            used += (size_t)sprintf(words + used, "%s%.*s", used > 0 ? " " : "", (int)length, at);
        }
    }
    return words;
}

/* The master put its library in front of what the user has (ld.so(8): separated by spaces or colons). */
static int
restore_preload(void)
{
    const char *preload = getenv("LD_PRELOAD");
    const char *rest = preload != NULL ? preload + strcspn(preload, " :") : "";
    char *copy;
    int error;

    if (*rest == '\0') {
        return unsetenv("LD_PRELOAD") < 0 ? -errno : 0;
    }
    copy = strdup(rest + 1);
    error = copy == NULL || setenv("LD_PRELOAD", copy, 1) < 0 ? -ENOMEM : 0;
    free(copy);
    return error;
}

static int
take_added(void)
{
    char *kept = words_of_the_vm();
    int error = kept == NULL ? -ENOMEM : 0;

    if (error == 0 && environment_has("LD_PRELOAD")) {
        error = restore_preload();
    }
    if (error == 0 && environment_has("MALLOC_CONF")) {
        error = unsetenv("MALLOC_CONF") < 0 ? -errno : 0;
    }
    if (error == 0) {
        error = (*kept == '\0' ? unsetenv(ADDED) : setenv(ADDED, kept, 1)) < 0 ? -errno : 0;
    }
    free(kept);
    return error;
}

int
environment_take(void)
{
    const char *words = getenv(ADDED);
    const char *version = getenv(REFUSED);

    if (version != NULL) {
        util_copy_text(refused, sizeof(refused), version);
        unsetenv(REFUSED);
    }
    if (words == NULL) {
        return 0;
    }
    added = strdup(words);
    return added == NULL ? -ENOMEM : take_added();
}

const char *
environment_refused(void)
{
    return refused;
}

int
environment_start_again(char **argv, const char *version)
{
    int error;

    if (setenv(REFUSED, version, 1) < 0) {
        return -errno;
    }
    execv(argv[0], argv); /* an absolute path (launch_command.h) */
    error = -errno;
    unsetenv(REFUSED);
    return error;
}

char *
environment_script(const char *hooks, char *to, size_t size)
{
    int length;

    if (getenv(ADDED) == NULL) {
        return NULL;
    }
    length = snprintf(to, size, "%s/" SCRIPT, hooks);
    return length < 0 || (size_t)length >= size ? NULL : to;
}
