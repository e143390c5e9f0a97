/*
 * top_view.h: what somebody looks at in `swarm top`: the page, the order, the process they chose.
 *
 * Pure: keys in, a changed view out. Must not draw and must not ask.
 */
#ifndef SWARM_TOP_VIEW_H
#define SWARM_TOP_VIEW_H

#include <jansson.h>

#include "status_rows.h"
#include "top_keys.h"

enum top_page {
    TOP_PAGE_WORKERS, /* all processes */
    TOP_PAGE_WORKER,  /* one of them */
    TOP_PAGE_CLASSES,
    TOP_PAGE_RECENT,
    TOP_PAGE_HELP,
};

enum top_sort {
    TOP_SORT_SLOT,
    TOP_SORT_RSS,
    TOP_SORT_PSS,
    TOP_SORT_USS,
    TOP_SORT_GROWTH,
    TOP_SORT_LIMIT, /* nearest first */
    TOP_SORT_CPU,
    TOP_SORT_BUSY,
    TOP_SORT_DONE,
    TOP_SORT_AGE,
    TOP_SORT_COUNT
};

struct top_view {
    enum top_page page;
    enum top_sort sort;
    bool is_reversed;
    bool is_paused;
    int64_t pace_ms;        /* between two questions */
    json_int_t chosen_slot; /* -1: a mold */
    json_int_t chosen_pid;  /* 0: a slot without a worker, or nothing chosen yet */
    unsigned chosen_at;     /* in the list as it was shown last */
    unsigned scroll;        /* lines of a page that is not a list */
};

enum top_wish {
    TOP_WISH_NOTHING,
    TOP_WISH_DRAW,  /* the view changed */
    TOP_WISH_CLEAR, /* paint everything anew */
    TOP_WISH_ASK,   /* the view changed, and wants an answer now */
    TOP_WISH_LEAVE,
};

#define TOP_VIEW_PACE_MS 1000

void top_view_init(struct top_view *view);

/* The processes in the view's order, malloc'd; NULL without memory. Molds come first, what is not known last. */
struct status_row *top_view_rows(const struct top_view *view, const json_t *status,
                                 unsigned *ret_count);

/* Which of the rows is chosen: the same process as before, else its slot's, else what stands there now. */
unsigned top_view_chosen(const struct top_view *view, const struct status_row *rows,
                         unsigned count);

/* Takes one key; `status` may be NULL, `page_lines` is how far a page key goes. */
enum top_wish top_view_key(struct top_view *view, int key, const json_t *status,
                           unsigned page_lines);

/* "rss", as the footer has it. */
const char *top_sort_name(enum top_sort sort);

#endif
