/* test_link.c: the master's end of a socket, against a peer in the same process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop_until.h"
#include "master/link.h"

#define ID 42

struct fixture {
    struct ev_loop *loop;
    struct link *link;
    int peer;
    unsigned messages;
    struct wire_message last;
    pid_t last_sender;
    int taken_fd;
    bool takes_fd;
    unsigned garbage;
    pid_t garbage_sender;
    unsigned ends;
    int end_error;
    struct link *close_on_message;
    struct link *close_on_garbage;
    struct link *close_on_end;
};

static void
close_once(struct link **link)
{
    link_close(*link);
    *link = NULL;
}

static void
on_message(void *context, uint64_t id, const struct wire_message *message, struct wire_extra *extra)
{
    struct fixture *fixture = context;

    assert_int_equal(id, ID);
    fixture->messages++;
    fixture->last = *message;
    fixture->last_sender = extra->pid;
    if (fixture->takes_fd && extra->fd_count > 0) {
        fixture->taken_fd = extra->fds[0];
        extra->fds[0] = -1;
    }
    close_once(&fixture->close_on_message);
}

static void
on_garbage(void *context, uint64_t id, pid_t sender)
{
    struct fixture *fixture = context;

    assert_int_equal(id, ID);
    fixture->garbage++;
    fixture->garbage_sender = sender;
    close_once(&fixture->close_on_garbage);
}

static void
on_end(void *context, uint64_t id, int error)
{
    struct fixture *fixture = context;

    assert_int_equal(id, ID);
    fixture->ends++;
    fixture->end_error = error;
    close_once(&fixture->close_on_end);
}

static struct link *
open_link(struct fixture *fixture, int *ret_peer)
{
    struct link_handlers handlers = {
        .context = fixture, .on_message = on_message, .on_garbage = on_garbage, .on_end = on_end};
    struct link *link = NULL;
    int ours = -1;

    assert_int_equal(link_pair(&ours, ret_peer), 0);
    assert_int_equal(link_open(fixture->loop, ours, ID, &handlers, &link), 0);
    return link;
}

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    *state = fixture;
    fixture->taken_fd = -1;
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    fixture->link = open_link(fixture, &fixture->peer);
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;

    link_close(fixture->link);
    util_close(&fixture->peer);
    util_close(&fixture->taken_fd);
    ev_loop_destroy(fixture->loop);
    free(fixture);
    return 0;
}

static bool
has_message(void *context)
{
    return ((const struct fixture *)context)->messages > 0;
}

static bool
has_end(void *context)
{
    return ((const struct fixture *)context)->ends > 0;
}

static void
say(int peer, enum wire_type type)
{
    struct wire_message message = {.type = type};

    assert_int_equal(wire_send(peer, &message, NULL, 0), 0);
}

static void
test_a_pair_is_born_right(void **state)
{
    int ours = -1;
    int theirs = -1;
    int on = 0;
    socklen_t size = sizeof(on);

    (void)state;
    assert_int_equal(link_pair(&ours, &theirs), 0);
    assert_int_equal(fcntl(ours, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(theirs, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(ours, F_GETFL) & O_NONBLOCK);
    assert_false(fcntl(theirs, F_GETFL) & O_NONBLOCK);
    assert_int_equal(getsockopt(ours, SOL_SOCKET, SO_PASSCRED, &on, &size), 0);
    assert_true(on);
    util_close(&ours);
    util_close(&theirs);
}

static void
test_a_message_arrives_with_its_sender(void **state)
{
    struct fixture *fixture = *state;
    struct wire_message hello = {.type = WIRE_HELLO, .hello = {.request = 7}};

    assert_int_equal(wire_send(fixture->peer, &hello, NULL, 0), 0);
    assert_true(loop_until(fixture->loop, has_message, fixture));
    assert_int_equal(fixture->last.type, WIRE_HELLO);
    assert_int_equal(fixture->last.hello.request, 7);
    assert_int_equal(fixture->last_sender, getpid());
}

static void
test_a_message_is_sent(void **state)
{
    struct fixture *fixture = *state;
    struct wire_message order = {.type = WIRE_SPAWN, .spawn = {.request = 9, .slot = 3}};
    struct wire_message got;
    struct wire_extra extra;
    int ends[2];
    char byte;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(link_send(fixture->link, &order, ends, 2), 0);
    assert_int_equal(link_send(fixture->link, &order, ends, 3), -EINVAL);
    assert_int_equal(wire_receive(fixture->peer, &got, &extra), 1);
    assert_int_equal(got.spawn.request, 9);
    assert_int_equal(got.spawn.slot, 3);
    assert_int_equal(extra.fd_count, 2);
    assert_int_equal(write(extra.fds[1], "x", 1), 1);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    for (int i = 0; i < 2; i++) {
        util_close(&extra.fds[i]);
        util_close(&ends[i]);
    }
}

static void
test_descriptors_not_taken_are_closed(void **state)
{
    struct fixture *fixture = *state;
    struct wire_message step = {.type = WIRE_STEP};
    int ends[2];
    char byte;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fixture->takes_fd = true;
    assert_int_equal(wire_send(fixture->peer, &step, (int[]){ends[0], ends[1]}, 2), 0);
    util_close(&ends[1]);
    assert_true(loop_until(fixture->loop, has_message, fixture));
    assert_true(fixture->taken_fd >= 0);
    assert_int_equal(fcntl(fixture->taken_fd, F_GETFD), FD_CLOEXEC);
    /* The writing end was the only other one: the end of file shows that it is closed. */
    assert_int_equal(read(fixture->taken_fd, &byte, 1), 0);
    util_close(&ends[0]);
}

