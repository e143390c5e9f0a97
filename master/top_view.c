/*
 * top_view.c: see top_view.h.
 *
 * Owns what each key does.
 */
#include "top_view.h"

#include <stdlib.h>

/* How each order is called, its key, and what it compares. */
static const struct {
    const char *name;
    char key;
    const char *figure;  /* of a worker; NULL: the slot's number */
    bool is_least_first; /* else the largest */
} sorts[TOP_SORT_COUNT] = {
    [TOP_SORT_SLOT] = {"slot", 'N', NULL, true},
    [TOP_SORT_RSS] = {"rss", 'M', "rss_bytes", false},
    [TOP_SORT_PSS] = {"pss", 'T', "pss_bytes", false},
    [TOP_SORT_USS] = {"uss", 'U', "uss_bytes", false},
    [TOP_SORT_GROWTH] = {"growth", 'W', "growth_bytes_per_hour", false},
    [TOP_SORT_LIMIT] = {"limit", 'L', "limit_in_s", true},
    [TOP_SORT_CPU] = {"cpu", 'P', "cpu_percent", false},
    [TOP_SORT_BUSY] = {"busy", 'B', "busy", false},
    [TOP_SORT_DONE] = {"done", 'D', "done", false},
    [TOP_SORT_AGE] = {"age", 'A', "age_s", false},
};

static const int64_t paces[] = {200, 500, 1000, 2000, 5000, 10000, 30000, 60000};

/* A row beside what it is sorted by. */
struct sorted {
    struct status_row row;
    bool is_known;
    double value; /* the least goes first */
    unsigned at;  /* in the status: equals keep their order */
};

void
top_view_init(struct top_view *view)
{
    *view = (struct top_view){.pace_ms = TOP_VIEW_PACE_MS};
}

const char *
top_sort_name(enum top_sort sort)
{
    return sorts[sort].name;
}

static json_int_t
slot_of(const struct status_row *row)
{
    const json_t *slot = json_object_get(row->slot, "slot");

    return json_is_integer(slot) ? json_integer_value(slot) : -1;
}

static json_int_t
pid_of(const struct status_row *row)
{
    return json_integer_value(json_object_get(row->mold != NULL ? row->mold : row->worker, "pid"));
}

static void
weigh(const struct top_view *view, struct sorted *each)
{
    const char *figure = sorts[view->sort].figure;
    const json_t *value = figure == NULL ? json_object_get(each->row.slot, "slot")
                                         : json_object_get(each->row.worker, figure);

    each->is_known = json_is_number(value);
    each->value = json_number_value(value);
    if (sorts[view->sort].is_least_first == view->is_reversed) {
        each->value = -each->value;
    }
}

