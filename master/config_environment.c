/*
 * config_environment.c: values from the environment.
 *
 * Owns the order of the names and how inherited texts are read. An empty variable counts as not
 * set, as shells and containers leave them, except where an empty text is a value.
 */
#include "config_environment.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config_text.h"
#include "config_value.h"
#include "units.h"

/* SWARM_<OPTION> and the inherited names of one option. */
#define NAMES_MAX 6
#define PREFIX "SWARM_"

/* One variable of one option, found in the environment. */
struct variable {
    const char *name;
    const char *raw; /* as set */
    enum options_rule rule;
    const char *text; /* in the option's own way of writing: raw, or within room */
    char room[UNITS_TEXT_SIZE];
};

const char *
config_environment_find(char *const *envp, const char *name)
{
    size_t length = strlen(name);

    for (; envp != NULL && *envp != NULL; envp++) {
        if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=')
            return *envp + length + 1;
    }
    return NULL;
}

static int
read_share(struct variable *variable, unsigned cores)
{
    uint64_t count = 0;
    int error = units_parse_share(variable->raw, cores == 0 ? 1 : cores, &count);

    if (error != 0)
        return error;
    snprintf(variable->room, sizeof(variable->room), "%" PRIu64, count);
    variable->text = variable->room;
    return 0;
}

/* `800` is 800 MiB here; with a unit the text means what it says. */
static int
read_mebibytes(struct variable *variable)
{
    size_t digits = strspn(variable->raw, "0123456789.");

    if (variable->raw[digits] != '\0')
        return 0;
    if (digits + 2 > sizeof(variable->room))
        return -ERANGE;
    snprintf(variable->room, sizeof(variable->room), "%sM", variable->raw);
    variable->text = variable->room;
    return 0;
}

static int
read_app_or_gems(struct variable *variable)
{
    bool on = false;
    int error = units_parse_switch(variable->raw, &on);

    if (error == 0)
        variable->text = on ? "app" : "gems";
    return error;
}

/* Brings the text into the option's own way of writing. Returns 0, -EINVAL or -ERANGE. */
static int
translate(struct variable *variable, unsigned cores)
{
    variable->text = variable->raw;
    switch (variable->rule) {
    case OPTIONS_RULE_PLAIN:
        return 0;
    case OPTIONS_RULE_SHARE:
        return read_share(variable, cores);
    case OPTIONS_RULE_MEBIBYTES:
        return read_mebibytes(variable);
    case OPTIONS_RULE_APP_OR_GEMS:
        return read_app_or_gems(variable);
    }
    return -EINVAL;
}

static const char *
rule_allowed(const struct options_row *row, enum options_rule rule, char to[CONFIG_ALLOWED_SIZE])
{
    switch (rule) {
    case OPTIONS_RULE_PLAIN:
        break;
    case OPTIONS_RULE_SHARE:
        return "a number of workers up to 512, or below 1 a share of the cores (0.5)";
    case OPTIONS_RULE_MEBIBYTES:
        return "a number of MiB (800), or a size with its unit (800M, 1.5G)";
    case OPTIONS_RULE_APP_OR_GEMS:
        return "1 to load the application before forking, 0 for its gems only";
    }
    return config_value_allowed(row, to);
}

static void
look_for(struct variable *found, unsigned *count, char *const *envp, const struct variable *wanted,
         bool may_be_empty)
{
    const char *raw = config_environment_find(envp, wanted->name);

    if (raw == NULL || (raw[0] == '\0' && !may_be_empty) || *count == NAMES_MAX)
        return;
    found[*count] = *wanted;
    found[(*count)++].raw = raw;
}

/* All variables of the option that are set, the strongest first. */
static unsigned
find_variables(const struct options_row *row, char *const *envp, struct variable found[NAMES_MAX])
{
    bool may_be_empty = (row->flags & OPTIONS_MAY_BE_EMPTY) != 0;
    size_t inherited_count = 0;
    const struct options_inherited *inherited = options_inherited(&inherited_count);
    unsigned count = 0;

    look_for(found, &count, envp,
             &(struct variable){.name = row->variable, .rule = OPTIONS_RULE_PLAIN}, may_be_empty);
    for (size_t i = 0; i < inherited_count; i++) {
        struct variable wanted = {.name = inherited[i].variable, .rule = inherited[i].rule};

        if (inherited[i].id == row->id)
            look_for(found, &count, envp, &wanted, may_be_empty);
    }
    return count;
}

static int
set_from(struct config *config, const struct options_row *row, const struct variable *variable,
         struct config_error *ret_error)
{
    char quoted[CONFIG_QUOTE_SIZE], shown[CONFIG_QUOTE_SIZE + OPTIONS_KEY_SIZE];
    struct config_text in = {.text = variable->text, .shown = shown};

