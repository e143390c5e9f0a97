/*
 * main.c: swarm-mold: a mold, which boots a Ruby application once and forks workers from it; or,
 * given a board, one worker that boots the application itself.
 *
 * Owns the order in which the parts begin and end. Decides nothing else.
 */
#include "allocator.h"
#include "arguments.h"
#include "environment.h"
#include "fork.h"
#include "group.h"
#include "loop.h"
#include "mask.h"
#include "place.h"
#include "promotion.h"
#include "rope.h"
#include "tell.h"
#include "title.h"
#include "victim.h"
#include "vm.h"
#include "watch.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* Whose child this process is: the master, before anything could change it; and since when it runs. */
static pid_t master;
static int64_t began_ms;

/* A standalone worker: a link and a board from the start, the request 0. */
static struct worker_order
make_own_order(const struct arguments *arguments)
{
    return (struct worker_order){
        .slot = arguments->slot,
        .index = arguments->index,
        .generation = arguments->generation,
        .link = -1,
        .board = arguments->board,
        .master = master,
    };
}

static void
set_title(const char *what, uint32_t number, const char *tag)
{
    char title[256];

    snprintf(title, sizeof(title), "%s %u%s%s%s", what, number, *tag == '\0' ? "" : " [", tag,
             *tag == '\0' ? "" : "]");
    vm_set_title(title);
}

/* From "booted" on the mold is alone: no thread of its own beside the main one. */
static void
be_ready(const struct watch_promotion *self, const struct wire_facts *facts)
{
    struct wire_message message = {.type = WIRE_MOLD_READY, .mold_ready = *facts};
    int error;

    message.mold_ready.boot_ms = (uint32_t)(util_now_ms() - self->at_ms);
    allocator_name(message.mold_ready.allocator, sizeof(message.mold_ready.allocator));
    if (facts->timeout_ms != 0) {
        watch_set_timeout(facts->timeout_ms);
    }
    set_title("swarm-mold", self->generation, facts->tag);
    do {
        error = vm_send(&message);
    } while (error == -EINTR || error == -ECANCELED);
}

/* A mold's fork is a worker, and that may be the next mold: then it comes round. */
static int
live_as_mold(const struct arguments *arguments)
{
    struct watch_promotion self = {arguments->generation, began_ms};
    struct worker_order order;
    struct wire_facts facts;
    int state = vm_boot(&facts);
    bool is_mold = state == 0;

    while (is_mold) {
        vm_be_alone();
        watch_stop();
        allocator_settle();
        be_ready(&self, &facts);
        loop_run(master, &order);
        set_title("swarm-worker", order.slot, facts.tag);
        state = vm_work(&order, &facts, &is_mold);
        if (is_mold) {
            (void)watch_is_promoted(&self);
            promotion_finish(master);
        }
    }
    return state;
}

static int
live_as_worker(const struct arguments *arguments)
{
    struct worker_order order = make_own_order(arguments);
    struct wire_facts facts;
    bool is_mold;
    int state;

    /* The VM exists now: HUP, USR1 and the others become Ruby's again. */
    mask_give_back();
    state = vm_boot(&facts);
    return state != 0 ? state : vm_work(&order, &facts, &is_mold);
}

static int
live(const struct vm_program *program)
{
    return program->arguments->role == ARGUMENTS_MOLD ? live_as_mold(program->arguments)
                                                      : live_as_worker(program->arguments);
}

static int
fail(const char *kind, const char *text, int exit_code)
{
    struct wire_failure failure = {.stage = "start", .exit_code = (uint32_t)exit_code};

    util_copy_text(failure.kind, sizeof(failure.kind), kind);
    util_copy_text(failure.text, sizeof(failure.text), text);
    tell_failure(&failure);
    tell_log("%s", text);
    return exit_code;
}

static void
take_null_input(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (fd > STDIN_FILENO) {
        dup2(fd, STDIN_FILENO);
        util_close(&fd);
    }
}

/* True when the other end is closed: the master has died. */
static bool
is_cut(void)
{
    struct pollfd place = {.fd = tell_fd(), .events = POLLIN};

    return poll(&place, 1, 0) > 0 && (place.revents & POLLHUP) != 0;
}

/* What a mold and a standalone worker do before there is a VM. */
static int
begin(const struct arguments *arguments)
{
    if (arguments->role == ARGUMENTS_WORKER) {
        struct worker_order order = make_own_order(arguments);

        worker_become(&order);
        return 0;
    }
    allocator_start();
    victim_raise(VICTIM_MOLD);
    setpgid(0, 0);
    return watch_start();
}

static int
run(const struct arguments *arguments, char *title)
{
    char hooks[PATH_MAX];
    char script[PATH_MAX];
    char first[PATH_MAX];
    char wrong[512];
    struct vm_program program = {
        .arguments = arguments,
        .hooks = hooks,
        .boot_script = script,
        .title = title,
        .live = live,
    };
    int error = begin(arguments);

    if (error != 0) {
        return fail("SystemError", strerror(-error), EX_OSERR);
    }
    if (vm_check(wrong, sizeof(wrong)) != 0) {
        return fail("RubyMismatch", wrong, EX_CONFIG);
    }
    if (place_hooks(hooks, sizeof(hooks)) != 0 ||
        place_boot_script(hooks, script, sizeof(script)) != 0) {
        return fail("InstallationError", "the Ruby files of swarm are not where they belong",
                    EX_CONFIG);
    }
    program.first_script = environment_script(hooks, first, sizeof(first));
    return vm_run(&program);
}

int
main(int argc, char **argv)
{
    struct arguments arguments;
    const char *wrong = "";
    char **words;
    int error;
    int status;

    began_ms = util_now_ms();
    master = getppid();
    if (rope_tie(SIGKILL, master) != 0) {
        return EX_UNAVAILABLE;
    }
    mask_start();
    victim_learn();
    error = environment_take();
    allocator_check(argv);
    words = title_take(argc, argv);
    if (error != 0 || words == NULL || fork_init() != 0) {
        tell_log("no memory");
        return EX_OSERR;
    }
    if (arguments_parse(words, &arguments, &wrong) != 0) {
        tell_log("what is \"%s\"? This program is started by swarm, never by hand", wrong);
        return EX_USAGE;
    }
    if (tell_open(arguments.link) != 0 || is_cut()) {
        tell_log("there is no master at descriptor %d", arguments.link);
        return EX_UNAVAILABLE;
    }
    take_null_input();
    if (arguments.family >= 0) {
        /* Programs that jobs start are not of the family: they may outlive it. */
        fcntl(arguments.family, F_SETFD, FD_CLOEXEC);
    }
    status = run(&arguments, argv[0]);
    /* The kernel's TERM for an orphan may end Ruby before the watch has read the end of the link. */
    if (watch_is_orphan() || is_cut()) {
        group_end();
    }
    return status;
}
