/*
 * wire_case.c: see wire_case.h.
 */
#include "wire_case.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
    FILL(facts->identities);
    FILL(facts->allocator);
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

struct wire_message
wire_case_make(enum wire_type type)
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
    case WIRE_PROMOTE:
        message.promote.generation = 9;
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

size_t
wire_case_pack(enum wire_type type, unsigned char *packet)
{
    struct wire_message message = wire_case_make(type);
    ssize_t length = wire_encode(&message, packet, WIRE_PACKET_MAX);

    assert_true(length > 0);
    return (size_t)length;
}

void
wire_case_assert_same(const struct wire_message *left, const struct wire_message *right)
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
