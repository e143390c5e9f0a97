/*
 * config_case.h: one configuration as a test states it: words, environment and file in, config or
 * error out.
 *
 * Owns the folder in which the file stands, and removes it. Must not look at the environment of the
 * test.
 */
#ifndef SWARM_TEST_CONFIG_CASE_H
#define SWARM_TEST_CONFIG_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/config.h"

#define CONFIG_CASE_WORDS 16

struct config_case {
    /* in */
    const char *words[CONFIG_CASE_WORDS];
    const char *environment[CONFIG_CASE_WORDS];
    const char *file; /* contents of sidekiq-swarm.toml; NULL: there is none */
    unsigned cores;
    uint64_t memory_bytes;
    enum options_verb verb;

    /* out */
    int result;
    struct config config;
    struct config_error error;
};

/* Loads; the result is in the case. */
void config_case_load(struct config_case *test);

/* Loads and expects success. */
void config_case_expect(struct config_case *test);

/*
 * Loads and expects the exit code and a message that holds each of the texts (up to NULL), then
 * frees the case.
 */
void config_case_refuse(struct config_case *test, enum exit_code exit_code, const char *texts[]);

/*
 * Loads the file's contents alone and expects their refusal: the message begins with sidekiq-swarm.toml:`place` and holds
 * `text`.
 */
void config_case_refuse_file(const char *file, const char *place, const char *text);

void config_case_done(struct config_case *test);

/* Loads words alone; for refusals. */
#define CONFIG_CASE_REFUSE_WORDS(words_, ...)                                                      \
    config_case_refuse(&(struct config_case){.words = CONFIG_CASE_LIST words_}, EXIT_CODE_USAGE,   \
                       (const char *[]){__VA_ARGS__, NULL})
#define CONFIG_CASE_LIST(...)                                                                      \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* Checks that the words for Sidekiq are these, up to NULL. */
void config_case_assert_words(const struct config_case *test, const char *words[]);

/* Whether a warning holds `text`. */
bool config_case_warns(const struct config_case *test, const char *text);

#endif
