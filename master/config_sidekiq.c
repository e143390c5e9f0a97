/*
 * config_sidekiq.c: what swarm has to know of Sidekiq's own command line.
 *
 * Owns the lists. Follows Ruby's OptionParser: letters may stand together (-vc5), a long option may
 * be shortened as long as it is the only one with that beginning (--conc 5), and a required value
 * is the next word even if that starts with a dash.
 */
#include "config_sidekiq.h"

#include <stdbool.h>
#include <string.h>

#include "util.h"

struct sidekiq_option {
    char letter; /* or 0 */
    const char *name;
    enum config_sidekiq_kind kind;
    const char *remedy;
};

static const struct sidekiq_option known[] = {
    {'c', "concurrency", CONFIG_SIDEKIQ_VALUE, NULL},
    {'e', "environment", CONFIG_SIDEKIQ_VALUE, NULL},
    {'g', "tag", CONFIG_SIDEKIQ_VALUE, NULL},
    {'q', "queue", CONFIG_SIDEKIQ_VALUE, NULL},
    {'r', "require", CONFIG_SIDEKIQ_OPTIONAL, NULL},
    {'t', "timeout", CONFIG_SIDEKIQ_VALUE, NULL},
    {'v', "verbose", CONFIG_SIDEKIQ_COMPLETE, NULL},
    {'C', "config", CONFIG_SIDEKIQ_VALUE, NULL},
    {'h', "help", CONFIG_SIDEKIQ_HELP, NULL},
    {'V', "version", CONFIG_SIDEKIQ_VERSION, NULL},
};

static const struct sidekiq_option refused[] = {
    {'d', "daemon", CONFIG_SIDEKIQ_REFUSED,
     "swarm stays in the foreground. Let systemd, a container or another init keep it running."},
    {'L', "logfile", CONFIG_SIDEKIQ_REFUSED,
     "swarm and its workers log to standard output. Redirect that instead, or let systemd's "
     "journal "
     "keep it."},
    {'P', "pidfile", CONFIG_SIDEKIQ_REFUSED,
     "The workers share their command line and cannot share a pid file. Use --pid-file PATH for "
     "the "
     "pid of the master."},
    {'i', "index", CONFIG_SIDEKIQ_REFUSED,
     "Each worker gets its index from swarm, as SWARM_INDEX and INDEX. Set INDEX=N in swarm's "
     "environment or use --index-base N to choose the first."},
};

static const struct sidekiq_option *
find_letter(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (refused[i].letter == letter)
            return &refused[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (known[i].letter == letter)
            return &known[i];
    }
    return NULL;
}

/* `--log-file` and `--pid_file` mean `--logfile` and `--pidfile` to a hurried hand. */
static bool
is_without_dashes(const char *word, size_t length, const char *name)
{
    for (; length > 0; word++, length--) {
        if (*word == '-' || *word == '_')
            continue;
        if (*word != *name)
            return false;
        name++;
    }
    return *name == '\0';
}

static const struct sidekiq_option *
find_name(const char *name, size_t length)
{
    const struct sidekiq_option *found = NULL;

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (is_without_dashes(name, length, refused[i].name))
            return &refused[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (length == 0 || strncmp(known[i].name, name, length) != 0)
            continue;
        if (known[i].name[length] == '\0')
            return &known[i];
        if (found != NULL)
            return NULL;
        found = &known[i];
    }
    return found;
}

static struct config_sidekiq_word
look_long(const char *name)
{
    size_t length = strcspn(name, "=");
    const struct sidekiq_option *option = find_name(name, length);
    struct config_sidekiq_word word = {CONFIG_SIDEKIQ_UNKNOWN, NULL};

    if (option == NULL)
        return word;
    word.kind = option->kind;
    word.remedy = option->remedy;
    if (name[length] == '=' && option->kind != CONFIG_SIDEKIQ_REFUSED)
        word.kind = CONFIG_SIDEKIQ_COMPLETE;
    return word;
}

static struct config_sidekiq_word
look_letters(const char *letters)
{
    struct config_sidekiq_word word = {CONFIG_SIDEKIQ_COMPLETE, NULL};

    for (; *letters != '\0'; letters++) {
        const struct sidekiq_option *option = find_letter(*letters);

        if (option == NULL)
            return word;
        if (option->kind == CONFIG_SIDEKIQ_COMPLETE)
            continue;
        word.remedy = option->remedy;
        if (option->kind == CONFIG_SIDEKIQ_REFUSED || option->kind == CONFIG_SIDEKIQ_HELP ||
            option->kind == CONFIG_SIDEKIQ_VERSION || letters[1] == '\0')
            word.kind = option->kind;
        return word;
    }
    return word;
}

struct config_sidekiq_word
config_sidekiq_look(const char *word)
{
    return word[1] == '-' ? look_long(word + 2) : look_letters(word + 1);
}