static void
test_a_chatty_peer_starves_nobody(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 100; i++) {
        say(fixture->peer, WIRE_STOPPING);
    }
    ev_run(fixture->loop, EVRUN_NOWAIT);
    assert_in_range(fixture->messages, 1, 32);
    for (int i = 0; i < 10; i++) {
        ev_run(fixture->loop, EVRUN_NOWAIT);
    }
    assert_int_equal(fixture->messages, 100);
}

static void
test_fs13_garbage_is_told_each_time(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(send(fixture->peer, "\0\1\2", 3, 0), 3);
    assert_int_equal(send(fixture->peer, "garbage garbage garbage", 23, 0), 23);
    say(fixture->peer, WIRE_STOPPING);
    assert_true(loop_until(fixture->loop, has_message, fixture));
    assert_int_equal(fixture->garbage, 2);
    assert_int_equal(fixture->garbage_sender, getpid());
    assert_int_equal(fixture->ends, 0);
}

static void
test_the_end_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    struct wire_message go = {.type = WIRE_GO};

    say(fixture->peer, WIRE_STOPPING);
    util_close(&fixture->peer);
    assert_true(loop_until(fixture->loop, has_end, fixture));
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->messages, 1);
    assert_int_equal(fixture->ends, 1);
    assert_int_equal(fixture->end_error, 0);
    assert_int_equal(link_send(fixture->link, &go, NULL, 0), -EPIPE);
    link_drain(fixture->link);
    assert_int_equal(fixture->ends, 1);
}

static void
test_sending_to_a_closed_peer_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct wire_message go = {.type = WIRE_GO};

    util_close(&fixture->peer);
    assert_int_equal(link_send(fixture->link, &go, NULL, 0), -EPIPE);
    assert_int_equal(fixture->ends, 0);
    assert_true(loop_until(fixture->loop, has_end, fixture));
}

/* A peer that dies without reading ours resets the connection; what it said before must not be lost. */
static void
test_last_words_survive_a_reset(void **state)
{
    struct fixture *fixture = *state;
    struct wire_message go = {.type = WIRE_GO};

    assert_int_equal(link_send(fixture->link, &go, NULL, 0), 0);
    say(fixture->peer, WIRE_FAILURE);
    util_close(&fixture->peer);
    assert_true(loop_until(fixture->loop, has_end, fixture));
    assert_int_equal(fixture->messages, 1);
    assert_int_equal(fixture->last.type, WIRE_FAILURE);
    assert_int_equal(fixture->ends, 1);
}

static void
test_last_words_can_be_drained(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 50; i++) {
        say(fixture->peer, WIRE_STOPPING);
    }
    util_close(&fixture->peer);
    link_drain(fixture->link);
    link_drain(NULL);
    assert_int_equal(fixture->messages, 50);
    assert_int_equal(fixture->ends, 1);
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->ends, 1);
}

/* Sends numbered orders until the queue has run over. Returns how many were accepted. */
static unsigned
send_until_full(struct link *link, unsigned most, const int *fds, unsigned fd_count)
{
    struct wire_message order = {.type = WIRE_SPAWN};
    unsigned sent;

    for (sent = 0; sent < most; sent++) {
        order.spawn.request = sent;
        if (link_send(link, &order, fds, fd_count) != 0) {
            break;
        }
    }
    return sent;
}

static void
test_a_full_queue_ends_the_link(void **state)
{
    struct fixture *fixture = *state;
    struct wire_message go = {.type = WIRE_GO};
    unsigned sent = send_until_full(fixture->link, 100000, NULL, 0);

    assert_in_range(sent, LINK_QUEUE_MAX, 99999);
    assert_int_equal(fixture->ends, 0);
    assert_int_equal(link_send(fixture->link, &go, NULL, 0), -EPIPE);
    assert_true(loop_until(fixture->loop, has_end, fixture));
    assert_int_equal(fixture->end_error, -ENOBUFS);
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->ends, 1);
}

