/*
 * options_table.h: every option of swarm, one row each.
 *
 * Owns the names, kinds, limits, defaults and help. The parser, the environment, the file,
 * `--help`, `swarm config`, sidekiq-swarm.toml.example and the tables of docs/configuration.md
 * follow from it: a new option is a row here and a field in struct config. Must not contain code.
 *
 * A row is OPTION(ID, field of struct config, ...). The variable in the environment is SWARM_<ID>,
 * the key in the file is the name with `_` unless the row has a key of its own. Rows of one section
 * stand together.
 */
#ifndef SWARM_OPTIONS_TABLE_H
#define SWARM_OPTIONS_TABLE_H

#include "units.h"

// clang-format off
#define OPTIONS_CHOICES_PRELOAD {"app", "gems", "none"}
#define OPTIONS_CHOICES_ORPHANS {"wait", "beside"}
#define OPTIONS_CHOICES_REMEDY {"log", "recycle", "kill"}
#define OPTIONS_CHOICES_HEAP_GROWTH {"bounded", "ruby"}
#define OPTIONS_CHOICES_ALLOCATOR {"auto", "jemalloc", "system"}
#define OPTIONS_CHOICES_PREPARE {"full", "no-compact", "none"}
#define OPTIONS_CHOICES_LOG_LEVEL {"debug", "info", "warn", "error"}
#define OPTIONS_CHOICES_LOG_FORMAT {"text", "logfmt", "json"}