    in.origin = (struct config_origin){.kind = CONFIG_ORIGIN_ENVIRONMENT, .name = variable->name};
    snprintf(shown, sizeof(shown), "%s=%s", variable->name, config_quote(variable->raw, quoted));
    return config_value_set(config, row->id, &in, ret_error);
}

static int
fail_translation(const struct options_row *row, const struct variable *variable, int error,
                 struct config_error *ret_error)
{
    char quoted[CONFIG_QUOTE_SIZE], allowed[CONFIG_ALLOWED_SIZE];

    return config_fail(ret_error, EXIT_CODE_CONFIG,
                       "%s=%s: %s. Allowed: %s. Unset it if it is not meant for swarm.",
                       variable->name, config_quote(variable->raw, quoted),
                       error == -ERANGE ? "this is out of range" : "this cannot be understood",
                       rule_allowed(row, variable->rule, allowed));
}

/* A weaker variable that says something else than the one that counts. */
static int
warn_conflict(struct config *config, const struct options_row *row, const struct variable *strong,
              const struct variable *weak)
{
    struct config_value a = {0}, b = {0};
    char strong_quoted[CONFIG_QUOTE_SIZE], weak_quoted[CONFIG_QUOTE_SIZE];
    bool is_same = weak->text != NULL &&
                   config_value_parse(row, strong->text, config->memory_bytes, &a) == 0 &&
                   config_value_parse(row, weak->text, config->memory_bytes, &b) == 0 &&
                   config_value_equal(row, &a, &b);

    if (is_same)
        return 0;
    return config_warn(config, "%s=%s counts; %s=%s says something else and is ignored",
                       strong->name, config_quote(strong->raw, strong_quoted), weak->name,
                       config_quote(weak->raw, weak_quoted));
}

static int
apply_option(struct config *config, const struct options_row *row, const struct config_input *in,
             struct config_error *ret_error)
{
    struct variable found[NAMES_MAX];
    unsigned count = find_variables(row, in->envp, found);
    int error;

    if (count == 0)
        return 0;
    error = translate(&found[0], in->cores_available);
    if (error != 0)
        return fail_translation(row, &found[0], error, ret_error);
    error = set_from(config, row, &found[0], ret_error);
    for (unsigned i = 1; error == 0 && i < count; i++) {
        if (translate(&found[i], in->cores_available) != 0)
            found[i].text = NULL;
        if (warn_conflict(config, row, &found[0], &found[i]) != 0)
            return config_fail_memory(ret_error);
    }
    return error;
}

static bool
is_variable(const char *name, size_t length)
{
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const char *variable = options_row(id)->variable;

        if ((options_row(id)->flags & OPTIONS_FILE_ONLY) == 0 && strlen(variable) == length &&
            memcmp(variable, name, length) == 0)
            return true;
    }
    return false;
}

static const char *
nearest_variable(const char *name)
{
    const char *nearest = NULL;
    unsigned best = UINT_MAX;

    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const char *variable = options_row(id)->variable;
        unsigned distance = options_distance(name, variable);

        if ((options_row(id)->flags & OPTIONS_FILE_ONLY) == 0 && distance <= 2 && distance < best) {
            best = distance;
            nearest = variable;
        }
    }
    return nearest;
}

/* Other programs may own variables with our prefix, so only what is nearly one of ours is worth a
 * word. */
static int
warn_slips(struct config *config, char *const *envp)
{
    for (; envp != NULL && *envp != NULL; envp++) {
        size_t length = strcspn(*envp, "=");
        char name[OPTIONS_KEY_SIZE];
        const char *nearest;
        int error;

        if (strncmp(*envp, PREFIX, strlen(PREFIX)) != 0 || length >= sizeof(name) ||
            is_variable(*envp, length))
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)length, *envp);
        nearest = nearest_variable(name);
        if (nearest == NULL)
            continue;
        error =
            config_warn(config, "%s is not a variable of swarm and is ignored; did you mean %s?",
                        name, nearest);
        if (error != 0)
            return error;
    }
    return 0;
}

const char *
config_environment_file(char *const *envp, const char **ret_variable)
{
    struct variable found[NAMES_MAX];

    if (find_variables(options_row(OPTIONS_CONFIG), envp, found) == 0)
        return NULL;
    *ret_variable = found[0].name;
    return found[0].raw;
}

int
config_environment_apply(struct config *config, const struct config_input *in, bool for_verbs,
                         struct config_error *ret_error)
{
    const char *dyno = config_environment_find(in->envp, "DYNO");

    config->dyno = dyno != NULL && dyno[0] != '\0';
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const struct options_row *row = options_row(id);
        int error;

        if ((row->flags & OPTIONS_FILE_ONLY) != 0 ||
            (for_verbs && (row->flags & OPTIONS_FOR_VERBS) == 0))
            continue;
        error = apply_option(config, row, in, ret_error);
        if (error != 0)
            return error;
    }
    if (warn_slips(config, in->envp) != 0)
        return config_fail_memory(ret_error);
    return 0;
}
