/*
 * top_worker.h: the page of `swarm top` that looks into one process. Pure.
 */
#ifndef SWARM_TOP_WORKER_H
#define SWARM_TOP_WORKER_H

#include "top_frame.h"

void top_worker_add(struct top_frame *frame, const struct top_scene *scene);

/* Adds a text, broken between words to the frame's width, its later lines indented. */
void top_worker_wrap(struct top_frame *frame, const char *text);

#endif
