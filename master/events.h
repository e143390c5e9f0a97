/*
 * events.h: every event of the log, in one table: name, level, its keys, what it means to an operator.
 *
 * docs/log.md is generated from it, and a test reads real logs against it. A key in brackets may be missing;
 * every event may end with msg. Names and keys are an interface: extend, never rename.
 */
#ifndef SWARM_EVENTS_H
#define SWARM_EVENTS_H

/* clang-format off */
#define EVENT_TABLE(X)                                                                            \
    X(STARTING, "starting", INFO, "version processes prefork [preload] [max_rss_kib] control [file]", \
      "The service begins; its first mold starts next.")                                          \
    X(WARNING, "warning", WARN, "",                                                               \
      "Something in the configuration or the surroundings deserves a look; msg says what.")       \
    X(ORPHANS, "orphans", WARN, "",                                                               \
      "Workers of an earlier service in this place, whose master was killed, still finish their jobs.") \
    X(MOLD_STARTING, "mold_starting", INFO, "gen pid",                                            \
      "A mold was started and boots the application.")                                            \
    X(BOOT_STEP, "boot_step", DEBUG, "[slot] gen pid step took_ms",                               \
      "One step of a boot is done.")                                                              \
    X(MOLD_READY, "mold_ready", INFO,                                                             \
      "gen pid boot_ms [rss_kib] [ruby] [sidekiq] [rails] [concurrency] [timeout_s] [queues] [redis] [allocator]", \
      "The application is loaded; workers can be forked.")                                        \
    X(FORK_HYGIENE, "fork_hygiene", WARN, "gen pid kind what",                                    \
      "The mold holds what its workers should not share or copy: `kind` is `thread`, `socket` or "\
      "`identity`.")                                                                              \
    X(MOLD_KILL, "mold_kill", WARN, "gen pid reason",                                             \
      "A mold is taken out of service by KILL; workers are not touched.")                         \
    X(MOLD_GONE, "mold_gone", WARN, "gen [pid] [code] [signal] [core] reason",                    \
      "A mold is dead. Workers go on; the next mold starts unless the service stops.")            \
    X(MOLD_STOPPED, "mold_stopped", INFO, "gen pid [code] [signal]",                              \
      "The mold is gone, since the service stops.")                                               \
    X(MOLD_RETIRED, "mold_retired", INFO, "gen pid [code] [signal] [core]",                       \
      "A mold is gone, since a re-fork has put another one in its place.")                        \
    X(REFORK_BEGIN, "refork_begin", INFO, "slot gen pid done [rss_kib] [uss_kib] [peak_kib] [busy]", \
      "A worker was chosen to become the next mold (--refork-after). It is replaced as in every recycle.") \
    X(REFORK_PROMOTE, "refork_promote", INFO, "slot gen pid next_gen",                            \
      "That worker is quiet and idle, and was asked to become the mold of generation next_gen. It is no worker any more.") \
    X(REFORK_PROMOTED, "refork_promoted", INFO, "gen pid from_slot boot_ms [rss_kib]",            \
      "It is a mold now, and workers are forked from it. The mold before stands by until it has proven itself.") \
    X(REFORK_DONE, "refork_done", INFO, "gen pid replaced took_s [rss_kib]",                      \
      "All workers are forks of the new mold.")                                                   \
    X(REFORK_FAILED, "refork_failed", WARN, "[slot] [gen] [pid] stage reason next_done",          \
      "A re-fork was given up; no worker was lost by it. The next try waits until a worker has done next_done jobs.") \
    X(MOLD_BACKOFF, "mold_backoff", WARN, "gen [pid] wait_ms failures",                                 \
      "The next mold waits, since molds failed in a row. Until then dead workers are not replaced.") \
    X(MOLD_START_FAILED, "mold_start_failed", ERROR, "gen error",                                 \
      "A mold's program could not be started.")                                                   \
    X(WORKER_SPAWNING, "worker_spawning", DEBUG, "slot gen request",                              \
      "A worker was asked for.")                                                                  \
    X(WORKER_HELLO, "worker_hello", DEBUG, "slot gen pid",                                        \
      "A worker lives and is a child of the master.")                                             \
    X(WORKER_READY, "worker_ready", INFO, "slot gen pid boot_ms [rss_kib]",                       \
      "A worker has booted and stands at the run gate, before its first fetch.")                  \
    X(WORKER_MOVED, "worker_moved", INFO, "slot gen [pid] from",                                  \
      "A worker stands on another position now: a spare takes the place of a slot's worker, or one that still boots becomes the spare.") \
    X(WORKER_RUN, "worker_run", INFO, "slot gen pid",                                             \
      "A worker fetches jobs.")                                                                   \
    X(WORKER_QUIET, "worker_quiet", INFO, "slot gen pid reason [busy] [jobs]",                           \
      "A worker got TSTP: it works what it holds and fetches no more.")                           \
    X(WORKER_TERM, "worker_term", INFO, "slot gen pid reason [busy] [jobs]",                             \
      "A worker got TERM: Sidekiq gives its jobs -t seconds and pushes the rest back.")           \
    X(WORKER_KILL, "worker_kill", WARN, "slot gen [pid] state reason [busy] [jobs]",                     \
      "A worker got KILL. Jobs that it held are lost, unless Sidekiq Pro keeps them; busy counts them, jobs names them (Class:jid:seconds).") \
    X(WORKER_GONE, "worker_gone", INFO,                                                           \
      "slot gen pid state reason [code] [signal] [core] age_s [rss_kib] [uss_kib] [peak_kib] [busy] [jobs] [done]", \
      "A worker that was to leave is dead.")                                                      \
    X(WORKER_LOST, "worker_lost", WARN,                                                           \
      "slot gen pid state reason [code] [signal] [core] [oom] age_s [rss_kib] [uss_kib] [peak_kib] [busy] [jobs] [done]", \
      "A worker died that nobody had asked to leave; msg says what happens to its slot. Jobs it held (busy, jobs) are lost if it was killed. oom is the kernel's own word; peak_kib its highest RSS, programs of its jobs included.") \
    X(WORKER_STUCK, "worker_stuck", ERROR, "slot gen pid state [kernel]",                                 \
      "A worker got KILL and is still there: the kernel waits for a device or a file server. The slot goes on without it.") \
    X(WORKER_STOPPED, "worker_stopped", WARN, "slot gen pid state [busy]",                        \
      "A signal (STOP) or job control stopped a worker. It works nothing until CONT, and is left alone.") \
    X(WORKER_LINK_LOST, "worker_link_lost", WARN, "slot gen pid",                                 \
      "A worker closed its link to the master. It works on and is obeyed by signals.")            \
    X(REQUEST_DROPPED, "request_dropped", WARN, "slot gen request reason",                        \
      "A worker that was asked for never came to life; its slot asks again.")                     \
    X(SPAWN_FAILED, "spawn_failed", WARN, "slot gen request error wait_ms",                       \
      "fork failed: the machine has no room for a process now. Tried again after the wait.")      \
    X(SLOT_BACKOFF, "slot_backoff", WARN, "slot gen [pid] wait_ms failures reason",                         \
      "The slot's next worker waits, since its workers failed in a row.")                         \
    X(RECYCLE, "recycle", INFO,                                                                   \
      "slot gen pid reason [limit] [rss_kib] [pss_kib] [uss_kib] [total_kib] [limit_kib] [done] [limit_jobs] [age_s] [limit_s] [cycles] [growth_kib_h] [growth_kib_job] [rule] [busy] [jobs]", \
      "A worker will be replaced: its successor first, then it is quieted, drained and stopped. Above a hard limit it gets TERM at once.") \
    X(WOULD_RECYCLE, "would_recycle", INFO,                                                       \
      "slot gen pid reason [limit] [rss_kib] [pss_kib] [uss_kib] [limit_kib] [done] [limit_jobs] [age_s] [limit_s] [cycles] [growth_kib_h] [growth_kib_job] [busy] [jobs]", \
      "With --dry-run-limits: what would have been done, and is not.")                            \
    X(LIMIT_TOO_LOW, "limit_too_low", ERROR, "slot gen pid limit fresh_kib limit_kib",            \
      "A fresh worker is already above the limit. It is left alone: replacing it would change nothing.") \
    X(DRAIN_FIRST, "drain_first", WARN, "slot gen pid reason need_kib room_kib",                  \
      "There is no memory for a second worker: this one drains first, and its slot is filled when it is gone.") \
    X(LIMIT_REACHED, "limit_reached", WARN, "total_kib limit_kib [slot] [pid] [uss_kib]",         \
      "The service as a whole is above --max-total; the worker that is named gives most back, or nobody's end would help.") \
    X(MEMORY_UNKNOWN, "memory_unknown", WARN, "slot gen pid what error",                          \
      "A figure of memory cannot be read here. What is unknown never recycles anybody. Said once for each cause.") \
    X(PRESSURE, "pressure", WARN, "",                                                             \
      "The kernel reports memory pressure (PSI): limits act on their first sample for a while.")  \
    X(OOM_WAIT, "oom_wait", WARN, "need_kib room_kib",                                            \
      "After an OOM kill: the next start waits until there is memory for it, a minute at most.")  \
    X(HANG, "hang", ERROR, "slot gen pid kind state [kernel] [cpu_percent] [busy] [jobs]",        \
      "A worker gives no sign of life (no_beat, no_progress) or has worked too long on a job (job_time). It was asked for its threads; msg says what follows.") \
    X(HANG_OVER, "hang_over", INFO, "slot gen pid",                                               \
      "A worker that was reported as hanging goes on.")                                           \
    X(RULE_FIRED, "rule_fired", WARN, "slot gen pid rule when then",                              \
      "A rule of the file holds for this worker.")                                                \
    X(RULE_OVER, "rule_over", INFO, "slot gen pid rule when",                                     \
      "A rule that held for this worker does not any more.")                                      \
    X(GIVEN_UP, "given_up", ERROR, "slot gen pid restarts",                                       \
      "A slot failed too often (--give-up) and stays empty; swarm recycle SLOT tries it again. The service goes on with the others.") \
    X(FAILURE, "failure", ERROR, "[slot] gen [pid] stage class [place] text",                         \
      "The application raised while it booted or in a hook; lines of its backtrace follow.")      \
    X(FAILURE_FRAME, "failure_frame", ERROR, "pid line",                                          \
      "One frame of that backtrace.")                                                             \
    X(TRACE, "trace", WARN, "pid line",                                                           \
      "Where a process stands that was asked before it is killed, or by TTIN.")                   \
    X(TRACE_ASKED, "trace_asked", WARN, "[slot] gen pid state [kernel]",                            \
      "A process is past its deadline and was asked where it stands; state and kernel are what the kernel says.") \
    X(PROTOCOL, "protocol_error", ERROR, "[slot] gen [pid] [sender] what",                        \
      "A process sent what it must not; it is killed and replaced.")                              \
    X(GIVE_UP, "give_up", ERROR, "[class] [place] [text]",                                        \
      "Nothing could be booted: the service ends with exit code 75, and this is why.")            \
    X(SIGNAL, "signal", INFO, "name [sender]",                                                    \
      "The master got a signal; msg says what it does about it.")                                 \
    X(QUIET, "quiet", INFO, "",                                                                   \
      "No worker fetches from now on, and none is started, until resume.")                        \
    X(RESUME, "resume", INFO, "",                                                                 \
      "Quieted workers are replaced by fresh ones that fetch.")                                   \
    X(STOPPING, "stopping", INFO, "stage",                                               \
      "The service stops; msg says what happens until when.")                                     \
    X(STOPPED, "stopped", INFO, "code",                                                           \
      "Everything is gone; the master leaves with that exit code.")                               \
    X(LATE, "late", WARN, "late_ms",                                                              \
      "The master itself stood still (stopped, suspended, starved). Deadlines are moved by that time, so that nobody is killed for it.") \
    X(STATE, "state", INFO, "line",                                                               \
      "One line of the status, asked for by TTIN.")                                               \
    X(NOTIFY_FAILED, "notify_failed", WARN, "what notification [code] [signal] [error] took_ms [more]", \
      "The program of [notify] failed, or was killed at its time limit. Told at most once a minute; more counts those that were not told.") \
    X(NOTIFY_DROPPED, "notify_dropped", WARN, "count",                                            \
      "Notifications were dropped, since too many programs ran and waited. Told at most once a minute.") \
    X(LOG_DROPPED, "log_dropped", WARN, "lines",                                                  \
      "Standard output did not take lines for a while; so many are lost.")                        \
    X(CLIENT_REFUSED, "client_refused", WARN, "[uid] [pid] reason",                               \
      "A client of the control socket was turned away.")                                          \
    X(INTERNAL, "internal_error", ERROR, "[slot] [gen] [pid] what [error]",                                          \
      "A failing system call or a mistake of swarm itself; the service goes on as msg says.")
/* clang-format on */

#define EVENT_ENUM(name, text, level, keys, meaning) EVENT_##name,
enum event { EVENT_TABLE(EVENT_ENUM) EVENT_COUNT };
#undef EVENT_ENUM

#endif
