/*
 * probe.c: what processes cost, read from outside of them: one JSON object on standard output.
 *
 *   cow-probe [--still] [--map] PID...
 *
 *   --still  stop all of them (SIGSTOP), wait until each stands, read, let them go on; one that was stopped stays so
 *   --map    also where the memory is, by kind (rss/map.h)
 *
 * {"processes": [{"pid", figures, "kinds": {KIND: {"resident_kib", "private_kib", "shared_kib", "swap_kib", "pss_kib"}},
 * "ruby_blocks", "content_known"}], "sum": {the same without "pid" and "content_known"}, "gone": [PID], "held_ms"}
 *
 * Exit codes: 0, also where processes were gone; 64 usage; 70 something could not be read, or did not stop in time, and then
 * nothing is printed but the reason, on standard error. Ended by a signal, it lets all go on first.
 *
 * Owns nothing that outlasts it. Must not be written in Ruby, nor run inside what it reads: both would show in the figures.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "master/exit_code.h"
#include "probe_hold.h"
#include "rss/map.h"
#include "rss/map_smaps.h"
#include "rss/proc.h"

struct sample {
    bool is_gone;
    uint64_t rss_kib;
    uint64_t pss_kib;
    uint64_t uss_kib;
    uint64_t shared_kib;
    uint64_t swap_kib;
    uint64_t page_tables_kib;
    uint64_t threads;
    uint64_t minor_faults;
    uint64_t major_faults;
    uint64_t cpu_ms;
    uint64_t children_cpu_ms;       /* of children that it has reaped */
    uint64_t children_minor_faults; /* the same */
    struct map_report map;
};

struct probe {
    bool is_still;
    bool has_map;
    pid_t *pids;
    size_t count;
    struct sample *samples;
    int64_t held_ms;
};

struct field {
    const char *name;
    size_t at;
};

static const struct field sample_fields[] = {
    {"rss_kib", offsetof(struct sample, rss_kib)},
    {"pss_kib", offsetof(struct sample, pss_kib)},
    {"uss_kib", offsetof(struct sample, uss_kib)},
    {"shared_kib", offsetof(struct sample, shared_kib)},
    {"swap_kib", offsetof(struct sample, swap_kib)},
    {"page_tables_kib", offsetof(struct sample, page_tables_kib)},
    {"threads", offsetof(struct sample, threads)},
    {"minor_faults", offsetof(struct sample, minor_faults)},
    {"major_faults", offsetof(struct sample, major_faults)},
    {"cpu_ms", offsetof(struct sample, cpu_ms)},
    {"children_cpu_ms", offsetof(struct sample, children_cpu_ms)},
    {"children_minor_faults", offsetof(struct sample, children_minor_faults)},
};

static const struct field kind_fields[] = {
    {"resident_kib", offsetof(struct map_figures, resident_kib)},
    {"private_kib", offsetof(struct map_figures, private_kib)},
    {"shared_kib", offsetof(struct map_figures, shared_kib)},
    {"swap_kib", offsetof(struct map_figures, swap_kib)},
    {"pss_kib", offsetof(struct map_figures, pss_kib)},
};

/* proc_pid_stat(5): the numbers from field 10 (minor faults) to 20 (threads). */
static int
parse_stat(const char *text, struct sample *sample)
{
    const char *behind_name = strrchr(text, ')');
    uint64_t user, kernel, children_user, children_kernel;
    uint64_t tick_ms = 1000 / (uint64_t)sysconf(_SC_CLK_TCK);

    if (behind_name == NULL ||
        sscanf(behind_name,
               ") %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %" SCNu64 " %" SCNu64 " %*u %" SCNu64
               " %" SCNu64 " %" SCNu64 " %" SCNu64 " %*d %*d %" SCNu64,
               &sample->minor_faults, &sample->children_minor_faults, &sample->major_faults, &user,
               &kernel, &children_user, &children_kernel, &sample->threads) != 8) {
        return -EBADMSG;
    }
    sample->cpu_ms = (user + kernel) * tick_ms;
    sample->children_cpu_ms = (children_user + children_kernel) * tick_ms;
    return 0;
}

