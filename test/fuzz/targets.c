/*
 * targets.c: see targets.h.
 *
 * Owns the list and the words about a broken promise. Must not know what a target reads.
 */
#include "targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/util.h"

static const struct fuzz_target targets[] = {
    {"board", fuzz_board}, {"config", fuzz_config}, {"control", fuzz_control},
    {"proc", fuzz_proc},   {"wire", fuzz_wire},     {"words", fuzz_words},
};

static const char *input_name;

const struct fuzz_target *
fuzz_targets(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(targets);
    return targets;
}

const struct fuzz_target *
fuzz_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        if (strcmp(targets[i].name, name) == 0) {
            return &targets[i];
        }
    }
    return NULL;
}

void
fuzz_set_input_name(const char *name)
{
    input_name = name;
}

void
fuzz_fail(const char *file, int line, const char *promise)
{
    fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
    if (input_name != NULL) {
        fprintf(stderr, "by the input %s\n", input_name);
    }
    /* Not abort: what was registered with atexit still has to go. libFuzzer counts it as a crash, too. */
    exit(EXIT_FAILURE);
}

char *
fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    FUZZ_CHECK(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    return text;
}
