/*
 * map.c: see map.h.
 *
 * A mapping of one kind is counted by its smaps; one that may hold several, page by page. Owns all that for one reading.
 */
#include "map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map_page.h"
#include "map_ruby.h"
#include "map_smaps.h"
#include "map_stack.h"
#include "proc.h"

/* Groups of the process may make it long; VmPTE and Threads stand behind them. */
#define STATUS_SIZE (256 * 1024)

/*
 * Larger mappings are reservations of address space (of a sanitizer, another language's VM), nearly empty, and never Ruby's:
 * their pages are too many to be looked at.
 */
#define MIXED_BYTES_MAX (UINT64_C(64) << 30)

struct reading {
    pid_t pid;
    int mem;
    int pagemap;
    struct map_areas areas;
    struct map_stacks stacks;
    struct map_ruby ruby;
    struct map_window window;
    struct map_report report;
    char status[STATUS_SIZE];
};

/* The number behind a name of /proc/PID/status, "\nVmPTE:"; 0 if it is not there. */
static uint64_t
number_of(const char *status, const char *name)
{
    const char *at = strstr(status, name);

    return at != NULL ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static int
read_status(struct reading *reading)
{
    int fd = proc_open("/proc", reading->pid, "status");
    ssize_t length = fd >= 0 ? proc_read_again(fd, reading->status, STATUS_SIZE) : fd;

    util_close(&fd);
    if (length < 0) {
        return (int)length;
    }
    reading->report.page_tables_kib = number_of(reading->status, "\nVmPTE:");
    reading->report.threads = number_of(reading->status, "\nThreads:");
    return 0;
}

static struct map_figures
sum_of(const struct map_figures kinds[MAP_KIND_COUNT])
{
    struct map_figures sum = {0};

    for (size_t i = 0; i < MAP_KIND_COUNT; i++) {
        map_kind_add(&sum, &kinds[i]);
    }
    return sum;
}

/*
 * The kernel's page of zeros, which stands for memory that was read and never written to, is present in the pagemap, and no
 * RSS counts it. It shows as what smaps has less; nobody but malloc gives memory that is read before it is written to. Not told
 * by what is shared: that changes between the two looks, whenever a neighbour writes to a page.
 */
static void
take_zeros_away(const struct map_area *area, enum map_kind kind,
                struct map_figures kinds[MAP_KIND_COUNT])
{
    uint64_t present = sum_of(kinds).resident_kib;
    uint64_t zeros =
        present > area->figures.resident_kib ? present - area->figures.resident_kib : 0;

    if (zeros > kinds[kind].shared_kib) {
        zeros = kinds[kind].shared_kib;
    }
    kinds[kind].shared_kib -= zeros;
    kinds[kind].resident_kib -= zeros;
}

/* What is private counts whole; the rest of the mapping's PSS is dealt out by shared pages, and `kind` has what is left over. */
static void
deal_out_pss(const struct map_area *area, enum map_kind kind,
             struct map_figures kinds[MAP_KIND_COUNT])
{
    const struct map_figures *whole = &area->figures;
    uint64_t rest = whole->pss_kib > whole->private_kib ? whole->pss_kib - whole->private_kib : 0;
    uint64_t shared = sum_of(kinds).shared_kib;
    uint64_t left = rest;

    for (size_t i = 0; i < MAP_KIND_COUNT; i++) {
        uint64_t part = shared > 0 ? rest * kinds[i].shared_kib / shared : 0;

        kinds[i].pss_kib = kinds[i].private_kib + part;
        left -= part;
    }
    kinds[kind].pss_kib += left;
}

static void
mark_stacks(const struct map_stacks *stacks, struct map_window *window)
{
    for (size_t i = 0; i < stacks->count; i++) {
        map_page_mark(window, stacks->list[i].from, stacks->list[i].to, MAP_KIND_STACK);
    }
}

/* What the pages are of which neither content nor place tells the kind. */
static enum map_kind
rest_of(const struct reading *reading, const struct map_area *area, enum map_kind kind)
{
    bool is_unknown = kind == MAP_KIND_MALLOC && area->name[0] == '\0';

    return is_unknown && !reading->report.is_content_known ? MAP_KIND_OTHER : kind;
}

/* Page by page. Returns 0 or -errno. */
static int
read_mixed(struct reading *reading, const struct map_area *area, enum map_kind rest)
{
    struct map_figures kinds[MAP_KIND_COUNT] = {0};

    for (uint64_t at = area->from; at < area->to; at = reading->window.to) {
        int error = map_page_read(reading->pagemap, at, area->to, rest, &reading->window);

        if (error != 0) {
            return error;
        }
        mark_stacks(&reading->stacks, &reading->window);
        if (reading->report.is_content_known) {
            map_ruby_mark(&reading->ruby, &reading->window);
        }
        map_page_count(&reading->window, kinds);
    }
    take_zeros_away(area, rest, kinds);
    deal_out_pss(area, rest, kinds);
    for (size_t i = 0; i < MAP_KIND_COUNT; i++) {
        map_kind_add(&reading->report.kinds[i], &kinds[i]);
    }
    return 0;
}

static int
read_area(struct reading *reading, size_t index)
{
    const struct map_area *area = &reading->areas.list[index];
    const struct map_area *below = index > 0 ? area - 1 : NULL;
    enum map_kind kind = rest_of(reading, area, map_kind_of(area, below));
    bool is_empty = area->figures.resident_kib == 0 && area->figures.swap_kib == 0;
    bool is_huge = area->to - area->from > MIXED_BYTES_MAX;

    if (map_kind_is_mixed(area) && !is_empty && !is_huge && reading->pagemap >= 0) {
        return read_mixed(reading, area, kind);
    }
    map_kind_add(&reading->report.kinds[kind], &area->figures);
    return 0;
}

/* What is refused here is said by the report, and is no failure. */
static void
open_contents(struct reading *reading)
{
    reading->pagemap = proc_open("/proc", reading->pid, "pagemap");
    reading->mem = reading->pagemap >= 0 ? proc_open("/proc", reading->pid, "mem") : -1;
    reading->report.is_content_known = reading->mem >= 0;
    reading->ruby = (struct map_ruby){
        .mem = reading->mem,
        .areas = &reading->areas,
        .look = {.pagemap = reading->pagemap},
    };
}

static int
read_all(struct reading *reading)
{
    int error = map_smaps_read(reading->pid, "smaps", &reading->areas);

    if (error == 0) {
        error = read_status(reading);
    }
    if (error == 0) {
        error = map_stack_find(reading->pid, &reading->areas, &reading->stacks);
    }
    if (error != 0) {
        return error;
    }
    open_contents(reading);
    for (size_t i = 0; i < reading->areas.count && error == 0; i++) {
        error = read_area(reading, i);
    }
    reading->report.total = sum_of(reading->report.kinds);
    reading->report.ruby_blocks = reading->ruby.blocks;
    return error;
}

int
map_read(pid_t pid, struct map_report *ret_report)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    int error;

    if (reading == NULL) {
        return -ENOMEM;
    }
    reading->pid = pid;
    reading->mem = -1;
    reading->pagemap = -1;
    error = read_all(reading);
    if (error == 0) {
        *ret_report = reading->report;
    }
    util_close(&reading->mem);
    util_close(&reading->pagemap);
    map_stack_done(&reading->stacks);
    map_smaps_done(&reading->areas);
    free(reading);
    return error;
}
