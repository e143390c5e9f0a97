/*
 * config_help.c: the texts that are made from the option table for people.
 *
 * Owns their layout. Must not hold a second list of options.
 */
#include "config_help.h"

#include <string.h>

#include "config_rule.h"
#include "config_value.h"
#include "exit_code.h"

#define NAMES_SIZE 200
#define TEXT_SIZE 1024

struct section {
    const char *name; /* NULL: options that are not in the file */
    const char *title;
};

static const struct section sections[] = {
    {NULL, "The file"}, {"workers", "Workers"}, {"memory", "Memory"},        {"sharing", "Sharing"},
    {"log", "The log"}, {"control", "Control"}, {"notify", "Notifications"}, {"sidekiq", "Sidekiq"},
};

static const struct {
    enum exit_code code;
    const char *says;
} exit_codes[] = {
    {EXIT_CODE_OK, "a clean stop, or a verb that was carried out"},
    {EXIT_CODE_USAGE, "the command line is wrong"},
    {EXIT_CODE_UNAVAILABLE, "a verb found no service; at the start: it runs already"},
    {EXIT_CODE_INTERNAL, "swarm itself failed"},
    {EXIT_CODE_BOOT_FAILED, "the mold or all workers failed to boot"},
    {EXIT_CODE_CONFIG, "the environment or the configuration file is wrong"},
};

static bool
is_in(const struct options_row *row, const struct section *section)
{
    if (row->section == NULL || section->name == NULL)
        return row->section == section->name;
    return strcmp(row->section, section->name) == 0;
}

/* Writes words with line breaks, each line behind `prefix`. */
static void
print_wrapped(FILE *out, const char *prefix, const char *text)
{
    size_t width = CONFIG_HELP_WIDTH - strlen(prefix), column = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");

        if (column > 0 && column + 1 + length > width) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%s%.*s", column == 0 ? prefix : " ", (int)length, text);
        column += length + (column > 0 ? 1 : 0);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* `SWARM_MAX_RSS, SIDEKIQ_MAXMEM_MB, …`, each between `quote`. */
static void
list_variables(const struct options_row *row, const char *quote, char to[NAMES_SIZE])
{
    size_t count = 0;
    const struct options_inherited *inherited = options_inherited(&count);
    size_t used = (size_t)snprintf(to, NAMES_SIZE, "%s%s%s", quote, row->variable, quote);

    for (size_t i = 0; i < count; i++) {
        if (inherited[i].id == row->id && used < NAMES_SIZE)
            used += (size_t)snprintf(to + used, NAMES_SIZE - used, ", %s%s%s", quote,
                                     inherited[i].variable, quote);
    }
}

static const char *
default_of(const struct options_row *row)
{
    return row->default_text != NULL ? row->default_text : row->default_says;
}

static void
print_names(FILE *out, const struct options_row *row)
{
    if (row->kind == OPTIONS_KIND_SWITCH)
        fprintf(out, "  --%s, --no-%s\n", row->name, row->name);
    else if (row->alias != NULL)
        fprintf(out, "  --%s %s, --%s %s\n", row->name, row->metavar, row->alias, row->metavar);
    else
        fprintf(out, "  --%s %s\n", row->name, row->metavar);
}

static void
print_option(FILE *out, const struct options_row *row)
{
    char variables[NAMES_SIZE], text[TEXT_SIZE];

    print_names(out, row);
    list_variables(row, "", variables);
    snprintf(text, sizeof(text), "%s Default: %s. Environment: %s.", row->help, default_of(row),
             variables);
    print_wrapped(out, "        ", text);
}

static void
print_section(FILE *out, const struct section *section)
{
    if (section->name == NULL)
        fprintf(out, "\n%s:\n", section->title);
    else
        fprintf(out, "\n%s, [%s] in the file:\n", section->title, section->name);
    for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
        const struct options_row *row = options_row(id);

        if (is_in(row, section) && (row->flags & OPTIONS_FILE_ONLY) == 0)
            print_option(out, row);
    }
}

static void
print_verbs(FILE *out)
{
    fputs("Verbs, as the first word:\n", out);
    for (enum options_verb verb = OPTIONS_VERB_RUN + 1; verb < OPTIONS_VERB_COUNT; verb++) {
        const struct options_verb_row *row = options_verb_row(verb);
        char usage[64];

        snprintf(usage, sizeof(usage), "%s %s", row->name, row->words);
        fprintf(out, "  %-28s %s\n", usage, row->help);
    }
}

