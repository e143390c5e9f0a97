/*
 * runner.c: see runner.h.
 *
 * The life of a job here: waiting → running → told and freed, or, when it could not be started,
 * failed → told and freed. That a start failed is told in the loop's next turn and not from within
 * runner_start, so that a caller never hears of an end while it still gives the order.
 */
#include "runner.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "launch_program.h"
#include "reaper.h"

struct job {
    TAILQ_ENTRY(job) entry;
    struct runner *runner;
    uint64_t id;
    uint64_t tag;
    char *what;
    char **argv;
    char *input; /* NULL: none */
    bool keep_output;
    bool is_late; /* its time was over, its group got KILL */
    int64_t timeout_ms;
    int64_t started_ms;
    int error; /* why it could not be started */
    int output_fd;
    struct process *process;
    ev_timer limit;
};

TAILQ_HEAD(job_list, job);

struct runner {
    struct ev_loop *loop;
    struct reaper *reaper;
    char *const *envp;
    struct runner_handlers handlers;
    struct job_list running;
    struct job_list waiting;
    struct job_list failed;
    unsigned running_count;
    unsigned waiting_count;
    uint64_t last_id;
    uint64_t dropped;
    ev_timer tell_failed;
};

static void
words_free(char **words)
{
    for (char **word = words; word != NULL && *word != NULL; word++) {
        free(*word);
    }
    free(words);
}

/* NULL when there is no memory. */
static char **
words_copy(char *const *words)
{
    size_t count = 0;
    char **copy;

    while (words[count] != NULL) {
        count++;
    }
    copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = strdup(words[i]);
        if (copy[i] == NULL) {
            words_free(copy);
            return NULL;
        }
    }
    return copy;
}

static void
job_free(struct job *job)
{
    if (job == NULL) {
        return;
    }
    ev_timer_stop(job->runner->loop, &job->limit);
    util_close(&job->output_fd);
    process_drop(job->process);
    words_free(job->argv);
    free(job->input);
    free(job->what);
    free(job);
}

static void
on_limit(struct ev_loop *loop, ev_timer *watcher, int events)
{
    struct job *job = watcher->data;

    (void)loop;
    (void)events;
    /* It may be dead already, its end untold; then its zombie pins the number. */
    job->is_late = true;
    (void)!process_signal_group(job->process, SIGKILL);
}

static struct job *
job_new(struct runner *runner, const struct runner_order *order)
{
    struct job *job = calloc(1, sizeof(*job));

    if (job == NULL) {
        return NULL;
    }
    *job = (struct job){
        .runner = runner,
        .tag = order->tag,
        .what = strdup(order->what),
        .argv = words_copy(order->argv),
        .input = order->input != NULL ? strdup(order->input) : NULL,
        .keep_output = order->keep_output,
        .timeout_ms = order->timeout_ms,
        .output_fd = -1,
    };
    ev_init(&job->limit, on_limit);
    job->limit.data = job;
    if (job->what == NULL || job->argv == NULL || (order->input != NULL && job->input == NULL)) {
        job_free(job);
        return NULL;
    }
    return job;
}

/* Starts the program; its pid is ours to reap. */
static int
launch_job(struct job *job, pid_t *ret_pid)
{
    struct launch_program_order order = {
        .argv = job->argv, .envp = job->runner->envp, .input_fd = -1, .output_fd = -1};
    int error = 0;

    if (job->input != NULL) {
        order.input_fd = launch_program_input(job->input);
        error = order.input_fd < 0 ? order.input_fd : 0;
    }
    if (error == 0 && job->keep_output) {
        order.output_fd = job->output_fd = launch_program_output();
        error = order.output_fd < 0 ? order.output_fd : 0;
    }
    error = error != 0 ? error : launch_program(&order, ret_pid);
    util_close(&order.input_fd);
    return error;
}

static int
start_job(struct job *job)
{
    struct runner *runner = job->runner;
    pid_t pid;
    int error = launch_job(job, &pid);

    if (error != 0) {
        return error;
    }
    job->id = RUNNER_ID_BIT | ++runner->last_id;
    error = reaper_adopt(runner->reaper, pid, job->id, &job->process);
    if (error != 0) {
        /* Nobody has reaped it yet, so the number is still its own; the reaper's sweep will. */
        kill(-pid, SIGKILL);
        return error;
    }
    job->started_ms = util_now_ms();
    ev_now_update(runner->loop);
    ev_timer_set(&job->limit, (double)job->timeout_ms / 1000.0, 0.);
    ev_timer_start(runner->loop, &job->limit);
    return 0;
}

static void
tell_failed_soon(struct runner *runner)
{
    if (!ev_is_active(&runner->tell_failed) && !TAILQ_EMPTY(&runner->failed)) {
        ev_timer_set(&runner->tell_failed, 0., 0.);
        ev_timer_start(runner->loop, &runner->tell_failed);
    }
}

