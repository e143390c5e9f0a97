/*
 * memory.c: see memory.h.
 *
 * Owns how a process is found and known again: the service tells its pid and its start, which is compared before and after
 * the reading, since a pid may be another process's by then.
 */
#include "memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../rss/map.h"
#include "../rss/proc.h"
#include "client.h"
#include "exit_code.h"
#include "memory_map.h"
#include "memory_page.h"
#include "status_rows.h"

#define SCOPE_PATH "/proc/sys/kernel/yama/ptrace_scope"
#define ANY_MOLD (-1)

/* The slot's number, or ANY_MOLD. Returns 0 or an exit code. */
static int
parse_place(const char *word, json_int_t *ret_slot)
{
    uint64_t number;

    if (strcmp(word, "mold") == 0) {
        *ret_slot = ANY_MOLD;
        return 0;
    }
    if (util_parse_u64(word, &number) != 0 || number > INT32_MAX) {
        char plain[STATUS_TEXT_SIZE];

        status_text_plain(plain, sizeof(plain), word);
        return util_refuse(EXIT_CODE_USAGE,
                           "--map wants a slot's number, or mold, and not \"%s\"; the slots are in "
                           "`swarm status`",
                           plain);
    }
    *ret_slot = (json_int_t)number;
    return 0;
}

/* The worker that fills the slot; NULL: nobody does. */
static const json_t *
find_current(const json_t *slot)
{
    json_t *worker;
    size_t i;

    json_array_foreach(json_object_get(slot, "workers"), i, worker)
    {
        if (status_rows_has_role(worker, "current")) {
            return worker;
        }
    }
    return NULL;
}

/* Returns 0 or an exit code. */
static int
find_worker(const json_t *status, json_int_t number, const json_t **ret_process)
{
    const json_t *slots = json_object_get(status, "slots");
    json_t *slot;
    size_t i;

    json_array_foreach(slots, i, slot)
    {
        if (json_integer_value(json_object_get(slot, "slot")) != number) {
            continue;
        }
        *ret_process = find_current(slot);
        return *ret_process != NULL ? 0
                                    : util_refuse(EXIT_CODE_UNAVAILABLE,
                                                  "slot %" JSON_INTEGER_FORMAT
                                                  " has no worker now: see `swarm status`",
                                                  number);
    }
    return util_refuse(EXIT_CODE_USAGE, "no slot \"%" JSON_INTEGER_FORMAT "\": slots are 0 to %zu",
                       number, json_array_size(slots) - 1);
}

/* The newest: of several, those before it leave or are kept aside. */
static int
find_mold(const json_t *status, const json_t **ret_process)
{
    const json_t *molds = json_object_get(status, "molds");
    size_t count = json_array_size(molds);

    if (count == 0) {
        return util_refuse(EXIT_CODE_UNAVAILABLE, "there is no mold now: see `swarm status`");
    }
    *ret_process = json_array_get(molds, count - 1);
    return 0;
}

/* Returns 0 or an exit code. */
static int
find_subject(const json_t *status, json_int_t slot, struct memory_subject *ret_subject)
{
    const json_t *process = NULL;
    int code = slot == ANY_MOLD ? find_mold(status, &process) : find_worker(status, slot, &process);
    json_int_t pid = json_integer_value(json_object_get(process, "pid"));
    json_int_t start = json_integer_value(json_object_get(process, "start_ticks"));

    if (code != 0) {
        return code;
    }
    if (pid <= 0 || start <= 0) {
        return util_refuse(EXIT_CODE_UNAVAILABLE,
                           "that process just begins, or the service is an older one: see `swarm "
                           "status`");
    }
    *ret_subject = (struct memory_subject){
        .pid = (pid_t)pid,
        .start_ticks = (uint64_t)start,
        .slot = slot,
        .generation = json_integer_value(json_object_get(process, "generation")),
    };
    return 0;
}

/* Does the pid mean that process, here and now? Returns 0 or an exit code. */
static int
check_subject(const struct memory_subject *subject)
{
    struct proc_stat stat;
    int error = proc_read_stat("/proc", subject->pid, &stat);

    if (error == 0 && stat.start_ticks == subject->start_ticks && stat.state != 'Z') {
        return 0;
    }
    return util_refuse(EXIT_CODE_UNAVAILABLE,
                       "process %d is gone meanwhile, or is another one where this program runs (a "
                       "container?): see `swarm status`, and ask where the service runs",
                       (int)subject->pid);
}

static int
refuse_map(const struct memory_subject *subject, int error)
{
    switch (error) {
    case -EACCES:
    case -EPERM:
        return util_refuse(
            EXIT_CODE_UNAVAILABLE,
            "the memory of process %d may not be read: ask as the user of the service, "
            "or as root",
            (int)subject->pid);
    case -ESRCH:
        return util_refuse(EXIT_CODE_UNAVAILABLE,
                           "process %d is gone meanwhile: see `swarm status`", (int)subject->pid);
    case -ENOENT:
        return util_refuse(EXIT_CODE_UNAVAILABLE,
                           "this kernel tells no map of memory (/proc/%d/smaps is missing)",
                           (int)subject->pid);
    default:
        return util_refuse(EXIT_CODE_INTERNAL, "the memory of process %d cannot be read: %s",
                           (int)subject->pid, strerror(-error));
    }
}

/* Yama's ptrace_scope; -1 where there is none. */
static int
read_ptrace_scope(void)
{
    char text[16];
    char *end;
    ssize_t length = util_read_file(SCOPE_PATH, text, sizeof(text));
    long scope = length > 0 ? strtol(text, &end, 10) : -1;

    return scope >= 0 && scope <= 3 ? (int)scope : -1;
}

static int
show_map(const struct memory_order *order, const json_t *status, json_int_t slot)
{
    struct memory_subject subject = {0};
    struct map_report report;
    int code = find_subject(status, slot, &subject);
    int error;

    if (code == 0) {
        code = check_subject(&subject);
    }
    if (code != 0) {
        return code;
    }
    error = map_read(subject.pid, &report);
    if (error != 0) {
        return refuse_map(&subject, error);
    }
    code = check_subject(&subject);
    if (code != 0) {
        return code;
    }
    if (order->json) {
        return client_print_json(memory_map_json(&subject, &report));
    }
    return client_print_page(
        memory_map_page(&subject, &report, read_ptrace_scope(), client_width()));
}

int
memory_run(const struct memory_order *order)
{
    json_t *status = NULL;
    json_int_t slot = ANY_MOLD;
    int code = order->map != NULL ? parse_place(order->map, &slot) : 0;

    if (code == 0) {
        code = client_question(order->path, "status", NULL, &status);
    }
    if (code != 0) {
        return code;
    }
    if (order->map != NULL) {
        code = show_map(order, status, slot);
    } else if (order->json) {
        code = client_print_json(memory_page_json(status));
    } else {
        code = client_print_page(memory_page(status, client_width()));
    }
    json_decref(status);
    return code;
}
