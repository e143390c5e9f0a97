/*
 * top_past.h: how the RSS of each process went while somebody watched, and the line that is drawn of it.
 *
 * Pure: status answers in, texts out. Owns the points. Must not look at anything but the answers.
 */
#ifndef SWARM_TOP_PAST_H
#define SWARM_TOP_PAST_H

#include <jansson.h>

#include "util.h"

/* As many as the widest terminal shows. */
#define TOP_PAST_POINTS 256

/* What was seen of one process, oldest first. */
struct top_line_of {
    unsigned count;
    double rss_bytes[TOP_PAST_POINTS];
};

struct top_past;

struct top_past *top_past_new(void); /* NULL without memory */
void top_past_free(struct top_past *past);

/* Takes one answer: a point for each process in it. What is not in it any more is forgotten. */
void top_past_add(struct top_past *past, const json_t *status);

/* What was seen of the process with that pid; NULL: nothing. */
const struct top_line_of *top_past_of(const struct top_past *past, json_int_t pid);

/*
 * Draws the last `width` points, each as high as it lies between the least and the largest of them, into `to` (of
 * width * 3 + 1 bytes); with `utf8` by block elements. Writes the two, too. Returns `to`.
 */
char *top_past_draw(const struct top_line_of *line, size_t width, bool utf8, char *to,
                    double ret_range[2]);

#endif
