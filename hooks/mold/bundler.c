/* bundler.c: see bundler.h. */
#include "bundler.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETUP "-rbundler/setup"
#define ORIGINAL "BUNDLER_ORIG_RUBYOPT"
/* Bundler's own word for "was not set" (Bundler::EnvironmentPreserver). */
#define WAS_NOT_SET "BUNDLER_ENVIRONMENT_PRESERVER_INTENTIONALLY_NIL"

static bool added;

static bool
has_gemfile(void)
{
    const char *named = getenv("BUNDLE_GEMFILE");

    return (named != NULL && *named != '\0') || access("Gemfile", F_OK) == 0 ||
           access("gems.rb", F_OK) == 0;
}

/* Bundler takes RUBYOPT as it finds it for the user's own, unless it was told before. */
static int
keep_original(const char *options)
{
    return setenv(ORIGINAL, options == NULL ? WAS_NOT_SET : options, 0) < 0 ? -errno : 0;
}

int
bundler_prepare(void)
{
    const char *options = getenv("RUBYOPT");
    char *longer;
    int error = 0;

    if ((options != NULL && strstr(options, "bundler/setup") != NULL) || !has_gemfile()) {
        return 0;
    }
    if (asprintf(&longer, "%s%s" SETUP, options == NULL ? "" : options,
                 options == NULL || *options == '\0' ? "" : " ") < 0) {
        return -ENOMEM;
    }
    if (keep_original(options) != 0 || setenv("RUBYOPT", longer, 1) < 0) {
        error = -ENOMEM;
    }
    free(longer);
    added = error == 0;
    return error;
}

/* Removes the last of the words if it is ours, with the space before it. */
static void
cut_last_word(char *options)
{
    size_t length = strlen(options);
    size_t ours = strlen(SETUP);

    if (length < ours || strcmp(options + length - ours, SETUP) != 0) {
        return;
    }
    length -= ours;
    while (length > 0 && options[length - 1] == ' ') {
        length--;
    }
    options[length] = '\0';
}

void
bundler_tidy(void)
{
    const char *options = getenv("RUBYOPT");
    char *shorter = added && options != NULL ? strdup(options) : NULL;

    if (shorter == NULL) {
        return;
    }
    cut_last_word(shorter);
    if (*shorter == '\0') {
        unsetenv("RUBYOPT");
    } else {
        /* Without memory the longer text stays, which only loads Bundler twice. */
        (void)setenv("RUBYOPT", shorter, 1);
    }
    free(shorter);
    added = false;
}
