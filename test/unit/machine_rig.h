/*
 * machine_rig.h: a temporary folder that stands for /proc and /sys/fs/cgroup, and children that do one thing and wait.
 *
 * Owns the folder, and removes it. Must not touch the real ones.
 */
#ifndef SWARM_TEST_MACHINE_RIG_H
#define SWARM_TEST_MACHINE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/types.h>

#include "folder_rig.h"

/* Generous: it is reached only when the fact never comes. */
#define MACHINE_DEADLINE_MS 60000

struct machine {
    char root[FOLDER_RIG_SIZE];
    char proc[80];
    char sys[80];
};

/* Set-up and tear-down of a cmocka test: *state is a struct machine whose folders proc and sys are empty. */
int machine_set_up(void **state);
int machine_tear_down(void **state);

#define MACHINE_CASE(test) cmocka_unit_test_setup_teardown(test, machine_set_up, machine_tear_down)

/* Writes ROOT/PATH, a format, and makes the folders above it. */
void machine_put(const struct machine *machine, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void machine_remove(const struct machine *machine, const char *path);

/*
 * Starts a child that calls `begin`, says that it did, and waits to be ended; it ends with us, too. `begin` returns false for
 * a failure. Returns its pid when `begin` has returned.
 */
pid_t machine_child(bool (*begin)(const void *context), const void *context);

/* Ends a child of ours by KILL, and reaps it. */
void machine_end(pid_t child);

/* Runs `body` in a child and returns its exit code; a signal fails the test. */
int machine_run(int (*body)(const void *context), const void *context);

/* Maps and touches so much private memory; NULL for a failure. */
void *machine_touch(size_t bytes);

/* Waits up to MACHINE_DEADLINE_MS for a fact. */
bool machine_until(bool (*is_true)(void *context), void *context);

#endif
