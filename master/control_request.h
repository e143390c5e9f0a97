/*
 * control_request.h: one line of the control socket's protocol, read and checked.
 *
 * Owns the shape of a request: {"verb":"recycle","arguments":["3"]}, the arguments optional. Pure:
 * bytes in, request out. Must not know sockets, nor what a verb does.
 */
#ifndef SWARM_CONTROL_REQUEST_H
#define SWARM_CONTROL_REQUEST_H

#include <jansson.h>

#include "util.h"

struct control_request {
    uint64_t client; /* answer it by this number, now or later; a client that is gone is no error */
    const char *verb;
    json_t *arguments; /* borrowed; an array of texts */
    uid_t uid;
    pid_t pid;
};

/*
 * Reads one line without its end, and writes verb and arguments of `ret_request`; the rest of it is
 * the caller's. Returns the document that both are part of, to be given to json_decref when the
 * request is done with; NULL with a sentence for the client in `ret_reason`.
 */
MUST_CHECK json_t *control_request_parse(const char *line, size_t length,
                                         struct control_request *ret_request,
                                         const char **ret_reason);

#endif
