/*
 * wire_case.h: messages in which each field holds something of its own, so that two that are mixed up are seen.
 */
#ifndef SWARM_TEST_WIRE_CASE_H
#define SWARM_TEST_WIRE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "master/wire.h"

/* A message of that type with every field filled. */
struct wire_message wire_case_make(enum wire_type type);

/* The same, packed; returns its length. `packet` has WIRE_PACKET_MAX bytes. */
size_t wire_case_pack(enum wire_type type, unsigned char *packet);

/* Texts are compared up to their end only: what stands behind it does not travel. */
void wire_case_assert_same(const struct wire_message *left, const struct wire_message *right);

#endif
