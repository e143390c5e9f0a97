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
    ARGUMENT_PRELOAD
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

static bool
is_preload(const char *text)
{
    return strcmp(text, "app") == 0 || strcmp(text, "gems") == 0 || strcmp(text, "none") == 0;
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
        if (!is_preload(value)) {
            return -EINVAL;
        }
        *(const char **)to = value;
        return 0;
    case ARGUMENT_TEXT:
        *(const char **)to = value;
        return 0;
    }
    return -EINVAL;
}

int
arguments_parse(char **argv, struct arguments *ret_arguments, const char **ret_wrong)
{
    struct arguments found = {.link = WIRE_LINK_FD, .family = -1, .board = -1, .preload = "app"};
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
