/* worker.c: see worker.h. */
#include "worker.h"

#include "allocator.h"
#include "mask.h"
#include "rope.h"
#include "tally.h"
#include "tell.h"
#include "victim.h"
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

static int64_t began_ms;

static void
leave_on_error(const char *what, int error)
{
    struct wire_failure failure = {
        .stage = "worker", .kind = "SystemError", .exit_code = EX_SOFTWARE};

    if (error == 0) {
        return;
    }
    util_copy_text(failure.text, sizeof(failure.text), what);
    strncat(failure.text, ": ", sizeof(failure.text) - strlen(failure.text) - 1);
    strncat(failure.text, strerror(-error), sizeof(failure.text) - strlen(failure.text) - 1);
    tell_failure(&failure);
    _exit(EX_SOFTWARE);
}

/* Ends the process when the link does; otherwise waits up to `timeout_ms` for something to read
 * there. */
static bool
wait_link(int timeout_ms)
{
    struct pollfd place = {.fd = tell_fd(), .events = POLLIN};
    int found = poll(&place, 1, timeout_ms);

    if (found > 0 && (place.revents & POLLIN) == 0) {
        _exit(0);
    }
    return found > 0;
}

static void
say_hello(uint64_t request)
{
    struct wire_message hello = {.type = WIRE_HELLO, .hello = {.request = request}};

    if (tell_send(&hello, 0) != 0) {
        _exit(0);
    }
}

static void
wait_go(void)
{
    struct wire_message message = {.type = WIRE_TYPE_END};
    int got;

    while (message.type != WIRE_GO) {
        if (!wait_link(-1)) {
            continue;
        }
        got = tell_receive(&message, NULL);
        if (got == 0 || (got < 0 && got != -EBADMSG && got != -EAGAIN)) {
            _exit(0);
        }
    }
}

/* Until the middle is gone, the worker's parent is the middle; the rope would be pulled by its end.
 */
static void
wait_for_parent(pid_t master)
{
    while (getppid() != master) {
        (void)wait_link(1);
    }
}

/* A process that a job forks must neither speak for the worker nor count for it. */
static void
forget(void)
{
    tell_close();
    tally_forget();
}

/* Once: it goes on in forks, also in those of a worker that has become a mold, which open what is theirs afterwards. */
static int
forget_in_children(void)
{
    static bool is_known;
    int error = is_known ? 0 : pthread_atfork(NULL, NULL, forget);

    is_known = error == 0;
    return -error;
}

void
worker_become(const void *context)
{
    const struct worker_order *order = context;

    began_ms = util_now_ms();
    if (order->link >= 0) {
        allocator_become();
    }
    mask_forget();
    mask_give_back();
    if (order->link >= 0 && tell_open(order->link) != 0) {
        _exit(EX_SOFTWARE);
    }
    leave_on_error("the board cannot be mapped", tally_open(order->board));
    victim_raise(VICTIM_WORKER);
    setpgid(0, 0);
    prctl(PR_SET_NAME, "swarm-worker", 0, 0, 0);
    wait_for_parent(order->master);
    say_hello(order->request);
    wait_go();
    if (rope_tie(SIGTERM, order->master) != 0) {
        _exit(0);
    }
    leave_on_error("no thread for the link", watch_start());
    leave_on_error("no fork handler", forget_in_children());
}

uint32_t
worker_age_ms(void)
{
    return (uint32_t)(util_now_ms() - began_ms);
}
