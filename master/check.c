/* check.c: see check.h. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_boot.h"
#include "check_report.h"
#include "check_words.h"
#include "control_path.h"
#include "control_socket.h"
#include "launch.h"
#include "launch_environment.h"
#include "signals.h"

/* What was learnt beside the findings, for the JSON. */
struct place {
    char *control_path;
    pid_t service_pid; /* of a running service; 0: none, or unknown */
    bool is_running;
    char *mold_program;
};

/* Where findings go. What the application prints must not come between them, nor into the JSON. */
static FILE *
take_output(void)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

    if (out == NULL) {
        util_close(&fd);
        return NULL;
    }
    if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        fclose(out);
        return NULL;
    }
    return out;
}

static const char *
loads(const struct config *config)
{
    if (!config->prefork) {
        return "each boots the application (--no-prefork)";
    }
    switch (config->preload) {
    case CONFIG_PRELOAD_APP:
        return "forked from the booted application";
    case CONFIG_PRELOAD_GEMS:
        return "forked with the gems loaded";
    case CONFIG_PRELOAD_NONE:
        return "forked before the application is loaded";
    }
    return "forked";
}

static void
check_configuration(struct check_report *report, const struct config *config)
{
    check_report_ok(report, "configuration", "%s%s; %u worker%s, %s",
                    config->file != NULL ? config->file : "valid",
                    config->file != NULL ? " is valid" : ", without a configuration file",
                    config->processes, config->processes == 1 ? "" : "s", loads(config));
    for (unsigned i = 0; i < config->warning_count; i++) {
        check_report_warn(report, "configuration", NULL, "%s", config->warnings[i]);
    }
}

/* Why the control socket cannot be there, as a start would say. */
static void
refuse_control(struct check_report *report, const char *path, int error)
{
    const struct check_failure wrong = {"control", EXIT_CODE_CONFIG,
                                        "give a path in a writable folder of your own by "
                                        "--control"};

    switch (error) {
    case -ENOTSOCK:
        check_report_fail(report, &wrong, "%s is no socket", path);
        break;
    case -EPERM:
        check_report_fail(report, &wrong, "the folder or socket %s belongs to another user", path);
        break;
    case -ENAMETOOLONG:
        check_report_fail(report, &wrong,
                          "the path is longer than the 107 bytes that a socket's name may have");
        break;
    default:
        check_report_fail(report, &wrong, "%s: %s", path, strerror(-error));
        break;
    }
}

static void
say_running(struct check_report *report, const struct place *place)
{
    char pid[32] = "";

    if (place->service_pid > 0) {
        snprintf(pid, sizeof(pid), "pid %d, ", (int)place->service_pid);
    }
    check_report_ok(report, "control",
                    "a service runs here (%s%s); a start has to wait until it has stopped", pid,
                    place->control_path);
}

static void
check_control(struct check_report *report, const struct config *config, struct place *place)
{
    int error = control_path_find(config->control_path, &place->control_path);
    const char *path = place->control_path != NULL ? place->control_path : "its place";

    if (error == 0) {
        error = control_path_look(config->control_path, path);
    }
    if (error == 0) {
        error = control_socket_look(path, &place->service_pid);
    }
    place->is_running = error == -EWOULDBLOCK;
    if (place->is_running) {
        say_running(report, place);
    } else if (error != 0) {
        refuse_control(report, path, error);
    } else {
        check_report_ok(report, "control", "%s is free", path);
    }
}

/* Returns 0 or -errno: what opening it for a start would meet. */
static int
look_at_pidfile(const char *path)
{
    char copy[PATH_MAX];
    struct stat status;

    if (!util_copy_text(copy, sizeof(copy), path)) {
        return -ENAMETOOLONG;
    }
    if (stat(path, &status) == 0) {
        return S_ISDIR(status.st_mode)                                  ? -EISDIR
               : faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) < 0 ? -errno
                                                                        : 0;
    }
    return faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static void
check_pidfile(struct check_report *report, const struct config *config)
{
    const struct check_failure wrong = {"pid_file", EXIT_CODE_CONFIG,
                                        "give a path in a folder that exists and is writable"};
    int error = config->pid_file == NULL ? 0 : look_at_pidfile(config->pid_file);

    if (error != 0) {
        check_report_fail(report, &wrong, "%s: %s", config->pid_file, strerror(-error));
    } else if (config->pid_file != NULL) {
        check_report_ok(report, "pid_file", "%s can be written", config->pid_file);
    }
}

