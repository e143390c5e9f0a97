/* act.c: see act.h. */
#include "act.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "act_rule.h"
#include "board.h"
#include "facts.h"
#include "launch.h"
#include "launch_command.h"
#include "link.h"
#include "log.h"
#include "report_memory.h"
#include "rss/sampler.h"
#include "thread_watch.h"

/* Frees with launch_command_done. `worker` is NULL for a mold. */
static int
make_command(struct launch_command *command, const struct supervisor *supervisor,
             unsigned generation, const struct worker *worker)
{
    const struct launch_command_order order = {
        .config = supervisor->config,
        .program = supervisor->mold_program,
        .role = worker != NULL ? LAUNCH_ROLE_WORKER : LAUNCH_ROLE_MOLD,
        .generation = generation,
        .slot = worker != NULL ? worker->slot : 0,
        .has_family = true,
    };

    return launch_command_make(command, &order);
}

static int
open_link(struct supervisor *supervisor, int take_fd, uint64_t id, struct link **ret_link)
{
    const struct link_handlers handlers = {
        .context = supervisor,
        .on_message = facts_on_message,
        .on_garbage = facts_on_garbage,
        .on_end = facts_on_link_end,
    };

    return link_open(supervisor->loop, take_fd, id, &handlers, ret_link);
}

/* Starts the program with its link, and makes it a known child. */
static int
start_program(struct supervisor *supervisor, char *const *argv, uint64_t id, struct ties *ties,
              pid_t *ret_pid)
{
    struct launch_order order = {
        .program = supervisor->mold_program,
        .argv = argv,
        .envp = supervisor->mold_environment->envp,
        .family_fd = family_fd(supervisor->family),
        .board_fd = ties->board_fd,
    };
    int ours;
    int error = link_pair(&ours, &order.link_fd);

    if (error != 0) {
        return error;
    }
    error = launch(&order, ret_pid);
    util_close(&order.link_fd);
    if (error != 0) {
        util_close(&ours);
        return error;
    }
    error = reaper_adopt(supervisor->reaper, *ret_pid, id, &ties->process);
    if (error != 0) {
        /* No descriptor left for its pidfd. Without its link it ends by itself, and is reaped as a stranger. */
        util_close(&ours);
        return error;
    }
    return open_link(supervisor, ours, id, &ties->link);
}

static void
start_mold(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    struct mold *mold = action->mold;
    struct launch_command command;
    struct log_line line;
    int error = make_command(&command, supervisor, mold->generation, NULL);

    (void)now_ms;
    if (error == 0) {
        error = start_program(supervisor, command.words, mold->id, &mold->ties, &mold->pid);
        launch_command_done(&command);
    }
    if (error == 0) {
        report_begin_mold(&line, EVENT_MOLD_STARTING, mold);
        log_end(&line);
        return;
    }
    report_begin_mold(&line, EVENT_MOLD_START_FAILED, mold);
    log_text(&line, "error", strerror(-error));
    log_end(&line);
    if (mold->ties.process != NULL) {
        mold->condemned = REASON_SPAWN_FAILED;
    } else {
        mold->reason = REASON_SPAWN_FAILED;
        mold->ending.known = true;
    }
}

static void
signal_process(const struct process *process, int signal)
{
    int error = process != NULL ? process_signal(process, signal) : 0;

    if (error != 0 && error != -ESRCH) {
        struct log_line line;

        log_begin(&line, EVENT_INTERNAL);
        log_text(&line, "what", "signal");
        log_number(&line, "pid", process_pid(process));
        log_text(&line, "error", strerror(-error));
        log_end(&line);
    }
}

static void
send_message(struct link *link, enum wire_type type)
{
    const struct wire_message message = {.type = type};

    if (link != NULL) {
        /* A link that does not take it tells its end by itself. */
        (void)!link_send(link, &message, NULL, 0);
    }
}

static void
kill_mold(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    signal_process(action->mold->ties.process, SIGKILL);
}

static void
trace_mold(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    send_message(action->mold->ties.link, WIRE_ASK_TRACE);
}

void
act_spawn_failed(struct supervisor *supervisor, struct worker *worker, int error, int64_t now_ms)
{
    struct pool *pool = &supervisor->pool;
    int64_t wait_ms = backoff_fail(&pool->spawn_backoff, now_ms);

    worker->condemned = REASON_SPAWN_FAILED;
    if (pool->mold != NULL && pool->mold->request == worker->id) {
        pool->mold->request = 0;
    }
    pool->counters.spawn_failures++;
    report_spawn_failed(worker, error, wait_ms);
}

