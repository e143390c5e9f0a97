/*
 * machine_rig.c: see machine_rig.h.
 */
#include "machine_rig.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder_rig.h"
#include "master/util.h"

int
machine_set_up(void **state)
{
    struct machine *machine = calloc(1, sizeof(*machine));

    assert_non_null(machine);
    folder_rig_make(machine->root, "unit");
    snprintf(machine->proc, sizeof(machine->proc), "%s/proc", machine->root);
    snprintf(machine->sys, sizeof(machine->sys), "%s/sys", machine->root);
    assert_int_equal(mkdir(machine->proc, 0755), 0);
    assert_int_equal(mkdir(machine->sys, 0755), 0);
    *state = machine;
    return 0;
}

int
machine_tear_down(void **state)
{
    struct machine *machine = *state;

    folder_rig_remove(machine->root);
    free(machine);
    return 0;
}

void
machine_put(const struct machine *machine, const char *path, const char *format, ...)
{
    char full[1024];
    va_list arguments;
    FILE *file;

    snprintf(full, sizeof(full), "%s/%s", machine->root, path);
    for (char *slash = strchr(full + strlen(machine->root) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(full, "we");
    assert_non_null(file);
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    assert_int_equal(fclose(file), 0);
}

void
machine_remove(const struct machine *machine, const char *path)
{
    char full[1024];

    snprintf(full, sizeof(full), "%s/%s", machine->root, path);
    folder_rig_remove(full);
}

pid_t
machine_child(bool (*begin)(const void *context), const void *context)
{
    int ready[2];
    char byte = 0;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        if (!begin(context) || write(ready[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) {
        machine_end(child);
        fail_msg("the child could not begin");
    }
    close(ready[0]);
    return child;
}

void
machine_end(pid_t child)
{
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

int
machine_run(int (*body)(const void *context), const void *context)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(body(context));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

void *
machine_touch(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
    memset(memory, 1, bytes);
    return memory;
}

bool
machine_until(bool (*is_true)(void *context), void *context)
{
    int64_t end_ms = util_now_ms() + MACHINE_DEADLINE_MS;

    while (!is_true(context)) {
        if (util_now_ms() > end_ms) {
            return false;
        }
        poll(NULL, 0, 10);
    }
    return true;
}
