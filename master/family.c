/* family.c: see family.h. */
#include "family.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct family {
    int fd;
    char path[]; /* of the file */
};

int
family_open(const char *control_path, struct family **ret_family)
{
    size_t size = strlen(control_path) + sizeof(".family");
    struct family *family = malloc(sizeof(*family) + size);
    int error;

    if (family == NULL) {
        return -ENOMEM;
    }
    snprintf(family->path, size, "%s.family", control_path);
    family->fd = open(family->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (family->fd < 0) {
        error = -errno;
        free(family);
        return error;
    }
    *ret_family = family;
    return 0;
}

void
family_join(struct family *family)
{
    /* Who holds the place's own lock is the only one who could ask for it alone, so this never waits. */
    (void)!flock(family->fd, LOCK_SH | LOCK_NB);
}

bool
family_is_alone(struct family *family)
{
    if (flock(family->fd, LOCK_EX | LOCK_NB) != 0) {
        return false;
    }
    family_join(family);
    return true;
}

int
family_fd(const struct family *family)
{
    return family->fd;
}

/* Molds and workers share our very lock, so it cannot be asked through our own descriptor: a fresh one is. */
static bool
is_deserted(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool deserted = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

    util_close(&fd);
    return deserted;
}

void
family_close(struct family *family)
{
    if (family == NULL) {
        return;
    }
    util_close(&family->fd);
    if (is_deserted(family->path)) {
        unlink(family->path);
    }
    free(family);
}
