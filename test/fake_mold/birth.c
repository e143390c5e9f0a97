/* birth.c: see birth.h. */
#include "birth.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mischief.h"

/* Forks the worker and leaves at once. Returns only in the worker. */
static void
be_middle(struct actor *mold, volatile int *result)
{
    pid_t worker;

    mischief_run(mold, "middle");
    worker = fork();
    if (worker == 0) {
        return;
    }
    *result = worker > 0 ? worker : -errno;
    mischief_run(mold, "middle_end");
    _exit(0);
}

static int
await_middle(pid_t middle, volatile const int *result, pid_t *ret_worker)
{
    while (waitpid(middle, NULL, 0) < 0 && errno == EINTR) {
    }
    if (*result > 0) {
        *ret_worker = *result;
        return 1;
    }
    /* Nothing written: the middle died before it could fork. */
    return *result < 0 ? *result : -ECHILD;
}

int
birth_fork(struct actor *mold, pid_t *ret_worker)
{
    volatile int *result =
        mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t middle;
    int outcome;

    if (result == MAP_FAILED) {
        return -errno;
    }
    middle = fork();
    if (middle == 0) {
        be_middle(mold, result);
        return 0;
    }
    outcome = middle < 0 ? -errno : await_middle(middle, result, ret_worker);
    munmap((void *)(uintptr_t)result, sizeof(int));
    return outcome;
}
