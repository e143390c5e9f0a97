/*
 * test_wire.c: every message there and back, and everything that is not one.
 *
 * Each field of a message holds something of its own, so that two that are mixed up are seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/wire.h"

/* Where the parts of a packet's head are: magic, version, type, length (wire.c). */
#define MAGIC_AT 0
#define VERSION_AT 2
#define TYPE_AT 3
#define LENGTH_AT 4
#define HEAD_SIZE 8

#define FILL(field) snprintf(field, sizeof(field), "%s", #field " \xc3\xa9\n")

static void
fill_facts(struct wire_facts *facts)
{
    FILL(facts->ruby);
    FILL(facts->sidekiq);
    FILL(facts->rails);
    FILL(facts->tag);
    FILL(facts->environment);
    FILL(facts->queues);
    FILL(facts->redis);
    FILL(facts->threads);
    FILL(facts->sockets);
    FILL(facts->hooks);
    FILL(facts->bundler);
    FILL(facts->redis_version);
    FILL(facts->redis_policy);
    FILL(facts->redis_error);
    facts->redis_us = 1200;
    facts->concurrency = 10;
    facts->timeout_ms = 25000;
    facts->boot_ms = UINT32_MAX;
}

static void
fill_failure(struct wire_failure *failure)
{
    FILL(failure->stage);
    FILL(failure->kind);
    FILL(failure->text);
    FILL(failure->place);
    memset(failure->frames, 'f', sizeof(failure->frames) - 1); /* the longest there is */
    failure->exit_code = 42;
}

/* A message of that type with every field filled. */
static struct wire_message
make(enum wire_type type)
{
    struct wire_message message;

    memset(&message, 0, sizeof(message));
    message.type = type;
    switch (type) {
    case WIRE_STEP:
        FILL(message.step.name);
        message.step.took_ms = 1;
        break;
    case WIRE_MOLD_READY:
        fill_facts(&message.mold_ready);
        break;
    case WIRE_READY:
        fill_facts(&message.ready);
        break;
    case WIRE_SPAWN:
        message.spawn = (struct wire_spawn){UINT64_MAX, 2, 3, 4};
        break;
    case WIRE_SPAWNED:
        message.spawned = (struct wire_spawned){5, 6};
        break;
    case WIRE_FAILED:
        message.failed = (struct wire_failed){7, EAGAIN};
        break;
    case WIRE_FAILURE:
        fill_failure(&message.failure);
        break;
    case WIRE_HELLO:
        message.hello.request = 8;
        break;
    case WIRE_TRACE:
        FILL(message.trace.text);
        break;
    case WIRE_GO:
    case WIRE_RUN:
    case WIRE_STOPPING:
    case WIRE_ASK_TRACE:
    case WIRE_TYPE_END:
        break;
    }
    return message;
}

static size_t
pack(enum wire_type type, unsigned char *packet)
{
    struct wire_message message = make(type);
    ssize_t length = wire_encode(&message, packet, WIRE_PACKET_MAX);

    assert_true(length >= HEAD_SIZE);
    return (size_t)length;
}

/* Texts are compared up to their end only: what stands behind it does not travel. */
static void
assert_same(const struct wire_message *left, const struct wire_message *right)
{
    unsigned char left_packet[WIRE_PACKET_MAX];
    unsigned char right_packet[WIRE_PACKET_MAX];
    ssize_t left_length = wire_encode(left, left_packet, sizeof(left_packet));
    ssize_t right_length = wire_encode(right, right_packet, sizeof(right_packet));

    assert_int_equal(left->type, right->type);
    assert_true(left_length > 0);
    assert_int_equal(left_length, right_length);
    assert_memory_equal(left_packet, right_packet, (size_t)left_length);
}

static void
assert_refused(const unsigned char *packet, size_t length)
{
    struct wire_message message = {.type = WIRE_TYPE_END};

    assert_int_equal(wire_decode(packet, length, &message), -EBADMSG);
    assert_int_equal(message.type, WIRE_TYPE_END);
}

static void
set_length(unsigned char *packet, uint32_t length)
{
    memcpy(packet + LENGTH_AT, &length, sizeof(length));
}

static void
test_every_message_goes_there_and_back(void **state)
{
    (void)state;
    for (int type = WIRE_STEP; type < WIRE_TYPE_END; type++) {
        unsigned char packet[WIRE_PACKET_MAX];
        struct wire_message sent = make((enum wire_type)type);
        struct wire_message got;
        size_t length = pack((enum wire_type)type, packet);

        assert_int_equal(wire_decode(packet, length, &got), 0);
        assert_memory_equal(&sent, &got, sizeof(sent));
        assert_same(&sent, &got);
    }
}

