/*
 * config_sidekiq.h: what swarm has to know of Sidekiq's own command line.
 *
 * Owns the list of Sidekiq's options (6.5 to 8.1, lib/sidekiq/cli.rb) and of the words that swarm
 * refuses to pass on. Must not parse their values: Sidekiq does.
 */
#ifndef SWARM_CONFIG_SIDEKIQ_H
#define SWARM_CONFIG_SIDEKIQ_H

enum config_sidekiq_kind {
    CONFIG_SIDEKIQ_UNKNOWN,  /* a long option that is not Sidekiq's */
    CONFIG_SIDEKIQ_COMPLETE, /* its value, if it has one, is within the word */
    CONFIG_SIDEKIQ_VALUE,    /* the next word is its value, whatever it looks like */
    CONFIG_SIDEKIQ_OPTIONAL, /* the next word is its value unless it looks like an option */
    CONFIG_SIDEKIQ_REFUSED,  /* a worker of swarm cannot have it */
    CONFIG_SIDEKIQ_HELP,
    CONFIG_SIDEKIQ_VERSION,
};

struct config_sidekiq_word {
    enum config_sidekiq_kind kind;
    const char *remedy; /* for REFUSED: a sentence that says what to do instead */
};

/* What Ruby's OptionParser in Sidekiq would make of a word that starts with `-`. */
struct config_sidekiq_word config_sidekiq_look(const char *word);

#endif