/* Sends the request with the worker's ends of its link and board. */
static int
request_worker(struct supervisor *supervisor, struct worker *worker)
{
    const struct wire_message message = {
        .type = WIRE_SPAWN,
        .spawn =
            {
                .request = worker->id,
                .slot = worker->slot,
                .index =
                    supervisor->config->index_base + supervisor->pool.slots[worker->slot].index,
                .generation = worker->generation,
            },
    };
    int ours;
    int theirs;
    int error = link_pair(&ours, &theirs);

    if (error != 0) {
        return error;
    }
    error = open_link(supervisor, ours, worker->id, &worker->ties.link);
    if (error == 0) {
        error = link_send(supervisor->pool.mold->ties.link, &message,
                          (const int[]){theirs, worker->ties.board_fd}, 2);
    }
    util_close(&theirs);
    return error;
}

static void
spawn_worker(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    struct worker *worker = action->worker;
    struct ties *ties = &worker->ties;
    int error = launch_make_board(&ties->board_fd, &ties->board);

    if (error == 0) {
        error = request_worker(supervisor, worker);
        util_close(&ties->board_fd);
    }
    if (error == -EPIPE) {
        /* The mold's own end says the rest: the request dies with it and is asked again. */
        return;
    }
    if (error != 0) {
        act_spawn_failed(supervisor, worker, -error, now_ms);
    }
}

static void
launch_worker(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    struct worker *worker = action->worker;
    struct launch_command command;
    int error = launch_make_board(&worker->ties.board_fd, &worker->ties.board);

    if (error == 0) {
        error = make_command(&command, supervisor, worker->generation, worker);
    }
    if (error == 0) {
        error = start_program(supervisor, command.words, worker->id, &worker->ties, &worker->pid);
        launch_command_done(&command);
    }
    util_close(&worker->ties.board_fd);
    if (error != 0) {
        act_spawn_failed(supervisor, worker, -error, now_ms);
    }
}

static void
let_go(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    send_message(action->worker->ties.link, WIRE_GO);
}

static void
let_run(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    struct worker *worker = action->worker;
    const struct thread_watch_handlers handlers = {
        .context = supervisor,
        .on_dying = facts_on_dying,
    };

    (void)now_ms;
    send_message(worker->ties.link, WIRE_RUN);
    if (supervisor->pool.settings.spare > 0) {
        /* Where that cannot be had, a spare waits for the death itself. */
        (void)!thread_watch_open(supervisor->loop, worker->pid, worker->id, &handlers,
                                 &worker->ties.threads);
    }
}

/* The process is a mold's from here on. What it still writes on its board as a worker nobody reads. */
static void
promote(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    const struct wire_message message = {
        .type = WIRE_PROMOTE,
        .promote = {.generation = action->mold->generation},
    };
    struct ties *ties = &action->mold->ties;

    (void)supervisor;
    (void)now_ms;
    *ties = action->worker->ties;
    action->worker->ties = (struct ties){.board_fd = -1};
    launch_drop_board(ties->board);
    ties->board = NULL;
    if (ties->link != NULL) {
        /* As in send_message. */
        (void)!link_send(ties->link, &message, NULL, 0);
    }
}

static void
quiet_worker(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    signal_process(action->worker->ties.process, SIGTSTP);
}

static void
term_worker(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    signal_process(action->worker->ties.process, SIGTERM);
    /* A stopped process would never see its TERM. */
    signal_process(action->worker->ties.process, SIGCONT);
}

static void
kill_worker(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    signal_process(action->worker->ties.process, SIGKILL);
}

static void
trace_worker(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    send_message(action->worker->ties.link, WIRE_ASK_TRACE);
}

/* Why it leaves, in words, for whoever asks when it is gone. */
static void
note_reason(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)now_ms;
    report_detail(supervisor, action, action->worker->detail);
}

