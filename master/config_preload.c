/*
 * config_preload.c: what `--prefork`, `--preload`, `--preload-groups` and `--preboot` mean
 * together.
 *
 * Owns the rules of config_preload.h.
 */
#include "config_preload.h"

#include "config_text.h"
#include "config_value.h"

static int
refuse(const struct config *config, enum options_id what, struct config_error *ret_error)
{
    char prefork[CONFIG_ORIGIN_SIZE], preload[CONFIG_ORIGIN_SIZE];
    bool is_usage = config->origins[what].kind == CONFIG_ORIGIN_COMMAND_LINE ||
                    config->origins[OPTIONS_PREFORK].kind == CONFIG_ORIGIN_COMMAND_LINE;

    return config_fail(
        ret_error, is_usage ? EXIT_CODE_USAGE : EXIT_CODE_CONFIG,
        "Pre-forking is off (%s), so nothing can be preloaded (%s). Take one of them "
        "away.",
        config_origin_text(config, OPTIONS_PREFORK, prefork),
        config_origin_text(config, what, preload));
}

/* `--preload-groups` alone asks for gems, as SIDEKIQ_PRELOAD does under sidekiqswarm. */
static void
take_groups(struct config *config)
{
    bool is_empty = config->preload_groups != NULL && config->preload_groups[0] == '\0';

    if (!config_is_given(config, OPTIONS_PRELOAD) && config->preload_groups != NULL) {
        config->preload = CONFIG_PRELOAD_GEMS;
        config->origins[OPTIONS_PRELOAD] = config->origins[OPTIONS_PRELOAD_GROUPS];
    }
    if (config->preload == CONFIG_PRELOAD_GEMS && is_empty)
        config->preload = CONFIG_PRELOAD_NONE;
    if (is_empty)
        config_value_clear(config, OPTIONS_PRELOAD_GROUPS);
}

static int
warn_unused_groups(struct config *config, struct config_error *ret_error)
{
    char origin[CONFIG_ORIGIN_SIZE];

    if (config->preload != CONFIG_PRELOAD_NONE || config->preload_groups == NULL)
        return 0;
    if (config_warn(config, "the groups to preload (%s) are not used with --preload none",
                    config_origin_text(config, OPTIONS_PRELOAD_GROUPS, origin)) != 0)
        return config_fail_memory(ret_error);
    return 0;
}

int
config_preload_settle(struct config *config, struct config_error *ret_error)
{
    bool is_prefork_given = config_is_given(config, OPTIONS_PREFORK);

    if (!config->prefork && config_is_given(config, OPTIONS_PRELOAD))
        return refuse(config, OPTIONS_PRELOAD, ret_error);
    if (!config->prefork && config_is_given(config, OPTIONS_PRELOAD_GROUPS))
        return refuse(config, OPTIONS_PRELOAD_GROUPS, ret_error);
    take_groups(config);
    config->fork_hooks = config->prefork;
    if (!config_is_given(config, OPTIONS_PRELOAD) && config->preboot != NULL &&
        !(is_prefork_given && config->prefork)) {
        config->prefork = true;
        config->fork_hooks = false;
        config->preload = CONFIG_PRELOAD_NONE;
        config->origins[OPTIONS_PREFORK] = config->origins[OPTIONS_PREBOOT];
        config->origins[OPTIONS_PRELOAD] = config->origins[OPTIONS_PREBOOT];
    }
    if (!config->prefork) {
        config->preload = CONFIG_PRELOAD_NONE;
        config->origins[OPTIONS_PRELOAD] = config->origins[OPTIONS_PREFORK];
    }
    return warn_unused_groups(config, ret_error);
}
