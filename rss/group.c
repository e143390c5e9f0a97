/*
 * group.c: see group.h.
 *
 * Owns the open files of the group and of its parents. Must not search for them (group_place) nor decide anything.
 */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "group_place.h"
#include "group_text.h"

/* memory.stat, meminfo and vmstat have some 2 to 5 KiB, and grow. */
#define TEXT_SIZE 16384
#define LEVELS_MAX 32
#define KIND_COUNT (GROUP_V2 + 1)

/* What a file tells; from LIMIT on each level up to the root has one. */
enum role { MACHINE, OOMS, USED, STAT, SWAP, LIMIT, HIGH, TOGETHER, ROLE_COUNT };

#define FILES_MAX (LIMIT + (ROLE_COUNT - LIMIT) * LEVELS_MAX)

struct group_file {
    enum role role;
    int fd;
};

struct group {
    char *proc;
    char *sys;
    struct group_place place;
    struct group_file files[FILES_MAX];
    unsigned file_count;
};

static void
take_machine(const char *text, struct group_figures *figures)
{
    uint64_t kib;

    if (group_text_value(text, "MemTotal", &kib) && kib <= UINT64_MAX / 1024) {
        figures->machine_bytes = kib * 1024;
    }
    if (group_text_value(text, "MemAvailable", &kib) && kib <= UINT64_MAX / 1024) {
        figures->available_bytes = kib * 1024;
    }
}

static void
take_ooms(const char *text, struct group_figures *figures)
{
    figures->ooms_known = group_text_value(text, "oom_kill", &figures->ooms);
}

static void
take_used(const char *text, struct group_figures *figures)
{
    figures->used_known = group_text_number(text, &figures->used_bytes);
}

static void
take_swap(const char *text, struct group_figures *figures)
{
    (void)group_text_number(text, &figures->swap_bytes);
}

/* 0 is no bound, so a bound of 0 is kept as 1. */
static void
lower(uint64_t *bound, uint64_t value)
{
    value = value == 0 ? 1 : value;
    if (*bound == 0 || value < *bound) {
        *bound = value;
    }
}

static void
take_limit(const char *text, struct group_figures *figures)
{
    uint64_t value;

    if (group_text_number(text, &value)) {
        lower(&figures->limit_bytes, value);
    }
}

static void
take_high(const char *text, struct group_figures *figures)
{
    uint64_t value;

    if (group_text_number(text, &value)) {
        lower(&figures->high_bytes, value);
    }
}

/* The kernel ends the highest group with this mark between the victim and the group that ran out. */
static void
take_together(const char *text, struct group_figures *figures)
{
    uint64_t mark;

    if (group_text_number(text, &mark) && mark == 1) {
        figures->dies_together = true;
    }
}

/*
 * v2's `file` includes `shmem`. v1's plain names are those of the group without its children
 * (kernel, admin-guide/cgroup-v1/memory.rst); its hierarchical limit knows the parents outside a container, too.
 */
static void
take_stat(const char *text, struct group_figures *figures)
{
    uint64_t limit;

    if (figures->kind == GROUP_V2) {
        (void)group_text_value(text, "file", &figures->cache_bytes);
        return;
    }
    if (!group_text_value(text, "total_cache", &figures->cache_bytes)) {
        (void)group_text_value(text, "cache", &figures->cache_bytes);
    }
    if (!group_text_value(text, "total_swap", &figures->swap_bytes)) {
        (void)group_text_value(text, "swap", &figures->swap_bytes);
    }
    if (group_text_value(text, "hierarchical_memory_limit", &limit)) {
        lower(&figures->limit_bytes, limit);
    }
}

static const struct reader {
    const char
        *names[KIND_COUNT]; /* of the file in the group's folder, for each kind; NULL: none */
    void (*take)(const char *text, struct group_figures *figures);
} readers[ROLE_COUNT] = {
    [MACHINE] = {{NULL}, take_machine},
    [OOMS] = {{NULL}, take_ooms},
    [USED] = {{NULL, "memory.usage_in_bytes", "memory.current"}, take_used},
    [STAT] = {{NULL, "memory.stat", "memory.stat"}, take_stat},
    [SWAP] = {{NULL, NULL, "memory.swap.current"}, take_swap},
    [LIMIT] = {{NULL, "memory.limit_in_bytes", "memory.max"}, take_limit},
    [HIGH] = {{NULL, NULL, "memory.high"}, take_high},
    [TOGETHER] = {{NULL, NULL, "memory.oom.group"}, take_together},
};

