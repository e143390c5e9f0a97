/* facts.c: see facts.h. */
#include "facts.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "act.h"
#include "facts_memory.h"
#include "log.h"
#include "notify.h"
#include "report.h"

/* Who a message, an end or a death is about: one of both is NULL, or both when it is gone already. */
struct about {
    struct worker *worker;
    struct mold *mold;
};

static struct about
find(const struct supervisor *supervisor, uint64_t id)
{
    return (struct about){
        .worker = pool_find_worker(&supervisor->pool, id),
        .mold = pool_find_mold(&supervisor->pool, id),
    };
}

static void
condemn(struct about about, pid_t sender, const char *what)
{
    report_protocol(about.worker, about.mold, sender, what);
    if (about.worker != NULL && about.worker->condemned == REASON_NONE) {
        about.worker->condemned = REASON_PROTOCOL;
    }
    if (about.mold != NULL && about.mold->condemned == REASON_NONE) {
        about.mold->condemned = REASON_PROTOCOL;
    }
}

static void
learn_application(struct supervisor *supervisor, const struct wire_facts *facts)
{
    supervisor->application = *facts;
    supervisor->application_known = true;
    notify_set_service(supervisor->notify, facts->tag);
    if (facts->timeout_ms != 0) {
        supervisor->pool.timeout_ms = facts->timeout_ms;
    }
}

static void
on_step(struct supervisor *supervisor, struct about about, const struct wire_message *message)
{
    (void)supervisor;
    report_step(about.worker, about.mold, &message->step);
}

static void
on_mold_ready(struct supervisor *supervisor, struct about about, const struct wire_message *message)
{
    struct mold *mold = about.mold;
    int64_t now_ms = supervisor_now_ms(supervisor);

    if (mold->state != MOLD_STARTING) {
        /* A mold that is being killed may still say so; one that is ready must not. */
        if (mold->state == MOLD_READY) {
            condemn(about, 0, "a second mold_ready");
        }
        return;
    }
    mold->state = MOLD_READY;
    mold->since_ms = now_ms;
    mold->boot_ms = (unsigned)(now_ms - mold->asked_ms);
    facts_memory_of_mold(mold, now_ms);
    supervisor->pool.ever_booted = true;
    learn_application(supervisor, &message->mold_ready);
    report_mold_ready(supervisor, mold);
}

/* Is this the answer to what the mold was asked last? Anything else is a lie. */
static bool
take_answer(struct about about, uint64_t request)
{
    if (about.mold->request == 0 || about.mold->request != request) {
        condemn(about, 0, "an answer to a request that is not open");
        return false;
    }
    about.mold->request = 0;
    return true;
}

static void on_hello(struct supervisor *supervisor, struct worker *worker, pid_t sender);

static void
on_spawned(struct supervisor *supervisor, struct about about, const struct wire_message *message)
{
    struct worker *worker = pool_find_worker(&supervisor->pool, message->spawned.request);

    if (!take_answer(about, message->spawned.request) || worker == NULL) {
        return;
    }
    /* The pid is only a claim: nothing is ever signalled for it. The kernel's word comes with the hello. */
    if (worker->pid != 0 && (uint32_t)worker->pid != message->spawned.pid) {
        condemn(about, 0, "spawned names another pid than the worker's own");
        return;
    }
    worker->claimed_pid = (pid_t)message->spawned.pid;
    if (worker->early_pid != 0) {
        on_hello(supervisor, worker, worker->early_pid);
    }
}

static void
on_failed(struct supervisor *supervisor, struct about about, const struct wire_message *message)
{
    struct worker *worker = pool_find_worker(&supervisor->pool, message->failed.request);

    if (take_answer(about, message->failed.request) && worker != NULL) {
        act_spawn_failed(supervisor, worker, (int)message->failed.error,
                         supervisor_now_ms(supervisor));
    }
}

