/* mischief.c: see mischief.h. */
#include "mischief.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"
#include "journal.h"
#include "master/wire.h"
#include "meal.h"
#include "orders.h"

static uint32_t
number_of(const char *argument)
{
    return (uint32_t)strtoul(argument, NULL, 10);
}

/* A real worker has a native thread that notices the end of its link whatever Ruby does. */
void
mischief_hang(const struct actor *actor)
{
    struct pollfd link = {.fd = actor->link_fd, .events = 0};

    while (poll(&link, 1, -1) <= 0) {
    }
    _exit(1);
}

/* As Ruby does whose main thread hangs while the VM is free: it still tells where it stands. */
static void
hang_answering(const struct actor *actor)
{
    struct wire_message message;

    while (wire_receive(actor->link_fd, &message, NULL) == 1) {
        facts_answer_trace(actor, &message);
    }
    _exit(1);
}

static void
do_hang(struct actor *actor, const char *place, const char *argument)
{
    (void)place;
    journal_write(actor, "hang", 0);
    if (strcmp(argument, "answer") == 0) {
        hang_answering(actor);
    }
    mischief_hang(actor);
}

static void
do_sleep(struct actor *actor, const char *place, const char *argument)
{
    uint32_t wait_ms = number_of(argument);
    struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = (long)(wait_ms % 1000) * 1000000};

    (void)actor;
    (void)place;
    while (nanosleep(&wait, &wait) != 0) {
    }
}

/* Stands still as long as the order stands; the end of the link ends it, as in mischief_hang. */
static void
do_wait(struct actor *actor, const char *place, const char *argument)
{
    struct pollfd link = {.fd = actor->link_fd, .events = 0};

    (void)argument;
    journal_write(actor, "wait", 0);
    while (orders_take(actor, place, "wait", NULL)) {
        if (poll(&link, 1, ACTOR_TICK_MS) > 0) {
            _exit(1);
        }
    }
}

static void
do_exit(struct actor *actor, const char *place, const char *argument)
{
    (void)actor;
    (void)place;
    _exit((int)number_of(argument));
}

static int
signal_of(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"KILL", SIGKILL}, {"SEGV", SIGSEGV}, {"ABRT", SIGABRT},
                   {"STOP", SIGSTOP}, {"USR1", SIGUSR1}, {"HUP", SIGHUP}};

    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        if (strcmp(name, signals[i].name) == 0) {
            return signals[i].number;
        }
    }
    return SIGKILL;
}

static void
do_kill(struct actor *actor, const char *place, const char *argument)
{
    int number = signal_of(argument);

    (void)actor;
    (void)place;
    /* A sanitizer's handler would turn a SEGV into an exit. */
    signal(number, SIG_DFL);
    kill(getpid(), number);
}

static void
report(struct actor *actor, const char *stage, const char *text, uint32_t exit_code)
{
    struct wire_message message = {.type = WIRE_FAILURE};

    util_copy_text(message.failure.stage, sizeof(message.failure.stage), stage);
    util_copy_text(message.failure.kind, sizeof(message.failure.kind), "FakeError");
    util_copy_text(message.failure.text, sizeof(message.failure.text), text);
    util_copy_text(message.failure.place, sizeof(message.failure.place), "config/fake.rb:7");
    util_copy_text(message.failure.frames, sizeof(message.failure.frames),
                   "config/fake.rb:7:in `block'\nconfig/fake.rb:3:in `<main>'");
    message.failure.exit_code = exit_code;
    if (wire_send(actor->link_fd, &message, NULL, 0) != 0) {
        perror("fake-mold: failure");
    }
}

/* "CODE TEXT": what Ruby's uncaught exception looks like from outside. */
static void
do_raise(struct actor *actor, const char *place, const char *argument)
{
    const char *text = strchr(argument, ' ');
    uint32_t exit_code = number_of(argument);

    report(actor, place, text != NULL ? text + 1 : "ordered", exit_code);
    _exit((int)exit_code);
}

/* A job of the warm-up that failed: nothing ends by it. */
static void
do_complain(struct actor *actor, const char *place, const char *argument)
{
    (void)place;
    report(actor, WIRE_STAGE_WARMUP_JOB, argument, 0);
}