static int
check_mold(struct check_report *report, struct place *place)
{
    const struct check_failure wrong = {"mold", EXIT_CODE_INTERNAL,
                                        "reinstall swarm, or name it by SWARM_MOLD"};

    if (launch_find_mold(&place->mold_program) != 0) {
        check_report_fail(report, &wrong,
                          "swarm-mold is neither beside this program nor in ../lib/sidekiq-swarm");
        return -ENOENT;
    }
    check_report_ok(report, "mold", "%s", place->mold_program);
    return 0;
}

static int
check_allocator(struct check_report *report, const struct config *config, char *const *envp,
                struct launch_environment *environment)
{
    const struct check_failure wrong = {"allocator", EXIT_CODE_CONFIG, NULL};
    char text[1024];
    int error = launch_environment_make(environment, config, envp, text, sizeof(text));

    if (error != 0) {
        check_report_fail(report, &wrong, "%s", error == -ENOENT ? text : strerror(-error));
    }
    return error;
}

static json_t *
control_json(const struct place *place)
{
    return json_pack("{s:o,s:b,s:o}", "path", check_report_text(place->control_path), "running",
                     place->is_running, "pid",
                     place->service_pid > 0 ? json_integer(place->service_pid) : json_null());
}

/* Returns the exit code of a boot that was cut short; 0 of any other, with its findings written. */
static int
boot(struct check_report *report, const struct check_boot_order *order, json_t **ret_details)
{
    struct check_boot seen;
    const struct check_failure wrong = {"mold", EXIT_CODE_INTERNAL, NULL};
    int error = check_boot(order, &seen);

    *ret_details = NULL;
    if (error != 0) {
        check_report_fail(report, &wrong, "it cannot be started: %s", strerror(-error));
        return 0;
    }
    if (seen.end == CHECK_INTERRUPTED) {
        fprintf(stderr, "swarm: the check was ended by %s\n", signals_name(seen.signal));
        return 128 + seen.signal;
    }
    if (seen.trace.text[0] != '\0') {
        fprintf(stderr, "swarm: where its threads were:\n%s\n", seen.trace.text);
    }
    check_words_boot(report, order->config, &seen);
    *ret_details = check_words_details(&seen);
    return 0;
}

static int
check_all(struct check_report *report, const struct config *config, char *const *envp)
{
    struct place place = {0};
    struct launch_environment environment = {0};
    struct check_boot_order order = {.config = config};
    json_t *details = NULL;
    int code = 0;

    check_configuration(report, config);
    check_control(report, config, &place);
    check_pidfile(report, config);
    if (check_mold(report, &place) == 0 &&
        check_allocator(report, config, envp, &environment) == 0) {
        order.program = place.mold_program;
        order.envp = environment.mold.envp;
        code = boot(report, &order, &details);
    }
    if (code == 0) {
        details = details != NULL ? details : json_object();
        json_object_set_new(details, "control", control_json(&place));
        code = check_report_finish(report, details);
    }
    launch_environment_done(&environment);
    free(place.control_path);
    free(place.mold_program);
    return code;
}

int
check_run(const struct config *config, char *const *envp)
{
    struct check_report report;
    FILE *out = take_output();
    int code = EXIT_CODE_INTERNAL;

    if (out == NULL || check_report_init(&report, out, config->json) != 0) {
        fprintf(stderr, "swarm: nothing can be written: %s\n", strerror(errno));
    } else {
        code = check_all(&report, config, envp);
        check_report_done(&report);
    }
    if (out != NULL) {
        fclose(out);
    }
    return code;
}

/* The words could not be read as a whole, so they are only searched. */
static bool
asks_for_json(char *const *words, int count)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        if (strcmp(words[i], "--json") == 0) {
            return true;
        }
    }
    return false;
}

int
check_refuse(char *const *words, int count, const struct config_error *error)
{
    const struct check_failure wrong = {"configuration", error->exit_code, NULL};
    struct check_report report;
    int code = (int)error->exit_code;

    if (check_report_init(&report, stdout, asks_for_json(words, count)) == 0) {
        check_report_fail(&report, &wrong, "%s", error->text);
        code = check_report_finish(&report, NULL);
        check_report_done(&report);
    }
    return code;
}
