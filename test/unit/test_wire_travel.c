/*
 * test_wire_travel.c: messages and descriptors through a real link, and what a broken peer sends.
 */
#include "wire_case.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
    int left;
    int right;
};

static int
setup(void **state)
{
    struct ends *ends = calloc(1, sizeof(*ends));
    int pair[2];

    *state = ends;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        return -1;
    }
    ends->left = pair[0];
    ends->right = pair[1];
    return util_set_nonblock(ends->right) == 0 && wire_ask_credentials(ends->right) == 0 ? 0 : -1;
}

static int
teardown(void **state)
{
    struct ends *ends = *state;

    util_close(&ends->left);
    util_close(&ends->right);
    free(ends);
    return 0;
}

static void
test_a_message_travels(void **state)
{
    struct ends *ends = *state;

    for (int type = WIRE_STEP; type < WIRE_TYPE_END; type++) {
        struct wire_message sent = wire_case_make((enum wire_type)type);
        struct wire_message got;
        struct wire_extra extra;

        assert_int_equal(wire_receive(ends->right, &got, &extra), -EAGAIN);
        assert_int_equal(wire_send(ends->left, &sent, NULL, 0), 0);
        assert_int_equal(wire_receive(ends->right, &got, &extra), 1);
        wire_case_assert_same(&sent, &got);
        assert_int_equal(extra.fd_count, 0);
        assert_int_equal(extra.pid, getpid());
    }
}

static void
test_the_sender_is_told_by_the_kernel(void **state)
{
    struct ends *ends = *state;
    struct wire_message hello = wire_case_make(WIRE_HELLO);
    struct wire_message got;
    struct wire_extra extra;
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        _exit(wire_send(ends->left, &hello, NULL, 0) == 0 ? 0 : 1);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(wire_receive(ends->right, &got, &extra), 1);
    assert_int_equal(extra.pid, pid);
    /* The other end did not ask. */
    assert_int_equal(wire_send(ends->right, &hello, NULL, 0), 0);
    assert_int_equal(wire_receive(ends->left, &got, &extra), 1);
    assert_int_equal(extra.pid, 0);
}

static void
test_descriptors_travel(void **state)
{
    struct ends *ends = *state;
    struct wire_message sent = wire_case_make(WIRE_SPAWN);
    struct wire_message got;
    struct wire_extra extra;
    int pair[2];
    char byte;

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_int_equal(wire_send(ends->left, &sent, pair, 3), -EINVAL);
    assert_int_equal(wire_send(ends->left, &sent, pair, 2), 0);
    util_close(&pair[1]);
    assert_int_equal(wire_receive(ends->right, &got, &extra), 1);
    assert_int_equal(extra.fd_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fcntl(extra.fds[i], F_GETFD), FD_CLOEXEC);
    }
    assert_int_equal(write(extra.fds[1], "x", 1), 1);
    assert_int_equal(read(pair[0], &byte, 1), 1);
    util_close(&extra.fds[0]);
    util_close(&extra.fds[1]);

    /* Nobody wants them: they are closed. */
    assert_int_equal(read(pair[0], &byte, 1), 0);
    util_close(&pair[0]);
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_int_equal(wire_send(ends->left, &sent, &pair[1], 1), 0);
    util_close(&pair[1]);
    assert_int_equal(wire_receive(ends->right, &got, NULL), 1);
    assert_int_equal(read(pair[0], &byte, 1), 0);
    util_close(&pair[0]);
}

/* Sends any bytes with any number of descriptors, as only a peer that is broken does. */
static void
send_raw(int fd, const void *bytes, size_t length, const int *fds, size_t fd_count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * 16)];
    } room;
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd_count > 0) {
        struct cmsghdr *control;

        memset(&room, 0, sizeof(room));
        packet.msg_control = room.bytes;
        packet.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        control = CMSG_FIRSTHDR(&packet);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(control), fds, sizeof(int) * fd_count);
    }
    assert_int_equal(sendmsg(fd, &packet, 0), length);
}

static void
test_more_descriptors_than_agreed_are_closed(void **state)
{
    struct ends *ends = *state;
    const int receivers[] = {ends->right, ends->left};
    const int senders[] = {ends->left, ends->right};
    unsigned char bytes[WIRE_PACKET_MAX];
    size_t length = wire_case_pack(WIRE_STEP, bytes);

    for (int i = 0; i < 2; i++) {
        struct wire_message got;
        struct wire_extra extra;
        int pair[2];
        int many[10];
        char byte;

        assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
        for (size_t k = 0; k < ARRAY_LEN(many); k++) {
            many[k] = pair[1];
        }
        send_raw(senders[i], bytes, length, many, ARRAY_LEN(many));
        util_close(&pair[1]);
        assert_int_equal(wire_receive(receivers[i], &got, &extra), 1);
        assert_in_range(extra.fd_count, 0, WIRE_FDS_MAX);
        for (unsigned k = 0; k < extra.fd_count; k++) {
            util_close(&extra.fds[k]);
        }
        assert_int_equal(read(pair[0], &byte, 1), 0);
        util_close(&pair[0]);
    }
}

static void
test_a_bad_packet_is_told_with_its_sender(void **state)
{
    struct ends *ends = *state;
    struct wire_message got;
    struct wire_extra extra;
    static const unsigned char huge[WIRE_PACKET_MAX + 1];
    int pair[2];
    char byte;

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    send_raw(ends->left, "junk", 4, &pair[1], 1);
    util_close(&pair[1]);
    assert_int_equal(wire_receive(ends->right, &got, &extra), -EBADMSG);
    assert_int_equal(extra.pid, getpid());
    assert_int_equal(read(pair[0], &byte, 1), 0);
    util_close(&pair[0]);
    send_raw(ends->left, huge, sizeof(huge), NULL, 0);
    assert_int_equal(wire_receive(ends->right, &got, &extra), -EBADMSG);
    send_raw(ends->left, "", 0, NULL, 0);
    assert_int_equal(wire_receive(ends->right, &got, &extra), 0);
}

static void
test_a_full_socket_and_a_closed_one_are_errors(void **state)
{
    struct ends *ends = *state;
    struct wire_message message = wire_case_make(WIRE_TRACE);
    struct wire_message got;
    int error = 0;

    for (int i = 0; i < 100000 && error == 0; i++) {
        error = wire_send(ends->right, &message, NULL, 0);
    }
    assert_int_equal(error, -EAGAIN);
    util_close(&ends->left);
    /* We had sent what nobody read: whoever asks first is told of the reset, once. */
    assert_int_equal(wire_send(ends->right, &message, NULL, 0), -ECONNRESET);
    assert_int_equal(wire_send(ends->right, &message, NULL, 0), -EPIPE);
    assert_int_equal(wire_receive(ends->right, &got, NULL), 0);
    assert_int_equal(wire_receive(-1, &got, NULL), -EBADF);
    assert_int_equal(wire_ask_credentials(-1), -EBADF);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_message_travels),
        CASE(test_the_sender_is_told_by_the_kernel),
        CASE(test_descriptors_travel),
        CASE(test_more_descriptors_than_agreed_are_closed),
        CASE(test_a_bad_packet_is_told_with_its_sender),
        CASE(test_a_full_socket_and_a_closed_one_are_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
