/*
 * config.c: the configuration of one run, from four places.
 *
 * Owns the order: the command line is taken apart first, since it may name the file, and its values
 * are stored last, since they win.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_environment.h"
#include "config_file.h"
#include "config_limits.h"
#include "config_preload.h"
#include "config_text.h"
#include "config_toml.h"
#include "config_value.h"
#include "config_words.h"

/* What config_load puts together before it is the caller's. */
struct load {
    const struct config_input *in;
    struct config_words words;
    struct config config;
    struct config_error *error;
};

static bool
is_for_verbs(const struct load *load)
{
    return !options_verb_row(load->words.verb)->takes_service_options;
}

/* The file that the command line or the environment names. Returns 0, or -EINVAL for an empty name.
 */
static int
named_file(struct load *load, const char **ret_name)
{
    const struct config_word *word = config_words_find(&load->words, OPTIONS_CONFIG);
    const char *variable = NULL;

    *ret_name = word != NULL ? word->text : config_environment_file(load->in->envp, &variable);
    if (*ret_name != NULL && (*ret_name)[0] == '\0')
        return config_fail(load->error, EXIT_CODE_USAGE, "--swarm-config needs a path.");
    return 0;
}

static int
apply_contents(struct load *load, const struct config_file *file)
{
    struct config_toml_input in = {file->name, file->contents, file->size, is_for_verbs(load)};
    int error = config_toml_apply(&load->config, &in, load->error);

    if (error != 0)
        return error;
    load->config.file = strdup(file->name);
    return load->config.file == NULL ? config_fail_memory(load->error) : 0;
}

static int
apply_file(struct load *load)
{
    struct config_file file = {0};
    const char *name = NULL;
    int error = named_file(load, &name);

    if (error == 0)
        error = config_file_read(name, load->in->cwd, &file, load->error);
    if (error == 0 && file.name != NULL)
        error = apply_contents(load, &file);
    config_file_done(&file);
    return error;
}

/* The file's words for Sidekiq, then those of the command line. */
static int
join_passthrough(struct load *load)
{
    struct config *config = &load->config;
    char *const *lists[] = {config->file_arguments, load->words.passthrough};

    config->passthrough = calloc(1, sizeof(*config->passthrough));
    if (config->passthrough == NULL)
        return config_fail_memory(load->error);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (char *const *word = lists[i]; word != NULL && *word != NULL; word++) {
            if (config_list_add(&config->passthrough, &config->passthrough_count, *word) != 0)
                return config_fail_memory(load->error);
        }
    }
    return 0;
}

static int
apply_all(struct load *load)
{
    int error;

    load->config.verb = load->words.verb;
    load->config.json = load->words.json;
    load->config.memory_bytes = load->in->memory_bytes;
    load->config.flag = load->words.flag;
    error = config_value_set_defaults(&load->config, load->in->cores_available, load->error);
    if (error != 0 || load->config.verb == OPTIONS_VERB_HELP ||
        load->config.verb == OPTIONS_VERB_VERSION)
        return error;
    error = apply_file(load);
    if (error == 0)
        error = config_environment_apply(&load->config, load->in, is_for_verbs(load), load->error);
    if (error == 0)
        error = config_words_apply(&load->config, &load->words, load->error);
    if (error == 0 && !is_for_verbs(load))
        error = config_preload_settle(&load->config, load->error);
    if (error == 0 && !is_for_verbs(load))
        error = config_limits_check(&load->config, load->error);
    return error != 0 ? error : join_passthrough(load);
}

int
config_load(struct config *ret, const struct config_input *in, struct config_error *ret_error)
{
    struct load load = {.in = in, .error = ret_error};
    int error = config_words_parse(in, &load.words, ret_error);

    if (error != 0)
        return error;
    error = apply_all(&load);
    config_words_done(&load.words);
    if (error != 0) {
        config_done(&load.config);
        return error;
    }
    *ret = load.config;
    return 0;
}

void
config_done(struct config *config)
{
    if (config == NULL)
        return;
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++)
        config_value_clear(config, id);
    for (unsigned i = 0; i < config->rule_count; i++)
        rule_done(&config->rules[i]);
    free(config->rules);
    config_list_free(config->passthrough);
    config_list_free(config->warnings);
    *config = (struct config){0};
}

bool
config_is_given(const struct config *config, enum options_id id)
{
    return config->origins[id].kind != CONFIG_ORIGIN_DEFAULT;
}

char *
config_origin_text(const struct config *config, enum options_id id, char to[CONFIG_ORIGIN_SIZE])
{
    const struct config_origin *origin = &config->origins[id];
    const char *file = config->file != NULL ? config->file : "configuration file";

    switch (origin->kind) {
    case CONFIG_ORIGIN_DEFAULT:
        snprintf(to, CONFIG_ORIGIN_SIZE, "default");
        break;
    case CONFIG_ORIGIN_FILE:
        snprintf(to, CONFIG_ORIGIN_SIZE, "%.120s:%u", file, origin->line);
        break;
    case CONFIG_ORIGIN_ENVIRONMENT:
        snprintf(to, CONFIG_ORIGIN_SIZE, "%s", origin->name);
        break;
    case CONFIG_ORIGIN_COMMAND_LINE:
        snprintf(to, CONFIG_ORIGIN_SIZE, "--%s", origin->name);
        break;
    }
    return to;
}
