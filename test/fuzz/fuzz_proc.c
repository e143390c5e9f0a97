/*
 * fuzz_proc.c: what the kernel, or somebody who stands in for it, writes into /proc and the cgroup files.
 *
 * The first line says which: `stat`, `statm`, `wchan`, `name` (a process's name within a stat), `cgroup` (the texts of
 * proc_folders.h up to `machine`, parted by lines of `---`) or `family` (the text of each statm, then of each process a line that
 * its stat has behind the name, from its state on). Promises: a figure is within its type's meaning or it is refused; a text read
 * from a file gives what it gives from memory, and gives it again; no name of a process changes its figures; nobody costs two
 * workers something.
 */
#include "targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc_folders.h"
#include "rss/cpu_quota.h"
#include "rss/group.h"
#include "rss/offspring.h"
#include "rss/proc.h"
#include "rss/statm.h"

/* The process whose files proc_folders.h makes. */
#define THE_PID 1

static bool
is_same_stat(const struct proc_stat *one, const struct proc_stat *other)
{
    return one->state == other->state && one->parent == other->parent &&
           one->group == other->group && one->start_ticks == other->start_ticks &&
           one->minor_faults == other->minor_faults && one->cpu_ticks == other->cpu_ticks;
}

static void
read_stat(const char *text, size_t length)
{
    struct proc_stat parsed = {0}, read = {0};
    int error = proc_parse_stat(text, &parsed);

    if (error == 0) {
        FUZZ_CHECK(parsed.parent >= 0 && parsed.group >= 0);
    }
    proc_folders_write(PROC_FOLDERS_PROCESS, text, length);
    FUZZ_CHECK(proc_read_stat(proc_folders_proc(), THE_PID, &read) ==
               (length < PROC_STAT_SIZE ? error : -EBADMSG));
    if (error == 0 && length < PROC_STAT_SIZE) {
        FUZZ_CHECK(is_same_stat(&parsed, &read));
    }
}

static void
read_statm(const char *text, size_t length)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), parsed = 0, read = 0;
    int error = statm_parse(text, page, &parsed);
    int fd;

    FUZZ_CHECK(error != 0 || parsed % page == 0);
    proc_folders_write(PROC_FOLDERS_PROCESS, text, length);
    fd = proc_open(proc_folders_proc(), THE_PID, "statm");
    FUZZ_CHECK(fd >= 0);
    if (length < 256) {
        FUZZ_CHECK(statm_read(fd, &read) == error);
        FUZZ_CHECK(read == parsed);
    } else {
        (void)!statm_read(fd, &read);
    }
    close(fd);
}

static void
read_wchan(const char *text, size_t length)
{
    char name[16];

    proc_folders_write(PROC_FOLDERS_PROCESS, text, length);
    if (proc_read_wchan(proc_folders_proc(), THE_PID, name, sizeof(name)) == 0) {
        FUZZ_CHECK(strlen(name) < sizeof(name) && strchr(name, '\n') == NULL);
    }
}

static void
read_name(const char *text, size_t length)
{
    struct proc_stat stat = {0};
    char *line = NULL;

    FUZZ_CHECK(asprintf(&line, "4 (%.*s) S 7 8 8 -1 -1 4 9 5 6 7 8 9 1 -2 0 5 0 18 12 8 9 0\n",
                        (int)length, text) > 0);
    FUZZ_CHECK(proc_parse_stat(line, &stat) == 0);
    FUZZ_CHECK(stat.state == 'S' && stat.parent == 7 && stat.group == 8);
    FUZZ_CHECK(stat.minor_faults == 9 && stat.start_ticks == 12);
    free(line);
}

/* 0 is none; what the machine does not have is none, either. */
static bool
is_bound(uint64_t bound, uint64_t machine_bytes)
{
    return bound < (machine_bytes > 0 ? machine_bytes : INT64_MAX / 2);
}

static void
check_group(const struct group_figures *figures)
{
    FUZZ_CHECK(figures->kind <= GROUP_V2);
    FUZZ_CHECK(figures->used_known || figures->used_bytes == 0);
    FUZZ_CHECK(figures->ooms_known || figures->ooms == 0);
    FUZZ_CHECK(figures->cache_bytes <= figures->used_bytes);
    FUZZ_CHECK(is_bound(figures->limit_bytes, figures->machine_bytes));
    FUZZ_CHECK(is_bound(figures->high_bytes, figures->machine_bytes));
    FUZZ_CHECK(figures->kind == GROUP_V2 || (figures->high_bytes == 0 && !figures->dies_together));
    FUZZ_CHECK(figures->kind != GROUP_NONE || (!figures->used_known && figures->limit_bytes == 0));
}

static bool
is_same_group(const struct group_figures *one, const struct group_figures *other)
{
    return one->kind == other->kind && one->used_bytes == other->used_bytes &&
           one->cache_bytes == other->cache_bytes && one->limit_bytes == other->limit_bytes &&
           one->high_bytes == other->high_bytes && one->swap_bytes == other->swap_bytes &&
           one->machine_bytes == other->machine_bytes &&
           one->available_bytes == other->available_bytes && one->ooms == other->ooms &&
           one->dies_together == other->dies_together;
}

