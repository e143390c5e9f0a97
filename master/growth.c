/* growth.c: see growth.h. */
#include "growth.h"

#include <string.h>

/* Jobs alone speak clearer than shared ones, once there are a few of them. */
#define ALONE_ENOUGH 3

static struct growth_class *
find_class(struct growth *growth, const char *name)
{
    for (unsigned i = 0; i < growth->count; i++) {
        if (strcmp(growth->classes[i].name, name) == 0) {
            return &growth->classes[i];
        }
    }
    return NULL;
}

/* The last row is kept for all the rest, unless a worker that had no room left has named that before. */
static struct growth_class *
get_class(struct growth *growth, const char *name)
{
    bool is_full = growth->count >= GROWTH_CLASSES - 1;
    struct growth_class *class = find_class(growth, name);

    if (class == NULL && is_full) {
        name = BOARD_CLASS_REST;
        class = find_class(growth, name);
    }
    if (class == NULL) {
        class = &growth->classes[growth->count++];
        *class = (struct growth_class){0};
        util_copy_text(class->name, sizeof(class->name), name);
    }
    return class;
}

static uint64_t
since(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* What one class did between two cycles. */
struct step {
    uint64_t ended;
    uint64_t failed;
    uint64_t work_ms;
    bool was_at_work; /* at any moment of it, as far as the two ends tell */
};

static struct step
step_of(const struct growth_mark *mark, const struct board_class_figures *now, unsigned row)
{
    uint64_t ended_before = mark->classes[row].done + mark->classes[row].failed;
    uint64_t ended = since(now->done + now->failed, ended_before);

    return (struct step){
        .ended = ended,
        .failed = since(now->failed, mark->classes[row].failed),
        .work_ms = since(now->work_ms, mark->classes[row].work_ms),
        .was_at_work = ended > 0 || mark->classes[row].started > ended_before ||
                       now->started > now->done + now->failed,
    };
}

static void
set_mark(struct growth_mark *mark, const struct board_class_figures *classes, unsigned count,
         uint64_t rss_bytes)
{
    mark->known = rss_bytes != 0;
    mark->rss_bytes = rss_bytes;
    mark->class_count = count;
    mark->started = 0;
    mark->is_idle = true;
    for (unsigned i = 0; i < count; i++) {
        mark->started += classes[i].started;
        mark->is_idle = mark->is_idle && classes[i].started <= classes[i].done + classes[i].failed;
        mark->classes[i].started = classes[i].started;
        mark->classes[i].done = classes[i].done;
        mark->classes[i].failed = classes[i].failed;
        mark->classes[i].work_ms = classes[i].work_ms;
    }
}

static void
share_out(struct growth_class *class, const struct step *step, uint64_t all_ended, bool is_alone,
          int64_t change)
{
    if (is_alone) {
        class->alone_jobs += step->ended;
        class->alone_bytes += change;
    } else {
        class->shared_jobs += step->ended;
        class->shared_bytes += (int64_t)((double)change * (double)step->ended / (double)all_ended);
    }
}

void
growth_count(struct growth *growth, struct growth_mark *mark,
             const struct board_class_figures *classes, unsigned class_count, uint64_t rss_bytes)
{
    struct step steps[BOARD_CLASSES];
    uint64_t all_ended = 0;
    unsigned at_work = 0;
    bool has_change = mark->known && rss_bytes != 0;
    uint64_t rss_mark = rss_bytes;

    for (unsigned i = 0; i < class_count; i++) {
        steps[i] = step_of(mark, &classes[i], i);
        all_ended += steps[i].ended;
        at_work += steps[i].was_at_work;
    }
    /* What a long job takes is counted when it ends. */
    if (has_change && all_ended == 0 && at_work > 0) {
        rss_mark = mark->rss_bytes;
    }
    for (unsigned i = 0; i < class_count; i++) {
        struct growth_class *class;

        if (steps[i].ended == 0) {
            continue;
        }
        class = get_class(growth, classes[i].name);
        class->jobs += steps[i].ended;
        class->failed += steps[i].failed;
        class->work_ms += steps[i].work_ms;
        if (has_change) {
            share_out(class, &steps[i], all_ended, at_work == 1,
                      (int64_t)(rss_bytes - mark->rss_bytes));
        }
    }
    set_mark(mark, classes, class_count, rss_mark);
}

bool
growth_is_idle(const struct growth_mark *mark, uint64_t started)
{
    return mark->is_idle && mark->started == started;
}

void
growth_rest(struct growth_mark *mark, uint64_t rss_bytes)
{
    mark->known = rss_bytes != 0;
    mark->rss_bytes = rss_bytes;
}

bool
growth_per_job(const struct growth_class *class, double *ret_bytes, bool *ret_alone)
{
    bool is_alone = class->alone_jobs >= ALONE_ENOUGH || class->shared_jobs == 0;
    uint64_t jobs = is_alone ? class->alone_jobs : class->shared_jobs;
    int64_t bytes = is_alone ? class->alone_bytes : class->shared_bytes;

    if (jobs == 0) {
        return false;
    }
    *ret_bytes = (double)bytes / (double)jobs;
    *ret_alone = is_alone;
    return true;
}
