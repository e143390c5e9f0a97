/*
 * top_frame.c: see top_frame.h.
 *
 * A frame is a title, what is wrong, sums, the page, and the keys. Pages are in top_page.c.
 */
#include "top_frame.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top_page.h"

#define LINE_SIZE 2048
/* More lines than any page has: what is beyond is not drawn. */
#define LINES_MAX 20000u

static int
make_room(struct top_frame *frame)
{
    unsigned room = frame->room == 0 ? 64 : frame->room * 2;
    struct top_line *lines;

    if (frame->count < frame->room) {
        return 0;
    }
    lines = room > LINES_MAX ? NULL : reallocarray(frame->lines, room, sizeof(*lines));
    if (lines == NULL) {
        return -ENOMEM;
    }
    frame->lines = lines;
    frame->room = room;
    return 0;
}

/* Without UTF-8 each character that is not ASCII is one `?`. */
static void
make_ascii(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        unsigned char byte = (unsigned char)*from;

        if (byte < 0x80) {
            *to++ = *from;
        } else if ((byte & 0xC0) != 0x80) {
            *to++ = '?';
        }
    }
    *to = '\0';
}

void
top_frame_add(struct top_frame *frame, enum top_style style, const char *format, ...)
{
    char raw[LINE_SIZE], plain[LINE_SIZE];
    va_list arguments;
    size_t fits;

    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    status_text_plain(plain, sizeof(plain), raw);
    if (!frame->utf8) {
        make_ascii(plain);
    }
    fits = status_text_fit(plain, frame->width);
    if (plain[fits] != '\0' && fits > 0) {
        fits = status_text_fit(plain, frame->width - 1);
        plain[fits++] = '~';
    }
    plain[fits] = '\0';
    if (make_room(frame) == 0) {
        frame->lines[frame->count++] = (struct top_line){strdup(plain), style};
    }
}

void
top_frame_add_text(struct top_frame *frame, enum top_style style, char *take_text)
{
    char *rest = take_text;

    while (rest != NULL && *rest != '\0') {
        char *line = strsep(&rest, "\n");

        top_frame_add(frame, style, "%s", line);
    }
    free(take_text);
}

static void
add_title(struct top_frame *frame, const struct top_scene *scene)
{
    const json_t *application = json_object_get(scene->status, "application");
    const char *version = status_text_string(scene->status, "version");
    const char *state = status_text_string(scene->status, "state");
    const char *tag = status_text_string(application, "tag");
    char up[STATUS_TEXT_SIZE], pace[STATUS_TEXT_SIZE], left[256];

    snprintf(left, sizeof(left), " swarm %s  %s%sup %s  %s", version != NULL ? version : "-",
             tag != NULL ? tag : "", tag != NULL ? "  " : "",
             status_text_span(scene->status, "uptime_s", " ", up), state != NULL ? state : "-");
    if (scene->view->is_paused) {
        util_copy_text(pace, sizeof(pace), "PAUSED");
    } else {
        status_text_seconds((double)scene->view->pace_ms / 1000.0, " ", pace);
    }
    if (status_text_width(left) + strlen(pace) + 9 <= frame->width) {
        size_t pad = frame->width - status_text_width(left) - strlen(pace) - 1;

        top_frame_add(frame, TOP_STYLE_TITLE, "%s%*s%s ", left, (int)pad, "", pace);
    } else {
        top_frame_add(frame, TOP_STYLE_TITLE, "%s", left);
    }
}

static void
add_troubles(struct top_frame *frame, const struct top_scene *scene)
{
    const char *degraded = status_text_string(scene->status, "degraded");
    const json_t *limits = json_object_get(scene->status, "limits");

    if (scene->problem != NULL) {
        top_frame_add(frame, TOP_STYLE_ALARM, "%s", scene->problem);
    }
    if (degraded != NULL) {
        top_frame_add(frame, TOP_STYLE_ALARM, "DEGRADED: %s", degraded);
    }
    if (status_text_is(limits, "dry_run")) {
        top_frame_add(frame, TOP_STYLE_WARN,
                      "DRY RUN: limits are only reported, nobody is replaced for them");
    }
}

/* The widest words that fit. */
static const char *
keys_of(const struct top_scene *scene)
{
    bool is_list = scene->view->page == TOP_PAGE_WORKERS;

    if (!is_list) {
        return scene->utf8 ? "Esc back  ↑↓ scroll  p pause  ? help  q quit"
                           : "Esc back  j/k scroll  p pause  ? help  q quit";
    }
    return scene->utf8
               ? "↑↓ choose  Enter look into  s sort  c classes  r recent  p pause  ? help  q quit"
               : "j/k move  Enter look into  s sort  c classes  r recent  p pause  ? help  q "
                 "quit";
}

