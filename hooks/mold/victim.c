/* victim.c: see victim.h. */
#include "victim.h"

#include "master/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define VICTIM_FILE "/proc/self/oom_score_adj"
#define VICTIM_MAX 1000
#define VICTIM_DIGITS 16

static int inherited;

/* Returns false where there is no such file. */
static bool
read_own(int *ret_value)
{
    char text[VICTIM_DIGITS];

    if (util_read_file(VICTIM_FILE, text, sizeof(text)) <= 0) {
        return false;
    }
    *ret_value = (int)strtol(text, NULL, 10);
    return true;
}

/* printf may allocate, which a child just forked must not rely on. Returns where the text begins. */
static const char *
write_number(char *end, int number)
{
    unsigned rest = (unsigned)(number < 0 ? -number : number);

    do {
        *--end = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (number < 0) {
        *--end = '-';
    }
    return end;
}

static void
write_own(int value)
{
    char text[VICTIM_DIGITS];
    char *end = text + sizeof(text);
    const char *number = write_number(end, value);
    int fd = open(VICTIM_FILE, O_WRONLY | O_CLOEXEC);

    if (fd < 0) {
        return;
    }
    while (write(fd, number, (size_t)(end - number)) < 0 && errno == EINTR) {
    }
    util_close(&fd);
}

void
victim_learn(void)
{
    inherited = 0;
    (void)read_own(&inherited);
}

void
victim_become_mold(void)
{
    int own;

    /* Another value is the operator's. */
    if (read_own(&own) && own == inherited + VICTIM_WORKER) {
        write_own(inherited + VICTIM_MOLD);
    }
}

void
victim_raise(int above)
{
    int wanted = inherited + above > VICTIM_MAX ? VICTIM_MAX : inherited + above;
    int own;

    if (read_own(&own) && own < wanted) {
        write_own(wanted);
    }
}
