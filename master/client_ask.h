/*
 * client_ask.h: one question to a running service over its control socket, without waiting.
 *
 * Owns the connection from connect to the answer. Must not print, and must not know what a verb does.
 */
#ifndef SWARM_CLIENT_ASK_H
#define SWARM_CLIENT_ASK_H

#include <jansson.h>

#include "util.h"

/* How long a service may take. */
#define CLIENT_ASK_TIMEOUT_MS 30000

struct client_ask;

/*
 * Begins to ask. `arguments` are words, terminated by NULL; NULL: none. Returns 0; -EILSEQ when a word is not UTF-8; -ENOMEM;
 * or why nobody can be reached there (-ENOENT, -ECONNREFUSED, -ENAMETOOLONG …).
 */
MUST_CHECK int client_ask_open(const char *path, const char *verb, char *const *arguments,
                               int64_t now_ms, struct client_ask **ret_ask);
void client_ask_close(struct client_ask *ask); /* accepts NULL */

/* What to poll: the descriptor (-1: none for now) and the events. */
int client_ask_fd(const struct client_ask *ask);
short client_ask_events(const struct client_ask *ask);
/* When client_ask_step has to be called at the latest. */
int64_t client_ask_deadline_ms(const struct client_ask *ask, int64_t now_ms);

/*
 * Goes on as far as that is possible without waiting. Returns 0 with the answer, an object with a boolean `ok`, which becomes
 * the caller's; -EAGAIN when it has to be called again; -ETIMEDOUT; -ENODATA when the service left without an answer;
 * -EBADMSG when that is no answer of swarm's; -EMSGSIZE when it is endless; or another -errno.
 */
MUST_CHECK int client_ask_step(struct client_ask *ask, int64_t now_ms, json_t **ret_answer);

#endif
