/* notify.c: see notify.h. */
#include "notify.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log_line.h"
#include "signals.h"

/* The upper half of the tag of each order of ours; the lower half is the row. */
#define TAG (UINT64_C(0x6e6f7469) << 32)
#define TAG_MASK (UINT64_C(0xffffffff) << 32)

/* No kind of complaint is said more often. */
#define PAUSE_MS 60000
/* So many failed starts of a slot in a row are a loop. */
#define LOOP_FAILURES 3
/* A control character takes six bytes in JSON. */
#define JSON_ROOM (6 * LOG_LINE_ROOM + 8192)
/* Whatever a line says: no more slots are remembered. */
#define SLOTS_MAX 4096
#define SERVICE_SIZE 128

/* Complaints of one kind: how many are not told yet, and when the next may be. */
struct pace {
    int64_t next_ms;
    uint64_t untold;
};

struct notify {
    struct runner *runner;
    char *const *program; /* borrowed from the configuration */
    char *const *events;  /* likewise; NULL: all */
    int64_t timeout_ms;
    char host[HOST_NAME_MAX + 1];
    char service[SERVICE_SIZE];
    int64_t *pids; /* by slot: who fetched there last; 0: nobody yet */
    unsigned pid_count;
    struct pace failures;
    struct pace drops;
};

/* Whether a line of the row's event is one of its notifications. */
typedef bool condition(const struct notify *notify, const struct log_line *line);

static bool
is_oom(const struct notify *notify, const struct log_line *line)
{
    const char *oom = log_line_text(line, "oom");

    (void)notify;
    return oom != NULL && strcmp(oom, "yes") == 0;
}

static bool
is_no_oom(const struct notify *notify, const struct log_line *line)
{
    return !is_oom(notify, line);
}

static bool
is_loop(const struct notify *notify, const struct log_line *line)
{
    int64_t failures;

    (void)notify;
    return log_line_number(line, "failures", &failures) && failures >= LOOP_FAILURES;
}

/* Who fetched in the line's slot before; 0 if nobody did, or the same one. */
static int64_t
old_pid(const struct notify *notify, const struct log_line *line)
{
    int64_t slot;
    int64_t pid;

    if (!log_line_number(line, "slot", &slot) || !log_line_number(line, "pid", &pid) || slot < 0 ||
        slot >= notify->pid_count) {
        return 0;
    }
    return notify->pids[slot] == pid ? 0 : notify->pids[slot];
}

static bool
is_other_pid(const struct notify *notify, const struct log_line *line)
{
    return old_pid(notify, line) != 0;
}

/* Names of the log's events (events.h), since both are an interface. */
static const struct {
    const char *event;
    const char *notification;
    condition *is_so; /* NULL: always */
} rows[] = {
    {"worker_run", "ready", NULL},
    {"worker_run", "pid_changed", is_other_pid},
    {"recycle", "recycled", NULL},
    {"worker_lost", "crashed", is_no_oom},
    {"worker_lost", "oom", is_oom},
    {"slot_backoff", "crash_loop", is_loop},
    {"limit_reached", "limit_reached", NULL},
    {"hang", "hang", NULL},
    {"mold_gone", "mold_lost", NULL},
    {"given_up", "given_up", NULL},
    {"give_up", "given_up", NULL},
    {"stopping", "stopping", NULL},
};