static void
keep_failure(struct supervisor *supervisor, struct about about, const struct wire_failure *failure)
{
    supervisor->failure = *failure;
    supervisor->failure_known = true;
    if (about.worker != NULL) {
        about.worker->said_failure = true;
    } else {
        about.mold->said_failure = true;
    }
}

/* What nobody dies of is only told: it must not stand for the reason of an end that comes later. */
static void
on_failure(struct supervisor *supervisor, struct about about, const struct wire_message *message)
{
    if (!wire_failure_ends_nothing(&message->failure)) {
        keep_failure(supervisor, about, &message->failure);
    }
    report_failure(about.worker, about.mold, &message->failure);
}

/* Makes the worker a child that can be signalled: 0, -ECHILD if it is none of ours (yet), or -errno. */
static int
adopt(struct supervisor *supervisor, struct worker *worker, pid_t pid)
{
    if (worker->ties.process != NULL) {
        return process_pid(worker->ties.process) == pid ? 0 : -EEXIST;
    }
    return reaper_adopt(supervisor->reaper, pid, worker->id, &worker->ties.process);
}

static void
on_hello(struct supervisor *supervisor, struct worker *worker, pid_t sender)
{
    struct about about = {.worker = worker};
    int64_t now_ms = supervisor_now_ms(supervisor);
    int error;

    if (worker->state != WORKER_FORKING || worker->condemned != REASON_NONE) {
        return;
    }
    error = sender > 0 ? adopt(supervisor, worker, sender) : -ESRCH;
    if (error == -ECHILD && worker->claimed_pid == 0) {
        /* Its middle process has not left yet. The mold has seen that when it answers: then once more. */
        worker->early_pid = sender;
        return;
    }
    if (error != 0) {
        condemn(about, sender, "a hello of a process that is no child of the master");
        return;
    }
    worker->pid = sender;
    if (worker->claimed_pid != 0 && worker->claimed_pid != sender &&
        supervisor->pool.mold != NULL && supervisor->pool.mold->generation == worker->generation) {
        condemn((struct about){.mold = supervisor->pool.mold}, sender,
                "spawned named another pid than the worker's own");
    }
    if (worker_move(worker, WORKER_BOOTING, now_ms) != 0) {
        condemn(about, sender, "hello out of turn");
        return;
    }
    supervisor->pool.spawn_backoff = (struct backoff){0};
    report_hello(worker);
}

static void
on_ready(struct supervisor *supervisor, struct about about, const struct wire_message *message)
{
    struct worker *worker = about.worker;
    int64_t now_ms = supervisor_now_ms(supervisor);

    if (worker->state >= WORKER_KILLED) {
        return;
    }
    if (worker->state != WORKER_BOOTING || worker_move(worker, WORKER_WAITING, now_ms) != 0) {
        condemn(about, 0, "ready out of turn");
        return;
    }
    worker->ready_ms = now_ms;
    worker->boot_ms = (unsigned)(now_ms - worker->asked_ms);
    facts_memory_of_worker(supervisor, worker, now_ms);
    if (message->ready.sidekiq[0] != '\0') {
        learn_application(supervisor, &message->ready);
    }
    report_worker_ready(worker);
}

static void
on_trace(struct supervisor *supervisor, struct about about, const struct wire_message *message)
{
    (void)supervisor;
    if (about.worker != NULL) {
        about.worker->traced = true;
        report_trace(about.worker->pid, message->trace.text);
    } else {
        about.mold->traced = true;
        report_trace(about.mold->pid, message->trace.text);
    }
}

typedef void message_handler(struct supervisor *supervisor, struct about about,
                             const struct wire_message *message);

/* Who may say what. WIRE_HELLO is told apart by its sender, see facts_on_message. */
static const struct {
    message_handler *of_mold;
    message_handler *of_worker;
} handlers[WIRE_TYPE_END] = {
    [WIRE_STEP] = {on_step, on_step},          [WIRE_MOLD_READY] = {on_mold_ready, NULL},
    [WIRE_SPAWNED] = {on_spawned, NULL},       [WIRE_FAILED] = {on_failed, NULL},
    [WIRE_FAILURE] = {on_failure, on_failure}, [WIRE_READY] = {NULL, on_ready},
    [WIRE_TRACE] = {on_trace, on_trace},
};