/* Reads a small text of the process. Returns 0 or -errno. */
static int
read_text(pid_t pid, const char *file, char *to, size_t size)
{
    int fd = proc_open("/proc", pid, file);
    ssize_t length = fd >= 0 ? proc_read_again(fd, to, size) : fd;

    util_close(&fd);
    return length < 0 ? (int)length : 0;
}

static int
read_page_tables(pid_t pid, struct sample *sample)
{
    static char text[256 * 1024];
    int error = read_text(pid, "status", text, sizeof(text));
    const char *at = error == 0 ? strstr(text, "\nVmPTE:") : NULL;

    if (at != NULL) {
        sample->page_tables_kib = strtoull(at + strlen("\nVmPTE:"), NULL, 10);
    }
    return error;
}

static int
read_rollup(pid_t pid, struct sample *sample)
{
    struct map_areas areas = {0};
    int error = map_smaps_read(pid, "smaps_rollup", &areas);

    if (error == 0) {
        const struct map_figures *figures = &areas.list[0].figures;

        sample->rss_kib = figures->resident_kib;
        sample->pss_kib = figures->pss_kib;
        sample->uss_kib = figures->private_kib;
        sample->shared_kib = figures->shared_kib;
        sample->swap_kib = figures->swap_kib;
    }
    map_smaps_done(&areas);
    return error;
}

static int
read_sample(const struct probe *probe, pid_t pid, struct sample *sample)
{
    char stat[PROC_STAT_SIZE];
    int error = read_text(pid, "stat", stat, sizeof(stat));

    if (error == 0) {
        error = parse_stat(stat, sample);
    }
    if (error == 0) {
        error = read_page_tables(pid, sample);
    }
    if (error == 0) {
        error = read_rollup(pid, sample);
    }
    if (error == 0 && probe->has_map) {
        error = map_read(pid, &sample->map);
    }
    return error;
}

/* Returns 0 or -errno, said on standard error. */
static int
read_samples(struct probe *probe, const struct hold *hold)
{
    for (size_t i = 0; i < probe->count; i++) {
        struct sample *sample = &probe->samples[i];
        int error = hold_is_gone(hold, i) ? -ESRCH : read_sample(probe, probe->pids[i], sample);

        sample->is_gone = error == -ESRCH;
        if (error != 0 && error != -ESRCH) {
            fprintf(stderr, "cow-probe: cannot read process %d: %s\n", (int)probe->pids[i],
                    strerror(-error));
            return error;
        }
        if (hold_is_asked_to_end()) {
            return -EINTR;
        }
    }
    return 0;
}

static int
read_held(struct probe *probe)
{
    struct hold hold;
    int64_t start_ms = util_now_ms();
    int error = hold_open(&hold, probe->pids, probe->count);

    if (error == 0 && probe->is_still) {
        error = hold_stop(&hold);
    }
    if (error != 0) {
        fprintf(stderr, "cow-probe: cannot hold the processes still: %s\n", strerror(-error));
    } else {
        error = read_samples(probe, &hold);
    }
    hold_release(&hold);
    probe->held_ms = util_now_ms() - start_ms;
    return error;
}

static uint64_t
value_of(const void *object, const struct field *field)
{
    return *(const uint64_t *)(const void *)((const char *)object + field->at);
}

static void
add_fields(void *sum, const void *object, const struct field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        *(uint64_t *)(void *)((char *)sum + fields[i].at) += value_of(object, &fields[i]);
    }
}

static json_t *
fields_json(const void *object, const struct field *fields, size_t count)
{
    json_t *json = json_object();

    for (size_t i = 0; i < count; i++) {
        json_object_set_new(json, fields[i].name,
                            json_integer((json_int_t)value_of(object, &fields[i])));
    }
    return json;
}