static void
test_the_fields_arrive_where_they_belong(void **state)
{
    unsigned char packet[WIRE_PACKET_MAX];
    struct wire_message got;

    (void)state;
    assert_int_equal(wire_decode(packet, pack(WIRE_MOLD_READY, packet), &got), 0);
    assert_string_equal(got.mold_ready.queues, "facts->queues \xc3\xa9\n");
    assert_string_equal(got.mold_ready.hooks, "facts->hooks \xc3\xa9\n");
    assert_int_equal(got.mold_ready.concurrency, 10);
    assert_int_equal(got.mold_ready.timeout_ms, 25000);
    assert_int_equal(got.mold_ready.boot_ms, UINT32_MAX);
    assert_int_equal(wire_decode(packet, pack(WIRE_SPAWN, packet), &got), 0);
    assert_true(got.spawn.request == UINT64_MAX);
    assert_int_equal(got.spawn.slot, 2);
    assert_int_equal(got.spawn.index, 3);
    assert_int_equal(got.spawn.generation, 4);
}

static void
test_every_type_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int type = WIRE_STEP; type < WIRE_TYPE_END; type++) {
        assert_string_not_equal(wire_type_name((enum wire_type)type), "unknown");
        for (int other = WIRE_STEP; other < type; other++) {
            assert_string_not_equal(wire_type_name((enum wire_type)type),
                                    wire_type_name((enum wire_type)other));
        }
    }
    assert_string_equal(wire_type_name(WIRE_SPAWNED), "spawned");
    assert_string_equal(wire_type_name((enum wire_type)0), "unknown");
    assert_string_equal(wire_type_name(WIRE_TYPE_END), "unknown");
    assert_string_equal(wire_type_name((enum wire_type)12345), "unknown");
}

static void
test_encoding_checks_type_and_room(void **state)
{
    unsigned char packet[WIRE_PACKET_MAX];
    struct wire_message bad = {.type = WIRE_TYPE_END};

    (void)state;
    assert_int_equal(wire_encode(&bad, packet, sizeof(packet)), -EINVAL);
    bad.type = (enum wire_type)0;
    assert_int_equal(wire_encode(&bad, packet, sizeof(packet)), -EINVAL);
    for (int type = WIRE_STEP; type < WIRE_TYPE_END; type++) {
        struct wire_message message = make((enum wire_type)type);
        size_t length = pack((enum wire_type)type, packet);

        for (size_t room = 0; room < length; room++) {
            assert_int_equal(wire_encode(&message, packet, room), -EMSGSIZE);
        }
        assert_int_equal(wire_encode(&message, packet, length), length);
    }
}

/* Even a text without an end, and all texts at their longest, make a packet. */
static void
test_the_longest_texts_fit(void **state)
{
    static const struct {
        enum wire_type type;
        size_t at;
        size_t size;
    } wide[] = {
        {WIRE_MOLD_READY, offsetof(struct wire_message, mold_ready), sizeof(struct wire_facts)},
        {WIRE_FAILURE, offsetof(struct wire_message, failure), sizeof(struct wire_failure)},
        {WIRE_TRACE, offsetof(struct wire_message, trace), sizeof(struct wire_trace)},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
        unsigned char packet[WIRE_PACKET_MAX];
        struct wire_message message = make(wide[i].type);
        struct wire_message got;
        ssize_t length;

        memset((char *)&message + wide[i].at, 'x', wide[i].size);
        length = wire_encode(&message, packet, sizeof(packet));
        assert_true(length > 0);
        assert_int_equal(wire_decode(packet, (size_t)length, &got), 0);
    }
}

static void
test_a_truncated_packet_is_refused(void **state)
{
    (void)state;
    for (int type = WIRE_STEP; type < WIRE_TYPE_END; type++) {
        unsigned char packet[WIRE_PACKET_MAX];
        size_t full = pack((enum wire_type)type, packet);

        for (size_t length = 0; length < full; length++) {
            set_length(packet, (uint32_t)full);
            assert_refused(packet, length);
            set_length(packet, (uint32_t)length); /* a head that agrees does not help */
            assert_refused(packet, length);
        }
    }
}

static void
test_trailing_bytes_are_refused(void **state)
{
    (void)state;
    for (int type = WIRE_STEP; type < WIRE_TYPE_END; type++) {
        unsigned char packet[WIRE_PACKET_MAX] = {0};
        size_t length = pack((enum wire_type)type, packet);

        for (size_t more = 1; more <= 9; more++) {
            set_length(packet, (uint32_t)length);
            assert_refused(packet, length + more);
            set_length(packet, (uint32_t)(length + more));
            assert_refused(packet, length + more);
        }
    }
}

