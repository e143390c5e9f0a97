/*
 * config_text.c: the sentences and the lists of words that reading a configuration needs.
 *
 * Owns no state. Must not know options.
 */
#include "config_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sentences go to terminals and logs, and name what a user or a file wrote. */
static void
hide_controls(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    }
}

char *
config_quote(const char *text, char to[CONFIG_QUOTE_SIZE])
{
    bool whole = util_copy_text(to, CONFIG_QUOTE_SIZE - 3, text);

    hide_controls(to);
    return whole ? to : strcat(to, "...");
}

int
config_fail(struct config_error *ret_error, enum exit_code exit_code, const char *format, ...)
{
    va_list arguments;

    ret_error->exit_code = exit_code;
    va_start(arguments, format);
    vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments);
    va_end(arguments);
    hide_controls(ret_error->text);
    return -EINVAL;
}

int
config_fail_memory(struct config_error *ret_error)
{
    ret_error->exit_code = EXIT_CODE_INTERNAL;
    util_copy_text(ret_error->text, sizeof(ret_error->text),
                   "There is no memory to read the configuration.");
    return -ENOMEM;
}

int
config_list_add(char ***list, unsigned *count, const char *text)
{
    char **longer = realloc(*list, (*count + 2) * sizeof(**list));

    if (longer == NULL)
        return -ENOMEM;
    *list = longer;
    longer[*count] = strdup(text);
    if (longer[*count] == NULL)
        return -ENOMEM;
    longer[++*count] = NULL;
    return 0;
}

void
config_list_free(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

int
config_warn(struct config *config, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    hide_controls(text);
    return config_list_add(&config->warnings, &config->warning_count, text);
}
