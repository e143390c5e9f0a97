/*
 * client.h: the verbs' side of the control socket: one request, one answer, words for a person.
 */
#ifndef SWARM_CLIENT_H
#define SWARM_CLIENT_H

#include <jansson.h>

#include "util.h"

struct client_ask;

struct client_order {
    const char *path;
    const char *verb;
    char *const *arguments; /* NULL-terminated */
    bool json;              /* print the answer as JSON */
    bool classes;           /* of a status, only the classes of jobs */
};

/*
 * Asks, prints the answer (status as a page by status_view, lines as they are, others as a sentence) and returns the exit code:
 * 0, 64, 69 without a service, 70 …
 */
int client_run(const struct client_order *order);

/*
 * Asks and waits. Returns 0 with the answer, whose `ok` is true and which becomes the caller's; or an exit code, with the reason
 * said on standard error.
 */
MUST_CHECK int client_question(const char *path, const char *verb, char *const *arguments,
                               json_t **ret_answer);

/* Prints what it takes; NULL is said to be want of memory. Return the exit code. */
int client_print_json(json_t *take_value);
int client_print_page(char *take_page);

/* Waits for the answer to a question. Returns as client_ask_step does, but never -EAGAIN. */
MUST_CHECK int client_wait(struct client_ask *ask, json_t **ret_answer);

/* These say on standard error why asking failed, and return the exit code. `error` is that of client_ask. */
int client_fail_connect(const char *path, int error);
int client_fail_talk(const char *path, int error);
/* For an answer whose `ok` is false. */
int client_fail_answer(const json_t *answer);

/* The columns of the terminal that standard output is; 80 where it is none. */
size_t client_width(void);

#endif
