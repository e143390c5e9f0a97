/* journal.c: see journal.h. */
#include "journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
journal_write(const struct actor *actor, const char *event, int64_t number)
{
    const char *path = getenv("FAKE_JOURNAL");
    char line[256];
    int length;
    int fd;

    if (path == NULL) {
        return;
    }
    length = snprintf(line, sizeof(line),
                      "at=%lld who=%s slot=%u generation=%u pid=%d event=%s number=%lld\n",
                      (long long)util_now_ms(), actor->role == ACTOR_MOLD ? "mold" : "worker",
                      actor->slot, actor->generation, (int)getpid(), event, (long long)number);
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && write(fd, line, (size_t)length) != length) {
        perror("fake-mold: journal");
    }
    util_close(&fd);
}
