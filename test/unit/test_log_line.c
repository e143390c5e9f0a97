/*
 * test_log_line.c: the shape of log lines: text, logfmt, JSON, and what is cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/log_line.h"

static const struct log_look noon = {
    .format = LOG_FORMAT_TEXT, .with_time = true, .wall_ms = 1769860800123, .pid = 7, .tid = 7};

/* What `line` looks like; in a static buffer. */
static const char *
shown(const struct log_line *line, struct log_look look, enum log_format format)
{
    static char text[4097];
    size_t length;

    look.format = format;
    length = log_line_render(line, &look, text, sizeof(text) - 1);
    assert_true(length > 0 && length < sizeof(text));
    assert_int_equal(text[length - 1], '\n');
    assert_null(memchr(text, '\n', length - 1));
    text[length] = '\0';
    return text;
}

static void
make_example(struct log_line *line)
{
    log_begin(line, EVENT_CLIENT_REFUSED);
    log_number(line, "uid", 3);
    log_number(line, "pid", 812);
    log_text(line, "reason", "other_user");
    log_text(line, "missing", NULL);
    log_say(line, "after %.1f s", 4.1);
}

static void
test_text_has_sidekiqs_shape(void **state)
{
    struct log_line line;
    struct log_look look = noon;

    (void)state;
    make_example(&line);
    assert_string_equal(shown(&line, look, LOG_FORMAT_TEXT),
                        "2026-01-31T12:00:00.123Z pid=7 tid=7 WARN: event=client_refused uid=3 "
                        "pid=812 reason=other_user msg=\"after 4.1 s\"\n");
    look.with_time = false;
    look.with_priority = true;
    assert_string_equal(shown(&line, look, LOG_FORMAT_TEXT),
                        "<4>pid=7 tid=7 WARN: event=client_refused uid=3 pid=812 "
                        "reason=other_user msg=\"after 4.1 s\"\n");
    look.with_priority = false;
    look.with_colour = true;
    assert_non_null(strstr(shown(&line, look, LOG_FORMAT_TEXT), " \x1b[33mWARN\x1b[0m: event="));
}

static void
test_a_line_is_read_by_its_keys(void **state)
{
    struct log_line line;
    int64_t number = -1;

    (void)state;
    make_example(&line);
    assert_true(log_line_number(&line, "pid", &number));
    assert_int_equal(number, 812);
    assert_false(log_line_number(&line, "reason", &number));
    assert_false(log_line_number(&line, "nowhere", &number));
    assert_int_equal(number, 812);
    assert_string_equal(log_line_text(&line, "reason"), "other_user");
    assert_null(log_line_text(&line, "pid"));
    assert_null(log_line_text(&line, "missing"));
    assert_string_equal(log_line_said(&line), "after 4.1 s");
    log_begin(&line, EVENT_QUIET);
    assert_null(log_line_said(&line));
}

static void
test_logfmt_has_each_key_once(void **state)
{
    struct log_line line;
    struct log_look look = noon;

    (void)state;
    make_example(&line);
    assert_string_equal(shown(&line, look, LOG_FORMAT_LOGFMT),
                        "ts=2026-01-31T12:00:00.123Z from=7 level=warn event=client_refused uid=3 "
                        "pid=812 reason=other_user msg=\"after 4.1 s\"\n");
    look.with_time = false;
    look.with_priority = true;
    assert_non_null(
        strstr(shown(&line, look, LOG_FORMAT_LOGFMT), "<4>from=7 level=warn event=client_refused"));
}

