/*
 * test_notify.c: which line of the log becomes which notification, what the program reads, and what
 * becomes of programs that fail, hang or are too many (FS-60). This program starts itself, too:
 * called with the word "append" it is the operator's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/log_line.h"
#include "master/notify.h"
#include "runner_rig.h"

#define TIMEOUT_MS 120000
#define JOURNAL_SIZE (256 * 1024)
#define WORDS_MAX 4

static char self[4096];

struct fixture {
    struct runner_rig rig;
    struct notify *notify;
    struct config config;
    char journal[64]; /* a file with a line for each time the program ran */
    char *append[4];
    char words[WORDS_MAX][128]; /* of the program: they outlive the test's own function */
    char *program[WORDS_MAX + 1];
    unsigned wanted;
    unsigned failed_lines;
    unsigned dropped_lines;
    int64_t dropped;
    struct log_line last_failed;
};

/* The operator's program: adds what it reads to a file, in one piece. */
static int
append(const char *path)
{
    static char input[JOURNAL_SIZE];
    size_t used = 0;
    ssize_t length;
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

    while ((length = read(STDIN_FILENO, input + used, sizeof(input) - used)) > 0) {
        used += (size_t)length;
    }
    return fd >= 0 && write(fd, input, used) == (ssize_t)used ? 0 : 1;
}

static void
on_end(void *context, const struct runner_end *end)
{
    assert_true(notify_on_end(((struct fixture *)context)->notify, end));
}

/* A line's texts stand in its own room, so that a copy needs them moved. */
static void
keep_line(struct log_line *to, const struct log_line *line)
{
    *to = *line;
    for (unsigned i = 0; i < to->field_count; i++) {
        if (to->fields[i].text != NULL) {
            to->fields[i].text = to->room + (to->fields[i].text - line->room);
        }
    }
    if (to->say != NULL) {
        to->say = to->room + (to->say - line->room);
    }
}

/* Sees what notify itself says, and hands each line on. */
static void
on_line(void *context, const struct log_line *line)
{
    struct fixture *fixture = context;
    int64_t count = 0;

    if (line->event == EVENT_NOTIFY_FAILED) {
        fixture->failed_lines++;
        keep_line(&fixture->last_failed, line);
    } else if (line->event == EVENT_NOTIFY_DROPPED) {
        fixture->dropped_lines++;
        assert_true(log_line_number(line, "count", &count));
        fixture->dropped += count;
    }
    notify_on_line(fixture->notify, line);
}

/* What is closed by the tear-down borrows the program until then. */
static void
keep_program(struct fixture *fixture, char **program)
{
    if (program == NULL) {
        fixture->config.notify_exec = NULL;
        return;
    }
    for (size_t i = 0; program[i] != NULL; i++) {
        assert_true(i < WORDS_MAX);
        assert_true(util_copy_text(fixture->words[i], sizeof(fixture->words[i]), program[i]));
        fixture->program[i] = fixture->words[i];
        fixture->program[i + 1] = NULL;
    }
    fixture->config.notify_exec = fixture->program;
}

static void
open_notify(struct fixture *fixture, char **program, char **events)
{
    keep_program(fixture, program);
    fixture->config.notify_events = events;
    assert_int_equal(notify_open(&fixture->config, fixture->rig.runner, &fixture->notify), 0);
    assert_non_null(fixture->notify);
    log_set_listener(on_line, fixture);
}

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct log_settings errors_only = {.level = LOG_ERROR};
    int fd;

    *state = fixture;
    log_open(&errors_only);
    snprintf(fixture->journal, sizeof(fixture->journal), "/tmp/swarm-notify-XXXXXX");
    fd = mkostemp(fixture->journal, O_CLOEXEC);
    util_close(&fd);
    fixture->append[0] = self;
    fixture->append[1] = (char *)(uintptr_t) "append";
    fixture->append[2] = fixture->journal;
    fixture->config.notify_timeout_ms = TIMEOUT_MS;
    runner_rig_open(&fixture->rig, environ,
                    &(struct runner_handlers){.context = fixture, .on_end = on_end});
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    int result;

    notify_close(fixture->notify);
    result = runner_rig_close(&fixture->rig);
    unlink(fixture->journal);
    free(fixture);
    return result;
}

static bool
is_idle(void *context)
{
    return runner_is_idle(((const struct fixture *)context)->rig.runner);
}

/* All that the program was told so far, as a list; to be given back. */
static json_t *
read_journal(struct fixture *fixture)
{
    static char text[JOURNAL_SIZE];
    json_t *all = json_array();
    char *rest = text;

    assert_true(loop_until(fixture->rig.loop, is_idle, fixture));
    assert_true(util_read_file(fixture->journal, text, sizeof(text)) >= 0);
    for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0';) {
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

        assert_non_null(object);
        assert_int_equal(json_array_append_new(all, object), 0);
    }
    return all;
}