static int
compare(const void *one, const void *other)
{
    const struct sorted *a = one, *b = other;

    if ((a->row.mold == NULL) != (b->row.mold == NULL)) {
        return a->row.mold == NULL ? 1 : -1;
    }
    if (a->is_known != b->is_known) {
        return a->is_known ? -1 : 1;
    }
    if (a->value < b->value || a->value > b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return a->at < b->at ? -1 : a->at > b->at;
}

struct status_row *
top_view_rows(const struct top_view *view, const json_t *status, unsigned *ret_count)
{
    struct status_row *rows = status_rows_of(status, ret_count);
    struct sorted *sorted = rows == NULL ? NULL : calloc(*ret_count + 1u, sizeof(*sorted));

    if (sorted == NULL) {
        free(rows);
        *ret_count = 0;
        return NULL;
    }
    for (unsigned i = 0; i < *ret_count; i++) {
        sorted[i].row = rows[i];
        sorted[i].at = i;
        weigh(view, &sorted[i]);
    }
    qsort(sorted, *ret_count, sizeof(*sorted), compare);
    for (unsigned i = 0; i < *ret_count; i++) {
        rows[i] = sorted[i].row;
    }
    free(sorted);
    return rows;
}

unsigned
top_view_chosen(const struct top_view *view, const struct status_row *rows, unsigned count)
{
    unsigned of_slot = count;

    for (unsigned i = 0; i < count; i++) {
        if (slot_of(&rows[i]) != view->chosen_slot) {
            continue;
        }
        if (pid_of(&rows[i]) == view->chosen_pid) {
            return i;
        }
        of_slot = of_slot == count ? i : of_slot;
    }
    if (of_slot < count) {
        return of_slot;
    }
    return view->chosen_at < count ? view->chosen_at : count > 0 ? count - 1 : 0;
}

static void
choose(struct top_view *view, const struct status_row *rows, unsigned at)
{
    view->chosen_at = at;
    view->chosen_slot = slot_of(&rows[at]);
    view->chosen_pid = pid_of(&rows[at]);
}

/* How far a key moves; `last` is as far as anything goes. */
static long
distance(int key, unsigned page_lines, unsigned last)
{
    switch (key) {
    case TOP_KEY_UP:
    case 'k':
        return -1;
    case TOP_KEY_DOWN:
    case 'j':
        return 1;
    case TOP_KEY_PAGE_UP:
        return -(long)page_lines;
    case TOP_KEY_PAGE_DOWN:
    case ' ':
        return (long)page_lines;
    case TOP_KEY_HOME:
    case 'g':
        return -(long)last;
    case TOP_KEY_END:
    case 'G':
        return (long)last;
    default:
        return 0;
    }
}

static unsigned
moved(unsigned at, long by, unsigned last)
{
    long to = (long)at + by;

    return to < 0 ? 0 : to > (long)last ? last : (unsigned)to;
}

/* Moves the choice. Returns whether the key was one that moves. */
static bool
move_choice(struct top_view *view, int key, const json_t *status, unsigned page_lines)
{
    unsigned count;
    struct status_row *rows = top_view_rows(view, status, &count);
    long by = count > 0 ? distance(key, page_lines, count) : 0;

    if (by != 0 && rows != NULL) {
        choose(view, rows, moved(top_view_chosen(view, rows, count), by, count - 1));
    }
    free(rows);
    return by != 0;
}

/* A page is not longer than this; what draws it knows its end. */
#define PAGE_LAST 9999u

static bool
move_page(struct top_view *view, int key, unsigned page_lines)
{
    long by = distance(key, page_lines, PAGE_LAST);

    view->scroll = moved(view->scroll, by, PAGE_LAST);
    return by != 0;
}

static void
change_pace(struct top_view *view, bool is_slower)
{
    size_t at = 0;

    while (at + 1 < ARRAY_LEN(paces) && paces[at] < view->pace_ms) {
        at++;
    }
    if (is_slower) {
        at += at + 1 < ARRAY_LEN(paces);
    } else {
        at -= at > 0;
    }
    view->pace_ms = paces[at];
}

static enum top_wish
go_to(struct top_view *view, enum top_page page)
{
    /* The same key leads there and back. */
    view->page = view->page == page ? TOP_PAGE_WORKERS : page;
    view->scroll = 0;
    return view->page == TOP_PAGE_WORKER ? TOP_WISH_ASK : TOP_WISH_DRAW;
}

/* Enter: looks into what is chosen, so that it stays chosen while the order changes. */
static enum top_wish
look_into(struct top_view *view, const json_t *status)
{
    unsigned count;
    struct status_row *rows;

    if (view->page != TOP_PAGE_WORKERS) {
        return TOP_WISH_NOTHING;
    }
    rows = top_view_rows(view, status, &count);
    if (rows != NULL && count > 0) {
        choose(view, rows, top_view_chosen(view, rows, count));
    }
    free(rows);
    return count > 0 ? go_to(view, TOP_PAGE_WORKER) : TOP_WISH_NOTHING;
}

static enum top_wish
sort_by(struct top_view *view, enum top_sort sort)
{
    view->sort = sort;
    view->is_reversed = false;
    return TOP_WISH_DRAW;
}

/* Keys that choose an order; only where there is one to see. */
static enum top_wish
sort_key(struct top_view *view, int key)
{
    for (enum top_sort sort = 0; sort < TOP_SORT_COUNT; sort++) {
        if (key == sorts[sort].key) {
            return sort_by(view, sort);
        }
    }
    switch (key) {
    case 's':
        return sort_by(view, (view->sort + 1) % TOP_SORT_COUNT);
    case 'S':
        return sort_by(view, (view->sort + TOP_SORT_COUNT - 1) % TOP_SORT_COUNT);
    case 'R':
        view->is_reversed = !view->is_reversed;
        return TOP_WISH_DRAW;
    default:
        return TOP_WISH_NOTHING;
    }
}

static enum top_wish
command_key(struct top_view *view, int key, const json_t *status)
{
    switch (key) {
    case 'q':
        return TOP_WISH_LEAVE;
    case TOP_KEY_ENTER:
        return look_into(view, status);
    case TOP_KEY_ESCAPE:
        return view->page == TOP_PAGE_WORKERS ? TOP_WISH_NOTHING : go_to(view, view->page);
    case TOP_KEY_REDRAW:
        return TOP_WISH_CLEAR;
    case 'c':
        return go_to(view, TOP_PAGE_CLASSES);
    case 'r':
        return go_to(view, TOP_PAGE_RECENT);
    case '?':
    case 'h':
        return go_to(view, TOP_PAGE_HELP);
    case 'p':
        view->is_paused = !view->is_paused;
        return view->is_paused ? TOP_WISH_DRAW : TOP_WISH_ASK;
    case '+':
    case '=':
    case '-':
        change_pace(view, key != '-');
        return TOP_WISH_DRAW;
    default:
        return TOP_WISH_NOTHING;
    }
}

enum top_wish
top_view_key(struct top_view *view, int key, const json_t *status, unsigned page_lines)
{
    enum top_wish wish = command_key(view, key, status);
    bool is_list = view->page == TOP_PAGE_WORKERS;

    if (wish != TOP_WISH_NOTHING) {
        return wish;
    }
    if (is_list ? move_choice(view, key, status, page_lines) : move_page(view, key, page_lines)) {
        return TOP_WISH_DRAW;
    }
    return is_list ? sort_key(view, key) : TOP_WISH_NOTHING;
}