static void
close_files(struct group *group)
{
    for (unsigned i = 0; i < group->file_count; i++) {
        util_close(&group->files[i].fd);
    }
    group->file_count = 0;
}

static void
open_file(struct group *group, enum role role, const char *path)
{
    int fd = group->file_count < FILES_MAX ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        group->files[group->file_count++] = (struct group_file){.role = role, .fd = fd};
    }
}

static void
open_roles(struct group *group, const char *folder, enum role first, enum role end)
{
    char path[PATH_MAX];

    for (enum role role = first; role < end; role++) {
        const char *name = readers[role].names[group->place.kind];

        if (name != NULL && group_path_file(folder, name, path)) {
            open_file(group, role, path);
        }
    }
}

/* Searches anew and opens all there is. */
static void
locate(struct group *group)
{
    struct group_folder folder;
    char path[PATH_MAX];
    unsigned levels = 0;

    close_files(group);
    group_place_find(group->proc, group->sys, &group->place);
    if (group_path_file(group->proc, "meminfo", path)) {
        open_file(group, MACHINE, path);
    }
    open_file(group, OOMS, group->place.ooms);
    if (group->place.kind == GROUP_NONE) {
        return;
    }
    open_roles(group, group->place.folder.path, USED, LIMIT);
    folder = group->place.folder;
    do {
        open_roles(group, folder.path, LIMIT, ROLE_COUNT);
    } while (++levels < LEVELS_MAX && group_path_up(&folder));
}

/* Reads a whole file from its beginning. The kernel gives long ones in pieces. Returns 0 or -errno. */
static int
read_whole(int fd, char to[TEXT_SIZE])
{
    size_t length = 0;
    ssize_t got;

    do {
        got = pread(fd, to + length, TEXT_SIZE - length, (off_t)length);
        length += got > 0 ? (size_t)got : 0;
    } while (length < TEXT_SIZE && (got > 0 || (got < 0 && errno == EINTR)));
    if (got < 0) {
        return -errno;
    }
    if (length == TEXT_SIZE) {
        return -EFBIG;
    }
    to[length] = '\0';
    return 0;
}

/* Returns 0, or -ENODEV if a file's group was removed (kernfs answers so for its open files). */
static int
read_files(struct group *group, struct group_figures *figures)
{
    char text[TEXT_SIZE];

    *figures = (struct group_figures){.kind = group->place.kind};
    for (unsigned i = 0; i < group->file_count; i++) {
        int error = read_whole(group->files[i].fd, text);

        if (error == -ENODEV) {
            return error;
        }
        if (error == 0) {
            readers[group->files[i].role].take(text, figures);
        }
    }
    return 0;
}

/* v1 says "no limit" by a number near 2^63; what the machine does not have is no limit in either. */
static void
drop_vain_bound(uint64_t *bound, uint64_t machine_bytes)
{
    if (*bound >= (machine_bytes > 0 ? machine_bytes : INT64_MAX / 2)) {
        *bound = 0;
    }
}

void
group_read(struct group *group, struct group_figures *ret_figures)
{
    if (read_files(group, ret_figures) != 0) {
        locate(group);
        /* Removed again meanwhile: what was read until then stands. */
        (void)!read_files(group, ret_figures);
    }
    drop_vain_bound(&ret_figures->limit_bytes, ret_figures->machine_bytes);
    drop_vain_bound(&ret_figures->high_bytes, ret_figures->machine_bytes);
    /* The two are counted apart, in batches. */
    if (ret_figures->cache_bytes > ret_figures->used_bytes) {
        ret_figures->cache_bytes = ret_figures->used_bytes;
    }
}

int
group_open(const char *proc, const char *sys, struct group **ret_group)
{
    struct group *group = calloc(1, sizeof(*group));

    if (group == NULL) {
        return -ENOMEM;
    }
    group->proc = strdup(proc);
    group->sys = strdup(sys);
    if (group->proc == NULL || group->sys == NULL) {
        group_close(group);
        return -ENOMEM;
    }
    locate(group);
    *ret_group = group;
    return 0;
}

void
group_close(struct group *group)
{
    if (group == NULL) {
        return;
    }
    close_files(group);
    free(group->proc);
    free(group->sys);
    free(group);
}

const char *
group_pressure_path(const struct group *group)
{
    return group->place.pressure;
}

const char *
group_name(const struct group *group)
{
    return group->place.name;
}
