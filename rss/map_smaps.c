/*
 * map_smaps.c: see map_smaps.h.
 *
 * The form is that of proc_pid_smaps(5): a line of /proc/PID/maps, then lines "Name:  NUMBER kB".
 */
#include "map_smaps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proc.h"

/* Two names may go to one figure: they are added. */
static const struct {
    const char *name;
    size_t at;
} fields[] = {
    {"Rss:", offsetof(struct map_area, figures.resident_kib)},
    {"Pss:", offsetof(struct map_area, figures.pss_kib)},
    {"Private_Clean:", offsetof(struct map_area, figures.private_kib)},
    {"Private_Dirty:", offsetof(struct map_area, figures.private_kib)},
    {"Shared_Clean:", offsetof(struct map_area, figures.shared_kib)},
    {"Shared_Dirty:", offsetof(struct map_area, figures.shared_kib)},
    {"Swap:", offsetof(struct map_area, figures.swap_kib)},
    {"Anonymous:", offsetof(struct map_area, anonymous_kib)},
};

static int
add_area(struct map_areas *areas, const struct map_area *area)
{
    if (areas->count == areas->room) {
        size_t room = areas->room == 0 ? 512 : areas->room * 2;
        struct map_area *grown = reallocarray(areas->list, room, sizeof(*grown));

        if (grown == NULL) {
            return -ENOMEM;
        }
        areas->list = grown;
        areas->room = room;
    }
    areas->list[areas->count++] = *area;
    return 0;
}

/* The first line of a mapping: "FROM-TO PERMISSIONS OFFSET DEVICE INODE   NAME". Returns 0 or -EBADMSG. */
static int
parse_area(const char *line, struct map_area *ret_area)
{
    struct map_area area = {0};
    char flags[5];
    uint64_t inode;
    int name_at = 0;

    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %*x:%*x %" SCNu64 " %n", &area.from, &area.to,
               flags, &inode, &name_at) != 4 ||
        strlen(flags) != 4 || area.to <= area.from || name_at == 0) {
        return -EBADMSG;
    }
    area.is_readable = flags[0] == 'r';
    area.is_writable = flags[1] == 'w';
    area.is_executable = flags[2] == 'x';
    area.is_shared = flags[3] == 's';
    util_copy_text(area.name, sizeof(area.name), line + name_at);
    /* Some file systems have no numbers for their files, but a path says as much. */
    area.has_file = inode != 0 || area.name[0] == '/';
    *ret_area = area;
    return 0;
}

/* A field: others than ours, and those that are no number (VmFlags), are passed over. Returns 0 or -EBADMSG. */
static int
parse_field(const char *line, struct map_area *area)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        size_t length = strlen(fields[i].name);
        uint64_t *figure = (uint64_t *)(void *)((char *)area + fields[i].at);
        uint64_t kib;

        if (strncmp(line, fields[i].name, length) != 0) {
            continue;
        }
        if (sscanf(line + length, " %" SCNu64 " kB", &kib) != 1) {
            return -EBADMSG;
        }
        *figure += kib;
    }
    return 0;
}

static bool
is_field(const char *line)
{
    return line[strcspn(line, " :\t")] == ':';
}

/* One line, without its end. Returns 0 or -errno. */
static int
parse_line(const char *line, struct map_areas *areas)
{
    struct map_area area;
    int error;

    if (is_field(line)) {
        return areas->count > 0 ? parse_field(line, &areas->list[areas->count - 1]) : -EBADMSG;
    }
    error = parse_area(line, &area);
    return error != 0 ? error : add_area(areas, &area);
}

int
map_smaps_parse(FILE *from, struct map_areas *areas)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    int error = 0;

    do {
        errno = 0;
        length = getline(&line, &room, from);
        if (length < 0) {
            /* A process that ends meanwhile: ESRCH. */
            error = feof(from) ? 0 : -errno;
        } else if (line[length - 1] != '\n') {
            error = -EBADMSG;
        } else {
            line[length - 1] = '\0';
            error = parse_line(line, areas);
        }
    } while (length >= 0 && error == 0);
    free(line);
    return error;
}

int
map_smaps_read(pid_t pid, const char *file, struct map_areas *areas)
{
    int fd = proc_open("/proc", pid, file);
    FILE *from = fd >= 0 ? fdopen(fd, "r") : NULL;
    int error;

    if (fd < 0) {
        return fd;
    }
    if (from == NULL) {
        error = -errno;
        util_close(&fd);
        return error;
    }
    error = map_smaps_parse(from, areas);
    fclose(from);
    return error == 0 && areas->count == 0 ? -ESRCH : error;
}

static int
compare_address(const void *key, const void *element)
{
    const struct map_area *area = element;
    uint64_t address = *(const uint64_t *)key;

    if (address < area->from) {
        return -1;
    }
    return address >= area->to;
}

const struct map_area *
map_smaps_find(const struct map_areas *areas, uint64_t address)
{
    if (areas->count == 0) {
        return NULL;
    }
    return bsearch(&address, areas->list, areas->count, sizeof(*areas->list), compare_address);
}

void
map_smaps_done(struct map_areas *areas)
{
    free(areas->list);
    *areas = (struct map_areas){0};
}
