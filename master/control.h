/*
 * control.h: the control socket's server side and its protocol.
 *
 * A request is one line of JSON (control_request.h), its answer one line of JSON,
 * {"ok":true,…} or {"ok":false,"error":"…","code":64}. At most CONTROL_CLIENTS_MAX clients, CONTROL_LINE_MAX bytes
 * a request; a client that writes more, nothing (10 s), or does not read its answer (10 s) is dropped (FS-53). Peers
 * of another user (neither ours nor root) are refused with a sentence. Must not know what a verb does.
 */
#ifndef SWARM_CONTROL_H
#define SWARM_CONTROL_H

#include <ev.h>
#include <jansson.h>

#include "control_request.h"
#include "util.h"

#define CONTROL_CLIENTS_MAX 16
#define CONTROL_LINE_MAX 4096

struct control;
struct control_client;

struct control_handlers {
    void *context;
    void (*on_request)(void *context, const struct control_request *request);
};

/*
 * Takes the listening socket of control_socket.h. Returns 0 or -errno.
 */
MUST_CHECK int control_open(struct ev_loop *loop, int take_fd,
                            const struct control_handlers *handlers, struct control **ret_control);
void control_close(struct control *control);

/* Sends `take_answer` and closes that client when it was read. Calls json_decref on it. */
void control_answer(struct control *control, uint64_t client, json_t *take_answer);

/* {"ok":false,"error":…,"code":…} */
json_t *control_error(int exit_code, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