static const char *
member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static enum event
find_event(const char *name)
{
    for (int event = 0; event < EVENT_COUNT; event++) {
        if (strcmp(log_event_name((enum event)event), name) == 0) {
            return (enum event)event;
        }
    }
    fail_msg("no event of the log is called %s", name);
    return EVENT_COUNT;
}

static void
say_run(int64_t slot, int64_t pid)
{
    struct log_line line;

    log_begin(&line, EVENT_WORKER_RUN);
    log_number(&line, "slot", slot);
    log_number(&line, "gen", 1);
    log_number(&line, "pid", pid);
    log_end(&line);
}

static void
say_lost(const char *oom)
{
    struct log_line line;

    log_begin(&line, EVENT_WORKER_LOST);
    log_number(&line, "slot", 2);
    log_text(&line, "oom", oom);
    log_end(&line);
}

static void
say_backoff(int64_t failures)
{
    struct log_line line;

    log_begin(&line, EVENT_SLOT_BACKOFF);
    log_number(&line, "failures", failures);
    log_end(&line);
}

static void
say(const char *event)
{
    log_note(find_event(event), "words");
}

static unsigned
count_of(const json_t *all, const char *notification)
{
    unsigned count = 0;
    size_t at;
    const json_t *object;

    json_array_foreach(all, at, object)
    {
        count += strcmp(member(object, "event"), notification) == 0;
    }
    return count;
}

static void
test_each_notification_has_its_lines(void **state)
{
    static const char *const plain[] = {"recycle",  "limit_reached", "hang",    "mold_gone",
                                        "given_up", "give_up",       "stopping"};
    struct fixture *fixture = *state;
    json_t *all;

    open_notify(fixture, fixture->append, NULL);
    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        say(plain[i]);
    }
    say_run(0, 100);
    say_lost("yes");
    say_lost("no");
    say_lost(NULL);
    say_backoff(2);
    say_backoff(3);
    say_backoff(4);
    say("worker_gone");
    say("mold_stopped");
    say("internal_error");
    all = read_journal(fixture);
    assert_int_equal(count_of(all, "recycled"), 1);
    assert_int_equal(count_of(all, "limit_reached"), 1);
    assert_int_equal(count_of(all, "hang"), 1);
    assert_int_equal(count_of(all, "mold_lost"), 1);
    assert_int_equal(count_of(all, "given_up"), 2);
    assert_int_equal(count_of(all, "stopping"), 1);
    assert_int_equal(count_of(all, "ready"), 1);
    assert_int_equal(count_of(all, "oom"), 1);
    assert_int_equal(count_of(all, "crashed"), 2);
    assert_int_equal(count_of(all, "crash_loop"), 2);
    assert_int_equal(json_array_size(all), 13);
    assert_int_equal(fixture->failed_lines, 0);
    json_decref(all);
}

static void
test_only_chosen_events_are_told(void **state)
{
    struct fixture *fixture = *state;
    char *events[] = {(char[]){"oom"}, (char[]){"stopping"}, NULL};
    json_t *all;

    open_notify(fixture, fixture->append, events);
    say_lost("yes");
    say_lost("no");
    say_run(0, 100);
    say_run(0, 101);
    say("mold_gone");
    say("stopping");
    all = read_journal(fixture);
    assert_int_equal(json_array_size(all), 2);
    assert_int_equal(count_of(all, "oom"), 1);
    assert_int_equal(count_of(all, "stopping"), 1);
    json_decref(all);
}

static const json_t *
only(const json_t *all)
{
    assert_int_equal(json_array_size(all), 1);
    return json_array_get(all, 0);
}

static void
test_the_program_reads_one_object(void **state)
{
    static const char *const keys[] = {"event",  "at",  "host",    "service", "master_pid",
                                       "signal", "oom", "rss_kib", "msg"};
    struct fixture *fixture = *state;
    char host[256] = "";
    struct log_line line;
    const json_t *object;
    const char *key;
    json_t *value;
    json_t *all;
    size_t count = 0;

    open_notify(fixture, fixture->append, NULL);
    notify_set_service(fixture->notify, "bookshop");
    log_begin(&line, EVENT_WORKER_LOST);
    log_text(&line, "signal", "SEGV");
    log_text(&line, "oom", "no");
    log_number(&line, "rss_kib", 146376);
    log_text(&line, "host", "a key that is taken");
    log_say(&line, "its slot is filled");
    log_end(&line);
    all = read_journal(fixture);
    object = only(all);
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        assert_true(count < ARRAY_LEN(keys));
        assert_string_equal(key, keys[count]);
        count++;
    }
    assert_int_equal(count, ARRAY_LEN(keys));
    gethostname(host, sizeof(host) - 1);
    assert_string_equal(member(object, "event"), "crashed");
    assert_int_equal(strlen(member(object, "at")), strlen("2026-11-21T14:37:02.815Z"));
    assert_string_equal(member(object, "host"), host);
    assert_string_equal(member(object, "service"), "bookshop");
    assert_int_equal(json_integer_value(json_object_get(object, "master_pid")), getpid());
    assert_string_equal(member(object, "signal"), "SEGV");
    assert_int_equal(json_integer_value(json_object_get(object, "rss_kib")), 146376);
    assert_string_equal(member(object, "msg"), "its slot is filled");
    json_decref(all);
}