void
config_help_print(FILE *out)
{
    fputs("swarm runs many Sidekiq processes as one service: it boots the application once,\n"
          "forks the workers from that copy, and replaces those that die or grow.\n\n"
          "Usage: swarm [options] [--] [sidekiq options]\n"
          "       swarm VERB\n\n",
          out);
    print_verbs(out);
    fputs("\nWords that swarm does not know go to Sidekiq as they are (-C, -c, -e, -q, -r,\n"
          "-t and the like), and so does all that follows --.\n"
          "Order: command line, environment, file, default.\n",
          out);
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        if (sections[i].name == NULL || strcmp(sections[i].name, "sidekiq") != 0)
            print_section(out, &sections[i]);
    }
    fputs("\nOther:\n  -h, --help\n        Show this text.\n  -V, --version\n        Show the "
          "version.\n"
          "\nExit codes:\n",
          out);
    for (size_t i = 0; i < ARRAY_LEN(exit_codes); i++)
        fprintf(out, "  %2d  %s\n", (int)exit_codes[i].code, exit_codes[i].says);
}

static const char *
example_of(const struct options_row *row)
{
    if (row->default_text == NULL)
        return row->example;
    return strcmp(row->default_text, "none") == 0 ? row->example : row->default_text;
}

static bool
is_quoted(const struct options_row *row, const char *text)
{
    switch (row->kind) {
    case OPTIONS_KIND_COUNT:
    case OPTIONS_KIND_SWITCH:
    case OPTIONS_KIND_WORDS:
        return false;
    case OPTIONS_KIND_NUMBER:
    case OPTIONS_KIND_RATIO:
    case OPTIONS_KIND_SIZE:
    case OPTIONS_KIND_DURATION:
        return text[strspn(text, "0123456789.")] != '\0';
    case OPTIONS_KIND_CHOICE:
    case OPTIONS_KIND_PATH:
    case OPTIONS_KIND_TEXT:
        break;
    }
    return true;
}

static void
print_example_option(FILE *out, const struct options_row *row)
{
    const char *example = example_of(row);
    const char *quote = is_quoted(row, example) ? "\"" : "";
    char key[OPTIONS_KEY_SIZE], text[TEXT_SIZE], allowed[CONFIG_ALLOWED_SIZE];

    snprintf(text, sizeof(text), "%s Default: %s. Allowed: %s.", row->help, default_of(row),
             row->kind == OPTIONS_KIND_SWITCH ? "true or false"
                                              : config_value_allowed(row, allowed));
    fputc('\n', out);
    print_wrapped(out, "# ", text);
    fprintf(out, "#%s = %s%s%s\n", options_key(row, key), quote, example, quote);
}

static void
print_example_rule(FILE *out)
{
    for (const struct config_rule_example *part = config_rule_example; part->line != NULL; part++) {
        fputc('\n', out);
        print_wrapped(out, "# ", part->says);
        fprintf(out, "#%s\n", part->line);
    }
}

void
config_help_print_example(FILE *out)
{
    fputs("# sidekiq-swarm.toml: the configuration of swarm.\n#\n"
          "# swarm reads it from its working directory or from config/ there; --swarm-config FILE "
          "and\n"
          "# SIDEKIQ_SWARM_CONFIG name another. The command line and the environment come before "
          "it.\n"
          "# An unknown section or key is an error. Each key stands here with its default, or with "
          "an\n"
          "# example where the default is none.\n",
          out);
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        if (sections[i].name == NULL)
            continue;
        fprintf(out, "\n[%s]\n", sections[i].name);
        for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
            if (is_in(options_row(id), &sections[i]))
                print_example_option(out, options_row(id));
        }
    }
    print_example_rule(out);
}

static void
print_markdown_place(FILE *out, const struct options_row *row)
{
    char variables[NAMES_SIZE], key[OPTIONS_KEY_SIZE];

    if ((row->flags & OPTIONS_FILE_ONLY) == 0) {
        list_variables(row, "`", variables);
        fprintf(out, "- Environment: %s\n", variables);
    }
    if (row->section != NULL)
        fprintf(out, "- File: `%s` in `[%s]`\n", options_key(row, key), row->section);
}

static void
print_markdown_option(FILE *out, const struct options_row *row)
{
    char allowed[CONFIG_ALLOWED_SIZE];

    if ((row->flags & OPTIONS_FILE_ONLY) != 0)
        fprintf(out, "\n### `%s`\n\n", row->name);
    else if (row->kind == OPTIONS_KIND_SWITCH)
        fprintf(out, "\n### `--%s`, `--no-%s`\n\n", row->name, row->name);
    else if (row->alias != NULL)
        fprintf(out, "\n### `--%s %s`, `--%s %s`\n\n", row->name, row->metavar, row->alias,
                row->metavar);
    else
        fprintf(out, "\n### `--%s %s`\n\n", row->name, row->metavar);
    fprintf(out, "%s\n\n- Default: %s\n- Allowed: %s\n", row->help, default_of(row),
            config_value_allowed(row, allowed));
    print_markdown_place(out, row);
}

void
config_help_print_markdown(FILE *out)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        fprintf(out, "\n## %s\n", sections[i].title);
        for (enum options_id id = 0; id < OPTIONS_COUNT; id++) {
            if (is_in(options_row(id), &sections[i]))
                print_markdown_option(out, options_row(id));
        }
    }
}