static void
test_json_has_sidekiqs_keys(void **state)
{
    struct log_line line;
    json_t *got;
    json_t *wanted =
        json_pack("{s:s s:i s:s s:s s:s s:{s:i s:i s:s} s:s}", "ts", "2026-01-31T12:00:00.123Z",
                  "pid", 7, "tid", "7", "lvl", "WARN", "event", "client_refused", "ctx", "uid", 3,
                  "pid", 812, "reason", "other_user", "msg", "after 4.1 s");

    (void)state;
    make_example(&line);
    got = json_loads(shown(&line, noon, LOG_FORMAT_JSON), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(wanted);
    assert_non_null(got);
    assert_true(json_equal(got, wanted));
    json_decref(got);
    json_decref(wanted);
}

static void
test_json_without_words_says_the_event(void **state)
{
    struct log_line line;

    (void)state;
    log_begin(&line, EVENT_STARTING);
    log_number(&line, "least", INT64_MIN);
    assert_non_null(strstr(shown(&line, noon, LOG_FORMAT_JSON),
                           "\"ctx\":{\"least\":-9223372036854775808},\"msg\":\"starting\"}"));
}

static void
test_values_are_quoted_when_they_must(void **state)
{
    static const struct {
        const char *value;
        const char *shown;
    } cases[] = {
        {"plain-1.5/x:y,z", " k=plain-1.5/x:y,z\n"},
        {"", " k=\"\"\n"},
        {"two words", " k=\"two words\"\n"},
        {"a=b", " k=\"a=b\"\n"},
        {"say \"hi\"", " k=\"say \\\"hi\\\"\"\n"},
        {"back\\slash", " k=\"back\\\\slash\"\n"},
        {"one\ntwo\r\t\b", " k=\"one\\ntwo\\r\\t\\b\"\n"},
        {"\x1b[2J\x7f", " k=\"\\u001b[2J\\u007f\"\n"},
        {"\xc2\x9b!", " k=\"\\u009b!\"\n"},
        {"caf\xc3\xa9", " k=caf\xc3\xa9\n"},
        {"\xf0\x9f\x9a\x80", " k=\xf0\x9f\x9a\x80\n"},
        {"\xff", " k=\"\xef\xbf\xbd\"\n"},
        {"a\x80z", " k=\"a\xef\xbf\xbdz\"\n"},
        {"\xc0\xaf", " k=\"\xef\xbf\xbd\xef\xbf\xbd\"\n"},
        {"\xed\xa0\x80", " k=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n"},
        {"\xf4\x90\x80\x80", " k=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n"},
        {"cut \xe2\x82", " k=\"cut \xef\xbf\xbd\xef\xbf\xbd\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct log_line line;
        json_t *parsed;

        log_begin(&line, EVENT_WARNING);
        log_text(&line, "k", cases[i].value);
        assert_non_null(strstr(shown(&line, noon, LOG_FORMAT_TEXT), cases[i].shown));
        assert_non_null(strstr(shown(&line, noon, LOG_FORMAT_LOGFMT), cases[i].shown));
        parsed = json_loads(shown(&line, noon, LOG_FORMAT_JSON), JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(parsed);
        json_decref(parsed);
    }
}

/* Values that fill the line, at each size around its end: always one whole line within PIPE_BUF. */
static void
test_a_line_too_long_is_cut_whole(void **state)
{
    static const char *const fillers[] = {"x", "\xe2\x82\xac", "\x01", "\"", "\xff", "a b"};
    char value[4200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
        size_t step = strlen(fillers[i]);

        for (size_t length = 600; length + step < 4100; length += 7 * step) {
            struct log_line line;
            json_t *parsed;

            for (size_t at = 0; at < length; at += step) {
                memcpy(value + at, fillers[i], step + 1);
            }
            log_begin(&line, EVENT_WARNING);
            log_text(&line, "first", value);
            log_number(&line, "second", 1);
            log_text(&line, "third", "x y");
            log_say(&line, "%s", "the end");
            shown(&line, noon, LOG_FORMAT_TEXT);
            shown(&line, noon, LOG_FORMAT_LOGFMT);
            parsed = json_loads(shown(&line, noon, LOG_FORMAT_JSON), 0, NULL);
            assert_non_null(parsed);
            json_decref(parsed);
        }
    }
}

static void
test_fields_beyond_the_room_are_left_out(void **state)
{
    struct log_line line;
    char long_text[3000];
    const char *text;

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    log_begin(&line, EVENT_WARNING);
    for (int i = 0; i < 2 * LOG_LINE_FIELDS_MAX; i++) {
        log_number(&line, "n", i);
    }
    assert_int_equal(line.field_count, LOG_LINE_FIELDS_MAX);
    log_begin(&line, EVENT_WARNING);
    log_text(&line, "one", long_text);
    log_text(&line, "two", long_text);
    log_text(&line, "three", long_text);
    log_say(&line, "%s", long_text);
    text = shown(&line, noon, LOG_FORMAT_TEXT);
    assert_non_null(strstr(text, " one=xxx"));
    assert_non_null(strstr(text, " two=\"xxx"));
    assert_non_null(strstr(text, "x\xe2\x80\xa6\"\n"));
}

static void
test_every_event_has_a_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EVENT_COUNT; i++) {
        const char *name = log_event_name((enum event)i);

        assert_true(strlen(name) > 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789"), strlen(name));
        assert_true(strlen(log_event_meaning((enum event)i)) > 0);
        assert_non_null(log_event_keys((enum event)i));
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(name, log_event_name((enum event)k));
        }
    }
    assert_string_equal(log_event_name(EVENT_COUNT), "unknown");
    assert_int_equal(log_event_level(EVENT_COUNT), LOG_ERROR);
    assert_string_equal(log_level_name(LOG_WARN), "WARN");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_has_sidekiqs_shape),
        cmocka_unit_test(test_a_line_is_read_by_its_keys),
        cmocka_unit_test(test_logfmt_has_each_key_once),
        cmocka_unit_test(test_json_has_sidekiqs_keys),
        cmocka_unit_test(test_json_without_words_says_the_event),
        cmocka_unit_test(test_values_are_quoted_when_they_must),
        cmocka_unit_test(test_a_line_too_long_is_cut_whole),
        cmocka_unit_test(test_fields_beyond_the_room_are_left_out),
        cmocka_unit_test(test_every_event_has_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
