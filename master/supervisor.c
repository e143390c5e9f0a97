/* supervisor.c: see supervisor.h. */
#include "supervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "act_rule.h"
#include "exit_code.h"
#include "facts.h"
#include "facts_memory.h"
#include "facts_rollup.h"
#include "facts_total.h"
#include "launch.h"
#include "log.h"
#include "notify.h"
#include "oom_policy.h"
#include "orders.h"
#include "report.h"
#include "rss/group.h"
#include "status.h"

/* A wake-up this much later than meant is the master standing still, not a busy machine. */
#define LATE_MS 2000
/* Facts that deeds bring about are planned for at once, but never for ever. */
#define TURNS_MAX 16
/* With DYNO the platform kills everything 30 s after TERM; by 29 s everything is to be gone. */
#define DYNO_STOP_MS 28000
/* The end of what a periodic watcher can say; it only keeps libev from waking once a minute. */
#define FAR_FUTURE_S 1e11

int64_t
supervisor_now_ms(const struct supervisor *supervisor)
{
    return util_now_ms() - supervisor->paused_ms;
}

/* Moves the plan's clock by the time that the master stood still. */
static void
notice_pause(struct supervisor *supervisor)
{
    int64_t late_ms =
        supervisor->due_ms == NEVER_MS ? 0 : supervisor_now_ms(supervisor) - supervisor->due_ms;

    if (late_ms >= LATE_MS) {
        supervisor->paused_ms += late_ms;
        report_late(late_ms);
    }
    supervisor->due_ms = NEVER_MS;
}

/* Nobody of an earlier service may work beside us, unless that is wished (FS-47). */
static void
meet_orphans(struct supervisor *supervisor)
{
    if (family_is_alone(supervisor->family)) {
        return;
    }
    if (supervisor->config->orphans == CONFIG_ORPHANS_BESIDE) {
        log_note(EVENT_ORPHANS, "starting beside them, as --orphans beside says");
        family_join(supervisor->family);
        return;
    }
    log_note(EVENT_ORPHANS,
             "waiting until they are gone, at most Sidekiq's -t and %d s; --orphans beside does "
             "not wait",
             PLAN_STOP_MARGIN_MS / 1000);
    supervisor->pool.is_held = true;
}

static int64_t
run_turns(struct supervisor *supervisor)
{
    bool again = true;
    int64_t next_ms = 0;

    for (unsigned i = 0; i < TURNS_MAX && again; i++) {
        int64_t now_ms = supervisor_now_ms(supervisor);

        if (supervisor->pool.is_held) {
            supervisor->pool.is_held = !family_is_alone(supervisor->family);
        }
        facts_read_boards(supervisor, false);
        facts_memory_look(supervisor, now_ms);
        next_ms = plan_turn(&supervisor->pool, now_ms, &supervisor->actions);
        /* What an action began has a deadline that only the next turn counts. */
        again = supervisor->actions.count > 0;
        act(supervisor, now_ms);
        act_sweep(supervisor);
    }
    if (facts_rollup_is_wanted(supervisor)) {
        return supervisor_now_ms(supervisor);
    }
    orders_answer_looks(supervisor);
    return next_ms;
}

static void
set_timer(struct supervisor *supervisor, int64_t next_ms)
{
    int64_t now_ms = supervisor_now_ms(supervisor);

    ev_timer_stop(supervisor->loop, &supervisor->timer);
    supervisor->due_ms = next_ms;
    if (next_ms == NEVER_MS) {
        return;
    }
    /* What was due before is due now: nobody stood still meanwhile. */
    supervisor->due_ms = next_ms > now_ms ? next_ms : now_ms;
    /* libev counts from when the loop last woke; the plan counts from now. */
    ev_now_update(supervisor->loop);
    ev_timer_set(&supervisor->timer, (double)(supervisor->due_ms - now_ms) / 1000.0, 0);
    ev_timer_start(supervisor->loop, &supervisor->timer);
}

static void
on_prepare(struct ev_loop *loop, struct ev_prepare *watcher, int events)
{
    struct supervisor *supervisor = watcher->data;

    (void)loop;
    (void)events;
    notice_pause(supervisor);
    set_timer(supervisor, run_turns(supervisor));
}

/* The wake-up itself is all that is wanted of it: the turn runs before the loop sleeps again. */
static void
on_timer(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
}

static void
on_far(struct ev_loop *loop, struct ev_periodic *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
}

