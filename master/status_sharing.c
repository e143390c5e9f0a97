/*
 * status_sharing.c: what workers share, what is left of that, and what separate processes would take, as JSON. See
 * docs/status.md.
 *
 * What separate processes would take is an estimate from one measured figure: a mold that is ready, before anything is forked
 * from it, has booted the application as one process by itself does. What such a process would grow by in its work is what
 * workers have grown since their fork. Pages of files are counted once, as the sum of PSS counts them.
 */
#include <stdlib.h>

#include "status_json.h"

/* Of the workers that stand for processes of their own. */
struct sample {
    unsigned count;
    double anonymous[POOL_SLOTS_MAX]; /* bytes beside pages of files, now */
    double growth[POOL_SLOTS_MAX];    /* and what of that is since its fork */
    double retained[POOL_SLOTS_MAX];
    unsigned retained_count;
    double file_bytes; /* the most that one has of files */
};

/* One process by itself. */
struct standalone {
    const char *basis; /* NULL: not known */
    double boot_bytes;
    double growth_bytes;
    double file_bytes; /* of boot_bytes */
};

static int
compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;

    return (a > b) - (a < b);
}

/* Sorts them; there is at least one. */
static double
median(double *figures, unsigned count)
{
    qsort(figures, count, sizeof(*figures), compare);
    return count % 2 == 1 ? figures[count / 2] : (figures[count / 2 - 1] + figures[count / 2]) / 2;
}

static uint64_t
shared_bytes(const struct memory_figures *memory)
{
    return memory->rss_bytes > memory->uss_bytes ? memory->rss_bytes - memory->uss_bytes : 0;
}

static bool
is_shared_known(const struct memory_figures *memory)
{
    return memory->rss_known && memory->private_known;
}

bool
status_retained(const struct worker *worker, double *ret_percent)
{
    double share;

    if (!is_shared_known(&worker->memory) || !is_shared_known(&worker->first) ||
        shared_bytes(&worker->first) == 0) {
        return false;
    }
    share = (double)shared_bytes(&worker->memory) / (double)shared_bytes(&worker->first);
    /* Pages of files that it touched since are shared, too. */
    *ret_percent = share < 1 ? 100 * share : 100;
    return true;
}

void
status_add_sharing(json_t *json, const struct worker *worker)
{
    bool is_known = is_shared_known(&worker->first);
    double percent;

    json_object_set_new(json, "fresh_rss_bytes",
                        json_if(worker->fresh.rss_known, worker->fresh.rss_bytes));
    json_object_set_new(json, "fresh_shared_bytes",
                        json_if(is_known, shared_bytes(&worker->first)));
    json_object_set_new(json, "fresh_jobs", json_if(is_known, worker->first_jobs));
    json_object_set_new(json, "retained_percent",
                        status_retained(worker, &percent) ? json_real(percent) : json_null());
}

static double
anonymous_bytes(const struct memory_figures *memory)
{
    return (double)memory->rss_bytes - (double)memory->file_bytes;
}

/* Does it stand for a process of its own: a worker that fills its slot, and no spare? */
static bool
is_counted(const struct pool *pool, const struct worker *worker)
{
    return !pool_is_spare(pool, worker) && pool->slots[worker->slot].current == worker &&
           worker->ready_ms != 0 && worker_is_living(worker) && worker->memory.rss_known &&
           worker->fresh.rss_known;
}

static void
take_sample(const struct pool *pool, struct sample *sample)
{
    const struct worker *worker;
    double percent;

    TAILQ_FOREACH (worker, &pool->workers, entry) {
        double now = anonymous_bytes(&worker->memory);
        double files = (double)worker->memory.file_bytes;

        if (!is_counted(pool, worker) || sample->count == POOL_SLOTS_MAX) {
            continue;
        }
        sample->anonymous[sample->count] = now;
        sample->growth[sample->count++] = now - anonymous_bytes(&worker->fresh);
        sample->file_bytes = files > sample->file_bytes ? files : sample->file_bytes;
        if (status_retained(worker, &percent)) {
            sample->retained[sample->retained_count++] = percent;
        }
    }
}

/* A mold stands for one process where it has loaded the application, else a worker does, which has. */
static struct standalone
standalone_of(const struct supervisor *supervisor, struct sample *sample)
{
    const struct pool_booted *booted = &supervisor->pool.booted;
    bool is_app = supervisor->config->prefork && supervisor->config->preload == CONFIG_PRELOAD_APP;
    double growth;

    if (sample->count == 0 || (is_app && booted->generation == 0)) {
        return (struct standalone){0};
    }
    growth = median(sample->growth, sample->count);
    if (is_app) {
        return (struct standalone){.basis = "mold",
                                   .boot_bytes = (double)booted->rss_bytes,
                                   .growth_bytes = growth,
                                   .file_bytes = (double)booted->file_bytes};
    }
    return (struct standalone){.basis = "workers",
                               .boot_bytes = median(sample->anonymous, sample->count) - growth +
                                             sample->file_bytes,
                               .growth_bytes = growth,
                               .file_bytes = sample->file_bytes};
}

static json_t *
json_bytes(bool is_known, double bytes)
{
    return is_known ? json_integer((json_int_t)bytes) : json_null();
}

static void
add_estimate(json_t *json, const struct standalone *one, unsigned count)
{
    bool is_known = one->basis != NULL;
    double bytes = one->boot_bytes + one->growth_bytes;
    double all = count * (bytes - one->file_bytes) + one->file_bytes;

    json_object_set_new(json, "standalone_basis", json_text(one->basis));
    json_object_set_new(json, "standalone_boot_bytes", json_bytes(is_known, one->boot_bytes));
    json_object_set_new(json, "standalone_growth_bytes", json_bytes(is_known, one->growth_bytes));
    json_object_set_new(json, "standalone_file_bytes", json_bytes(is_known, one->file_bytes));
    json_object_set_new(json, "separate_bytes", json_bytes(is_known, all > 0 ? all : 0));
}

json_t *
status_sharing(const struct supervisor *supervisor)
{
    struct sample sample = {0};
    struct standalone one;
    json_t *json = json_object();

    take_sample(&supervisor->pool, &sample);
    one = standalone_of(supervisor, &sample);
    json_object_set_new(json, "prefork", json_boolean(supervisor->pool.settings.prefork));
    json_object_set_new(json, "workers", json_count(sample.count));
    add_estimate(json, &one, sample.count);
    json_object_set_new(json, "retained_percent",
                        sample.retained_count != 0
                            ? json_real(median(sample.retained, sample.retained_count))
                            : json_null());
    return json;
}
