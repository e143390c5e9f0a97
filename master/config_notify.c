/*
 * config_notify.c: see config_notify.h.
 *
 * Owns the names of the events.
 */
#include "config_notify.h"

#include <stdio.h>
#include <string.h>

#include "config_item.h"
#include "config_text.h"

const char *const config_notify_events[] = {
    "ready", "recycled",  "crashed",  "oom",         "crash_loop", "limit_reached",
    "hang",  "mold_lost", "given_up", "pid_changed", "stopping",   NULL,
};

static const char *
check_event(const char *word, char *to, size_t size)
{
    struct config_item_names names = {0};
    char quoted[CONFIG_QUOTE_SIZE];

    for (const char *const *event = config_notify_events; *event != NULL; event++) {
        if (strcmp(word, *event) == 0)
            return NULL;
        config_item_add_name(&names, word, *event);
    }
    snprintf(to, size, "%s is not an event. Did you mean %s? The events are %s.",
             config_quote(word, quoted), names.nearest, names.all);
    return to;
}

const char *
config_notify_check_word(enum options_id id, long at, const char *word, char *to, size_t size)
{
    if (id == OPTIONS_NOTIFY_EVENTS)
        return check_event(word, to, size);
    if (id == OPTIONS_NOTIFY_EXEC && at == 0 && word[0] == '\0') {
        snprintf(to, size, "the first word is the program to run, and must not be empty.");
        return to;
    }
    return NULL;
}
