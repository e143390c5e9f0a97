/*
 * main.c: the program: its command line, its surroundings, and which of its lives it leads: the service, a verb that asks a
 * running one, or the check before a start. Owns nothing beyond that.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "check.h"
#include "client.h"
#include "config.h"
#include "config_help.h"
#include "config_print.h"
#include "control_path.h"
#include "control_socket.h"
#include "exit_code.h"
#include "family.h"
#include "launch.h"
#include "launch_environment.h"
#include "log.h"
#include "memory.h"
#include "pidfile.h"
#include "report.h"
#include "rss/cpu_quota.h"
#include "rss/group.h"
#include "signals.h"
#include "supervisor.h"
#include "top.h"

extern char **environ;

/* What the service holds while it runs. */
struct place {
    char *control_path;
    struct control_socket *control_socket;
    int control_fd;
    struct pidfile *pidfile;
    struct family *family;
    char *mold_program;
    struct launch_environment environment;
};

static int
refuse_control(const char *path, int error, pid_t owner)
{
    switch (error) {
    case -EWOULDBLOCK:
        if (owner > 0) {
            return util_refuse(
                EXIT_CODE_UNAVAILABLE,
                "a service already runs here (pid %d, control socket %s); stop it first, "
                "or give this one another --control",
                (int)owner, path);
        }
        return util_refuse(
            EXIT_CODE_UNAVAILABLE,
            "a service already runs here (control socket %s); stop it first, or give "
            "this one another --control",
            path);
    case -ENOTSOCK:
        return util_refuse(
            EXIT_CODE_CONFIG,
            "%s stands where the control socket should be, and is no socket; remove it, "
            "or give another --control",
            path);
    case -EPERM:
        return util_refuse(
            EXIT_CODE_CONFIG,
            "the folder or socket %s belongs to another user; give another --control", path);
    default:
        return util_refuse(
            EXIT_CODE_CONFIG,
            "control socket %s: %s; give a path in a folder that exists and is writable "
            "by --control",
            path, strerror(-error));
    }
}

/* Finds where the control socket is. Returns 0 or an exit code, its sentence said. */
static int
find_control(const struct config *config, char **ret_path)
{
    int error = control_path_find(config->control_path, ret_path);

    if (error == -ENAMETOOLONG) {
        return util_refuse(EXIT_CODE_CONFIG,
                           "the control socket's path is longer than the 107 bytes "
                           "that a socket's name may have; give a shorter --control");
    }
    if (error != 0) {
        return util_refuse(EXIT_CODE_CONFIG,
                           "no place for the control socket: %s; give one by --control",
                           strerror(-error));
    }
    return 0;
}

static int
take_control(const struct config *config, struct place *place)
{
    pid_t owner = 0;
    int code = find_control(config, &place->control_path);
    int error;

    if (code != 0) {
        return code;
    }
    error = control_path_prepare(config->control_path, place->control_path);
    if (error == 0) {
        error = control_socket_open(place->control_path, &place->control_socket, &place->control_fd,
                                    &owner);
    }
    return error == 0 ? 0 : refuse_control(place->control_path, error, owner);
}

static int
take_pidfile(const struct config *config, struct place *place)
{
    pid_t owner = 0;
    int error;

    if (config->pid_file == NULL) {
        return 0;
    }
    error = pidfile_open(config->pid_file, &place->pidfile, &owner);
    if (error == -EWOULDBLOCK) {
        return util_refuse(EXIT_CODE_UNAVAILABLE,
                           "a service already runs with the pid file %s (pid %d); stop it first",
                           config->pid_file, (int)owner);
    }
    if (error != 0) {
        return util_refuse(EXIT_CODE_CONFIG,
                           "pid file %s: %s; give a path in a folder that exists and is writable",
                           config->pid_file, strerror(-error));
    }
    return 0;
}

static int
take_family(struct place *place)
{
    int error = family_open(place->control_path, &place->family);

    return error == 0
               ? 0
               : util_refuse(EXIT_CODE_CONFIG,
                             "%s.family: %s; give a path in a folder that is writable by --control",
                             place->control_path, strerror(-error));
}

static int
take_environment(const struct config *config, struct place *place)
{
    char wrong[1024];
    int error = launch_environment_make(&place->environment, config, environ, wrong, sizeof(wrong));

    if (error == -ENOENT) {
        return util_refuse(EXIT_CODE_CONFIG, "%s", wrong);
    }
    return error == 0 ? 0 : util_refuse(EXIT_CODE_INTERNAL, "%s", strerror(-error));
}

static void
leave_place(struct place *place)
{
    launch_environment_done(&place->environment);
    family_close(place->family);
    pidfile_close(place->pidfile);
    control_socket_close(place->control_socket);
    free(place->control_path);
    free(place->mold_program);
}