static void
read_group(void)
{
    static const char most[] = "oom_kill 18446744073709551615";
    struct group_figures figures, again;
    struct group *group = NULL;

    FUZZ_CHECK(group_open(proc_folders_proc(), proc_folders_sys(), &group) == 0);
    FUZZ_CHECK(group_name(group)[0] == '\0' || group_name(group)[0] == '/');
    FUZZ_CHECK(group_pressure_path(group)[0] == '\0');
    group_read(group, &figures);
    check_group(&figures);
    group_read(group, &again);
    FUZZ_CHECK(is_same_group(&figures, &again));
    proc_folders_write(PROC_FOLDERS_EVENTS, most, strlen(most));
    group_read(group, &again);
    FUZZ_CHECK(again.ooms_known && again.ooms == UINT64_MAX);
    group_close(group);
}

/* Takes what stands before `mark`, or all. Moves text and length behind it. */
static size_t
take_part(const char **text, size_t *length, const char *mark)
{
    const char *end = memmem(*text, *length, mark, strlen(mark));
    size_t part = end != NULL ? (size_t)(end - *text) : *length;
    size_t whole = end != NULL ? part + strlen(mark) : part;

    *text += whole;
    *length -= whole;
    return part;
}

static void
read_cgroup(const char *text, size_t length)
{
    for (unsigned file = PROC_FOLDERS_CGROUP; file <= PROC_FOLDERS_MACHINE; file++) {
        const char *part = text;

        proc_folders_write(file, part, take_part(&text, &length, "\n---\n"));
    }
    FUZZ_CHECK(cpu_quota_of_cgroups(proc_folders_proc(), proc_folders_sys()) >= 1);
    FUZZ_CHECK(cpu_quota_cores(proc_folders_proc(), proc_folders_sys()) >= 1);
    read_group();
}

/* Writes the family and returns the RSS of each of them; 0 for a statm that is none. */
static uint64_t
write_family(const char *text, size_t length)
{
    const char *statm = text;
    size_t statm_length = take_part(&text, &length, "\n");
    uint64_t bytes = 0;
    char *copy = strndup(statm, statm_length);

    FUZZ_CHECK(copy != NULL);
    proc_folders_write(PROC_FOLDERS_PROCESS, "", 0);
    proc_folders_write(PROC_FOLDERS_RSS, statm, statm_length);
    for (unsigned i = 0; i < PROC_FOLDERS_FAMILY_SIZE; i++) {
        const char *line = text;
        char stat[1024];
        int size =
            snprintf(stat, sizeof(stat), "%u (x) %.*s 8 -1 -1 4 9 5 6 7 8 9 1 0 0 5 0 18 12\n",
                     PROC_FOLDERS_FAMILY_PID + i, (int)take_part(&text, &length, "\n"), line);

        proc_folders_write(PROC_FOLDERS_FAMILY + i, stat,
                           (size_t)size < sizeof(stat) ? (size_t)size : sizeof(stat) - 1);
    }
    if (statm_parse(copy, (uint64_t)sysconf(_SC_PAGESIZE), &bytes) != 0) {
        bytes = 0;
    }
    free(copy);
    return bytes;
}

/* Two workers with the rest of the family, one that is gone, and two numbers that are no process's. */
static void
read_family(const char *text, size_t length)
{
    struct offspring list[] = {{.worker = PROC_FOLDERS_FAMILY_PID},
                               {.worker = 0, .rss_bytes = 1, .count = 1},
                               {.worker = PROC_FOLDERS_FAMILY_PID + 1},
                               {.worker = -1},
                               {.worker = 99}};
    struct offspring again[ARRAY_LEN(list)];
    uint64_t each = write_family(text, length);
    unsigned count = 0;

    FUZZ_CHECK(offspring_read(proc_folders_proc(), list, ARRAY_LEN(list)) == 0);
    memcpy(again, list, sizeof(list));
    FUZZ_CHECK(offspring_read(proc_folders_proc(), again, ARRAY_LEN(again)) == 0);
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        uint64_t sum;

        if (__builtin_mul_overflow(each, (uint64_t)list[i].count, &sum)) {
            sum = UINT64_MAX;
        }
        FUZZ_CHECK(length >= 256 || list[i].rss_bytes == sum);
        FUZZ_CHECK(list[i].rss_bytes == again[i].rss_bytes && list[i].count == again[i].count);
        FUZZ_CHECK(list[i].worker > 0 || list[i].count == 0);
        count += list[i].count;
    }
    /* Workers are not their own offspring, nor another's. */
    FUZZ_CHECK(count <= PROC_FOLDERS_FAMILY_SIZE - 2);
}

static const struct reader {
    const char *head;
    void (*read)(const char *text, size_t length);
} readers[] = {
    {"stat\n", read_stat}, {"statm\n", read_statm},   {"wchan\n", read_wchan},
    {"name\n", read_name}, {"cgroup\n", read_cgroup}, {"family\n", read_family},
};

void
fuzz_proc(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    size_t length = strlen(text);

    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        size_t head = strlen(readers[i].head);

        if (strncmp(text, readers[i].head, head) == 0) {
            readers[i].read(text + head, length - head);
            break;
        }
    }
    free(text);
}
