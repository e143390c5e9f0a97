/*
 * test_oom_policy.c: a unit of systemd that ends with one OOM kill is warned of (FS-59).
 *
 * A script in a folder of its own, first in PATH, stands for systemctl: it writes down its words and
 * answers as the test wants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder_rig.h"
#include "master/log_line.h"
#include "master/oom_policy.h"
#include "runner_rig.h"

struct fixture {
    struct runner_rig rig;
    struct oom_policy_unit unit;
    char folder[FOLDER_RIG_SIZE];
    char path_variable[128];
    char *envp[2];
    unsigned ends;
    unsigned warnings;
    char warning[1024];
};

static void
on_end(void *context, const struct runner_end *end)
{
    struct fixture *fixture = context;

    assert_true(oom_policy_on_end(&fixture->unit, end));
    fixture->ends++;
}

static void
on_line(void *context, const struct log_line *line)
{
    struct fixture *fixture = context;

    assert_int_equal(line->event, EVENT_WARNING);
    fixture->warnings++;
    snprintf(fixture->warning, sizeof(fixture->warning), "%s", log_line_said(line));
}

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct log_settings errors_only = {.level = LOG_ERROR};

    *state = fixture;
    log_open(&errors_only);
    log_set_listener(on_line, fixture);
    folder_rig_make(fixture->folder, "oom-policy");
    snprintf(fixture->path_variable, sizeof(fixture->path_variable), "PATH=%s", fixture->folder);
    fixture->envp[0] = fixture->path_variable;
    runner_rig_open(&fixture->rig, fixture->envp,
                    &(struct runner_handlers){.context = fixture, .on_end = on_end});
    return 0;
}

static const char *
in_folder(const struct fixture *fixture, const char *name)
{
    static char paths[2][512];
    static unsigned next;
    char *path = paths[next++ % ARRAY_LEN(paths)];

    snprintf(path, sizeof(paths[0]), "%s/%s", fixture->folder, name);
    return path;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    int result;

    log_set_listener(NULL, NULL);
    result = runner_rig_close(&fixture->rig);
    folder_rig_remove(fixture->folder);
    free(fixture);
    return result;
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static bool
has_ended(void *context)
{
    return ((const struct fixture *)context)->ends > 0;
}

/* Asks about shop.service; the answer is what `script` says. */
static void
ask(struct fixture *fixture, const char *script, bool is_user)
{
    char text[1024];

    snprintf(text, sizeof(text), "#!/bin/sh\nfor word; do echo \"$word\"; done >'%s'\n%s\n",
             in_folder(fixture, "words"), script);
    write_file(in_folder(fixture, "systemctl"), text, 0700);
    fixture->unit = (struct oom_policy_unit){.name = "shop.service", .is_user = is_user};
    assert_int_equal(oom_policy_ask(fixture->rig.runner, &fixture->unit), 0);
    assert_true(loop_until(fixture->rig.loop, has_ended, fixture));
}

static void
assert_words(const struct fixture *fixture, const char *expected)
{
    char words[512];

    assert_true(util_read_file(in_folder(fixture, "words"), words, sizeof(words)) > 0);
    assert_string_equal(words, expected);
}

static void
test_fs59_oom_policy_stop_is_warned_of(void **state)
{
    struct fixture *fixture = *state;

    ask(fixture, "echo stop", false);
    assert_words(fixture, "show\n--property=OOMPolicy\n--value\n--\nshop.service\n");
    assert_int_equal(fixture->warnings, 1);
    assert_non_null(strstr(fixture->warning, "shop.service has OOMPolicy=stop"));
    assert_non_null(strstr(fixture->warning, "OOMPolicy=continue"));
}

static void
test_fs59_oom_policy_kill_is_warned_of(void **state)
{
    struct fixture *fixture = *state;

    ask(fixture, "echo kill", true);
    assert_words(fixture, "show\n--property=OOMPolicy\n--value\n--user\n--\nshop.service\n");
    assert_int_equal(fixture->warnings, 1);
    assert_non_null(strstr(fixture->warning, "OOMPolicy=kill"));
    assert_non_null(strstr(fixture->warning, "OOMPolicy=continue"));
}

