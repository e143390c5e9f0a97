/*
 * options_table.h: every option of swarm, one row each.
 *
 * Owns the names, kinds, limits, defaults and help. The parser, the environment, the file,
 * `--help`, `swarm config`, sidekiq-swarm.toml.example and the tables of docs/configuration.md
 * follow from it: a new option is a row here and a field in struct config. Must not contain code.
 *
 * A row is OPTION(ID, field of struct config, ...). The variable in the environment is SWARM_<ID>,
 * the key in the file is the name with `_`. Rows of one section stand together.
 */
#ifndef SWARM_OPTIONS_TABLE_H
#define SWARM_OPTIONS_TABLE_H

#include "units.h"

// clang-format off
#define OPTIONS_CHOICES_PRELOAD {"app", "gems", "none"}
#define OPTIONS_CHOICES_ORPHANS {"wait", "beside"}
#define OPTIONS_CHOICES_LOG_LEVEL {"debug", "info", "warn", "error"}
#define OPTIONS_CHOICES_LOG_FORMAT {"text", "logfmt", "json"}

#define OPTIONS_TABLE(OPTION)                                                                      \
    OPTION(PROCESSES, processes, .name = "processes", .section = "workers",                        \
        .kind = OPTIONS_KIND_COUNT, .lower = 1, .upper = 512, .metavar = "N", .example = "4",      \
        .default_says = "the cores this service may use",                                          \
        .help = "How many workers to run.")                                                        \
    OPTION(PREFORK, prefork, .name = "prefork", .section = "workers",                              \
        .kind = OPTIONS_KIND_SWITCH, .default_text = "true",                                       \
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
    OPTION(MAX_RSS, max_rss_bytes, .name = "max-rss", .alias = "max-memory", .section = "memory",  \
        .kind = OPTIONS_KIND_SIZE, .lower = 16 * UNITS_MIB, .upper = 1024 * UNITS_TIB,             \
        .flags = OPTIONS_MAY_BE_NONE, .metavar = "SIZE", .default_text = "none",                   \
        .example = "800M",                                                                         \
        .help = "A worker whose RSS is above it is replaced: its successor is ready before it "    \
                "leaves.")                                                                         \
    OPTION(CHECK_INTERVAL, check_interval_ms, .name = "check-interval",                            \
        .alias = "memory-check-interval", .section = "memory",                                     \
        .kind = OPTIONS_KIND_DURATION, .lower = 100, .upper = 86400 * 1000, .metavar = "SECONDS",  \
        .default_text = "5",                                                                       \
        .help = "How often the memory of the workers is read.")                                    \
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
