/*
 * check_boot.c: see check_boot.h.
 *
 * The life of the boot: booting → (late: it is asked where its threads are) → ending (KILL is sent) → ended. Its end is
 * told by the reaper alone, whoever caused it.
 */
#include "check_boot.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "launch.h"
#include "launch_command.h"
#include "link.h"
#include "rss/rollup.h"
#include "rss/sampler.h"
#include "signals.h"

#define MOLD_ID 1
/* How long a mold that is late may take to say where it is. */
#define TRACE_MS 2000
/* A process that ends closes its link first; one that is still there after so long goes on without. */
#define MUTE_MS 10000
/* What the mold started gets TERM, so long to end, and KILL. */
#define LEFTOVERS_MS 2000
#define LOOK_MS 20
/* A killed process is gone at once, unless it sleeps in the kernel: then it is left to that. */
#define ENDING_MS 10000

enum phase { PHASE_BOOTING, PHASE_LATE, PHASE_ENDING, PHASE_ENDED };

struct boot {
    const struct check_boot_order *order;
    struct check_boot *out;
    struct ev_loop *loop;
    struct reaper *reaper;
    struct signals *signals;
    struct process *process;
    struct link *link;
    struct ev_timer deadline;
    struct ev_timer tick;
    enum phase phase;
    bool is_mute;
};

static void
set_deadline(struct boot *boot, int64_t span_ms)
{
    ev_timer_stop(boot->loop, &boot->deadline);
    ev_now_update(boot->loop);
    ev_timer_set(&boot->deadline, (double)span_ms / 1000.0, 0);
    ev_timer_start(boot->loop, &boot->deadline);
}

/* Its subprocesses are the reaper's business. A death that was not told yet makes the signal superfluous. */
static void
finish(struct boot *boot, enum check_end end)
{
    if (boot->phase >= PHASE_ENDING) {
        return;
    }
    boot->phase = PHASE_ENDING;
    boot->out->end = end;
    set_deadline(boot, ENDING_MS);
    (void)!process_signal(boot->process, SIGKILL);
}

static void
on_step(struct boot *boot, const struct wire_message *message)
{
    if (boot->out->step_count < CHECK_STEPS_MAX) {
        boot->out->steps[boot->out->step_count++] = message->step;
    }
}

/* As the service measures what its limits are compared with. What cannot be read stays unknown. */
static void
measure(pid_t pid, struct memory_figures *figures)
{
    const int64_t now_ms = util_now_ms();
    struct sampler sampler = SAMPLER_CLOSED;

    (void)!sampler_open(&sampler, "/proc", pid);
    (void)sampler_read_rss(&sampler, now_ms, figures);
    sampler_close(&sampler);
    (void)rollup_read(pid, now_ms, figures);
    rollup_done();
}

static void
on_ready(struct boot *boot, const struct wire_message *message)
{
    if (boot->phase != PHASE_BOOTING) {
        return;
    }
    boot->out->facts = message->mold_ready;
    boot->out->facts_known = true;
    measure(process_pid(boot->process), &boot->out->memory);
    finish(boot, CHECK_READY);
}

static void
on_failure(struct boot *boot, const struct wire_message *message)
{
    struct check_boot *out = boot->out;
    const bool of_warmup = wire_failure_ends_nothing(&message->failure);
    bool *known = of_warmup ? &out->warmup_known : &out->failure_known;

    if (!*known) {
        *(of_warmup ? &out->warmup : &out->failure) = message->failure;
        *known = true;
    }
}

static void
on_trace(struct boot *boot, const struct wire_message *message)
{
    if (boot->phase == PHASE_LATE) {
        boot->out->trace = message->trace;
        finish(boot, CHECK_LATE);
    }
}

