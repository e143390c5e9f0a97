/*
 * config.h: the configuration of one run, from four places.
 *
 * Owns struct config and the order of the places: command line, environment, file, default. Must
 * not know who uses a value, and must not act: it reads, checks and explains.
 */
#ifndef SWARM_CONFIG_H
#define SWARM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exit_code.h"
#include "options.h"
#include "rule.h"
#include "util.h"

enum config_preload {
    CONFIG_PRELOAD_APP,
    CONFIG_PRELOAD_GEMS,
    CONFIG_PRELOAD_NONE,
};

enum config_orphans {
    CONFIG_ORPHANS_WAIT,
    CONFIG_ORPHANS_BESIDE,
};

/* What is done about a worker that hangs, or about one whose job is too old. */
enum config_remedy {
    CONFIG_REMEDY_LOG,
    CONFIG_REMEDY_RECYCLE,
    CONFIG_REMEDY_KILL,
};

/* How the Ruby heap of workers grows. */
enum config_heap_growth {
    CONFIG_HEAP_GROWTH_BOUNDED,
    CONFIG_HEAP_GROWTH_RUBY,
};

enum config_allocator {
    CONFIG_ALLOCATOR_AUTO,
    CONFIG_ALLOCATOR_JEMALLOC,
    CONFIG_ALLOCATOR_SYSTEM,
};

/* What is done to a mold's heap before its first fork. */
enum config_prepare {
    CONFIG_PREPARE_FULL,
    CONFIG_PREPARE_NO_COMPACT,
    CONFIG_PREPARE_NONE,
};

/* refork_jobs: by the master's own schedule. */
#define CONFIG_REFORK_AUTO UINT64_MAX

/* max_total_bytes: nine tenths of what the container allows, and no limit where nothing limits it. */
#define CONFIG_TOTAL_AUTO UINT64_MAX

enum config_origin_kind {
    CONFIG_ORIGIN_DEFAULT,
    CONFIG_ORIGIN_FILE,
    CONFIG_ORIGIN_ENVIRONMENT,
    CONFIG_ORIGIN_COMMAND_LINE,
};

/* Where a value is from. */
struct config_origin {
    enum config_origin_kind kind;
    const char *
        name; /* the variable, or the option without its dashes; static text, NULL for the others */
    unsigned line; /* in the file, from 1; 0 for the others */
    unsigned column;
};

struct config {
    /* [workers] */
    unsigned processes;
    bool prefork; /* a mold forks the workers, whatever it has loaded */
    enum config_preload preload;
    char *preload_groups; /* NULL: Bundler's default group */
    char *preboot;        /* NULL: none */
    int64_t boot_timeout_ms;
    int64_t spawn_timeout_ms;
    int64_t drain_timeout_ms; /* -1: no deadline */
    enum config_orphans orphans;
    unsigned surge;
    unsigned index_base;
    unsigned spare;          /* workers that wait at the run gate to take a place */
    int64_t hang_timeout_ms; /* -1: hangs are not looked for */
    enum config_remedy hang_action;
    int64_t max_job_time_ms; /* -1: any */
    enum config_remedy job_time_action;
    int64_t
        stopped_timeout_ms;    /* how long a worker that a signal stopped is spared; -1: for ever */
    unsigned give_up_restarts; /* so many restarts of a slot */
    unsigned give_up_cycles;   /* within so many cycles; both 0: never given up */

    /* [memory] */
    uint64_t max_rss_bytes; /* 0: no limit, as for the other sizes */
    uint64_t max_pss_bytes;
    uint64_t max_uss_bytes;
    uint64_t kill_rss_bytes;
    uint64_t kill_pss_bytes;
    uint64_t kill_uss_bytes;
    int64_t kill_grace_ms;
    uint64_t max_total_bytes; /* or CONFIG_TOTAL_AUTO */
    uint64_t max_mold_rss_bytes;
    uint64_t max_jobs;  /* 0: any */
    int64_t max_age_ms; /* -1: any */
    int64_t check_interval_ms;
    unsigned memory_cycles; /* so many of the last memory_window cycles */
    unsigned memory_window;
    int64_t memory_grace_ms;
    unsigned max_recycles;
    unsigned rollup_percent; /* of the time that readings of PSS and USS may take */
    bool dry_run_limits;