static bool
is_wanted(const struct notify *notify, const char *notification)
{
    if (notify->events == NULL) {
        return true;
    }
    for (char *const *event = notify->events; *event != NULL; event++) {
        if (strcmp(*event, notification) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether this complaint may be told now. Either way it counts as one of the untold. */
static bool
pace_may_tell(struct pace *pace, int64_t now_ms)
{
    pace->untold++;
    return now_ms >= pace->next_ms;
}

/* It is told. Returns how many it stands for. */
static uint64_t
pace_tell(struct pace *pace, int64_t now_ms)
{
    uint64_t told = pace->untold;

    pace->untold = 0;
    pace->next_ms = now_ms + PAUSE_MS;
    return told;
}

static void
say_drops(struct notify *notify)
{
    struct log_line line;

    log_begin(&line, EVENT_NOTIFY_DROPPED);
    log_number(&line, "count", (int64_t)pace_tell(&notify->drops, util_now_ms()));
    log_say(&line,
            "%s is started at most %d times at once, and %d wait; choose fewer events, or "
            "let it do its work faster",
            notify->program[0], RUNNER_MAX, RUNNER_QUEUE_MAX);
    log_end(&line);
}

/* The line as the log's own JSON: valid UTF-8 whatever the application says. NULL without memory. */
static json_t *
line_as_json(const struct log_line *line)
{
    struct log_look look = {.format = LOG_FORMAT_JSON, .pid = getpid(), .tid = gettid()};
    struct timespec now;
    char text[JSON_ROOM];
    size_t length;

    clock_gettime(CLOCK_REALTIME, &now);
    look.wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    length = log_line_render(line, &look, text, sizeof(text));
    return json_loadb(text, length, 0, NULL);
}

static json_t *
text_or_null(const char *text)
{
    json_t *json = text[0] != '\0' ? json_string(text) : NULL;

    return json != NULL ? json : json_null();
}

/* What is told: first what each notification has, then the keys of the line, then its words. */
static json_t *
make_object(const struct notify *notify, const char *notification, const struct log_line *line)
{
    json_t *source = line_as_json(line);
    json_t *object = source != NULL ? json_object() : NULL;
    const char *key;
    json_t *value;

    if (object == NULL) {
        json_decref(source);
        return NULL;
    }
    json_object_set_new(object, "event", json_string(notification));
    json_object_set(object, "at", json_object_get(source, "ts"));
    json_object_set_new(object, "host", text_or_null(notify->host));
    json_object_set_new(object, "service", text_or_null(notify->service));
    json_object_set_new(object, "master_pid", json_integer(getpid()));
    json_object_foreach(json_object_get(source, "ctx"), key, value)
    {
        if (json_object_get(object, key) == NULL) {
            json_object_set(object, key, value);
        }
    }
    if (strcmp(notification, "pid_changed") == 0) {
        json_object_set_new(object, "old_pid", json_integer(old_pid(notify, line)));
    }
    json_object_set_new(object, "msg", json_null());
    if (log_line_said(line) != NULL) {
        json_object_set(object, "msg", json_object_get(source, "msg"));
    }
    json_decref(source);
    return object;
}

/* One line with its newline, malloc'd; NULL without memory. */
static char *
make_input(const struct notify *notify, const char *notification, const struct log_line *line)
{
    json_t *object = make_object(notify, notification, line);
    char *text = json_dumps(object, JSON_COMPACT);
    char *input = NULL;

    if (text != NULL && asprintf(&input, "%s\n", text) < 0) {
        input = NULL;
    }
    free(text);
    json_decref(object);
    return input;
}

static void
start(struct notify *notify, size_t row, const struct log_line *line)
{
    char *input = make_input(notify, rows[row].notification, line);
    const struct runner_order order = {
        .what = "notify",
        .argv = notify->program,
        .input = input,
        .timeout_ms = notify->timeout_ms,
        .tag = TAG | row,
    };

    if ((input == NULL || runner_start(notify->runner, &order) != 0) &&
        pace_may_tell(&notify->drops, util_now_ms())) {
        say_drops(notify);
    }
    free(input);
}

/* Remembers who fetches in a slot. Without memory the next change is not noticed. */
static void
remember_pid(struct notify *notify, const struct log_line *line)
{
    int64_t slot;
    int64_t pid;

    if (line->event != EVENT_WORKER_RUN || !log_line_number(line, "slot", &slot) ||
        !log_line_number(line, "pid", &pid) || slot < 0 || slot >= SLOTS_MAX) {
        return;
    }
    if (slot >= notify->pid_count) {
        unsigned count = (unsigned)slot + 1;
        int64_t *pids = reallocarray(notify->pids, count, sizeof(*pids));

        if (pids == NULL) {
            return;
        }
        memset(pids + notify->pid_count, 0, (count - notify->pid_count) * sizeof(*pids));
        notify->pids = pids;
        notify->pid_count = count;
    }
    notify->pids[slot] = pid;
}

void
notify_on_line(void *context, const struct log_line *line)
{
    struct notify *notify = context;
    const char *event = log_event_name(line->event);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].event, event) == 0 &&
            (rows[i].is_so == NULL || rows[i].is_so(notify, line)) &&
            is_wanted(notify, rows[i].notification)) {
            start(notify, i, line);
        }
    }
    remember_pid(notify, line);
}