static void
add_keys(struct top_frame *frame, const struct top_scene *scene)
{
    char sorted[64] = "";

    if (scene->view->page == TOP_PAGE_WORKERS && scene->view->sort != TOP_SORT_SLOT) {
        snprintf(sorted, sizeof(sorted), "by %s%s  ", top_sort_name(scene->view->sort),
                 scene->view->is_reversed ? " reversed" : "");
    }
    top_frame_add(frame, TOP_STYLE_FAINT, "%s%s", sorted, keys_of(scene));
}

/* Fills up to the last line but one, so that the keys stand at the bottom. */
static void
fill(struct top_frame *frame, unsigned height)
{
    while (frame->count + 1 < height && make_room(frame) == 0) {
        top_frame_add(frame, TOP_STYLE_PLAIN, "%s", "");
    }
}

static int
check(const struct top_frame *frame)
{
    for (unsigned i = 0; i < frame->count; i++) {
        if (frame->lines[i].text == NULL) {
            return -ENOMEM;
        }
    }
    return 0;
}

int
top_frame_draw(const struct top_scene *scene, struct top_frame *ret_frame)
{
    struct top_frame *frame = ret_frame;

    *frame = (struct top_frame){.width = scene->width, .utf8 = scene->utf8};
    add_title(frame, scene);
    add_troubles(frame, scene);
    top_page_add(frame, scene);
    if (scene->height > 0) {
        fill(frame, scene->height);
        /* A terminal of a few lines shows the top of all that. */
        while (frame->count > 0 && frame->count + 1 > scene->height) {
            free(frame->lines[--frame->count].text);
        }
        add_keys(frame, scene);
    }
    return check(frame);
}

void
top_frame_done(struct top_frame *frame)
{
    for (unsigned i = 0; i < frame->count; i++) {
        free(frame->lines[i].text);
    }
    free(frame->lines);
    *frame = (struct top_frame){.lines = NULL};
}

static void
trim(char *text, size_t length)
{
    while (length > 0 && text[length - 1] == ' ') {
        text[--length] = '\0';
    }
}

char *
top_frame_text(const struct top_frame *frame)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    if (to == NULL) {
        return NULL;
    }
    for (unsigned i = 0; i < frame->count; i++) {
        char line[LINE_SIZE];

        util_copy_text(line, sizeof(line), frame->lines[i].text);
        trim(line, strlen(line));
        fprintf(to, "%s\n", line);
    }
    return util_end_text(to, &text, 0);
}

/* Select Graphic Rendition of ECMA-48. Without colours only what every terminal has: bold and reverse. */
static const char *
style_bytes(enum top_style style, bool has_colours)
{
    switch (style) {
    case TOP_STYLE_PLAIN:
        break;
    case TOP_STYLE_TITLE:
    case TOP_STYLE_CHOSEN:
        return "\x1b[7m";
    case TOP_STYLE_HEAD:
        return "\x1b[1m";
    case TOP_STYLE_FAINT:
        return has_colours ? "\x1b[36m" : "";
    case TOP_STYLE_GOOD:
        return has_colours ? "\x1b[32m" : "";
    case TOP_STYLE_WARN:
        return has_colours ? "\x1b[33m" : "\x1b[1m";
    case TOP_STYLE_ALARM:
        return has_colours ? "\x1b[1;31m" : "\x1b[1m";
    }
    return "";
}

/* A whole line is marked, to the last column. */
static void
paint_line(const struct top_frame *frame, const struct top_line *line, bool has_colours, FILE *to)
{
    const char *style = style_bytes(line->style, has_colours);
    size_t width = status_text_width(line->text);
    bool is_bar = line->style == TOP_STYLE_TITLE || line->style == TOP_STYLE_CHOSEN;
    size_t pad = is_bar && width < frame->width ? frame->width - width : 0;

    fprintf(to, "%s%s%*s%s", style, line->text, (int)pad, "", style[0] != '\0' ? "\x1b[m" : "");
    /* At the last column nothing is left to be erased, and some terminals would erase that column. */
    if (width + pad < frame->width) {
        fputs("\x1b[K", to);
    }
}

char *
top_frame_paint(const struct top_frame *frame, bool has_colours)
{
    char *bytes = NULL;
    size_t length;
    FILE *to = open_memstream(&bytes, &length);

    if (to == NULL) {
        return NULL;
    }
    for (unsigned i = 0; i < frame->count; i++) {
        /* Each line is placed, so that a width the terminal counts otherwise moves no other line. */
        fprintf(to, "\x1b[%u;1H", i + 1);
        paint_line(frame, &frame->lines[i], has_colours, to);
    }
    fputs("\x1b[J", to);
    return util_end_text(to, &bytes, 0);
}
