/*
 * docs.c: prints the documents that follow from the tables of options and events. script/docs puts
 * them in their places.
 *
 * Owns the shape of the event table. Must not be installed.
 */
#include <stdio.h>
#include <string.h>

#include "master/config_help.h"
#include "master/exit_code.h"
#include "master/log_line.h"

static void
print_example(void)
{
    config_help_print_example(stdout);
}

static void
print_options(void)
{
    config_help_print_markdown(stdout);
}

static const char *
level_text(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_WARN:
        return "warn";
    case LOG_ERROR:
        return "error";
    }
    return "";
}

/* "slot [pid]" as `slot` [`pid`]: the brackets are ours, not the log's. */
static void
print_keys(const char *keys)
{
    while (*keys != '\0') {
        size_t length = strcspn(keys, " ");
        bool may_miss = keys[0] == '[';

        if (may_miss) {
            printf("[`%.*s`]", (int)length - 2, keys + 1);
        } else {
            printf("`%.*s`", (int)length, keys);
        }
        keys += length;
        keys += strspn(keys, " ");
        fputs(*keys != '\0' ? " " : "", stdout);
    }
}

static void
print_events(void)
{
    puts("| event | level | keys | meaning |\n|---|---|---|---|");
    for (enum event event = 0; event < EVENT_COUNT; event++) {
        printf("| `%s` | %s | ", log_event_name(event), level_text(log_event_level(event)));
        print_keys(log_event_keys(event));
        printf(" | %s |\n", log_event_meaning(event));
    }
}

static const struct {
    const char *name;
    void (*print)(void);
} documents[] = {
    {"example", print_example},
    {"options", print_options},
    {"events", print_events},
};

int
main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        if (strcmp(what, documents[i].name) == 0) {
            documents[i].print();
            return fflush(stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_INTERNAL;
        }
    }
    fputs("usage: swarm-docs example|options|events\n", stderr);
    return EXIT_CODE_USAGE;
}