static void
test_what_is_not_known_is_null(void **state)
{
    struct fixture *fixture = *state;
    struct log_line line;
    json_t *all;

    open_notify(fixture, fixture->append, NULL);
    log_begin(&line, EVENT_STOPPING);
    log_end(&line);
    all = read_journal(fixture);
    assert_true(json_is_null(json_object_get(only(all), "service")));
    assert_true(json_is_null(json_object_get(only(all), "msg")));
    json_decref(all);
}

static void
test_whatever_the_application_says_is_valid(void **state)
{
    struct fixture *fixture = *state;
    char long_text[LOG_LINE_ROOM / 2];
    struct log_line line;
    json_t *all;

    memset(long_text, '\x01', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    open_notify(fixture, fixture->append, NULL);
    log_begin(&line, EVENT_RECYCLE);
    log_text(&line, "class", "A\xff\xc3(\"B\"\\\n\x1b[31m");
    log_text(&line, "text", long_text);
    log_say(&line, "%s", "\xed\xa0\x80");
    log_end(&line);
    all = read_journal(fixture);
    assert_int_equal(strlen(member(only(all), "text")), sizeof(long_text) - 1);
    assert_non_null(strstr(member(only(all), "class"), "(\"B\"\\"));
    json_decref(all);
}

static void
test_a_changed_pid_is_told(void **state)
{
    struct fixture *fixture = *state;
    char *events[] = {(char[]){"pid_changed"}, NULL};
    const json_t *object;
    json_t *all;

    open_notify(fixture, fixture->append, events);
    say_run(7, 100);
    say_run(0, 200);
    say_run(7, 100);
    say_run(-1, 1);
    say_run(INT64_MAX, 1);
    say_run(7, 101);
    all = read_journal(fixture);
    object = only(all);
    assert_string_equal(member(object, "event"), "pid_changed");
    assert_int_equal(json_integer_value(json_object_get(object, "slot")), 7);
    assert_int_equal(json_integer_value(json_object_get(object, "pid")), 101);
    assert_int_equal(json_integer_value(json_object_get(object, "old_pid")), 100);
    json_decref(all);
}

static bool
has_failed(void *context)
{
    return ((const struct fixture *)context)->failed_lines > 0 && is_idle(context);
}

/* Two notifications, one line. */
static void
fail_twice(struct fixture *fixture, char **program)
{
    open_notify(fixture, program, NULL);
    say_lost("yes");
    say_lost("no");
    assert_true(loop_until(fixture->rig.loop, has_failed, fixture));
    assert_int_equal(fixture->failed_lines, 1);
    assert_string_equal(log_line_text(&fixture->last_failed, "what"), program[0]);
    assert_non_null(log_line_text(&fixture->last_failed, "notification"));
}

static void
test_fs60_a_failing_program_is_said_once(void **state)
{
    struct fixture *fixture = *state;
    char *program[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"exit 3"}, NULL};
    int64_t number = 0;

    fail_twice(fixture, program);
    assert_true(log_line_number(&fixture->last_failed, "code", &number));
    assert_int_equal(number, 3);
    assert_true(log_line_number(&fixture->last_failed, "took_ms", &number));
}

static void
test_fs60_a_crashing_program_is_said_once(void **state)
{
    struct fixture *fixture = *state;
    char *program[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"kill -TERM $$"}, NULL};

    fail_twice(fixture, program);
    assert_string_equal(log_line_text(&fixture->last_failed, "signal"), "TERM");
}

static void
test_fs60_a_missing_program_is_said_once(void **state)
{
    struct fixture *fixture = *state;
    char *program[] = {(char[]){"no-such-program-anywhere"}, NULL};

    fail_twice(fixture, program);
    assert_string_equal(log_line_text(&fixture->last_failed, "error"), strerror(ENOENT));
}

