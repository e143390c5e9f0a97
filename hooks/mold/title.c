/* title.c: see title.h. */
#include "title.h"

#include <stdlib.h>
#include <string.h>

static void
free_words(char **words)
{
    for (char **at = words; at != NULL && *at != NULL; at++) {
        free(*at);
    }
    free(words);
}

static char **
copy_words(int argc, char **argv)
{
    char **words = calloc((size_t)argc + 1, sizeof(*words));

    for (int i = 0; words != NULL && i < argc; i++) {
        words[i] = strdup(argv[i]);
        if (words[i] == NULL) {
            free_words(words);
            return NULL;
        }
    }
    return words;
}

char **
title_take(int argc, char **argv)
{
    char **words = copy_words(argc, argv);

    if (words == NULL) {
        return NULL;
    }
    for (int i = 1; i < argc; i++) {
        char *end = argv[i - 1] + strlen(argv[i - 1]);

        /* The kernel lays the words out one after the other; a launcher that moved one ends the
         * block. */
        if (end + 1 != argv[i]) {
            break;
        }
        *end = ' ';
        argv[i] = argv[i - 1];
    }
    return words;
}