/* Fills the socket and then a part of the queue. Returns how many were sent. */
static unsigned
send_beyond_the_socket(struct fixture *fixture, const int *fds, unsigned fd_count)
{
    struct link *probe;
    int probe_peer = -1;
    unsigned limit;

    /* How many fit is the kernel's affair: another link tells. */
    probe = open_link(fixture, &probe_peer);
    limit = send_until_full(probe, 100000, fds, fd_count);
    link_close(probe);
    util_close(&probe_peer);
    return send_until_full(fixture->link, limit - 3, fds, fd_count);
}

static void
test_a_queue_keeps_order_and_descriptors(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    unsigned sent;
    unsigned fds;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    loop_some_turns(fixture->loop);
    fds = loop_count_fds();
    sent = send_beyond_the_socket(fixture, ends, 1);
    assert_true(loop_count_fds() > fds);
    for (unsigned i = 0; i < sent; i++) {
        struct wire_message got;
        struct wire_extra extra;

        ev_run(fixture->loop, EVRUN_NOWAIT);
        assert_int_equal(wire_receive(fixture->peer, &got, &extra), 1);
        assert_int_equal(got.spawn.request, i);
        assert_int_equal(extra.fd_count, 1);
        util_close(&extra.fds[0]);
    }
    ev_run(fixture->loop, EVRUN_NOWAIT);
    assert_int_equal(loop_count_fds(), fds);
    assert_int_equal(fixture->ends, 0);
    util_close(&ends[0]);
    util_close(&ends[1]);
}

static void
test_a_closed_link_drops_its_queue(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    unsigned fds;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    loop_some_turns(fixture->loop);
    fds = loop_count_fds();
    send_beyond_the_socket(fixture, ends, 1);
    close_once(&fixture->link);
    util_close(&fixture->peer);
    loop_some_turns(fixture->loop);
    assert_int_equal(loop_count_fds(), fds - 2);
    util_close(&ends[0]);
    util_close(&ends[1]);
}

static void
test_a_broken_link_drops_its_queue(void **state)
{
    struct fixture *fixture = *state;

    send_beyond_the_socket(fixture, NULL, 0);
    util_close(&fixture->peer);
    assert_true(loop_until(fixture->loop, has_end, fixture));
    assert_int_equal(fixture->ends, 1);
}

static void
test_a_link_may_be_closed_in_its_handlers(void **state)
{
    struct fixture *fixture = *state;

    say(fixture->peer, WIRE_STOPPING);
    say(fixture->peer, WIRE_STOPPING);
    fixture->close_on_message = fixture->link;
    fixture->link = NULL;
    assert_true(loop_until(fixture->loop, has_message, fixture));
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->messages, 1);
    assert_int_equal(fixture->ends, 0);
    util_close(&fixture->peer);

    fixture->close_on_garbage = open_link(fixture, &fixture->peer);
    assert_int_equal(send(fixture->peer, "x", 1, 0), 1);
    say(fixture->peer, WIRE_STOPPING);
    loop_some_turns(fixture->loop);
    assert_int_equal(fixture->garbage, 1);
    assert_int_equal(fixture->messages, 1);
    util_close(&fixture->peer);

    fixture->close_on_end = open_link(fixture, &fixture->peer);
    util_close(&fixture->peer);
    assert_true(loop_until(fixture->loop, has_end, fixture));
}

static void
test_a_link_may_be_closed_in_a_drain(void **state)
{
    struct fixture *fixture = *state;

    say(fixture->peer, WIRE_STOPPING);
    say(fixture->peer, WIRE_STOPPING);
    fixture->close_on_message = fixture->link;
    link_drain(fixture->link);
    fixture->link = NULL;
    assert_int_equal(fixture->messages, 1);
}

static void
test_a_link_may_be_closed_by_another(void **state)
{
    struct fixture *fixture = *state;
    int other_peer = -1;
    struct link *other = open_link(fixture, &other_peer);

    say(fixture->peer, WIRE_STOPPING);
    say(other_peer, WIRE_STOPPING);
    /* Whichever comes first closes the second one. */
    fixture->close_on_message = other;
    loop_some_turns(fixture->loop);
    assert_in_range(fixture->messages, 1, 2);
    util_close(&other_peer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pair_is_born_right),
        cmocka_unit_test_setup_teardown(test_a_message_arrives_with_its_sender, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_message_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_descriptors_not_taken_are_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_chatty_peer_starves_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fs13_garbage_is_told_each_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_end_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sending_to_a_closed_peer_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_last_words_survive_a_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(test_last_words_can_be_drained, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_queue_ends_the_link, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_queue_keeps_order_and_descriptors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_closed_link_drops_its_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_broken_link_drops_its_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_link_may_be_closed_in_its_handlers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_link_may_be_closed_in_a_drain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_link_may_be_closed_by_another, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