    /* [sharing] */
    enum config_heap_growth heap_growth;
    enum config_allocator allocator;
    enum config_prepare prepare;
    bool eager_load;
    bool warm;
    bool strict_fork;
    uint64_t refork_jobs; /* 0: never; or CONFIG_REFORK_AUTO */

    /* [log] */
    int log_level;  /* enum log_level: debug, info, warn, error */
    int log_format; /* text, logfmt, json */

    /* [control] */
    char *control_path; /* NULL: choose by place */
    char *pid_file;     /* NULL: none */

    /* [notify] */
    char **notify_exec;   /* NULL: nobody is told */
    char **notify_events; /* NULL: of all of them */
    int64_t notify_timeout_ms;

    /* [[rule]] */
    struct rule *rules;
    unsigned rule_count;

    char *file;            /* the configuration file; NULL: none was found */
    char **file_arguments; /* [sidekiq] arguments; already part of passthrough */

    /* Words for Sidekiq, verbatim and in order. For the verbs that talk to a service: the verb's
     * own words. */
    char **passthrough;
    unsigned passthrough_count;

    uint64_t memory_bytes;  /* what sizes in % are of; 0: not known */
    enum options_verb verb; /* as given; HELP or VERSION when the words ask for them */
    bool json;              /* --json after a verb that has it */
    bool flag;              /* the verb's own switch, see options_verb_row */
    bool fork_hooks;        /* after_fork and :fork hooks run in workers; see config_preload.h */
    bool dyno;              /* DYNO is set: a Heroku dyno */

    struct config_origin origins[OPTIONS_COUNT];
    char **warnings; /* sentences for the log */
    unsigned warning_count;
};

/* What a configuration is made from. All of it is borrowed. */
struct config_input {
    int argc;
    char *const *argv; /* after the verb, see options_verb */
    enum options_verb verb;
    char *const *envp;        /* as main has it; NULL is an empty environment */
    const char *cwd;          /* where relative file names start; NULL: the working directory */
    unsigned cores_available; /* of this container; 0 counts as 1 */
    uint64_t memory_bytes;    /* what this container or machine has, for sizes in %; 0: not known */
};

struct config_error {
    enum exit_code exit_code; /* EXIT_CODE_USAGE, EXIT_CODE_CONFIG, EXIT_CODE_INTERNAL */
    char text[1024];          /* names the place and the remedy */
};

/*
 * Reads the configuration. With OPTIONS_VERB_HELP or OPTIONS_VERB_VERSION in `ret->verb` nothing
 * but the command line was read. For verbs that talk to a running service only the options that are
 * for them are read, so that a broken limit cannot keep an operator from `swarm stop`. Returns 0,
 * or -EINVAL or -ENOMEM with `ret_error` written and `ret` untouched.
 */
MUST_CHECK int config_load(struct config *ret, const struct config_input *in,
                           struct config_error *ret_error);

/* Frees what `config` holds and leaves it zero. NULL and a zero struct are fine. */
void config_done(struct config *config);

/* Whether the user chose the option's value, in whichever place. */
bool config_is_given(const struct config *config, enum options_id id);

#define CONFIG_ORIGIN_SIZE 160

/* Writes where an option's value is from: `default`, `sidekiq-swarm.toml:3`, `SWARM_MAX_RSS`,
 * `--max-rss`. Returns `to`. */
char *config_origin_text(const struct config *config, enum options_id id,
                         char to[CONFIG_ORIGIN_SIZE]);

#endif