static void
start_or_fail(struct job *job)
{
    struct runner *runner = job->runner;

    job->error = -start_job(job);
    if (job->error == 0) {
        TAILQ_INSERT_TAIL(&runner->running, job, entry);
        runner->running_count++;
    } else {
        TAILQ_INSERT_TAIL(&runner->failed, job, entry);
        tell_failed_soon(runner);
    }
}

static void
start_waiting(struct runner *runner)
{
    struct job *job;

    while (runner->running_count < RUNNER_MAX && (job = TAILQ_FIRST(&runner->waiting)) != NULL) {
        TAILQ_REMOVE(&runner->waiting, job, entry);
        runner->waiting_count--;
        start_or_fail(job);
    }
}

/* One in a turn: what on_end orders may fail, too. */
static void
on_tell_failed(struct ev_loop *loop, ev_timer *watcher, int events)
{
    struct runner *runner = watcher->data;
    struct job *job = TAILQ_FIRST(&runner->failed);
    const struct runner_end end = {
        .what = job->what,
        .tag = job->tag,
        .result = RUNNER_NOSTART,
        .code = job->error,
        .output = "",
    };

    (void)loop;
    (void)events;
    TAILQ_REMOVE(&runner->failed, job, entry);
    runner->handlers.on_end(runner->handlers.context, &end);
    job_free(job);
    tell_failed_soon(runner);
}

int
runner_open(struct ev_loop *loop, struct reaper *reaper, char *const *envp,
            const struct runner_handlers *handlers, struct runner **ret_runner)
{
    struct runner *runner = calloc(1, sizeof(*runner));

    if (runner == NULL) {
        return -ENOMEM;
    }
    *runner = (struct runner){.loop = loop, .reaper = reaper, .envp = envp, .handlers = *handlers};
    TAILQ_INIT(&runner->running);
    TAILQ_INIT(&runner->waiting);
    TAILQ_INIT(&runner->failed);
    ev_init(&runner->tell_failed, on_tell_failed);
    runner->tell_failed.data = runner;
    *ret_runner = runner;
    return 0;
}

static void
free_all(struct job_list *jobs)
{
    struct job *job = TAILQ_FIRST(jobs);

    while (job != NULL) {
        struct job *next = TAILQ_NEXT(job, entry);

        if (job->process != NULL) {
            (void)!process_signal_group(job->process, SIGKILL);
        }
        job_free(job);
        job = next;
    }
}

void
runner_close(struct runner *runner)
{
    if (runner == NULL) {
        return;
    }
    free_all(&runner->running);
    free_all(&runner->waiting);
    free_all(&runner->failed);
    ev_timer_stop(runner->loop, &runner->tell_failed);
    free(runner);
}

int
runner_start(struct runner *runner, const struct runner_order *order)
{
    bool is_full = runner->running_count >= RUNNER_MAX;
    struct job *job;

    if (is_full && runner->waiting_count >= RUNNER_QUEUE_MAX) {
        runner->dropped++;
        return -EBUSY;
    }
    job = job_new(runner, order);
    if (job == NULL) {
        return -ENOMEM;
    }
    if (!is_full) {
        start_or_fail(job);
        return 0;
    }
    TAILQ_INSERT_TAIL(&runner->waiting, job, entry);
    runner->waiting_count++;
    return 0;
}

static enum runner_result
result_of(const struct job *job, const struct process_end *end)
{
    if (job->is_late && end->signaled && end->code == SIGKILL) {
        return RUNNER_LATE;
    }
    return end->signaled || end->code != 0 ? RUNNER_FAILED : RUNNER_DONE;
}

static void
tell(struct job *job, const struct process_end *process_end)
{
    const struct runner *runner = job->runner;
    char output[RUNNER_OUTPUT_SIZE] = "";
    const struct runner_end end = {
        .what = job->what,
        .tag = job->tag,
        .result = result_of(job, process_end),
        .code = process_end->code,
        .signaled = process_end->signaled,
        .took_ms = util_now_ms() - job->started_ms,
        .output = output,
    };

    if (job->output_fd >= 0) {
        launch_program_read(job->output_fd, output, sizeof(output));
    }
    runner->handlers.on_end(runner->handlers.context, &end);
}

void
runner_on_process_end(struct runner *runner, uint64_t id, const struct process_end *end)
{
    struct job *job;

    TAILQ_FOREACH (job, &runner->running, entry) {
        if (job->id == id) {
            break;
        }
    }
    if (job == NULL) {
        return;
    }
    TAILQ_REMOVE(&runner->running, job, entry);
    runner->running_count--;
    /* The next ones first: whether anything still waits or runs is then the truth in on_end. */
    start_waiting(runner);
    tell(job, end);
    job_free(job);
}

uint64_t
runner_dropped(const struct runner *runner)
{
    return runner->dropped;
}

bool
runner_is_idle(const struct runner *runner)
{
    return TAILQ_EMPTY(&runner->running) && TAILQ_EMPTY(&runner->waiting) &&
           TAILQ_EMPTY(&runner->failed);
}
