/*
 * config_item.c: see config_item.h.
 *
 * Owns the names of types.
 */
#include "config_item.h"

#include <stdio.h>
#include <string.h>

#include "config_text.h"

static const char *const kind_names[] = {
    [TOML_SHIM_TABLE] = "a table",       [TOML_SHIM_ARRAY] = "an array",
    [TOML_SHIM_TEXT] = "a text",         [TOML_SHIM_INTEGER] = "a whole number",
    [TOML_SHIM_FLOAT] = "a number",      [TOML_SHIM_BOOLEAN] = "true or false",
    [TOML_SHIM_TIME] = "a date or time",
};

int
config_item_fail(const struct config_item_place *place, struct toml_shim_position at,
                 const char *text)
{
    return config_fail(place->error, EXIT_CODE_CONFIG, "%s:%u:%u: %s", place->file, at.line,
                       at.column, text);
}

int
config_item_check_text(const struct config_item_place *place, const struct toml_shim_item *item)
{
    if (item->kind == TOML_SHIM_TEXT && strlen(item->text) != item->text_size)
        return config_item_fail(place, item->value_at, "a text must not hold a zero character.");
    return 0;
}

const char *
config_item_kind_name(enum toml_shim_kind kind)
{
    return kind_names[kind];
}

void
config_item_add_name(struct config_item_names *names, const char *wrong, const char *name)
{
    unsigned distance = options_distance(wrong, name);
    size_t used = strlen(names->all);

    if (used == 0 || distance < names->best) {
        names->best = distance;
        util_copy_text(names->nearest, sizeof(names->nearest), name);
    }
    snprintf(names->all + used, sizeof(names->all) - used, "%s%s", used > 0 ? ", " : "", name);
}
