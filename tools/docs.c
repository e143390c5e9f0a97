/*
 * docs.c: prints the documents that follow from the option table. script/docs puts them in their
 * places.
 *
 * Owns nothing. Must not be installed.
 */
#include <stdio.h>
#include <string.h>

#include "master/config_help.h"
#include "master/exit_code.h"

int
main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    if (strcmp(what, "example") == 0)
        config_help_print_example(stdout);
    else if (strcmp(what, "markdown") == 0)
        config_help_print_markdown(stdout);
    else {
        fputs("usage: swarm-docs example|markdown\n", stderr);
        return EXIT_CODE_USAGE;
    }
    return fflush(stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_INTERNAL;
}