#define OPTIONS_TABLE(OPTION)                                                                      \
    OPTION(PROCESSES, processes, .name = "processes", .section = "workers",                        \
        .kind = OPTIONS_KIND_COUNT, .lower = 1, .upper = 512, .metavar = "N", .example = "4",      \
        .default_says = "the cores this service may use",                                          \
        .help = "How many workers to run.")                                                        \
    OPTION(PREFORK, prefork, .name = "prefork", .section = "workers",                              \
        .kind = OPTIONS_KIND_SWITCH, .negative = "no-prefork", .default_text = "true",             \
        .help = "Boot once in a mold and fork the workers from it, so that they share memory. "    \
                "Off: each worker boots the application by itself.")                               \
    OPTION(PRELOAD, preload, .name = "preload", .section = "workers",                              \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_PRELOAD, .metavar = "WHAT",        \
        .default_text = "app",                                                                     \
        .help = "What the mold loads before it forks: app, the whole application; gems, Bundler's " \
                "groups; none, Ruby only. With gems and none the workers boot the application.")   \
    OPTION(PRELOAD_GROUPS, preload_groups, .name = "preload-groups", .section = "workers",         \
        .kind = OPTIONS_KIND_TEXT, .flags = OPTIONS_MAY_BE_EMPTY, .metavar = "GROUPS",             \
        .example = "default,production", .default_says = "Bundler's default group",                \
        .help = "Bundler's groups that the mold requires, with commas. Without --preload it means " \
                "--preload gems; an empty list means --preload none.")                             \
    OPTION(PREBOOT, preboot, .name = "preboot", .section = "workers",                              \
        .kind = OPTIONS_KIND_PATH, .metavar = "FILE", .example = "config/preboot.rb",              \
        .default_says = "no file",                                                                 \
        .help = "A Ruby file that the mold loads. Without --prefork and --preload the workers "    \
                "then boot the application themselves.")                                           \
    OPTION(BOOT_TIMEOUT, boot_timeout_ms, .name = "boot-timeout", .section = "workers",            \
        .kind = OPTIONS_KIND_DURATION, .lower = 100, .upper = 86400 * 1000, .metavar = "SECONDS",  \
        .default_text = "120",                                                                     \
        .help = "How long a mold or a worker may take until it is ready.")                         \
    OPTION(SPAWN_TIMEOUT, spawn_timeout_ms, .name = "spawn-timeout", .section = "workers",         \
        .kind = OPTIONS_KIND_DURATION, .lower = 100, .upper = 86400 * 1000, .metavar = "SECONDS",  \
        .default_text = "10",                                                                      \
        .help = "How long the mold may take to fork one worker. A mold that is later is ended "    \
                "and built again.")                                                                \
    OPTION(DRAIN_TIMEOUT, drain_timeout_ms, .name = "drain-timeout", .section = "workers",         \
        .kind = OPTIONS_KIND_DURATION, .lower = 0, .upper = INT64_C(30) * 86400 * 1000,            \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SECONDS", .default_text = "300",                 \
        .help = "How long a worker that is being replaced may finish its jobs before it gets "     \
                "TERM.")                                                                           \
    OPTION(ORPHANS, orphans, .name = "orphans", .section = "workers",                              \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_ORPHANS, .metavar = "WHAT",        \
        .default_text = "wait",                                                                    \
        .help = "When workers of a killed service in the same place still finish their jobs: wait "\
                "until they are gone, or start beside them.")                                      \
    OPTION(SURGE, surge, .name = "surge", .section = "workers",                                    \
        .kind = OPTIONS_KIND_COUNT, .lower = 1, .upper = 64, .metavar = "N", .default_text = "1",  \
        .help = "How many workers above --processes may run while workers are replaced.")          \
    OPTION(INDEX_BASE, index_base, .name = "index-base", .section = "workers",                     \
        .kind = OPTIONS_KIND_COUNT, .lower = 0, .upper = 1000000, .metavar = "N",                  \
        .default_text = "0",                                                                       \
        .help = "The index of the first worker, in its SWARM_INDEX and INDEX.")                    \
    OPTION(SPARE, spare, .name = "spare", .section = "workers",                                    \
        .kind = OPTIONS_KIND_COUNT, .lower = 0, .upper = 16, .metavar = "N", .default_text = "0",  \
        .example = "1",                                                                            \
        .help = "How many workers stand ready beside those that work: booted, not yet fetching. One of " \
                "them takes the place of a worker that dies or is replaced, within milliseconds. " \
                "Indices then run from the first to the last of all, and the first may be a spare's.") \
    OPTION(HANG_TIMEOUT, hang_timeout_ms, .name = "hang-timeout", .section = "workers",            \
        .kind = OPTIONS_KIND_DURATION, .lower = 5000, .upper = 86400 * 1000,                       \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SECONDS", .default_text = "none",                \
        .example = "120",                                                                          \
        .help = "How long a worker may give no sign of life, or be busy without progress, until "  \
                "it counts as hanging.")                                                           \
    OPTION(HANG_ACTION, hang_action, .name = "hang-action", .section = "workers",                  \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_REMEDY, .metavar = "WHAT",         \
        .default_text = "recycle",                                                                 \
        .help = "What is done about a worker that hangs, once its threads are in the log: log, "   \
                "no more than that; recycle, replace it; kill, end it at once.")                   \
    OPTION(MAX_JOB_TIME, max_job_time_ms, .name = "max-job-time", .section = "workers",            \
        .kind = OPTIONS_KIND_DURATION, .lower = 100, .upper = INT64_C(30) * 86400 * 1000,          \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SECONDS", .default_text = "none",                \
        .example = "2h",                                                                           \
        .help = "How long a job may run until --job-time-action is taken.")                        \
    OPTION(JOB_TIME_ACTION, job_time_action, .name = "job-time-action", .section = "workers",      \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_REMEDY, .metavar = "WHAT",         \
        .default_text = "log",                                                                     \
        .help = "What is done about a worker whose job is older than --max-job-time, once its "    \
                "threads are in the log: log, no more than that; recycle, replace it; kill, end "  \
                "it at once.")                                                                     \
    OPTION(STOPPED_TIMEOUT, stopped_timeout_ms, .name = "stopped-timeout", .section = "workers",   \
        .kind = OPTIONS_KIND_DURATION, .lower = 0, .upper = INT64_C(30) * 86400 * 1000,            \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SECONDS", .default_text = "none",                \
        .example = "10m",                                                                          \
        .help = "How long a worker is spared that a signal or a debugger has stopped. With none "  \
                "it is spared until it goes on.")                                                  \
    OPTION(GIVE_UP, give_up_restarts, .name = "give-up", .section = "workers",                     \
        .kind = OPTIONS_KIND_RATIO, .lower = 1, .upper = 1000, .first_upper = 16,                  \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "N/M", .default_text = "none", .example = "3/5",  \
        .help = "After N restarts of a slot within M check intervals that slot is given up: "      \
                "swarm says so, and runs on without it.")                                          \
    OPTION(MAX_RSS, max_rss_bytes, .name = "max-rss", .alias = "max-memory", .section = "memory",  \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "800M",                                                                         \
        .help = "A worker whose RSS is above it is replaced: its successor is ready before it "    \
                "leaves.")                                                                         \
    OPTION(MAX_PSS, max_pss_bytes, .name = "max-pss",                                              \
        .section = "memory",                                                                       \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "500M",                                                                         \
        .help = "A worker whose PSS is above it is replaced. Memory that it shares counts by its " \
                "share.")                                                                          \
    OPTION(MAX_USS, max_uss_bytes, .name = "max-uss", .alias = "max-private",                      \
        .section = "memory",                                                                       \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "300M",                                                                         \
        .help = "A worker whose USS, the memory that is its alone, is above it is replaced.")      \
    OPTION(KILL_RSS, kill_rss_bytes, .name = "kill-rss",                                           \
        .section = "memory",                                                                       \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "1200M",                                                                        \
        .help = "A worker whose RSS is above it gets TERM at once, and KILL after --kill-grace.")  \
    OPTION(KILL_PSS, kill_pss_bytes, .name = "kill-pss",                                           \
        .section = "memory",                                                                       \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "800M",                                                                         \
        .help = "A worker whose PSS is above it gets TERM at once, and KILL after --kill-grace.")  \
    OPTION(KILL_USS, kill_uss_bytes, .name = "kill-uss",                                           \
        .section = "memory",                                                                       \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "600M",                                                                         \
        .help = "A worker whose USS is above it gets TERM at once, and KILL after --kill-grace.")  \
    OPTION(KILL_GRACE, kill_grace_ms, .name = "kill-grace", .section = "memory",                   \
        .kind = OPTIONS_KIND_DURATION, .lower = 0, .upper = 86400 * 1000, .metavar = "SECONDS",    \
        .default_text = "5",                                                                       \
        .help = "How long a worker above a hard limit has between TERM and KILL.")                 \
    OPTION(MAX_TOTAL, max_total_bytes, .name = "max-total",                                        \
        .section = "memory",                                                                       \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE | OPTIONS_MAY_BE_AUTO, .metavar = "SIZE|auto",                \
        .default_text = "none",                                                                    \
        .example = "4G",                                                                           \
        .help = "When the whole service comes near it, the worker whose end frees most is "        \
                "replaced. auto: nine tenths of what the container allows, and no limit where "    \
                "nothing limits it.")                                                              \
    OPTION(MAX_MOLD_RSS, max_mold_rss_bytes, .name = "max-mold-rss",                               \
        .section = "memory",                                                                       \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "1G",                                                                           \
        .help = "A mold whose RSS is above it is replaced.")                                       \
    OPTION(MAX_JOBS, max_jobs, .name = "max-jobs", .section = "memory",                            \
        .kind = OPTIONS_KIND_NUMBER, .lower = 0, .upper = UINT64_C(1000000000000),                 \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "N", .default_text = "none", .example = "10000",  \
        .help = "A worker that has done so many jobs is replaced, up to a tenth earlier, so that " \
                "not all leave together.")                                                         \
    OPTION(MAX_AGE, max_age_ms, .name = "max-age", .section = "memory",                            \
        .kind = OPTIONS_KIND_DURATION, .lower = 1000, .upper = INT64_C(366) * 86400 * 1000,        \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SECONDS", .default_text = "none",                \
        .example = "1d",                                                                           \
        .help = "A worker that has been ready for so long is replaced, up to a tenth earlier, so " \
                "that not all leave together.")                                                    \
    OPTION(CHECK_INTERVAL, check_interval_ms, .name = "check-interval",                            \
        .alias = "memory-check-interval", .section = "memory",                                     \
        .kind = OPTIONS_KIND_DURATION, .lower = 100, .upper = 86400 * 1000, .metavar = "SECONDS",  \
        .default_text = "5",                                                                       \
        .help = "How often the memory of the workers is read.")                                    \
    OPTION(MEMORY_CYCLES, memory_cycles, .name = "memory-cycles", .section = "memory",             \
        .kind = OPTIONS_KIND_RATIO, .lower = 1, .upper = 32, .flags = OPTIONS_PART_OF,             \
        .metavar = "N[/M]", .default_text = "1",                                                   \
        .help = "How many checks in a row must find a worker above a graceful limit of memory; "   \
                "with M, how many of the last M.")                                                 \
    OPTION(MEMORY_GRACE, memory_grace_ms, .name = "memory-grace", .section = "memory",             \
        .kind = OPTIONS_KIND_DURATION, .lower = 0, .upper = 86400 * 1000, .metavar = "SECONDS",    \
        .default_text = "10",                                                                      \
        .help = "How long after it is ready a worker is spared by the graceful limits of memory.") \
    OPTION(MAX_RECYCLES, max_recycles, .name = "max-recycles", .section = "memory",                \
        .kind = OPTIONS_KIND_COUNT, .lower = 1, .upper = 64, .metavar = "N", .default_text = "1",  \
        .help = "How many workers may be replaced at a time because of a limit.")                  \
    OPTION(ROLLUP_PERCENT, rollup_percent, .name = "rollup-percent", .section = "memory",          \
        .kind = OPTIONS_KIND_COUNT, .lower = 1, .upper = 100, .metavar = "N", .default_text = "1", \
        .help = "The share of the time, in percent, that reading PSS and USS may take. A worker "  \
                "cannot map memory while its own are read.")                                       \
    OPTION(DRY_RUN_LIMITS, dry_run_limits, .name = "dry-run-limits", .section = "memory",          \
        .kind = OPTIONS_KIND_SWITCH, .negative = "no-dry-run-limits", .default_text = "false",     \
        .help = "Only say what the limits would do. No worker is replaced or ended by them.")      \
    OPTION(HEAP_GROWTH, heap_growth, .name = "heap-growth", .section = "sharing",                  \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_HEAP_GROWTH, .metavar = "HOW",     \
        .default_text = "bounded",                                                                 \
        .help = "How the Ruby heap of a worker grows. bounded: in small steps, so that a large mold does " \
                "not make each worker build a large heap of its own; RUBY_GC_HEAP_ variables that are set " \
                "stay as they are. ruby: as Ruby does by itself.")                                 \
    OPTION(ALLOCATOR, allocator, .name = "allocator", .section = "sharing",                        \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_ALLOCATOR, .metavar = "WHICH",     \
        .default_text = "auto",                                                                    \
        .help = "What gives memory to the mold and its workers. auto: jemalloc where it is installed; " \
                "jemalloc: it must be there; system: the C library, with two arenas.")             \
    OPTION(PREPARE, prepare, .name = "prepare", .section = "sharing",                              \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_PREPARE, .metavar = "WHAT",        \
        .default_text = "full",                                                                    \
        .help = "What is done to the heap of a mold before its first fork: full, collected and "   \
                "compacted; no-compact, for extensions that cannot stand compaction; none.")       \
    OPTION(EAGER_LOAD, eager_load, .name = "eager-load", .section = "sharing",                     \
        .kind = OPTIONS_KIND_SWITCH, .negative = "no-eager-load", .default_text = "false",         \
        .help = "Load all classes of the application in the mold, also where its own configuration " \
                "does not.")                                                                       \
    OPTION(WARM, warm, .name = "warm", .section = "sharing",                                       \
        .kind = OPTIONS_KIND_SWITCH, .negative = "no-warm", .default_text = "true",                \
        .help = "Fill in the mold what each worker would otherwise fill by itself (schemas, "      \
                "translations, caches of known libraries), and run the application's warm-up hooks.") \
    OPTION(STRICT_FORK, strict_fork, .name = "strict-fork", .section = "sharing",                  \
        .kind = OPTIONS_KIND_SWITCH, .negative = "no-strict-fork", .default_text = "false",        \
        .help = "Refuse to fork while threads or sockets of the application are alive in the mold, " \
                "instead of warning of them.")                                                     \
    OPTION(REFORK_AFTER, refork_jobs, .name = "refork-after", .section = "sharing",                \
        .kind = OPTIONS_KIND_NUMBER, .lower = 1, .upper = UINT64_C(1000000000000),                 \
        .flags = OPTIONS_MAY_BE_NONE | OPTIONS_MAY_BE_AUTO, .metavar = "JOBS|auto",                \
        .default_text = "none", .example = "5000",                                                 \
        .help = "When a worker has done so many jobs, it becomes the next mold, and the others are " \
                "replaced by its forks, so that they share what it has learned. auto: after 1000 jobs, " \
                "later ever more rarely.")                                                         \
    OPTION(LOG_LEVEL, log_level, .name = "log-level", .section = "log",                            \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_LOG_LEVEL, .metavar = "LEVEL",     \
        .default_text = "info",                                                                    \
        .help = "The least important lines that are logged: debug, info, warn or error.")          \
    OPTION(LOG_FORMAT, log_format, .name = "log-format", .section = "log",                         \
        .kind = OPTIONS_KIND_CHOICE, .choices = OPTIONS_CHOICES_LOG_FORMAT, .metavar = "FORMAT",   \
        .default_text = "text",                                                                    \
        .help = "The shape of swarm's own log lines: text, logfmt or json.")                       \
    OPTION(CONTROL, control_path, .name = "control", .section = "control",                         \
        .kind = OPTIONS_KIND_PATH, .flags = OPTIONS_FOR_VERBS, .metavar = "PATH",                  \
        .example = "tmp/sockets/swarm.sock",                                                       \
        .default_says = "$RUNTIME_DIRECTORY/swarm.sock, else tmp/sockets/swarm.sock, else a "      \
                        "folder of the user's",                                                    \
        .help = "The unix socket on which swarm takes orders.")                                    \
    OPTION(PID_FILE, pid_file, .name = "pid-file", .section = "control",                           \
        .kind = OPTIONS_KIND_PATH, .metavar = "PATH", .example = "tmp/pids/swarm.pid",             \
        .default_says = "no file",                                                                 \
        .help = "A file that holds the master's process id while it runs.")                        \
    OPTION(NOTIFY_EXEC, notify_exec, .name = "notify-exec", .section = "notify", .key = "exec",    \
        .kind = OPTIONS_KIND_WORDS, .flags = OPTIONS_FILE_ONLY,                                    \
        .example = "[\"/usr/local/bin/tell-operators\", \"swarm\"]",                               \
        .default_says = "nobody is told",                                                          \
        .help = "A program that is run for each event, with the event as JSON on its standard "    \
                "input.")                                                                          \
    OPTION(NOTIFY_EVENTS, notify_events, .name = "notify-events", .section = "notify",             \
        .key = "events",                                                                           \
        .kind = OPTIONS_KIND_WORDS, .flags = OPTIONS_FILE_ONLY,                                    \
        .example = "[\"crashed\", \"oom\", \"crash_loop\", \"given_up\"]",                         \
        .default_says = "all of them",                                                             \
        .help = "The events that are told: ready, recycled, crashed, oom, crash_loop, "            \
                "limit_reached, hang, mold_lost, given_up, pid_changed, stopping.")                \
    OPTION(NOTIFY_TIMEOUT, notify_timeout_ms, .name = "notify-timeout", .section = "notify",       \
        .key = "timeout", .kind = OPTIONS_KIND_DURATION, .lower = 100, .upper = 3600 * 1000,       \
        .metavar = "SECONDS", .default_text = "10",                                                \
        .help = "How long a program of [notify] or of a rule may run until it gets KILL.")         \
    OPTION(CONFIG, file, .name = "swarm-config", .kind = OPTIONS_KIND_PATH,                        \
        .flags = OPTIONS_FOR_VERBS, .metavar = "FILE",                                             \
        .default_says = "sidekiq-swarm.toml, config/sidekiq-swarm.toml, if there is one",          \
        .help = "swarm's own configuration file.")                                                 \
    OPTION(ARGUMENTS, file_arguments, .name = "arguments", .section = "sidekiq",                   \
        .kind = OPTIONS_KIND_WORDS, .flags = OPTIONS_FILE_ONLY,                                    \
        .example = "[\"-C\", \"config/sidekiq.yml\"]", .default_says = "no words",                 \
        .help = "Words for Sidekiq. They come before those of the command line.")

/*
 * Names that users of other process managers know, in order of precedence after SWARM_<ID>:
 * INHERITED(ID, variable, how its text is read).
 */
#define OPTIONS_INHERITED_TABLE(INHERITED)                                                         \
    INHERITED(PROCESSES, "SIDEKIQ_PROCESSES", SHARE)                                               \
    INHERITED(PROCESSES, "SIDEKIQ_COUNT", SHARE)                                                   \
    INHERITED(PROCESSES, "COUNT", SHARE)                                                           \
    INHERITED(PREFORK, "SIDEKIQ_PREFORK", PLAIN)                                                   \
    INHERITED(PRELOAD, "SIDEKIQ_PRELOAD_APP", APP_OR_GEMS)                                         \
    INHERITED(PRELOAD_GROUPS, "SIDEKIQ_PRELOAD", PLAIN)                                            \
    INHERITED(PREBOOT, "SIDEKIQ_PREBOOT", PLAIN)                                                   \
    INHERITED(INDEX_BASE, "INDEX", PLAIN)                                                          \
    INHERITED(MAX_RSS, "SIDEKIQ_MAXMEM_MB", MEBIBYTES)                                             \
    INHERITED(MAX_RSS, "SIDEKIQ_MAX_MEMORY", PLAIN)                                                \
    INHERITED(CHECK_INTERVAL, "SIDEKIQ_MEMORY_CHECK_INTERVAL", PLAIN)                              \
    INHERITED(CONFIG, "SIDEKIQ_SWARM_CONFIG", PLAIN)
// clang-format on

#endif