void
facts_on_message(void *context, uint64_t id, const struct wire_message *message,
                 struct wire_extra *extra)
{
    struct supervisor *supervisor = context;
    struct about about = find(supervisor, id);
    message_handler *handler;

    if (about.worker == NULL && about.mold == NULL) {
        return;
    }
    if (about.worker != NULL && message->type == WIRE_HELLO) {
        on_hello(supervisor, about.worker, extra->pid);
        return;
    }
    /* One that becomes a mold ends its Sidekiq first. */
    if (message->type == WIRE_STOPPING && (about.worker != NULL || about.mold->is_promoted)) {
        return;
    }
    handler =
        about.worker != NULL ? handlers[message->type].of_worker : handlers[message->type].of_mold;
    if (handler == NULL) {
        condemn(about, extra->pid, wire_type_name(message->type));
        return;
    }
    handler(supervisor, about, message);
}

void
facts_on_garbage(void *context, uint64_t id, pid_t sender)
{
    struct about about = find(context, id);

    if (about.worker != NULL || about.mold != NULL) {
        condemn(about, sender, "a packet that is no message");
    }
}

void
facts_on_link_end(void *context, uint64_t id, int error)
{
    struct about about = find(context, id);
    int64_t now_ms = supervisor_now_ms(context);

    (void)error;
    if (about.worker != NULL) {
        about.worker->link_lost_ms = now_ms;
    }
    if (about.mold != NULL) {
        about.mold->link_lost_ms = now_ms;
    }
}

void
facts_on_process_end(void *context, uint64_t id, const struct process_end *end)
{
    struct supervisor *supervisor = context;
    struct about about;
    struct ending ending = {
        .known = true,
        .signaled = end->signaled,
        .core = end->core,
        .code = end->code,
    };

    if ((id & RUNNER_ID_BIT) != 0) {
        runner_on_process_end(supervisor->runner, id, end);
        return;
    }
    about = find(supervisor, id);
    /* Its last words may wait in its link: they are heard before its end is judged. */
    if (about.worker != NULL) {
        link_drain(about.worker->ties.link);
        about.worker->ending = ending;
        about.worker->maxrss_kib = end->maxrss_kib;
        facts_memory_of_death(supervisor, about.worker);
    } else if (about.mold != NULL) {
        link_drain(about.mold->ties.link);
        /* Who is still in its group has not said hello: nobody knows it, and nobody will. */
        (void)!process_signal_group(about.mold->ties.process, SIGKILL);
        about.mold->ending = ending;
    }
}

void
facts_on_dying(void *context, uint64_t id, int signal)
{
    struct supervisor *supervisor = context;
    struct worker *worker = pool_find_worker(&supervisor->pool, id);

    if (worker == NULL || worker->ending.known) {
        return;
    }
    if (signal == SIGKILL) {
        facts_memory_of_kill(supervisor, worker);
    }
    worker->is_dying = true;
}

/* Nothing tells of a stop, unlike a death: the kernel must be asked. */
static bool
is_stopped(const struct worker *worker)
{
    return worker->ties.process != NULL && process_state(worker->ties.process) == 'T';
}

static bool
needs_figures(const struct worker *worker)
{
    return worker->state == WORKER_QUIETING || worker->state == WORKER_DRAINING ||
           worker->ending.known;
}

void
facts_read_board(struct worker *worker)
{
    if (worker->ties.board != NULL) {
        board_read(worker->ties.board, 0, &worker->figures);
    }
}

void
facts_read_boards(struct supervisor *supervisor, bool all)
{
    struct worker *worker;

    TAILQ_FOREACH (worker, &supervisor->pool.workers, entry) {
        if (!all && !needs_figures(worker)) {
            continue;
        }
        facts_read_board(worker);
        worker->stopped = is_stopped(worker);
    }
}
