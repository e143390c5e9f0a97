/* arguments.c: see arguments.h. */
#include "arguments.h"

#include "master/wire.h"

#include <errno.h>
#include <string.h>

enum argument_kind {
    ARGUMENT_SWITCH,
    ARGUMENT_NUMBER,
    ARGUMENT_FD,
    ARGUMENT_TEXT,
    ARGUMENT_PRELOAD,
    ARGUMENT_PREPARE
};

struct argument {
    const char *name;
    enum argument_kind kind;
    size_t offset;
};

static const struct argument table[] = {
    {"--link", ARGUMENT_FD, offsetof(struct arguments, link)},
    {"--family", ARGUMENT_FD, offsetof(struct arguments, family)},
    {"--board", ARGUMENT_FD, offsetof(struct arguments, board)},
    {"--generation", ARGUMENT_NUMBER, offsetof(struct arguments, generation)},
    {"--slot", ARGUMENT_NUMBER, offsetof(struct arguments, slot)},
    {"--index", ARGUMENT_NUMBER, offsetof(struct arguments, index)},
    {"--preload", ARGUMENT_PRELOAD, offsetof(struct arguments, preload)},
    {"--preload-groups", ARGUMENT_TEXT, offsetof(struct arguments, preload_groups)},
    {"--preboot", ARGUMENT_TEXT, offsetof(struct arguments, preboot)},
    {"--prepare", ARGUMENT_PREPARE, offsetof(struct arguments, prepare)},
    {"--eager-load", ARGUMENT_SWITCH, offsetof(struct arguments, eager_load)},
    {"--no-warm", ARGUMENT_SWITCH, offsetof(struct arguments, no_warm)},
    {"--strict-fork", ARGUMENT_SWITCH, offsetof(struct arguments, strict_fork)},
    {"--fork-hooks", ARGUMENT_SWITCH, offsetof(struct arguments, fork_hooks)},
    {"--check", ARGUMENT_SWITCH, offsetof(struct arguments, check)},
};

static const struct argument *
find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static int
store_number(const char *text, uint64_t max, void *to)
{
    uint64_t number;
    uint32_t narrow;

    if (util_parse_u64(text, &number) != 0 || number > max) {
        return -EINVAL;
    }
    narrow = (uint32_t)number;
    memcpy(to, &narrow, sizeof(narrow));
    return 0;
}

static const char *const preload_words[] = {"app", "gems", "none", NULL};
static const char *const prepare_words[] = {"full", "no-compact", "none", NULL};

static int
store_word(const char *text, const char *const *words, void *to)
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0) {
            *(const char **)to = text;
            return 0;
        }
    }
    return -EINVAL;
}

static int
store(const struct argument *argument, const char *value, struct arguments *arguments)
{
    void *to = (char *)arguments + argument->offset;

    switch (argument->kind) {
    case ARGUMENT_SWITCH:
        *(bool *)to = true;
        return 0;
    case ARGUMENT_NUMBER:
        return store_number(value, UINT32_MAX, to);
    case ARGUMENT_FD:
        return store_number(value, INT32_MAX, to);
    case ARGUMENT_PRELOAD:
        return store_word(value, preload_words, to);
    case ARGUMENT_PREPARE:
        return store_word(value, prepare_words, to);
    case ARGUMENT_TEXT:
        *(const char **)to = value;
        return 0;
    }
    return -EINVAL;
}

int
arguments_parse(char **argv, struct arguments *ret_arguments, const char **ret_wrong)
{
    struct arguments found = {
        .link = WIRE_LINK_FD, .family = -1, .board = -1, .preload = "app", .prepare = "full"};
    char **at = argv + 1;

    for (; *at != NULL && strcmp(*at, "--") != 0; at++) {
        const struct argument *argument = find(*at);
        const char *value = NULL;

        *ret_wrong = *at;
        if (argument == NULL) {
            return -EINVAL;
        }
        if (argument->kind != ARGUMENT_SWITCH) {
            value = *++at;
        }
        if ((argument->kind != ARGUMENT_SWITCH && value == NULL) ||
            store(argument, value, &found) != 0) {
            return -EINVAL;
        }
    }
    found.role = found.board >= 0 ? ARGUMENTS_WORKER : ARGUMENTS_MOLD;
    found.rest = *at == NULL ? at : at + 1;
    *ret_arguments = found;
    return 0;
}
