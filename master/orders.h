/*
 * orders.h: what people ask of a running service: signals to the master and verbs on the control socket.
 */
#ifndef SWARM_ORDERS_H
#define SWARM_ORDERS_H

#include "supervisor.h"

void orders_on_signal(void *context, int signal, pid_t sender);
void orders_on_request(void *context, const struct control_request *request);

/* The figures that somebody looks for are read: answers who waited for them. */
void orders_answer_looks(struct supervisor *supervisor);

#endif
