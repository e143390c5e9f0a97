/* loop.c: see loop.h. */
#include "loop.h"

#include "tell.h"
#include "vm.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* The answers are what the master waits for: they go out however long it takes. */
static void
answer(const struct wire_message *message)
{
    int error;

    do {
        error = vm_send(message);
    } while (error == -EINTR || error == -ECANCELED);
    if (error != 0) {
        tell_log("could not answer \"%s\": %s", wire_type_name(message->type), strerror(-error));
    }
}

static void
answer_spawn(uint64_t request, pid_t made)
{
    struct wire_message message = {.type = WIRE_SPAWNED};

    if (made > 0) {
        message.spawned.request = request;
        message.spawned.pid = (uint32_t)made;
    } else {
        message.type = WIRE_FAILED;
        message.failed.request = request;
        message.failed.error = (uint32_t)-made;
    }
    answer(&message);
}

/* Returns what vm_fork does: 0 in the worker. */
static pid_t
fork_worker(const struct worker_order *order)
{
    int error = vm_before_spawn();

    return error != 0 ? error : vm_fork(worker_become, order);
}

/* Returns true in the worker. */
static bool
on_spawn(const struct wire_spawn *spawn, struct wire_extra *extra, struct worker_order *order)
{
    pid_t made = -EINVAL;

    order->request = spawn->request;
    order->slot = spawn->slot;
    order->index = spawn->index;
    order->generation = spawn->generation;
    if (extra->fd_count == 2) {
        order->link = extra->fds[0];
        order->board = extra->fds[1];
        made = fork_worker(order);
    }
    if (made == 0) {
        return true; /* the worker took both over */
    }
    for (unsigned i = 0; i < extra->fd_count; i++) {
        util_close(&extra->fds[i]);
    }
    answer_spawn(spawn->request, made);
    return false;
}

static void
on_ask_trace(void)
{
    struct wire_message message = {.type = WIRE_TRACE};

    vm_trace(message.trace.text, sizeof(message.trace.text));
    answer(&message);
}

/* Returns true in a new worker. */
static bool
on_message(const struct wire_message *message, struct wire_extra *extra, struct worker_order *order)
{
    if (message->type == WIRE_SPAWN) {
        return on_spawn(&message->spawn, extra, order);
    }
    for (unsigned i = 0; i < extra->fd_count; i++) {
        util_close(&extra->fds[i]);
    }
    if (message->type == WIRE_ASK_TRACE) {
        on_ask_trace();
    } else {
        tell_log("the master sent a \"%s\" out of turn", wire_type_name(message->type));
    }
    return false;
}

/* The application may have closed it ("everything above 2"): a mold that hears nothing is of no use. */
static int
find_link(void)
{
    int fd = tell_fd();

    if (fd < 0) {
        tell_log(
            "the application closed descriptors that are not its own, the mold's link among them");
        _exit(EX_SOFTWARE);
    }
    return fd;
}

static bool
serve_one(struct worker_order *order)
{
    struct wire_message message;
    struct wire_extra extra;
    int got;

    vm_wait_readable(find_link());
    got = tell_receive(&message, &extra);
    if (got > 0) {
        return on_message(&message, &extra, order);
    }
    if (got == -EBADMSG) {
        tell_log("the master sent a packet that is no message");
    } else if (got != -EAGAIN) {
        /* Without a master a mold is of no use. The application's at_exit blocks are the workers'
         * business. */
        _exit(0);
    }
    return false;
}

void
loop_run(pid_t master, struct worker_order *ret_order)
{
    *ret_order = (struct worker_order){.link = -1, .board = -1, .master = master};
    while (!serve_one(ret_order)) {
    }
}
