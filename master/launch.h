/*
 * launch.h: starts a swarm-mold by posix_spawn. The master never forks without exec.
 *
 * Owns nothing after it returned. The child gets: standard output and error as the master's,
 * standard input /dev/null, its link as WIRE_LINK_FD, and as LAUNCH_FAMILY_FD and LAUNCH_BOARD_FD what it is given of both; an
 * empty signal mask, default dispositions, a process group of its own.
 */
#ifndef SWARM_LAUNCH_H
#define SWARM_LAUNCH_H

#include <spawn.h>

#include "util.h"
#include "wire.h"

#define LAUNCH_FAMILY_FD (WIRE_LINK_FD + 1)
#define LAUNCH_BOARD_FD (WIRE_LINK_FD + 2)

struct launch_order {
    const char *program; /* absolute path */
    char *const *argv;
    char *const *envp;
    int link_fd;
    int family_fd; /* of family.h; -1: none */
    int board_fd;  /* -1: none */
};

/* Returns 0 and the pid, or -errno (-ENOENT: the program is not there; -EAGAIN, -ENOMEM: the kernel
 * has no room now). */
MUST_CHECK int launch(const struct launch_order *order, pid_t *ret_pid);

/*
 * Where swarm-mold is: $SWARM_MOLD if set (absolute), beside this executable (a build tree), else
 * ../lib/sidekiq-swarm/swarm-mold from it (installed). Returns 0 or -ENOENT; *ret_path is malloc'd.
 */
MUST_CHECK int launch_find_mold(char **ret_path);

/* A new board: a sealed memfd of BOARD_SIZE bytes with its head written, and our mapping of it.
 * Returns 0 or -errno. */
struct board;
MUST_CHECK int launch_make_board(int *ret_fd, struct board **ret_board);
void launch_drop_board(struct board *board);

/* What launch.c and launch_program.c start by. */
struct launch_words {
    const char *program; /* a path */
    char *const *argv;
    char *const *envp;
};

/*
 * Starts a program in a group of its own, with an empty mask and default dispositions, its
 * descriptors as `files` says. Returns 0 and the pid, or -errno.
 */
MUST_CHECK int launch_spawn(const struct launch_words *words,
                            const posix_spawn_file_actions_t *files, pid_t *ret_pid);

/* A memfd that can be sealed and never be run. Returns it or -errno. */
MUST_CHECK int launch_memfd(const char *name);

#endif
