/*
 * fuzz_proc.c: what the kernel, or somebody who stands in for it, writes into /proc and the cgroup
 * files.
 *
 * The first line says which: `stat`, `statm`, `wchan`, `name` (a process's name within a stat) or
 * `cgroup` (the texts of proc_folders.h, parted by lines of `---`). Promises: a figure is within its
 * type's meaning or it is refused; a text read from a file gives what it gives from memory; no
 * name of a process changes its figures.
 */
#include "targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc_folders.h"
#include "rss/cpu_quota.h"
#include "rss/oom.h"
#include "rss/proc.h"
#include "rss/statm.h"

/* The process whose files proc_folders.h makes. */
#define THE_PID 1

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
               (length < 2048 ? error : -EBADMSG));
    if (error == 0 && length < 2048) {
        FUZZ_CHECK(memcmp(&parsed, &read, sizeof(read)) == 0);
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
    fd = statm_open(proc_folders_proc(), THE_PID);
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

static void
read_cgroup(const char *text, size_t length)
{
    struct oom_watch watch;

    for (unsigned file = PROC_FOLDERS_CGROUP; file <= PROC_FOLDERS_EVENTS; file++) {
        const char *end = memmem(text, length, "\n---\n", 5);
        size_t part = end != NULL ? (size_t)(end - text) : length;

        proc_folders_write((enum proc_folders_file)file, text, part);
        text += end != NULL ? part + 5 : part;
        length -= end != NULL ? part + 5 : part;
    }
    FUZZ_CHECK(cpu_quota_of_cgroups(proc_folders_proc(), proc_folders_sys()) >= 1);
    FUZZ_CHECK(cpu_quota_cores(proc_folders_proc(), proc_folders_sys()) >= 1);
    oom_open(&watch, proc_folders_proc(), proc_folders_sys());
    FUZZ_CHECK(strlen(watch.path) < sizeof(watch.path));
    FUZZ_CHECK(!oom_has_grown(&watch));
    proc_folders_write(PROC_FOLDERS_EVENTS, "oom_kill 18446744073709551615", 29);
    FUZZ_CHECK(watch.path[0] == '\0' || watch.count == UINT64_MAX || oom_has_grown(&watch));
}

static const struct reader {
    const char *head;
    void (*read)(const char *text, size_t length);
} readers[] = {
    {"stat\n", read_stat}, {"statm\n", read_statm},   {"wchan\n", read_wchan},
    {"name\n", read_name}, {"cgroup\n", read_cgroup},
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