static void
set_map(json_t *json, const struct map_report *map)
{
    json_t *kinds = json_object();

    for (size_t i = 0; i < MAP_KIND_COUNT; i++) {
        json_object_set_new(kinds, map_kind_name((enum map_kind)i),
                            fields_json(&map->kinds[i], kind_fields, ARRAY_LEN(kind_fields)));
    }
    json_object_set_new(json, "kinds", kinds);
    json_object_set_new(json, "ruby_blocks", json_integer((json_int_t)map->ruby_blocks));
}

static json_t *
sample_json(const struct probe *probe, const struct sample *sample)
{
    json_t *json = fields_json(sample, sample_fields, ARRAY_LEN(sample_fields));

    if (probe->has_map) {
        set_map(json, &sample->map);
    }
    return json;
}

static void
add_sample(struct sample *sum, const struct sample *sample)
{
    add_fields(sum, sample, sample_fields, ARRAY_LEN(sample_fields));
    sum->map.ruby_blocks += sample->map.ruby_blocks;
    for (size_t i = 0; i < MAP_KIND_COUNT; i++) {
        map_kind_add(&sum->map.kinds[i], &sample->map.kinds[i]);
    }
}

/* Returns false if it could not be written. */
static bool
print_samples(const struct probe *probe)
{
    struct sample sum = {0};
    json_t *processes = json_array();
    json_t *gone = json_array();
    json_t *json;
    bool is_written;

    for (size_t i = 0; i < probe->count; i++) {
        const struct sample *sample = &probe->samples[i];
        json_t *pid = json_integer(probe->pids[i]);

        if (sample->is_gone) {
            json_array_append_new(gone, pid);
            continue;
        }
        json = sample_json(probe, sample);
        json_object_set_new(json, "pid", pid);
        if (probe->has_map) {
            json_object_set_new(json, "content_known", json_boolean(sample->map.is_content_known));
        }
        json_array_append_new(processes, json);
        add_sample(&sum, sample);
    }
    json = json_object();
    json_object_set_new(json, "processes", processes);
    json_object_set_new(json, "sum", sample_json(probe, &sum));
    json_object_set_new(json, "gone", gone);
    json_object_set_new(json, "held_ms", json_integer(probe->held_ms));
    is_written = json_dumpf(json, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
    json_decref(json);
    return is_written && fflush(stdout) == 0;
}

/* Adds a pid, unless it is there already. Returns false for what is none, and for our own: we would stop ourselves. */
static bool
add_pid(struct probe *probe, const char *word)
{
    uint64_t pid;

    if (util_parse_u64(word, &pid) != 0 || pid == 0 || pid > INT_MAX || (pid_t)pid == getpid()) {
        return false;
    }
    for (size_t i = 0; i < probe->count; i++) {
        if (probe->pids[i] == (pid_t)pid) {
            return true;
        }
    }
    probe->pids[probe->count++] = (pid_t)pid;
    return true;
}

static bool
parse_words(struct probe *probe, char **words)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, "--still") == 0) {
            probe->is_still = true;
        } else if (strcmp(*words, "--map") == 0) {
            probe->has_map = true;
        } else if (!add_pid(probe, *words)) {
            return false;
        }
    }
    return probe->count > 0;
}

static int
run(struct probe *probe, char **words)
{
    if (probe->pids == NULL || probe->samples == NULL) {
        return EXIT_CODE_INTERNAL;
    }
    if (!parse_words(probe, words)) {
        fprintf(stderr, "usage: cow-probe [--still] [--map] PID...\n");
        return EXIT_CODE_USAGE;
    }
    if (read_held(probe) != 0 || !print_samples(probe)) {
        return EXIT_CODE_INTERNAL;
    }
    return EXIT_CODE_OK;
}

int
main(int argc, char **argv)
{
    struct probe probe = {
        .pids = calloc((size_t)argc, sizeof(*probe.pids)),
        .samples = calloc((size_t)argc, sizeof(*probe.samples)),
    };
    int code = argc > 0 ? run(&probe, argv + 1) : EXIT_CODE_USAGE;

    free(probe.pids);
    free(probe.samples);
    return code;
}