static void
test_other_answers_are_nothing_to_say(void **state)
{
    static const char *const scripts[] = {
        "echo continue", "exit 0", "echo stopped", "echo", "echo stop; exit 1", "kill -KILL $$"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        fixture->ends = 0;
        ask(fixture, scripts[i], false);
    }
    assert_int_equal(fixture->warnings, 0);
}

static void
test_without_systemctl_nothing_is_said(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(oom_policy_ask(fixture->rig.runner, &fixture->unit), 0);
    assert_true(loop_until(fixture->rig.loop, has_ended, fixture));
    assert_int_equal(fixture->warnings, 0);
}

static void
test_the_ends_of_others_are_not_taken(void **state)
{
    struct fixture *fixture = *state;
    const struct runner_end end = {.what = "notify", .tag = 1, .output = "stop\n"};

    assert_false(oom_policy_on_end(&fixture->unit, &end));
    assert_int_equal(fixture->warnings, 0);
}

static const struct {
    const char *group;
    const char *unit;
    bool is_user;
} groups[] = {
    {"/system.slice/shop.service", "shop.service", false},
    {"/system.slice/system-shop.slice/shop@1.service", "shop@1.service", false},
    {"/system.slice/shop.service/workers", "shop.service", false},
    {"/shop.slice/shop.service/inner.service", "inner.service", false},
    {"/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service", "shop.service", true},
    {"/user.slice/user-1000.slice/user@1000.service/init.scope", "", false},
    {"/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope", "", false},
    {"/user.slice/user-1000.slice/user@1000.service", "", false},
    {"/user.slice/user-1000.slice/session-3.scope", "", false},
    {"/system.slice/docker-0123456789abcdef.scope", "", false},
    {"/system.slice/docker.service/inner.scope", "", false},
    {"/docker/0123456789abcdef", "", false},
    {"/.service", "", false},
    {"/", "", false},
    {"", "", false},
};

static void
test_the_unit_is_read_from_the_group(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        struct oom_policy_unit unit;

        assert_int_equal(oom_policy_find_unit(groups[i].group, &unit), groups[i].unit[0] != '\0');
        assert_string_equal(unit.name, groups[i].unit);
        assert_int_equal(unit.is_user, groups[i].is_user);
    }
}

static void
test_a_name_that_no_unit_can_have_is_none(void **state)
{
    struct oom_policy_unit unit;
    char group[OOM_POLICY_UNIT_SIZE + 32];

    (void)state;
    memset(group, 'a', sizeof(group));
    group[0] = '/';
    snprintf(group + sizeof(group) - 9, 9, ".service");
    assert_false(oom_policy_find_unit(group, &unit));
    assert_string_equal(unit.name, "");
}

/* With cgroup v1 the memory controller may not know the unit; systemd's own hierarchy does. */
static void
test_other_hierarchies_are_read_where_systemd_started_us(void **state)
{
    struct fixture *fixture = *state;
    struct oom_policy_unit unit;

    mkdir(in_folder(fixture, "self"), 0700);
    write_file(in_folder(fixture, "self/cgroup"),
               "4:memory:/\n1:name=systemd:/system.slice/shop.service\n0::/other.service\n", 0600);
    assert_false(oom_policy_find_own_unit("/", fixture->folder, false, &unit));
    assert_true(oom_policy_find_own_unit("/", fixture->folder, true, &unit));
    assert_string_equal(unit.name, "shop.service");
    assert_true(oom_policy_find_own_unit("/first.service", fixture->folder, true, &unit));
    assert_string_equal(unit.name, "first.service");
    assert_false(oom_policy_find_own_unit("", "/nowhere", true, &unit));
    assert_string_equal(unit.name, "");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_fs59_oom_policy_stop_is_warned_of),
        CASE(test_fs59_oom_policy_kill_is_warned_of),
        CASE(test_other_answers_are_nothing_to_say),
        CASE(test_without_systemctl_nothing_is_said),
        CASE(test_the_ends_of_others_are_not_taken),
        cmocka_unit_test(test_the_unit_is_read_from_the_group),
        cmocka_unit_test(test_a_name_that_no_unit_can_have_is_none),
        CASE(test_other_hierarchies_are_read_where_systemd_started_us),
    };

    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