static int64_t
or_never(int64_t span_ms)
{
    return span_ms < 0 ? NEVER_MS : span_ms;
}

static enum remedy
remedy_of(enum config_remedy remedy)
{
    switch (remedy) {
    case CONFIG_REMEDY_LOG:
        return REMEDY_LOG;
    case CONFIG_REMEDY_RECYCLE:
        return REMEDY_RECYCLE;
    case CONFIG_REMEDY_KILL:
        return REMEDY_KILL;
    }
    return REMEDY_LOG;
}

static struct policy_limits
limits_of(const struct config *config)
{
    return (struct policy_limits){
        .bound =
            {
                [POLICY_MAX_RSS] = config->max_rss_bytes,
                [POLICY_MAX_PSS] = config->max_pss_bytes,
                [POLICY_MAX_USS] = config->max_uss_bytes,
                [POLICY_MAX_JOBS] = config->max_jobs,
                [POLICY_MAX_AGE] = config->max_age_ms < 0 ? 0 : (uint64_t)config->max_age_ms,
                [POLICY_KILL_RSS] = config->kill_rss_bytes,
                [POLICY_KILL_PSS] = config->kill_pss_bytes,
                [POLICY_KILL_USS] = config->kill_uss_bytes,
            },
        .cycles = config->memory_cycles,
        .window = config->memory_window,
        .grace_ms = config->memory_grace_ms,
    };
}

static struct pool_settings
settings_of(const struct config *config)
{
    return (struct pool_settings){
        .processes = config->processes,
        .surge = config->surge,
        .spare = config->prefork ? config->spare : 0,
        .refork_jobs = config->prefork ? config->refork_jobs : 0,
        .prefork = config->prefork,
        .boot_timeout_ms = config->boot_timeout_ms,
        .spawn_timeout_ms = config->spawn_timeout_ms,
        .drain_timeout_ms = or_never(config->drain_timeout_ms),
        .stop_limit_ms = config->dyno ? DYNO_STOP_MS : NEVER_MS,
        .check_interval_ms = config->check_interval_ms,
        .limits = limits_of(config),
        .kill_grace_ms = config->kill_grace_ms,
        .max_total_bytes = config->max_total_bytes == CONFIG_TOTAL_AUTO ? POOL_TOTAL_AUTO
                                                                        : config->max_total_bytes,
        .max_mold_rss_bytes = config->max_mold_rss_bytes,
        .max_recycles = config->max_recycles,
        .rollup_percent = config->rollup_percent,
        .dry_run = config->dry_run_limits,
        .hang_timeout_ms = or_never(config->hang_timeout_ms),
        .hang_action = remedy_of(config->hang_action),
        .max_job_time_ms = or_never(config->max_job_time_ms),
        .job_time_action = remedy_of(config->job_time_action),
        .stopped_timeout_ms = or_never(config->stopped_timeout_ms),
        .give_up_restarts = config->give_up_restarts,
        .give_up_cycles = config->give_up_cycles,
        .rules = config->rules,
        .rule_count = config->rule_count,
    };
}

static void
start_watchers(struct supervisor *supervisor)
{
    ev_init(&supervisor->timer, on_timer);
    ev_periodic_init(&supervisor->far, on_far, FAR_FUTURE_S, 0, NULL);
    ev_periodic_start(supervisor->loop, &supervisor->far);
    ev_prepare_init(&supervisor->prepare, on_prepare);
    supervisor->prepare.data = supervisor;
    ev_prepare_start(supervisor->loop, &supervisor->prepare);
}

/* The operator's programs end: whose was it? */
static void
on_program_end(void *context, const struct runner_end *end)
{
    struct supervisor *supervisor = context;

    if (!notify_on_end(supervisor->notify, end) && !oom_policy_on_end(&supervisor->oom_unit, end)) {
        act_rule_on_end(end);
    }
}

/* Does systemd end all of us for one OOM kill? Its answer comes later, if there is anybody to ask. */
static void
ask_oom_policy(struct supervisor *supervisor)
{
    const char *group = group_name(supervisor->group);

    if (oom_policy_find_own_unit(group, "/proc", getenv("INVOCATION_ID") != NULL,
                                 &supervisor->oom_unit) &&
        oom_policy_ask(supervisor->runner, &supervisor->oom_unit) != 0) {
        log_note(EVENT_WARNING, "systemd was not asked for the OOMPolicy of %s: no memory",
                 supervisor->oom_unit.name);
    }
}

