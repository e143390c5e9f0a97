/* launch.c: see launch.h. */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "board.h"

#ifndef MFD_NOEXEC_SEAL /* newer than the C library of Debian 12 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* Copies of the child's descriptors above every number that they get there, so that none hits another. */
struct lifted {
    int link;
    int family;
    int board;
};

static int
lift(int fd, int *ret_lifted)
{
    if (fd < 0) {
        return 0;
    }
    *ret_lifted = fcntl(fd, F_DUPFD_CLOEXEC, LAUNCH_BOARD_FD + 1);
    return *ret_lifted < 0 ? -errno : 0;
}

/* posix_spawn's functions give a positive errno, here made negative. The first error counts. */
static int
first_error(int error, int next)
{
    return error != 0 ? error : -next;
}

/* Puts `fd` where the child looks for it, or nothing. Closing what is not open is no error there. */
static int
set_file(posix_spawn_file_actions_t *files, int fd, int place)
{
    return fd >= 0 ? posix_spawn_file_actions_adddup2(files, fd, place)
                   : posix_spawn_file_actions_addclose(files, place);
}

/* Whatever number we inherited or forgot is closed in the child, CLOEXEC or not. */
static int
set_files(posix_spawn_file_actions_t *files, const struct lifted *lifted)
{
    int error = 0;

    error = first_error(
        error, posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    error = first_error(error, set_file(files, lifted->link, WIRE_LINK_FD));
    error = first_error(error, set_file(files, lifted->family, LAUNCH_FAMILY_FD));
    error = first_error(error, set_file(files, lifted->board, LAUNCH_BOARD_FD));
    return first_error(error, posix_spawn_file_actions_addclosefrom_np(files, LAUNCH_BOARD_FD + 1));
}

static int
set_attributes(posix_spawnattr_t *attributes)
{
    const short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
    sigset_t none;
    sigset_t all;
    int error = 0;

    sigemptyset(&none);
    sigfillset(&all);
    error = first_error(error, posix_spawnattr_setflags(attributes, flags));
    error = first_error(error, posix_spawnattr_setsigmask(attributes, &none));
    error = first_error(error, posix_spawnattr_setsigdefault(attributes, &all));
    return first_error(error, posix_spawnattr_setpgroup(attributes, 0));
}

int
launch_spawn(const struct launch_words *words, const posix_spawn_file_actions_t *files,
             pid_t *ret_pid)
{
    posix_spawnattr_t attributes;
    pid_t pid;
    int error = -posix_spawnattr_init(&attributes);

    if (error != 0) {
        return error;
    }
    error = set_attributes(&attributes);
    error = error != 0
                ? error
                : -posix_spawn(&pid, words->program, files, &attributes, words->argv, words->envp);
    posix_spawnattr_destroy(&attributes);
    if (error == 0) {
        *ret_pid = pid;
    }
    return error;
}

static int
spawn(const struct launch_order *order, const struct lifted *lifted, pid_t *ret_pid)
{
    const struct launch_words words = {order->program, order->argv, order->envp};
    posix_spawn_file_actions_t files;
    int error = -posix_spawn_file_actions_init(&files);

    if (error != 0) {
        return error;
    }
    error = set_files(&files, lifted);
    error = error != 0 ? error : launch_spawn(&words, &files, ret_pid);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

int
launch(const struct launch_order *order, pid_t *ret_pid)
{
    struct lifted lifted = {.link = -1, .family = -1, .board = -1};
    int error = lift(order->link_fd, &lifted.link);

    if (error == 0) {
        error = lift(order->family_fd, &lifted.family);
    }
    if (error == 0) {
        error = lift(order->board_fd, &lifted.board);
    }
    if (error == 0) {
        error = spawn(order, &lifted, ret_pid);
    }
    util_close(&lifted.link);
    util_close(&lifted.family);
    util_close(&lifted.board);
    return error;
}

/* Gives `*ret_path` if a program is there. */
static int
offer(const char *path, char **ret_path)
{
    char *copy;

    if (access(path, X_OK) < 0) {
        return -ENOENT;
    }
    copy = strdup(path);
    if (copy == NULL) {
        return -ENOMEM;
    }
    *ret_path = copy;
    return 0;
}

int
launch_find_mold(char **ret_path)
{
    static const char *const places[] = {"swarm-mold", "../lib/sidekiq-swarm/swarm-mold"};
    const char *named = getenv("SWARM_MOLD");
    char self[4096];
    char path[4096 + 64];
    ssize_t length;
    int error = -ENOENT;

    if (named != NULL && *named != '\0') {
        return *named == '/' ? offer(named, ret_path) : -ENOENT;
    }
    length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length < 0) {
        return -ENOENT;
    }
    self[length] = '\0';
    dirname(self);
    for (size_t i = 0; i < ARRAY_LEN(places) && error == -ENOENT; i++) {
        snprintf(path, sizeof(path), "%s/%s", self, places[i]);
        error = offer(path, ret_path);
    }
    return error;
}

/* Kernels before 6.3 do not know MFD_NOEXEC_SEAL; later ones complain in their log without it
 * (memfd_create(2)). */
int
launch_memfd(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL) {
        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    return fd < 0 ? -errno : fd;
}

/*
 * Gives the file its head and its size; the rest stays a hole. Written, not stored through a mapping: where memory may not
 * be had (vm.overcommit_memory = 2), a write says ENOSPC, while a store would kill the master by SIGBUS. With a smaller
 * RLIMIT_FSIZE it is EFBIG, SIGXFSZ being ignored.
 */
static int
fill_board(int fd)
{
    const uint32_t head[] = {BOARD_MAGIC, BOARD_VERSION};
    ssize_t written = pwrite(fd, head, sizeof(head), 0);

    if (written != (ssize_t)sizeof(head)) {
        return written < 0 ? -errno : -ENOSPC;
    }
    return ftruncate(fd, BOARD_SIZE) < 0 ? -errno : 0;
}

/* Sealed, so that a worker cannot shorten it: reading beyond its end would kill the master by
 * SIGBUS. */
static int
map_board(int fd, struct board **ret_board)
{
    struct board *board;

    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        return -errno;
    }
    board = mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (board == MAP_FAILED) {
        return -errno;
    }
    *ret_board = board;
    return 0;
}

int
launch_make_board(int *ret_fd, struct board **ret_board)
{
    int fd = launch_memfd("swarm-board");
    int error;

    if (fd < 0) {
        return fd;
    }
    error = fill_board(fd);
    if (error == 0) {
        error = map_board(fd, ret_board);
    }
    if (error != 0) {
        util_close(&fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

void
launch_drop_board(struct board *board)
{
    if (board != NULL) {
        munmap(board, BOARD_SIZE);
    }
}
