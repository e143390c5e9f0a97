/*
 * offspring.c: see offspring.h.
 *
 * Owns the table of processes for the time of one scan. Must not keep anything between two.
 */
#include "offspring.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "proc.h"
#include "statm.h"

#define NOBODY (-1)

struct relative {
    pid_t pid;
    pid_t parent;
    pid_t group;
    bool is_dead; /* a zombie: it costs nothing */
};

/* Where a worker stands in the caller's list. */
struct place {
    pid_t pid;
    unsigned index;
};

struct scan {
    const char *proc;
    struct relative *relatives; /* in the order of their pids */
    size_t count;
    size_t room;
    struct place *places; /* in the order of their pids */
    unsigned place_count;
};

/* struct relative and struct place both begin with the pid. */
static int
compare_pids(const void *left, const void *right)
{
    pid_t a = *(const pid_t *)left;
    pid_t b = *(const pid_t *)right;

    return a < b ? -1 : a > b;
}

static int
add_relative(struct scan *scan, pid_t pid, const struct proc_stat *stat)
{
    if (scan->count == scan->room) {
        size_t room = scan->room == 0 ? 512 : scan->room * 2;
        struct relative *grown = reallocarray(scan->relatives, room, sizeof(*grown));

        if (grown == NULL) {
            return -ENOMEM;
        }
        scan->relatives = grown;
        scan->room = room;
    }
    scan->relatives[scan->count++] =
        (struct relative){.pid = pid,
                          .parent = stat->parent,
                          .group = stat->group,
                          .is_dead = stat->state == 'Z' || stat->state == 'X'};
    return 0;
}

/* One entry of /proc; those that are no process, or gone meanwhile, are passed over. */
static int
read_entry(struct scan *scan, const char *name)
{
    struct proc_stat stat;
    uint64_t pid;

    if (util_parse_u64(name, &pid) != 0 || pid == 0 || pid > INT_MAX ||
        proc_read_stat(scan->proc, (pid_t)pid, &stat) != 0) {
        return 0;
    }
    return add_relative(scan, (pid_t)pid, &stat);
}

static int
read_relatives(struct scan *scan)
{
    DIR *folder = opendir(scan->proc);
    struct dirent *entry;
    int error = 0;

    if (folder == NULL) {
        return -errno;
    }
    do {
        errno = 0;
        entry = readdir(folder);
        error = entry != NULL ? read_entry(scan, entry->d_name) : -errno;
    } while (entry != NULL && error == 0);
    closedir(folder);
    if (scan->count > 0) {
        qsort(scan->relatives, scan->count, sizeof(*scan->relatives), compare_pids);
    }
    return error;
}

static int
note_workers(struct scan *scan, const struct offspring *list, unsigned count)
{
    scan->places = calloc(count > 0 ? count : 1, sizeof(*scan->places));
    if (scan->places == NULL) {
        return -ENOMEM;
    }
    for (unsigned i = 0; i < count; i++) {
        /* 0 is the parent and the group of the kernel's own threads. */
        if (list[i].worker > 0) {
            scan->places[scan->place_count++] = (struct place){.pid = list[i].worker, .index = i};
        }
    }
    qsort(scan->places, scan->place_count, sizeof(*scan->places), compare_pids);
    return 0;
}

static int
find_worker(const struct scan *scan, pid_t pid)
{
    const struct place *place =
        bsearch(&pid, scan->places, scan->place_count, sizeof(*place), compare_pids);

    return place != NULL ? (int)place->index : NOBODY;
}

static const struct relative *
find_parent(const struct scan *scan, const struct relative *of)
{
    return bsearch(&of->parent, scan->relatives, scan->count, sizeof(*of), compare_pids);
}

/*
 * The worker that a process belongs to: its nearest ancestor that is one, else that whose group it, or its nearest
 * ancestor, is in. The table is no snapshot: with a pid used again meanwhile a line of parents may even close to a ring,
 * so the steps are counted.
 */
static int
find_owner(const struct scan *scan, const struct relative *of)
{
    int by_group = NOBODY;

    for (size_t steps = 0; of != NULL && steps < scan->count; steps++) {
        int worker = find_worker(scan, of->parent);

        if (worker != NOBODY) {
            return worker;
        }
        if (by_group == NOBODY) {
            by_group = find_worker(scan, of->group);
        }
        of = find_parent(scan, of);
    }
    return by_group;
}

/* Returns false for a process that is gone meanwhile. */
static bool
read_rss(const char *proc, pid_t pid, uint64_t *ret_bytes)
{
    int fd = proc_open(proc, pid, "statm");
    bool is_read = fd >= 0 && statm_read(fd, ret_bytes) == 0;

    util_close(&fd);
    return is_read;
}

static void
count_relatives(const struct scan *scan, struct offspring *list)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct relative *one = &scan->relatives[i];
        bool is_worker = find_worker(scan, one->pid) != NOBODY;
        int owner = is_worker || one->is_dead ? NOBODY : find_owner(scan, one);
        uint64_t bytes;

        if (owner != NOBODY && read_rss(scan->proc, one->pid, &bytes)) {
            uint64_t *sum = &list[owner].rss_bytes;

            *sum = bytes > UINT64_MAX - *sum ? UINT64_MAX : *sum + bytes;
            list[owner].count++;
        }
    }
}

int
offspring_read(const char *proc, struct offspring *list, unsigned count)
{
    struct scan scan = {.proc = proc};
    int error = note_workers(&scan, list, count);

    for (unsigned i = 0; i < count; i++) {
        list[i].rss_bytes = 0;
        list[i].count = 0;
    }
    if (error == 0) {
        error = read_relatives(&scan);
    }
    if (error == 0) {
        count_relatives(&scan, list);
    }
    free(scan.relatives);
    free(scan.places);
    return error;
}
