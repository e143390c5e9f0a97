/*
 * top_frame.h: one picture of `swarm top`, as lines.
 *
 * Pure: an answer and a view in, lines of a given width and height out. Owns what stands where. Must not know the
 * terminal beyond its size.
 */
#ifndef SWARM_TOP_FRAME_H
#define SWARM_TOP_FRAME_H

#include "top_past.h"
#include "top_view.h"

enum top_style {
    TOP_STYLE_PLAIN,
    TOP_STYLE_TITLE,
    TOP_STYLE_HEAD,   /* titles of columns, headings */
    TOP_STYLE_CHOSEN, /* the row that Enter looks into */
    TOP_STYLE_FAINT,
    TOP_STYLE_GOOD,
    TOP_STYLE_WARN,
    TOP_STYLE_ALARM,
};

struct top_line {
    char *text; /* plain, no wider than the frame */
    enum top_style style;
};

struct top_frame {
    struct top_line *lines;
    unsigned count;
    unsigned room;
    unsigned body;   /* lines that a page key goes */
    unsigned scroll; /* how far the page is scrolled, after it was seen how long it is */
    size_t width;
    bool utf8;
};

/* What is drawn. All of it is borrowed. */
struct top_scene {
    const json_t *status; /* NULL: none came yet */
    const struct top_view *view;
    const struct top_past *past;
    const json_t *explanation; /* lines of `explain` for the chosen slot; NULL: none */
    const char *problem;       /* why there is no newer answer; NULL: all is well */
    unsigned width;
    unsigned height; /* 0: as many lines as there are */
    bool utf8;
};

/* Draws. Returns 0 or -ENOMEM; `ret_frame` is top_frame_done's in either case. */
MUST_CHECK int top_frame_draw(const struct top_scene *scene, struct top_frame *ret_frame);
void top_frame_done(struct top_frame *frame);

/* The lines as a text, malloc'd, without styles; NULL without memory. */
char *top_frame_text(const struct top_frame *frame);

/* The bytes that paint the frame over whatever a terminal shows, malloc'd; NULL without memory. */
char *top_frame_paint(const struct top_frame *frame, bool has_colours);

/*
 * For the pages: adds one line, plain and cut; adds each line of a text, which it frees (NULL: no memory). Both
 * remember a want of memory until top_frame_draw returns.
 */
void top_frame_add(struct top_frame *frame, enum top_style style, const char *format, ...)
    PRINTF_LIKE(3, 4);
void top_frame_add_text(struct top_frame *frame, enum top_style style, char *take_text);

#endif