static void
note_end(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    const struct worker *worker = action->worker;
    struct recent_end end = {
        .at_ms = now_ms,
        .slot = worker->slot,
        .generation = worker->generation,
        .pid = worker->pid,
        .reason = action->reason,
        .was_asked = reason_is_asked(action->reason),
        .oom = worker->oom_evidence,
        .rss_known = worker->memory.rss_known || worker->memory.rss_bytes != 0,
        .rss_bytes = worker->memory.rss_bytes,
        .uss_known = worker->memory.private_known,
        .uss_bytes = worker->memory.uss_bytes,
        .peak_bytes = report_peak_bytes(worker),
    };

    util_copy_text(end.detail, sizeof(end.detail), worker->detail);
    report_jobs_text(worker, end.jobs, sizeof(end.jobs));
    recent_add(&supervisor->recent, &end);
}

/* Sidekiq answers TTIN with the backtraces of its threads; of one that cannot, the kernel's words are all there is. */
static void
dump_worker(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)supervisor;
    (void)now_ms;
    report_threads(action->worker->pid);
    signal_process(action->worker->ties.process, SIGTTIN);
}

/* The rule's own program; a recycle is the plan's. */
static void
run_rule(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)now_ms;
    act_rule_run(supervisor, action);
}

static void
leave(struct supervisor *supervisor, const struct action *action, int64_t now_ms)
{
    (void)action;
    (void)now_ms;
    ev_break(supervisor->loop, EVBREAK_ALL);
}

typedef void deed(struct supervisor *supervisor, const struct action *action, int64_t now_ms);

/* An action without a row is words only: report_action has its line. */
static deed *const deeds[ACTION_KIND_COUNT] = {
    [ACTION_START_MOLD] = start_mold, [ACTION_KILL_MOLD] = kill_mold,
    [ACTION_TRACE_MOLD] = trace_mold, [ACTION_SPAWN] = spawn_worker,
    [ACTION_LAUNCH] = launch_worker,  [ACTION_GO] = let_go,
    [ACTION_RUN] = let_run,           [ACTION_PROMOTE] = promote,
    [ACTION_QUIET] = quiet_worker,    [ACTION_QUIET_AGAIN] = quiet_worker,
    [ACTION_TERM] = term_worker,      [ACTION_KILL] = kill_worker,
    [ACTION_TRACE] = trace_worker,    [ACTION_RECYCLE] = note_reason,
    [ACTION_WORKER_GONE] = note_end,  [ACTION_HANG] = dump_worker,
    [ACTION_RULE_FIRED] = run_rule,   [ACTION_RULE_OVER] = run_rule,
    [ACTION_LEAVE] = leave,
};

void
act(struct supervisor *supervisor, int64_t now_ms)
{
    const struct actions *actions = &supervisor->actions;

    for (unsigned i = 0; i < actions->count; i++) {
        const struct action *action = &actions->list[i];

        report_action(supervisor, action, now_ms);
        if (deeds[action->kind] != NULL) {
            deeds[action->kind](supervisor, action, now_ms);
        }
    }
}

static void
untie(struct ties *ties)
{
    link_close(ties->link);
    thread_watch_close(ties->threads);
    ties->threads = NULL;
    process_drop(ties->process);
    launch_drop_board(ties->board);
    util_close(&ties->board_fd);
    if (ties->sampler != NULL) {
        sampler_close(ties->sampler);
        free(ties->sampler);
        ties->sampler = NULL;
    }
}

void
act_sweep(struct supervisor *supervisor)
{
    struct pool *pool = &supervisor->pool;
    struct worker *worker = TAILQ_FIRST(&pool->workers);
    struct mold *mold = TAILQ_FIRST(&pool->molds);

    while (worker != NULL) {
        struct worker *next = TAILQ_NEXT(worker, entry);

        if (worker->state == WORKER_GONE) {
            untie(&worker->ties);
            pool_remove_worker(pool, worker);
        }
        worker = next;
    }
    while (mold != NULL) {
        struct mold *next = TAILQ_NEXT(mold, entry);

        if (mold->state == MOLD_GONE) {
            untie(&mold->ties);
            pool_remove_mold(pool, mold);
        }
        mold = next;
    }
}

void
act_untie_all(struct supervisor *supervisor)
{
    struct worker *worker;
    struct mold *mold;

    TAILQ_FOREACH (worker, &supervisor->pool.workers, entry) {
        untie(&worker->ties);
    }
    TAILQ_FOREACH (mold, &supervisor->pool.molds, entry) {
        untie(&mold->ties);
    }
}
