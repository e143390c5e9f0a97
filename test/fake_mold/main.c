/*
 * main.c: a mold without Ruby, for the tests of the master.
 *
 * Takes the command line of swarm-mold, speaks its side of the wire, behaves well by default and
 * misbehaves on order (README.md). Owns the reading of arguments and environment.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "master/wire.h"
#include "mold.h"
#include "worker.h"

static uint32_t
number_in_environment(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

/* The value after `name`, or NULL; what stands behind `--` is Sidekiq's. */
static const char *
argument(char *const *argv, const char *name)
{
    for (char *const *word = argv; *word != NULL && strcmp(*word, "--") != 0; word++) {
        if (strcmp(*word, name) == 0) {
            return word[1];
        }
    }
    return NULL;
}

static uint32_t
number_argument(char *const *argv, const char *name)
{
    const char *text = argument(argv, name);

    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

static void
map_board(struct actor *actor, const char *fd)
{
    actor->board =
        mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)strtol(fd, NULL, 10), 0);
    if (actor->board == MAP_FAILED) {
        perror("fake-mold: board");
        _exit(70);
    }
}

int
main(int argc, char **argv)
{
    const char *board = argument(argv, "--board");
    const char *family = argument(argv, "--family");
    struct actor actor = {
        .role = board != NULL ? ACTOR_WORKER : ACTOR_MOLD,
        .generation = number_argument(argv, "--generation"),
        .slot = number_argument(argv, "--slot"),
        .index = number_argument(argv, "--index"),
        .link_fd = WIRE_LINK_FD,
        .family_fd = family != NULL ? (int)strtol(family, NULL, 10) : -1,
        .master_pid = getppid(),
        .timeout_ms = number_in_environment("FAKE_TIMEOUT_MS", 25000),
        .grace_ms = number_in_environment("FAKE_GRACE_MS", 10000),
        .boots_itself = board != NULL,
    };

    (void)argc;
    if (board == NULL) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        mold_live(&actor);
    }
    map_board(&actor, board);
    worker_hold_signals();
    worker_live(&actor, 0);
}
