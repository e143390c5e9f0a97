/* launch_command.c: see launch_command.h. */
#include "launch_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "launch.h"

/* Words beside Sidekiq's own. */
#define OWN_MAX 32

static void
add_word(struct launch_command *command, const char *word)
{
    command->words[command->count++] = (char *)(uintptr_t)word;
}

static void
add_number(struct launch_command *command, const char *option, unsigned number)
{
    char *text = command->numbers[command->number_count++];

    snprintf(text, LAUNCH_NUMBER_SIZE, "%u", number);
    add_word(command, option);
    add_word(command, text);
}

static void
add_text(struct launch_command *command, const char *option, const char *text)
{
    if (text != NULL) {
        add_word(command, option);
        add_word(command, text);
    }
}

static const char *
preload_name(enum config_preload preload)
{
    switch (preload) {
    case CONFIG_PRELOAD_APP:
        return "app";
    case CONFIG_PRELOAD_GEMS:
        return "gems";
    case CONFIG_PRELOAD_NONE:
        return "none";
    }
    return "app";
}

static const char *
prepare_name(enum config_prepare prepare)
{
    switch (prepare) {
    case CONFIG_PREPARE_FULL:
        return "full";
    case CONFIG_PREPARE_NO_COMPACT:
        return "no-compact";
    case CONFIG_PREPARE_NONE:
        return "none";
    }
    return "full";
}

static void
add_switch(struct launch_command *command, const char *option, bool is_on)
{
    if (is_on) {
        add_word(command, option);
    }
}

static void
add_sharing(struct launch_command *command, const struct config *config)
{
    add_text(command, "--prepare", prepare_name(config->prepare));
    add_switch(command, "--eager-load", config->eager_load);
    add_switch(command, "--no-warm", !config->warm);
    add_switch(command, "--strict-fork", config->strict_fork);
}

static void
add_role(struct launch_command *command, const struct launch_command_order *order)
{
    unsigned index_base = order->config->index_base;

    switch (order->role) {
    case LAUNCH_ROLE_MOLD:
        break;
    case LAUNCH_ROLE_WORKER:
        add_number(command, "--board", LAUNCH_BOARD_FD);
        add_number(command, "--slot", order->slot);
        add_number(command, "--index", index_base + order->slot);
        break;
    case LAUNCH_ROLE_CHECK:
        add_word(command, "--check");
        add_number(command, "--index", index_base);
        break;
    }
}

int
launch_command_make(struct launch_command *ret, const struct launch_command_order *order)
{
    const struct config *config = order->config;

    *ret = (struct launch_command){0};
    ret->words = calloc(OWN_MAX + config->passthrough_count + 1, sizeof(char *));
    if (ret->words == NULL) {
        return -ENOMEM;
    }
    add_word(ret, order->program);
    add_number(ret, "--link", WIRE_LINK_FD);
    if (order->has_family) {
        add_number(ret, "--family", LAUNCH_FAMILY_FD);
    }
    add_number(ret, "--generation", order->generation);
    add_text(ret, "--preload", preload_name(config->preload));
    add_text(ret, "--preload-groups", config->preload_groups);
    add_text(ret, "--preboot", config->preboot);
    add_switch(ret, "--fork-hooks", config->fork_hooks);
    if (config->prefork) {
        add_sharing(ret, config);
    }
    add_role(ret, order);
    add_word(ret, "--");
    for (unsigned i = 0; i < config->passthrough_count; i++) {
        add_word(ret, config->passthrough[i]);
    }
    return 0;
}

void
launch_command_done(struct launch_command *command)
{
    free(command->words);
    *command = (struct launch_command){0};
}
