/*
 * native.h: between the three files that know Ruby (vm.h), and for no other.
 */
#ifndef SWARM_MOLD_NATIVE_H
#define SWARM_MOLD_NATIVE_H

#include "vm.h"

#include <ruby.h>

/* Defines Sidekiq::Swarm::Native. May raise. */
void native_define(const struct vm_program *program);

/* Calls Sidekiq::Swarm::Runtime.`name`. May raise. */
VALUE native_runtime(const char *name, int count, const VALUE *values);

/* Turns Runtime's Hash into facts; what is missing stays empty. May raise. */
void native_facts(VALUE hash, struct wire_facts *ret_facts);

/* Copies a Ruby text as utf8_copy does. May raise unless it is a String. */
void native_copy(VALUE text, char *to, size_t size);

/* Tells the master, and standard error, of the exception at hand, and clears it. Never raises. */
void native_tell_error(const char *stage, uint32_t exit_code);

/* Sends a message, other threads running meanwhile. May raise what interrupts the wait. Returns 0
 * or -errno. */
int native_send(const struct wire_message *message, int64_t wait_ms);

/* The Ruby thread that answers "where are you?" and ticks. trace_start may raise; trace_stop never
 * does. */
void trace_start(void);
void trace_stop(void);

#endif