static void
test_fs60_a_hanging_program_is_killed_and_said_once(void **state)
{
    struct fixture *fixture = *state;
    char *program[] = {(char[]){"sleep"}, (char[]){"1000"}, NULL};
    int64_t took_ms = 0;

    fixture->config.notify_timeout_ms = 300;
    fail_twice(fixture, program);
    assert_string_equal(log_line_text(&fixture->last_failed, "signal"), "KILL");
    assert_non_null(strstr(log_line_said(&fixture->last_failed), "longer than 0.3 s"));
    assert_true(log_line_number(&fixture->last_failed, "took_ms", &took_ms));
    assert_true(took_ms >= 300);
}

/* Whoever logs is never held up, however many programs hang. */
static void
test_fs60_what_is_too_much_is_dropped_and_said(void **state)
{
    struct fixture *fixture = *state;
    char *program[] = {(char[]){"sleep"}, (char[]){"1000"}, NULL};

    open_notify(fixture, program, NULL);
    for (unsigned i = 0; i < RUNNER_MAX + RUNNER_QUEUE_MAX; i++) {
        say_lost("yes");
    }
    assert_int_equal(fixture->dropped_lines, 0);
    for (unsigned i = 0; i < 5; i++) {
        say_lost("yes");
    }
    assert_int_equal(fixture->dropped_lines, 1);
    assert_int_equal(fixture->dropped, 1);
    assert_int_equal(runner_dropped(fixture->rig.runner), 5);
}

static bool
has_said_all_drops(void *context)
{
    const struct fixture *fixture = context;

    return fixture->dropped == fixture->wanted && is_idle(context);
}

static void
test_the_rest_of_the_drops_is_said_when_the_flood_is_over(void **state)
{
    struct fixture *fixture = *state;

    open_notify(fixture, fixture->append, NULL);
    for (unsigned i = 0; i < RUNNER_MAX + RUNNER_QUEUE_MAX + 5; i++) {
        say_lost("yes");
    }
    fixture->wanted = 5;
    assert_true(loop_until(fixture->rig.loop, has_said_all_drops, fixture));
    assert_int_equal(fixture->dropped_lines, 2);
}

static void
test_without_a_program_nobody_is_told(void **state)
{
    struct fixture *fixture = *state;
    const struct runner_end end = {.what = "other", .tag = 1, .output = ""};
    char *empty[] = {NULL};

    assert_int_equal(notify_open(&fixture->config, fixture->rig.runner, &fixture->notify), 0);
    assert_null(fixture->notify);
    say_lost("yes");
    assert_true(runner_is_idle(fixture->rig.runner));
    notify_set_service(fixture->notify, "bookshop");
    assert_false(notify_on_end(fixture->notify, &end));
    fixture->config.notify_exec = empty;
    assert_int_equal(notify_open(&fixture->config, fixture->rig.runner, &fixture->notify), 0);
    assert_null(fixture->notify);
}

static void
test_the_ends_of_others_are_not_taken(void **state)
{
    struct fixture *fixture = *state;
    const struct runner_end end = {.what = "rule", .tag = 1, .result = RUNNER_FAILED, .output = ""};

    open_notify(fixture, fixture->append, NULL);
    assert_false(notify_on_end(fixture->notify, &end));
    assert_int_equal(fixture->failed_lines, 0);
}

static void
test_close_ends_the_listening(void **state)
{
    struct fixture *fixture = *state;

    fixture->config.notify_exec = fixture->append;
    assert_int_equal(notify_open(&fixture->config, fixture->rig.runner, &fixture->notify), 0);
    notify_close(fixture->notify);
    fixture->notify = NULL;
    say_lost("yes");
    assert_true(runner_is_idle(fixture->rig.runner));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(test_each_notification_has_its_lines),
        CASE(test_only_chosen_events_are_told),
        CASE(test_the_program_reads_one_object),
        CASE(test_what_is_not_known_is_null),
        CASE(test_whatever_the_application_says_is_valid),
        CASE(test_a_changed_pid_is_told),
        CASE(test_fs60_a_failing_program_is_said_once),
        CASE(test_fs60_a_crashing_program_is_said_once),
        CASE(test_fs60_a_missing_program_is_said_once),
        CASE(test_fs60_a_hanging_program_is_killed_and_said_once),
        CASE(test_fs60_what_is_too_much_is_dropped_and_said),
        CASE(test_the_rest_of_the_drops_is_said_when_the_flood_is_over),
        CASE(test_without_a_program_nobody_is_told),
        CASE(test_the_ends_of_others_are_not_taken),
        CASE(test_close_ends_the_listening),
    };
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (argc == 3 && strcmp(argv[1], "append") == 0) {
        return append(argv[2]);
    }
    if (length < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