int
notify_open(const struct config *config, struct runner *runner, struct notify **ret_notify)
{
    struct notify *notify;

    if (config->notify_exec == NULL || config->notify_exec[0] == NULL) {
        *ret_notify = NULL;
        return 0;
    }
    notify = calloc(1, sizeof(*notify));
    if (notify == NULL) {
        return -ENOMEM;
    }
    notify->runner = runner;
    notify->program = config->notify_exec;
    notify->events = config->notify_events;
    notify->timeout_ms = config->notify_timeout_ms;
    if (gethostname(notify->host, sizeof(notify->host) - 1) < 0) {
        notify->host[0] = '\0';
    }
    log_set_listener(notify_on_line, notify);
    *ret_notify = notify;
    return 0;
}

void
notify_close(struct notify *notify)
{
    if (notify == NULL) {
        return;
    }
    log_set_listener(NULL, NULL);
    if (notify->drops.untold > 0) {
        say_drops(notify);
    }
    free(notify->pids);
    free(notify);
}

void
notify_set_service(struct notify *notify, const char *service)
{
    if (notify != NULL) {
        util_copy_text(notify->service, sizeof(notify->service), service);
    }
}

static void
add_result(struct log_line *line, const struct notify *notify, const struct runner_end *end)
{
    switch (end->result) {
    case RUNNER_DONE:
        break;
    case RUNNER_NOSTART:
        log_text(line, "error", strerror(end->code));
        log_say(line, "it could not be started; [notify] exec names it");
        break;
    case RUNNER_LATE:
        log_text(line, "signal", signals_name(end->code));
        log_say(line, "killed, since it took longer than %g s",
                (double)notify->timeout_ms / 1000.0);
        break;
    case RUNNER_FAILED:
        if (end->signaled) {
            log_text(line, "signal", signals_name(end->code));
        } else {
            log_number(line, "code", end->code);
        }
        break;
    }
}

static void
say_failure(struct notify *notify, const struct runner_end *end)
{
    size_t row = end->tag & ~TAG_MASK;
    uint64_t told = pace_tell(&notify->failures, util_now_ms());
    struct log_line line;

    log_begin(&line, EVENT_NOTIFY_FAILED);
    log_text(&line, "what", notify->program[0]);
    log_text(&line, "notification", row < ARRAY_LEN(rows) ? rows[row].notification : NULL);
    add_result(&line, notify, end);
    log_number(&line, "took_ms", end->took_ms);
    if (told > 1) {
        log_number(&line, "more", (int64_t)told - 1);
    }
    log_end(&line);
}

bool
notify_on_end(struct notify *notify, const struct runner_end *end)
{
    int64_t now_ms = util_now_ms();

    if (notify == NULL || (end->tag & TAG_MASK) != TAG) {
        return false;
    }
    if (end->result != RUNNER_DONE && pace_may_tell(&notify->failures, now_ms)) {
        say_failure(notify, end);
    }
    /* The flood is over, or the minute is: the rest is said. */
    if (notify->drops.untold > 0 &&
        (now_ms >= notify->drops.next_ms || runner_is_idle(notify->runner))) {
        say_drops(notify);
    }
    return true;
}