/* The service's life: its place is taken, then the loop runs, then the place is left. */
static int
serve(const struct config *config)
{
    const struct log_settings log = {
        .level = (enum log_level)config->log_level,
        .format = (enum log_format)config->log_format,
        .dyno = config->dyno,
    };
    struct place place = {.control_fd = -1};
    struct supervisor_order order = {.config = config, .envp = environ};
    int code;

    if (launch_find_mold(&place.mold_program) != 0) {
        return util_refuse(EXIT_CODE_INTERNAL,
                           "swarm-mold is neither beside this program nor in ../lib/sidekiq-swarm; "
                           "reinstall swarm, or name it by SWARM_MOLD");
    }
    code = take_environment(config, &place);
    if (code == 0) {
        code = take_control(config, &place);
    }
    if (code == 0) {
        code = take_pidfile(config, &place);
    }
    if (code == 0) {
        code = take_family(&place);
    }
    if (code != 0) {
        util_close(&place.control_fd);
        leave_place(&place);
        return code;
    }
    log_open(&log);
    report_starting(config, place.control_path);
    order.mold_program = place.mold_program;
    order.mold_environment = &place.environment.mold;
    order.family = place.family;
    order.take_control_fd = place.control_fd;
    code = supervisor_run(&order);
    leave_place(&place);
    return code;
}

static int
ask(const struct config *config)
{
    struct client_order order = {
        .verb = options_verb_row(config->verb)->name,
        .arguments = config->passthrough,
        .json = config->json,
        .classes = config->flag,
    };
    char *path;
    int code = find_control(config, &path);

    if (code == 0) {
        order.path = path;
        code = client_run(&order);
        free(path);
    }
    return code;
}

static int
show_memory(const struct config *config)
{
    struct memory_order order = {.json = config->json,
                                 .map = config->flag ? config->passthrough[0] : NULL};
    char *path;
    int code = find_control(config, &path);

    if (code == 0) {
        order.path = path;
        code = memory_run(&order);
        free(path);
    }
    return code;
}

static int
watch(const struct config *config)
{
    struct top_order order = {.once = config->flag};
    char *path;
    int code = find_control(config, &path);

    if (code == 0) {
        order.path = path;
        code = top_run(&order);
        free(path);
    }
    return code;
}

static int
show_config(const struct config *config)
{
    if (!config->json) {
        config_print_table(config, stdout);
        return EXIT_CODE_OK;
    }
    return config_print_json(config, stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_INTERNAL;
}

static int
carry_out(const struct config *config)
{
    switch (config->verb) {
    case OPTIONS_VERB_HELP:
        config_help_print(stdout);
        return EXIT_CODE_OK;
    case OPTIONS_VERB_VERSION:
        printf("swarm %s\n", SWARM_VERSION);
        return EXIT_CODE_OK;
    case OPTIONS_VERB_CONFIG:
        return show_config(config);
    case OPTIONS_VERB_STATUS:
    case OPTIONS_VERB_EXPLAIN:
    case OPTIONS_VERB_QUIET:
    case OPTIONS_VERB_RESUME:
    case OPTIONS_VERB_RECYCLE:
    case OPTIONS_VERB_STOP:
        return ask(config);
    case OPTIONS_VERB_MEMORY:
        return show_memory(config);
    case OPTIONS_VERB_TOP:
        return watch(config);
    case OPTIONS_VERB_CHECK:
        return check_run(config, environ);
    case OPTIONS_VERB_RUN:
    case OPTIONS_VERB_COUNT:
        break;
    }
    return serve(config);
}

/* What sizes in % are of: what the container allows, else what the machine has; 0: not known. */
static uint64_t
memory_bytes(void)
{
    struct group_figures figures = {0};
    struct group *group = NULL;

    if (group_open("/proc", "/sys/fs/cgroup", &group) != 0) {
        return 0;
    }
    group_read(group, &figures);
    group_close(group);
    return figures.limit_bytes != 0 ? figures.limit_bytes : figures.machine_bytes;
}

static int
load(int argc, char **argv, struct config *config)
{
    struct options_command command;
    struct config_error error;
    char sentence[512];
    struct config_input input;

    if (options_verb(argc, argv, &command, sentence, sizeof(sentence)) != 0) {
        return util_refuse(EXIT_CODE_USAGE, "%s", sentence);
    }
    input = (struct config_input){
        .argc = command.argc,
        .argv = command.argv,
        .verb = command.verb,
        .envp = environ,
        .cores_available = cpu_quota_cores("/proc", "/sys/fs/cgroup"),
        .memory_bytes = memory_bytes(),
    };
    if (config_load(config, &input, &error) == 0) {
        return 0;
    }
    return command.verb == OPTIONS_VERB_CHECK ? check_refuse(command.argv, command.argc, &error)
                                              : util_refuse(error.exit_code, "%s", error.text);
}

/* Every descendant that loses its parent becomes our child, so that it is reaped: prctl(2). */
static void
adopt_descendants(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

int
main(int argc, char **argv)
{
    struct config config = {0};
    int code;

    log_hold_standard_fds();
    code = load(argc, argv, &config);
    if (code == 0) {
        if (config.verb == OPTIONS_VERB_RUN) {
            signals_hold();
        }
        if (config.verb == OPTIONS_VERB_RUN || config.verb == OPTIONS_VERB_CHECK) {
            adopt_descendants();
        }
        code = carry_out(&config);
    }
    config_done(&config);
    return code;
}
