/*
 * test_wire.c: every message as a packet and back, and everything that is not one.
 */
#include "wire_case.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the parts of a packet's head are: magic, version, type, length (wire.c). */
#define MAGIC_AT 0
#define VERSION_AT 2
#define TYPE_AT 3
#define LENGTH_AT 4
#define HEAD_SIZE 8

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
        struct wire_message sent = wire_case_make((enum wire_type)type);
        struct wire_message got;
        size_t length = wire_case_pack((enum wire_type)type, packet);

        assert_int_equal(wire_decode(packet, length, &got), 0);
        assert_memory_equal(&sent, &got, sizeof(sent));
        wire_case_assert_same(&sent, &got);
    }
}

static void
test_the_fields_arrive_where_they_belong(void **state)
{
    unsigned char packet[WIRE_PACKET_MAX];
    struct wire_message got;

    (void)state;
    assert_int_equal(wire_decode(packet, wire_case_pack(WIRE_MOLD_READY, packet), &got), 0);
    assert_string_equal(got.mold_ready.queues, "facts->queues \xc3\xa9\n");
    assert_string_equal(got.mold_ready.hooks, "facts->hooks \xc3\xa9\n");
    assert_int_equal(got.mold_ready.concurrency, 10);
    assert_int_equal(got.mold_ready.timeout_ms, 25000);
    assert_int_equal(got.mold_ready.boot_ms, UINT32_MAX);
    assert_int_equal(wire_decode(packet, wire_case_pack(WIRE_SPAWN, packet), &got), 0);
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
        struct wire_message message = wire_case_make((enum wire_type)type);
        size_t length = wire_case_pack((enum wire_type)type, packet);

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
        struct wire_message message = wire_case_make(wide[i].type);
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
        size_t full = wire_case_pack((enum wire_type)type, packet);

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
        size_t length = wire_case_pack((enum wire_type)type, packet);

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
    size_t length = wire_case_pack(WIRE_HELLO, packet);

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
        wire_case_pack(WIRE_STEP, packet);
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
        size_t length = wire_case_pack(types[i], packet);

        /* The first byte of the first text, and one within it. */
        packet[HEAD_SIZE + 4] = '\0';
        assert_refused(packet, length);
        wire_case_pack(types[i], packet);
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
        size_t length = wire_case_pack((enum wire_type)(1 + round % (WIRE_TYPE_END - 1)), packet);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