static void
test_a_wrong_head_is_refused(void **state)
{
    unsigned char packet[WIRE_PACKET_MAX];
    size_t length = pack(WIRE_HELLO, packet);

    (void)state;
    packet[MAGIC_AT] ^= 1;
    assert_refused(packet, length);
    packet[MAGIC_AT] ^= 1;
    packet[VERSION_AT]++;
    assert_refused(packet, length);
    packet[VERSION_AT]--;
    for (unsigned type = 0; type < 256; type++) {
        packet[TYPE_AT] = (unsigned char)type;
        /* Of the shapes only hello's is one number of 64 bits. */
        if (type != WIRE_HELLO) {
            assert_refused(packet, length);
        }
    }
    packet[TYPE_AT] = WIRE_HELLO;
    set_length(packet, UINT32_MAX);
    assert_refused(packet, length);
    set_length(packet, (uint32_t)length);
    assert_int_equal(wire_decode(packet, length, &(struct wire_message){0}), 0);
}

/* The first field of a step is its name: 64 bytes of room, so at most 63 of text. */
static void
test_a_text_longer_than_its_room_is_refused(void **state)
{
    unsigned char packet[WIRE_PACKET_MAX];
    uint32_t lengths[] = {64, 65, 4096, UINT32_MAX, 0x80000000u, 63};
    struct wire_message got;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        uint32_t size = HEAD_SIZE + 4 + (lengths[i] < 8192 ? lengths[i] : 100) + 4;

        memset(packet, 'x', sizeof(packet));
        pack(WIRE_STEP, packet);
        memset(packet + HEAD_SIZE + 4, 'x', size - HEAD_SIZE - 4);
        memcpy(packet + HEAD_SIZE, &lengths[i], sizeof(lengths[i]));
        set_length(packet, size);
        if (lengths[i] < 64) {
            assert_int_equal(wire_decode(packet, size, &got), 0);
            assert_int_equal(strlen(got.step.name), 63);
        } else {
            assert_refused(packet, size);
        }
    }
}

static void
test_a_nul_within_a_text_is_refused(void **state)
{
    static const enum wire_type types[] = {WIRE_STEP, WIRE_MOLD_READY, WIRE_FAILURE, WIRE_TRACE};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        unsigned char packet[WIRE_PACKET_MAX];
        size_t length = pack(types[i], packet);

        /* The first byte of the first text, and one within it. */
        packet[HEAD_SIZE + 4] = '\0';
        assert_refused(packet, length);
        pack(types[i], packet);
        packet[HEAD_SIZE + 4 + 3] = '\0';
        assert_refused(packet, length);
    }
}

/* Whatever is changed: it is refused, or it is a message that can be packed again. */
static void
test_changed_packets_never_do_harm(void **state)
{
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned char packet[WIRE_PACKET_MAX];
        size_t length = pack((enum wire_type)(1 + round % (WIRE_TYPE_END - 1)), packet);
        struct wire_message got;

        for (unsigned change = 0; change <= round % 4; change++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            packet[seed % length] = (unsigned char)(seed >> 40);
        }
        if (wire_decode(packet, length, &got) == 0) {
            unsigned char again[WIRE_PACKET_MAX];

            assert_int_equal(wire_encode(&got, again, sizeof(again)), length);
            assert_memory_equal(again, packet, length);
        }
    }
}

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
        struct wire_message sent = make((enum wire_type)type);
        struct wire_message got;
        struct wire_extra extra;

        assert_int_equal(wire_receive(ends->right, &got, &extra), -EAGAIN);
        assert_int_equal(wire_send(ends->left, &sent, NULL, 0), 0);
        assert_int_equal(wire_receive(ends->right, &got, &extra), 1);
        assert_same(&sent, &got);
        assert_int_equal(extra.fd_count, 0);
        assert_int_equal(extra.pid, getpid());
    }
}

static void
test_the_sender_is_told_by_the_kernel(void **state)
{
    struct ends *ends = *state;
    struct wire_message hello = make(WIRE_HELLO);
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
    struct wire_message sent = make(WIRE_SPAWN);
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
    size_t length = pack(WIRE_STEP, bytes);

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
    struct wire_message message = make(WIRE_TRACE);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_message_goes_there_and_back),
        cmocka_unit_test(test_the_fields_arrive_where_they_belong),
        cmocka_unit_test(test_every_type_has_a_name_of_its_own),
        cmocka_unit_test(test_encoding_checks_type_and_room),
        cmocka_unit_test(test_the_longest_texts_fit),
        cmocka_unit_test(test_a_truncated_packet_is_refused),
        cmocka_unit_test(test_trailing_bytes_are_refused),
        cmocka_unit_test(test_a_wrong_head_is_refused),
        cmocka_unit_test(test_a_text_longer_than_its_room_is_refused),
        cmocka_unit_test(test_a_nul_within_a_text_is_refused),
        cmocka_unit_test(test_changed_packets_never_do_harm),
        cmocka_unit_test_setup_teardown(test_a_message_travels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_sender_is_told_by_the_kernel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_descriptors_travel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_descriptors_than_agreed_are_closed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_bad_packet_is_told_with_its_sender, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_socket_and_a_closed_one_are_errors, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
