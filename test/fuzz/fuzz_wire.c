/*
 * fuzz_wire.c: packets of any bytes, and messages of any contents.
 *
 * Promises: a packet that is accepted packs to the same bytes again; a message that was packed is
 * accepted, and packs to the same bytes again.
 */
#include "targets.h"

#include <string.h>

#include "master/wire.h"

static void
check_again(const void *packet, size_t length, const struct wire_message *message)
{
    char again[WIRE_PACKET_MAX];
    ssize_t packed = wire_encode(message, again, sizeof(again));

    FUZZ_CHECK(packed == (ssize_t)length);
    FUZZ_CHECK(memcmp(again, packet, length) == 0);
}

static void
read_packet(const uint8_t *data, size_t size)
{
    struct wire_message message;

    if (wire_decode(data, size, &message) == 0) {
        FUZZ_CHECK(strcmp(wire_type_name(message.type), "unknown") != 0);
        check_again(data, size, &message);
    }
}

/* The bytes as they would lie in a struct of C: texts without an end, any number, any type. */
static void
write_packet(const uint8_t *data, size_t size)
{
    struct wire_message message, read;
    char packet[WIRE_PACKET_MAX];
    ssize_t length;

    memset(&message, 0, sizeof(message));
    memcpy((char *)&message + offsetof(struct wire_message, step), data + 1,
           size - 1 < sizeof(message) - offsetof(struct wire_message, step)
               ? size - 1
               : sizeof(message) - offsetof(struct wire_message, step));
    message.type = (enum wire_type)(data[0] % (WIRE_TYPE_END + 1));
    length = wire_encode(&message, packet, sizeof(packet));
    if (length < 0) {
        FUZZ_CHECK(message.type == 0 || message.type == WIRE_TYPE_END);
        return;
    }
    FUZZ_CHECK(wire_decode(packet, (size_t)length, &read) == 0);
    FUZZ_CHECK(read.type == message.type);
    check_again(packet, (size_t)length, &read);
}

void
fuzz_wire(const uint8_t *data, size_t size)
{
    read_packet(data, size);
    if (size > 0) {
        write_packet(data, size);
    }
}
