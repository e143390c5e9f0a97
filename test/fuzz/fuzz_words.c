/*
 * fuzz_words.c: a command line and an environment.
 *
 * The input's lines are the words behind the program's name; behind an empty line they are
 * variables. Promises: those of config_promises.h, and a sentence for what is no verb.
 */
#include "targets.h"

#include <stdlib.h>
#include <string.h>

#include "config_promises.h"

/* More words than any option needs; the rest of the input is left out. */
#define WORDS_MAX 64

struct command_line {
    char *argv[WORDS_MAX + 1];
    char *envp[WORDS_MAX + 1];
    int argc;
    int variables;
};

/* Takes the text's lines apart in place. */
static void
split(char *text, struct command_line *line)
{
    static char program[] = "swarm";
    bool in_environment = false;
    char *word;

    line->argv[line->argc++] = program;
    while ((word = strsep(&text, "\n")) != NULL) {
        if (!in_environment && word[0] == '\0') {
            in_environment = true;
        } else if (in_environment && line->variables < WORDS_MAX) {
            line->envp[line->variables++] = word;
        } else if (!in_environment && line->argc < WORDS_MAX) {
            line->argv[line->argc++] = word;
        }
    }
}

/* Names of files are read relative to a folder that is not there: only an absolute one that the
 * fuzzer hits upon is opened, for reading. */
static void
load(const struct command_line *line)
{
    struct options_command command = {0};
    char error[512] = "";

    if (options_verb(line->argc, line->argv, &command, error, sizeof(error)) != 0) {
        config_promises_sentence(error);
        return;
    }
    config_promises_load(&(struct config_input){.argc = command.argc,
                                                .argv = command.argv,
                                                .verb = command.verb,
                                                .envp = line->envp,
                                                .cwd = "/nonexistent",
                                                .cores_available = 2,
                                                .memory_bytes = UINT64_C(8) << 30});
}

void
fuzz_words(const uint8_t *data, size_t size)
{
    struct command_line line = {0};
    char *text = fuzz_text(data, size);

    split(text, &line);
    load(&line);
    free(text);
}
