/* mold.c: see mold.h. */
#include "mold.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "birth.h"
#include "facts.h"
#include "jobs.h"
#include "journal.h"
#include "meal.h"
#include "mischief.h"
#include "orders.h"
#include "worker.h"

static void
say(const struct actor *actor, const struct wire_message *message)
{
    if (wire_send(actor->link_fd, message, NULL, 0) != 0) {
        _exit(0);
    }
}

/* Becomes the worker of this request: takes its descriptors, gives up the mold's. */
static _Noreturn void
be_worker(struct actor *actor, const struct wire_spawn *spawn, struct wire_extra *extra)
{
    util_close(&actor->link_fd);
    meal_forget();
    jobs_forget();
    actor->role = ACTOR_WORKER;
    actor->slot = spawn->slot;
    actor->index = spawn->index;
    actor->generation = spawn->generation;
    actor->link_fd = extra->fds[0];
    actor->board = mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, extra->fds[1], 0);
    util_close(&extra->fds[1]);
    if (actor->board == MAP_FAILED) {
        perror("fake-mold: board");
        _exit(70);
    }
    worker_live(actor, spawn->request);
}

static void
answer_failed(const struct actor *actor, uint64_t request, int error)
{
    struct wire_message message = {.type = WIRE_FAILED};

    message.failed.request = request;
    message.failed.error = (uint32_t)error;
    say(actor, &message);
}

/* The pid that is told: the true one, unless a lie is ordered. */
static pid_t
told_pid(const struct actor *actor, pid_t worker, pid_t previous)
{
    char lie[ORDERS_ARGUMENT_MAX];

    if (!orders_take(actor, "spawned", "lie", lie)) {
        return worker;
    }
    if (strcmp(lie, "master") == 0) {
        return actor->master_pid;
    }
    return strcmp(lie, "worker") == 0 ? previous : (pid_t)strtoul(lie, NULL, 10);
}

static void
answer_spawned(struct actor *actor, uint64_t request, pid_t worker)
{
    static pid_t previous;
    struct wire_message message = {.type = WIRE_SPAWNED};

    mischief_run(actor, "spawned");
    message.spawned.request = request;
    message.spawned.pid = (uint32_t)told_pid(actor, worker, previous);
    previous = worker;
    if (orders_take(actor, "spawned", "mute", NULL)) {
        return;
    }
    if (orders_take(actor, "spawned", "stale", NULL)) {
        message.spawned.request = request + 1000000;
    }
    say(actor, &message);
    if (orders_take(actor, "spawned", "twice", NULL)) {
        say(actor, &message);
    }
}

/* The errno that is ordered for this fork, or 0. */
static int
ordered_errno(const struct actor *actor)
{
    char name[ORDERS_ARGUMENT_MAX];

    if (!orders_take(actor, "spawn", "errno", name)) {
        return 0;
    }
    return strcmp(name, "ENOMEM") == 0 ? ENOMEM : EAGAIN;
}

static void
on_spawn(struct actor *actor, const struct wire_spawn *spawn, struct wire_extra *extra)
{
    pid_t worker = 0;
    int outcome;

    journal_write(actor, "spawn", spawn->slot);
    mischief_run(actor, "spawn");
    outcome = -ordered_errno(actor);
    if (outcome == 0) {
        outcome = birth_fork(actor, &worker);
        if (outcome == 0) {
            be_worker(actor, spawn, extra);
        }
    }
    if (outcome < 0) {
        answer_failed(actor, spawn->request, -outcome);
    } else {
        answer_spawned(actor, spawn->request, worker);
    }
}

static void
on_link(struct actor *actor)
{
    struct wire_message message;
    struct wire_extra extra;

    if (wire_receive(actor->link_fd, &message, &extra) != 1) {
        _exit(0);
    }
    if (message.type == WIRE_SPAWN && extra.fd_count == WIRE_FDS_MAX) {
        on_spawn(actor, &message.spawn, &extra);
    } else {
        facts_answer_trace(actor, &message);
    }
    util_close(&extra.fds[0]);
    util_close(&extra.fds[1]);
}

static void
become_ready(struct actor *actor)
{
    struct wire_message ready = {.type = WIRE_MOLD_READY};

    facts_fill(&ready.mold_ready, actor, true);
    worker_hold_signals();
    say(actor, &ready);
    if (orders_take(actor, "ready", "twice", NULL)) {
        say(actor, &ready);
    }
    journal_write(actor, "ready", 0);
}

static void
boot(struct actor *actor)
{
    struct wire_message step = {.type = WIRE_STEP, .step = {.name = "fake", .took_ms = 1}};

    mischief_run(actor, "start");
    say(actor, &step);
    mischief_run(actor, "boot");
}

static _Noreturn void
serve(struct actor *actor)
{
    become_ready(actor);
    for (;;) {
        struct pollfd link = {.fd = actor->link_fd, .events = POLLIN};

        mischief_run(actor, "idle");
        if (poll(&link, 1, ACTOR_TICK_MS) > 0) {
            on_link(actor);
        }
    }
}

void
mold_live(struct actor *actor)
{
    boot(actor);
    serve(actor);
}

void
mold_promote(struct actor *actor, uint32_t generation)
{
    munmap(actor->board, BOARD_SIZE);
    actor->board = NULL;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    actor->role = ACTOR_MOLD;
    actor->generation = generation;
    serve(actor);
}