/* "bytes" are no packet at all, "huge" is longer than any, "wrong" is a message nobody may send
 * upwards. */
static void
do_garbage(struct actor *actor, const char *place, const char *argument)
{
    static char bytes[WIRE_PACKET_MAX + 100];
    struct wire_message wrong = {.type = WIRE_GO};
    size_t length = strcmp(argument, "huge") == 0 ? sizeof(bytes) : 100;

    (void)place;
    if (strcmp(argument, "wrong") == 0) {
        if (wire_send(actor->link_fd, &wrong, NULL, 0) != 0) {
            perror("fake-mold: garbage");
        }
        return;
    }
    memset(bytes, 0xA5, sizeof(bytes));
    if (send(actor->link_fd, bytes, length, MSG_NOSIGNAL) < 0) {
        perror("fake-mold: garbage");
    }
}

static void
do_flood(struct actor *actor, const char *place, const char *argument)
{
    struct wire_message message = {.type = WIRE_STEP, .step = {.name = "flood"}};
    uint32_t left = number_of(argument);

    (void)place;
    while (left > 0 && wire_send(actor->link_fd, &message, NULL, 0) == 0) {
        left--;
    }
    journal_write(actor, "flooded", left);
}

static void
do_close(struct actor *actor, const char *place, const char *argument)
{
    (void)place;
    (void)argument;
    util_close(&actor->link_fd);
}

static void
do_eat(struct actor *actor, const char *place, const char *argument)
{
    (void)place;
    meal_order(actor, argument);
}

static _Noreturn void
be_grandchild(struct actor *actor, const char *manner)
{
    sigset_t none;

    util_close(&actor->link_fd);
    util_close(&actor->family_fd);
    if (strcmp(manner, "session") == 0) {
        setsid();
    }
    sigemptyset(&none);
    signal(SIGTERM, strcmp(manner, "stubborn") == 0 ? SIG_IGN : SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (strncmp(manner, "eat ", 4) == 0) {
        meal_forget();
        meal_order(actor, manner + 4);
    } else {
        journal_write(actor, manner, getppid());
    }
    for (;;) {
        pause();
    }
}

/* A job's own subprocess: "group", "stubborn" (ignores TERM), "session" (leaves group and
 * session) or "eat MIB". */
static void
do_child(struct actor *actor, const char *place, const char *argument)
{
    (void)place;
    if (fork() == 0) {
        be_grandchild(actor, argument);
    }
}

/* Joins its parent's process group, and with "session" leaves for a session of its own from there.
 */
static void
do_group(struct actor *actor, const char *place, const char *argument)
{
    (void)place;
    if (setpgid(0, getpgid(getppid())) != 0) {
        perror("fake-mold: group");
    }
    /* A leader of a group cannot leave its session: hence the step above. */
    if (strcmp(argument, "session") == 0 && setsid() < 0) {
        perror("fake-mold: session");
    }
    journal_write(actor, "group", getpgid(0));
}

static void
do_scribble(struct actor *actor, const char *place, const char *argument)
{
    (void)place;
    (void)argument;
    if (actor->board != NULL) {
        memset(actor->board, 0xE7, BOARD_SIZE);
    }
}

/* What ends the process stands last, so that one place can have both. */
static const struct {
    const char *verb;
    void (*act)(struct actor *actor, const char *place, const char *argument);
} mischief[] = {
    {"sleep", do_sleep},     {"wait", do_wait},         {"group", do_group},
    {"child", do_child},     {"eat", do_eat},           {"flood", do_flood},
    {"garbage", do_garbage}, {"scribble", do_scribble}, {"complain", do_complain},
    {"close", do_close},     {"raise", do_raise},       {"exit", do_exit},
    {"kill", do_kill},       {"hang", do_hang},
};

void
mischief_run(struct actor *actor, const char *place)
{
    char argument[ORDERS_ARGUMENT_MAX];

    meal_grow(actor);
    /* One look instead of one for each verb: two hundred workers look at each tick. */
    if (!orders_stand(actor, place)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(mischief); i++) {
        if (orders_take(actor, place, mischief[i].verb, argument)) {
            mischief[i].act(actor, place, argument);
        }
    }
}
