/*
 * config_words.h: the command line taken apart.
 *
 * Owns which word is an option of swarm's, which is a value, and which is for Sidekiq. Must not
 * read values.
 */
#ifndef SWARM_CONFIG_WORDS_H
#define SWARM_CONFIG_WORDS_H

#include "config.h"

/* One option as given. All texts are borrowed from argv or the option table. */
struct config_word {
    enum options_id id;
    const char *name; /* as spelled: the option's name, its alias or its negative */
    const char *text; /* the value */
};

struct config_words {
    struct config_word *given; /* in order; a later one wins */
    unsigned given_count;
    char **passthrough; /* words for Sidekiq, or the verb's own */
    unsigned passthrough_count;
    enum options_verb verb; /* HELP or VERSION when the words ask for them */
    bool json;
    bool flag; /* the verb's own switch */
};

/* Takes the words apart. Returns 0; -EINVAL or -ENOMEM with `ret_error` written. */
MUST_CHECK int config_words_parse(const struct config_input *in, struct config_words *ret,
                                  struct config_error *ret_error);

void config_words_done(struct config_words *words);

/* The last given option with that id; NULL if there is none. */
const struct config_word *config_words_find(const struct config_words *words, enum options_id id);

/* Stores the given options in `config` and checks their values. */
MUST_CHECK int config_words_apply(struct config *config, const struct config_words *words,
                                  struct config_error *ret_error);

#endif