static int
open_adapters(struct supervisor *supervisor, int take_control_fd)
{
    const struct reaper_handlers reaper = {.context = supervisor, .on_end = facts_on_process_end};
    const struct signals_handlers signals = {.context = supervisor, .on_signal = orders_on_signal};
    const struct control_handlers control = {.context = supervisor,
                                             .on_request = orders_on_request};
    const struct runner_handlers runner = {.context = supervisor, .on_end = on_program_end};
    int error = reaper_open(supervisor->loop, &reaper, &supervisor->reaper);

    if (error == 0) {
        error = runner_open(supervisor->loop, supervisor->reaper, supervisor->envp, &runner,
                            &supervisor->runner);
    }
    if (error == 0) {
        error = notify_open(supervisor->config, supervisor->runner, &supervisor->notify);
    }
    if (error == 0) {
        error = facts_total_open(supervisor);
    }
    if (error == 0) {
        error = signals_open(supervisor->loop, &signals, &supervisor->signals);
    }
    if (error == 0 && take_control_fd >= 0) {
        error = control_open(supervisor->loop, take_control_fd, &control, &supervisor->control);
    }
    return error;
}

static int
init(struct supervisor *supervisor, const struct supervisor_order *order)
{
    struct pool_settings settings = settings_of(order->config);
    int error;

    *supervisor = (struct supervisor){
        .config = order->config,
        .mold_program = order->mold_program,
        .envp = order->envp,
        .mold_environment = order->mold_environment,
        .family = order->family,
        .due_ms = NEVER_MS,
        .started_ms = util_now_ms(),
    };
    error = pool_init(&supervisor->pool, &settings);
    if (error != 0) {
        return error;
    }
    /* Not the default loop: that one reaps every child by itself. */
    supervisor->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOSIGMASK);
    if (supervisor->loop == NULL) {
        return -ENOMEM;
    }
    error = open_adapters(supervisor, order->take_control_fd);
    if (error == 0) {
        start_watchers(supervisor);
    }
    return error;
}

static void
done(struct supervisor *supervisor)
{
    control_close(supervisor->control);
    signals_close(supervisor->signals);
    facts_total_close(supervisor);
    notify_close(supervisor->notify);
    runner_close(supervisor->runner);
    act_untie_all(supervisor);
    reaper_close(supervisor->reaper);
    actions_done(&supervisor->actions);
    pool_done(&supervisor->pool);
    if (supervisor->loop != NULL) {
        ev_loop_destroy(supervisor->loop);
    }
}

/* Programs of workers' groups have their last two seconds, as their zombies pin them until then; so has who is told of the end. */
static void
wait_for_rest(struct supervisor *supervisor)
{
    int64_t until_ms = util_now_ms() + 2 * REAPER_GROUP_GRACE_MS;

    ev_prepare_stop(supervisor->loop, &supervisor->prepare);
    ev_timer_stop(supervisor->loop, &supervisor->timer);
    while ((!reaper_is_idle(supervisor->reaper) || !runner_is_idle(supervisor->runner)) &&
           util_now_ms() < until_ms) {
        ev_now_update(supervisor->loop);
        ev_timer_set(&supervisor->timer, 0.1, 0);
        ev_timer_start(supervisor->loop, &supervisor->timer);
        ev_run(supervisor->loop, EVRUN_ONCE);
    }
}

int
supervisor_run(const struct supervisor_order *order)
{
    struct supervisor supervisor;
    int error = init(&supervisor, order);
    int exit_code = EXIT_CODE_INTERNAL;
    struct log_line line;

    if (error == 0) {
        meet_orphans(&supervisor);
        ask_oom_policy(&supervisor);
        ev_run(supervisor.loop, 0);
        wait_for_rest(&supervisor);
        notify_close(supervisor.notify);
        supervisor.notify = NULL;
        exit_code = supervisor.pool.stop.exit_code;
    } else {
        log_begin(&line, EVENT_INTERNAL);
        log_text(&line, "what", "start");
        log_text(&line, "error", strerror(-error));
        log_say(&line, "the service cannot run");
        log_end(&line);
    }
    log_begin(&line, EVENT_STOPPED);
    log_number(&line, "code", exit_code);
    log_end(&line);
    done(&supervisor);
    return exit_code;
}