static void
on_message(void *context, uint64_t id, const struct wire_message *message, struct wire_extra *extra)
{
    static void (*const handlers[WIRE_TYPE_END])(struct boot *, const struct wire_message *) = {
        [WIRE_STEP] = on_step,
        [WIRE_MOLD_READY] = on_ready,
        [WIRE_FAILURE] = on_failure,
        [WIRE_TRACE] = on_trace,
    };

    (void)id;
    (void)extra;
    if (handlers[message->type] != NULL) {
        handlers[message->type](context, message);
    } else {
        finish(context, CHECK_GARBAGE);
    }
}

static void
on_garbage(void *context, uint64_t id, pid_t sender)
{
    (void)id;
    (void)sender;
    finish(context, CHECK_GARBAGE);
}

static void
on_link_end(void *context, uint64_t id, int error)
{
    struct boot *boot = context;

    (void)id;
    (void)error;
    if (boot->phase < PHASE_ENDING) {
        boot->is_mute = true;
        set_deadline(boot, MUTE_MS);
    }
}

static void
on_process_end(void *context, uint64_t id, const struct process_end *end)
{
    struct boot *boot = context;

    (void)id;
    if (boot->phase < PHASE_ENDING) {
        /* Its last words may wait in its link. */
        link_drain(boot->link);
        boot->out->end = CHECK_LEFT;
        boot->out->ending = *end;
    }
    boot->phase = PHASE_ENDED;
    ev_break(boot->loop, EVBREAK_ALL);
}

static void
on_deadline(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    const struct wire_message ask = {.type = WIRE_ASK_TRACE};
    struct boot *boot = timer->data;

    (void)events;
    if (boot->phase == PHASE_ENDING) {
        ev_break(loop, EVBREAK_ALL);
    } else if (boot->is_mute) {
        finish(boot, CHECK_MUTE);
    } else if (boot->phase == PHASE_BOOTING) {
        boot->phase = PHASE_LATE;
        set_deadline(boot, TRACE_MS);
        (void)!link_send(boot->link, &ask, NULL, 0);
    } else {
        finish(boot, CHECK_LATE);
    }
}

/* A person who is in a hurry: its group ends with it. */
static void
on_signal(void *context, int signal, pid_t sender)
{
    struct boot *boot = context;

    (void)sender;
    if (signal != SIGTERM && signal != SIGINT && signal != SIGHUP) {
        return;
    }
    finish(boot, CHECK_INTERRUPTED);
    boot->out->end = CHECK_INTERRUPTED;
    boot->out->signal = signal;
    if (boot->process != NULL) {
        (void)!process_signal_group(boot->process, SIGKILL);
    }
}

static void
on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
}

static int
launch_mold(struct boot *boot, int link_fd)
{
    const struct launch_command_order command_order = {
        .config = boot->order->config,
        .program = boot->order->program,
        .role = LAUNCH_ROLE_CHECK,
        .generation = 1,
    };
    struct launch_order order = {
        .program = boot->order->program,
        .envp = boot->order->envp,
        .link_fd = link_fd,
        .family_fd = -1,
        .board_fd = -1,
    };
    struct launch_command command;
    pid_t pid;
    int error = launch_command_make(&command, &command_order);

    if (error != 0) {
        return error;
    }
    order.argv = command.words;
    error = launch(&order, &pid);
    launch_command_done(&command);
    return error != 0 ? error : reaper_adopt(boot->reaper, pid, MOLD_ID, &boot->process);
}

static int
start_mold(struct boot *boot)
{
    const struct link_handlers handlers = {
        .context = boot,
        .on_message = on_message,
        .on_garbage = on_garbage,
        .on_end = on_link_end,
    };
    int ours;
    int theirs;
    int error = link_pair(&ours, &theirs);

    if (error != 0) {
        return error;
    }
    error = launch_mold(boot, theirs);
    util_close(&theirs);
    if (error != 0) {
        util_close(&ours);
        return error;
    }
    return link_open(boot->loop, ours, MOLD_ID, &handlers, &boot->link);
}

