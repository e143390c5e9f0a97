/* oom_policy.c: see oom_policy.h. */
#include "oom_policy.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

#define TAG (UINT64_C(0x6f6f6d70) << 32)
#define CGROUP_FILE_SIZE 16384

static bool
ends_in(const char *text, size_t length, const char *end)
{
    size_t end_length = strlen(end);

    return length > end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

bool
oom_policy_find_unit(const char *group, struct oom_policy_unit *ret_unit)
{
    *ret_unit = (struct oom_policy_unit){0};
    while (*group != '\0') {
        size_t length = strcspn(group, "/");

        if (ends_in(group, length, ".service") && length < OOM_POLICY_UNIT_SIZE) {
            /* What stands below a user's manager is that manager's. */
            ret_unit->is_user = strncmp(ret_unit->name, "user@", 5) == 0;
            snprintf(ret_unit->name, sizeof(ret_unit->name), "%.*s", (int)length, group);
        } else if (ends_in(group, length, ".scope")) {
            *ret_unit = (struct oom_policy_unit){0};
        }
        group += length + (group[length] == '/');
    }
    /* The manager itself, asked about by one of its own: no service holds us. */
    if (strncmp(ret_unit->name, "user@", 5) == 0) {
        *ret_unit = (struct oom_policy_unit){0};
    }
    return ret_unit->name[0] != '\0';
}

/* Lines are "4:memory:/system.slice/shop.service" (cgroups(7)). */
static bool
find_in_hierarchies(const char *proc, struct oom_policy_unit *ret_unit)
{
    char path[512];
    char text[CGROUP_FILE_SIZE];
    char *rest = text;
    bool is_found = false;

    snprintf(path, sizeof(path), "%s/self/cgroup", proc);
    if (util_read_file(path, text, sizeof(text)) < 0) {
        return false;
    }
    for (char *line; !is_found && (line = strsep(&rest, "\n")) != NULL;) {
        const char *group = strchr(line, '/');

        is_found = group != NULL && oom_policy_find_unit(group, ret_unit);
    }
    return is_found;
}

bool
oom_policy_find_own_unit(const char *group, const char *proc, bool is_invoked,
                         struct oom_policy_unit *ret_unit)
{
    return oom_policy_find_unit(group, ret_unit) ||
           (is_invoked && find_in_hierarchies(proc, ret_unit));
}

int
oom_policy_ask(struct runner *runner, const struct oom_policy_unit *unit)
{
    static const char *const words[] = {"systemctl", "show", "--property=OOMPolicy", "--value"};
    char *argv[ARRAY_LEN(words) + 4] = {NULL};
    unsigned count = 0;
    const struct runner_order order = {
        .what = "systemctl",
        .argv = argv,
        .keep_output = true,
        .timeout_ms = OOM_POLICY_TIMEOUT_MS,
        .tag = TAG,
    };

    for (; count < ARRAY_LEN(words); count++) {
        argv[count] = (char *)(uintptr_t)words[count];
    }
    if (unit->is_user) {
        argv[count++] = (char *)(uintptr_t) "--user";
    }
    argv[count++] = (char *)(uintptr_t) "--";
    argv[count] = (char *)(uintptr_t)unit->name;
    return runner_start(runner, &order);
}

/* The answer is one word and a newline. */
static bool
says(const char *answer, const char *word)
{
    size_t length = strlen(word);

    return strncmp(answer, word, length) == 0 &&
           strspn(answer + length, " \n") == strlen(answer + length);
}

bool
oom_policy_on_end(const struct oom_policy_unit *unit, const struct runner_end *end)
{
    if (end->tag != TAG) {
        return false;
    }
    if (end->result != RUNNER_DONE) {
        return true;
    }
    if (says(end->output, "stop")) {
        log_note(EVENT_WARNING,
                 "%s has OOMPolicy=stop (systemd's default): when the kernel kills one worker for "
                 "want of memory, systemd stops the whole service; write OOMPolicy=continue into "
                 "its [Service] section, then only that worker is replaced",
                 unit->name);
    } else if (says(end->output, "kill")) {
        log_note(EVENT_WARNING,
                 "%s has OOMPolicy=kill: when the kernel kills one worker for want of memory, it "
                 "kills the whole service with it; write OOMPolicy=continue into its [Service] "
                 "section, then only that worker is replaced",
                 unit->name);
    }
    return true;
}
