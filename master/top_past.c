/*
 * top_past.c: see top_past.h.
 */
#include "top_past.h"

#include <stdlib.h>
#include <string.h>

/* More processes than any service has; what is beyond has no line. */
#define PROCESSES_MAX 1024

struct process_past {
    json_int_t pid;
    bool is_seen; /* in the answer that is being taken */
    struct top_line_of line;
};

struct top_past {
    struct process_past *processes;
    size_t count;
};

struct top_past *
top_past_new(void)
{
    return calloc(1, sizeof(struct top_past));
}

void
top_past_free(struct top_past *past)
{
    if (past != NULL) {
        free(past->processes);
        free(past);
    }
}

static struct process_past *
find(const struct top_past *past, json_int_t pid)
{
    for (size_t i = 0; i < past->count; i++) {
        if (past->processes[i].pid == pid) {
            return &past->processes[i];
        }
    }
    return NULL;
}

/* Finds the process, or begins its line. NULL when there is no room. */
static struct process_past *
take_process(struct top_past *past, json_int_t pid)
{
    struct process_past *found = find(past, pid);
    struct process_past *processes;

    if (found != NULL || past->count == PROCESSES_MAX) {
        return found;
    }
    processes = reallocarray(past->processes, past->count + 1, sizeof(*processes));
    if (processes == NULL) {
        return NULL;
    }
    past->processes = processes;
    found = &processes[past->count++];
    memset(found, 0, sizeof(*found));
    found->pid = pid;
    return found;
}

static void
add_point(struct top_line_of *line, double rss_bytes)
{
    if (line->count == TOP_PAST_POINTS) {
        memmove(line->rss_bytes, line->rss_bytes + 1,
                (TOP_PAST_POINTS - 1) * sizeof(line->rss_bytes[0]));
        line->count--;
    }
    line->rss_bytes[line->count++] = rss_bytes;
}

static void
add_process(struct top_past *past, const json_t *process)
{
    const json_t *rss = json_object_get(process, "rss_bytes");
    const json_t *pid = json_object_get(process, "pid");
    struct process_past *found =
        json_is_integer(pid) ? take_process(past, json_integer_value(pid)) : NULL;

    if (found != NULL) {
        found->is_seen = true;
        if (json_is_number(rss)) {
            add_point(&found->line, json_number_value(rss));
        }
    }
}

static void
forget_the_unseen(struct top_past *past)
{
    size_t kept = 0;

    for (size_t i = 0; i < past->count; i++) {
        bool is_seen = past->processes[i].is_seen;

        past->processes[i].is_seen = false;
        if (is_seen && kept != i) {
            memcpy(&past->processes[kept], &past->processes[i], sizeof(past->processes[i]));
        }
        kept += is_seen;
    }
    past->count = kept;
}

void
top_past_add(struct top_past *past, const json_t *status)
{
    size_t i, j;
    json_t *slot, *process;

    json_array_foreach(json_object_get(status, "molds"), i, process)
    {
        add_process(past, process);
    }
    json_array_foreach(json_object_get(status, "slots"), i, slot)
    {
        json_array_foreach(json_object_get(slot, "workers"), j, process)
        {
            add_process(past, process);
        }
    }
    forget_the_unseen(past);
}

const struct top_line_of *
top_past_of(const struct top_past *past, json_int_t pid)
{
    const struct process_past *found = find(past, pid);

    return found != NULL && found->line.count > 0 ? &found->line : NULL;
}

static void
range_of(const double *points, size_t count, double ret_range[2])
{
    ret_range[0] = count > 0 ? points[0] : 0;
    ret_range[1] = ret_range[0];
    for (size_t i = 0; i < count; i++) {
        ret_range[0] = points[i] < ret_range[0] ? points[i] : ret_range[0];
        ret_range[1] = points[i] > ret_range[1] ? points[i] : ret_range[1];
    }
}

char *
top_past_draw(const struct top_line_of *line, size_t width, bool utf8, char *to,
              double ret_range[2])
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const letters[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    size_t count = line->count < width ? line->count : width;
    const double *points = line->rss_bytes + line->count - count;
    char *at = to;

    range_of(points, count, ret_range);
    for (size_t i = 0; i < count; i++) {
        double span = ret_range[1] - ret_range[0];
        size_t level = span > 0 ? (size_t)((points[i] - ret_range[0]) / span * 7.0 + 0.5) : 0;

        at = stpcpy(at, (utf8 ? blocks : letters)[level]);
    }
    *at = '\0';
    return to;
}