/* Runs the loop for one event, at most LOOK_MS. */
static void
run_briefly(struct boot *boot)
{
    ev_now_update(boot->loop);
    ev_timer_set(&boot->tick, LOOK_MS / 1000.0, 0);
    ev_timer_start(boot->loop, &boot->tick);
    ev_run(boot->loop, EVRUN_ONCE);
    ev_timer_stop(boot->loop, &boot->tick);
}

/* What of the mold's group is left has REAPER_GROUP_GRACE_MS until the reaper kills it. */
static void
wait_for_group(struct boot *boot)
{
    int64_t until_ms = util_now_ms() + 2 * REAPER_GROUP_GRACE_MS;

    while (!reaper_is_idle(boot->reaper) && util_now_ms() < until_ms) {
        run_briefly(boot);
    }
}

static bool
wait_for_strangers(struct boot *boot)
{
    int64_t until_ms = util_now_ms() + LEFTOVERS_MS;

    while (reaper_signal_strangers(boot->reaper, 0) > 0) {
        if (util_now_ms() > until_ms || boot->out->end == CHECK_INTERRUPTED) {
            return false;
        }
        run_briefly(boot);
    }
    return true;
}

/* Whatever left the mold's group and session has become our child: we are its subreaper. */
static void
end_strangers(struct boot *boot)
{
    int64_t until_ms;

    if (reaper_signal_strangers(boot->reaper, SIGTERM) == 0 || wait_for_strangers(boot)) {
        return;
    }
    until_ms = util_now_ms() + LEFTOVERS_MS;
    /* What a dying one leaves behind becomes ours only then. */
    while (reaper_signal_strangers(boot->reaper, SIGKILL) > 0 && util_now_ms() < until_ms) {
        run_briefly(boot);
    }
}

static void
run(struct boot *boot, bool has_children)
{
    int error = start_mold(boot);

    if (boot->process == NULL) {
        boot->phase = PHASE_ENDED;
        boot->out->end = CHECK_NOT_STARTED;
        boot->out->error = error;
    } else {
        set_deadline(boot, boot->order->config->boot_timeout_ms);
        if (error != 0) {
            boot->out->error = error;
            finish(boot, CHECK_NOT_STARTED);
        }
        ev_run(boot->loop, 0);
        wait_for_group(boot);
    }
    /* Children that we had before are not ours to end. */
    if (!has_children) {
        end_strangers(boot);
    }
    ev_timer_stop(boot->loop, &boot->deadline);
}

static int
open_adapters(struct boot *boot)
{
    const struct reaper_handlers reaper = {.context = boot, .on_end = on_process_end};
    const struct signals_handlers signals = {.context = boot, .on_signal = on_signal};
    int error;

    /* Not the default loop: that one reaps every child by itself. */
    boot->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOSIGMASK);
    if (boot->loop == NULL) {
        return -ENOMEM;
    }
    ev_init(&boot->deadline, on_deadline);
    boot->deadline.data = boot;
    ev_init(&boot->tick, on_tick);
    error = signals_open(boot->loop, &signals, &boot->signals);
    return error != 0 ? error : reaper_open(boot->loop, &reaper, &boot->reaper);
}

static void
close_adapters(struct boot *boot)
{
    link_close(boot->link);
    process_drop(boot->process);
    reaper_close(boot->reaper);
    signals_close(boot->signals);
    if (boot->loop != NULL) {
        ev_loop_destroy(boot->loop);
    }
}

static bool
has_any_child(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

int
check_boot(const struct check_boot_order *order, struct check_boot *ret_boot)
{
    struct boot boot = {.order = order, .out = ret_boot};
    bool has_children = has_any_child();
    sigset_t mask;
    int error;

    *ret_boot = (struct check_boot){0};
    sigprocmask(SIG_BLOCK, NULL, &mask);
    error = open_adapters(&boot);
    if (error == 0) {
        run(&boot, has_children);
    }
    close_adapters(&boot);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return error;
}
