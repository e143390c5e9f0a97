/* fork.c: see fork.h. */
#include "fork.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared memory, since an emulator or valgrind makes a true fork of vfork: then a plain variable
 * would stay behind. */
struct result {
    pid_t worker;
    int error;
};

static pid_t (*libc_fork)(void);
static struct result *result;
static fork_become *on_child;
static const void *on_child_context;
static bool in_child;

/* Of the thread that armed: another one may start a program meanwhile, from C. */
static __thread bool armed;

static void
find_libc_fork(void)
{
    /* The way that dlsym(3) gives for turning its answer into a function. */
    *(void **)&libc_fork = dlsym(RTLD_NEXT, "fork");
}

int
fork_init(void)
{
    void *page =
        mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    find_libc_fork();
    if (page == MAP_FAILED) {
        return -errno;
    }
    if (result != NULL) {
        munmap(result, sizeof(*result));
    }
    result = page;
    return libc_fork == NULL ? -ENOSYS : 0;
}

void
fork_arm(fork_become *become, const void *context)
{
    *result = (struct result){0};
    on_child = become;
    on_child_context = context;
    in_child = false; /* a worker that has become a mold is one no more */
    armed = true;
}

void
fork_disarm(void)
{
    armed = false;
}

bool
fork_is_child(void)
{
    return in_child;
}

pid_t
fork_made(void)
{
    return result->worker;
}

int
fork_error(void)
{
    return result->error;
}

/* The middle: a child that shares the mold's memory while the mold stands still. It never returns.
 */
static void
run_middle(void)
{
    pid_t worker = libc_fork();

    if (worker == 0) {
        in_child = true;
        return;
    }
    result->worker = worker < 0 ? 0 : worker;
    result->error = worker < 0 ? errno : 0;
    _exit(0);
}

/* The worker is the master's child only once the middle is gone. */
static void
reap_middle(pid_t middle)
{
    int status;

    while (waitpid(middle, &status, 0) < 0 && errno == EINTR) {
    }
}

static pid_t
fork_worker(void)
{
    /* posix_spawn cannot fork; what the middle calls is in run_middle alone. */
    pid_t middle = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

    if (middle == 0) {
        run_middle(); /* NOLINT(clang-analyzer-unix.Vfork) */
        armed = false;
        on_child(on_child_context);
        return 0;
    }
    if (middle < 0) {
        result->error = errno;
    } else {
        reap_middle(middle);
    }
    if (result->worker > 0) {
        return result->worker;
    }
    if (result->error == 0) {
        result->error = ECHILD; /* the middle was killed before it could fork */
    }
    errno = ENFILE;
    return -1;
}

/* In place of libc's. Its name and shape are POSIX's. */
pid_t
fork(void)
{
    if (armed) {
        return fork_worker();
    }
    if (libc_fork == NULL) {
        find_libc_fork(); /* a library forked before main */
    }
    return libc_fork();
}
