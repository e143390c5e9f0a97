/* worker.c: see worker.h. */
#include "worker.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "facts.h"
#include "jobs.h"
#include "journal.h"
#include "mischief.h"
#include "mold.h"
#include "orders.h"
#include "signs.h"

/* A worker that is running: past its run gate. */
struct life {
    struct actor *actor;
    int signal_fd;
    bool quiet;
    bool stopping;
    int64_t leave_ms; /* the jobs are given back and the process ends; NEVER_MS until a TERM */
};

static void
fill_held(sigset_t *ret_set)
{
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGINT);
    sigaddset(ret_set, SIGTSTP);
    sigaddset(ret_set, SIGTTIN);
}

void
worker_hold_signals(void)
{
    sigset_t held;

    fill_held(&held);
    sigprocmask(SIG_BLOCK, &held, NULL);
}

static void
say(const struct actor *actor, const struct wire_message *message)
{
    /* Without a master there is nobody to tell; the end of the link is seen where it is read. */
    if (actor->link_fd >= 0 && wire_send(actor->link_fd, message, NULL, 0) != 0) {
        journal_write(actor, "unheard", (int64_t)message->type);
    }
}

/* Waits for one message of the master; orders for `place` are obeyed meanwhile. */
static void
await(struct actor *actor, enum wire_type type, const char *place)
{
    struct wire_message message;

    for (;;) {
        struct pollfd link = {.fd = actor->link_fd, .events = POLLIN};

        signs_show(actor, place);
        mischief_run(actor, place);
        if (poll(&link, 1, ACTOR_TICK_MS) <= 0) {
            continue;
        }
        if (wire_receive(actor->link_fd, &message, NULL) != 1) {
            _exit(0);
        }
        if (message.type == type) {
            return;
        }
        facts_answer_trace(actor, &message);
    }
}

/* Until the middle is gone the worker is no child of the master, which could not believe its hello. */
static void
wait_for_parent(const struct actor *actor)
{
    struct pollfd link = {.fd = actor->link_fd, .events = 0};

    while (getppid() != actor->master_pid) {
        if (poll(&link, 1, 1) > 0) {
            _exit(0);
        }
    }
}

/* The second rope: the kernel tells of the master's death. */
static void
arm_death_signal(const struct actor *actor)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != actor->master_pid) {
        _exit(0);
    }
}

static void
become_ready(struct actor *actor, uint64_t request)
{
    struct wire_message hello = {.type = WIRE_HELLO, .hello = {.request = request}};
    struct wire_message ready = {.type = WIRE_READY};

    mischief_run(actor, "fork");
    setpgid(0, 0);
    mischief_run(actor, "born");
    wait_for_parent(actor);
    say(actor, &hello);
    await(actor, WIRE_GO, "hello");
    arm_death_signal(actor);
    mischief_run(actor, "after_fork");
    mischief_run(actor, "boot");
    facts_fill(&ready.ready, actor, actor->boots_itself);
    say(actor, &ready);
    journal_write(actor, "ready", actor->index);
}

static void
become_quiet(struct life *life)
{
    life->quiet = true;
    __atomic_store_n(&life->actor->board->quiet, 1, __ATOMIC_RELAXED);
}

static void
begin_stop(struct life *life)
{
    struct wire_message message = {.type = WIRE_STOPPING};

    if (life->stopping) {
        return;
    }
    life->stopping = true;
    life->leave_ms = util_now_ms() + life->actor->timeout_ms;
    become_quiet(life);
    say(life->actor, &message);
}

static void
on_signal(struct life *life, int signal)
{
    const char *place = signal == SIGTSTP ? "tstp" : signal == SIGTTIN ? "ttin" : "term";

    journal_write(life->actor, place, signal);
    mischief_run(life->actor, place);
    if (orders_take(life->actor, place, "ignore", NULL)) {
        return;
    }
    if (signal == SIGTSTP) {
        become_quiet(life);
    } else if (signal != SIGTTIN) {
        begin_stop(life);
    }
}

/* As a real worker, whose Sidekiq ends first. */
static _Noreturn void
be_mold(struct life *life, uint32_t generation)
{
    struct actor *actor = life->actor;

    begin_stop(life);
    journal_write(actor, "promote", generation);
    mischief_run(actor, "promote");
    util_close(&life->signal_fd);
    mold_promote(actor, generation);
}

/* What the native thread of a real worker does at the end of its link: TERM, and an end in any
 * case. */
static void
on_link(struct life *life)
{
    struct wire_message message;

    if (wire_receive(life->actor->link_fd, &message, NULL) == 1) {
        if (message.type == WIRE_PROMOTE) {
            be_mold(life, message.promote.generation);
        }
        facts_answer_trace(life->actor, &message);
        return;
    }
    journal_write(life->actor, "orphan", 0);
    util_close(&life->actor->link_fd);
    life->leave_ms = util_now_ms() + life->actor->timeout_ms + life->actor->grace_ms;
    if (!orders_take(life->actor, "term", "ignore", NULL)) {
        begin_stop(life);
    }
}

static void
take_events(struct life *life)
{
    struct pollfd fds[] = {
        {.fd = life->signal_fd, .events = POLLIN},
        {.fd = life->actor->link_fd, .events = POLLIN},
    };
    struct signalfd_siginfo info;

    if (poll(fds, ARRAY_LEN(fds), ACTOR_TICK_MS) <= 0) {
        return;
    }
    if (fds[0].revents != 0 && read(life->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        on_signal(life, (int)info.ssi_signo);
    }
    if (fds[1].revents != 0) {
        on_link(life);
    }
}

static bool
is_finished(const struct life *life)
{
    return (life->stopping && jobs_count() == 0) || util_now_ms() >= life->leave_ms;
}

void
worker_live(struct actor *actor, uint64_t request)
{
    struct life life = {.actor = actor, .leave_ms = NEVER_MS};
    sigset_t held;

    become_ready(actor, request);
    await(actor, WIRE_RUN, "gate");
    journal_write(actor, "run", actor->index);
    mischief_run(actor, "run");
    fill_held(&held);
    life.signal_fd = signalfd(-1, &held, SFD_CLOEXEC);
    while (!is_finished(&life)) {
        take_events(&life);
        signs_show(actor, "idle");
        jobs_follow(actor, life.quiet);
        mischief_run(actor, "idle");
    }
    jobs_give_back(actor);
    mischief_run(actor, "stopping");
    journal_write(actor, "leave", 0);
    _exit(0);
}
