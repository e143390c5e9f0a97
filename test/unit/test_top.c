/*
 * test_top.c: keys out of bytes, a view out of keys, a picture out of an answer and a view.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "master/top_frame.h"
#include "status_case.h"

/* Feeds bytes; writes the keys that came, terminated by -1. */
static void
feed(const char *bytes, int *keys)
{
    struct top_keys reader = {0};
    int key;

    for (; *bytes != '\0'; bytes++) {
        key = top_keys_take(&reader, (unsigned char)*bytes);
        if (key != TOP_KEY_NONE) {
            *keys++ = key;
        }
    }
    if (top_keys_is_open(&reader)) {
        key = top_keys_end(&reader);
        if (key != TOP_KEY_NONE) {
            *keys++ = key;
        }
    }
    assert_false(top_keys_is_open(&reader));
    *keys = -1;
}

static void
bytes_become_keys(void **state)
{
    static const struct {
        const char *bytes;
        int keys[6];
    } cases[] = {
        {"q", {'q', -1}},
        {"jk?", {'j', 'k', '?', -1}},
        {"\x1b[A\x1b[B", {TOP_KEY_UP, TOP_KEY_DOWN, -1}},
        {"\x1bOA\x1bOB", {TOP_KEY_UP, TOP_KEY_DOWN, -1}},
        {"\x1b[1;5A", {TOP_KEY_UP, -1}},
        {"\x1b[5~\x1b[6~", {TOP_KEY_PAGE_UP, TOP_KEY_PAGE_DOWN, -1}},
        {"\x1b[H\x1b[F\x1b[1~\x1b[4~", {TOP_KEY_HOME, TOP_KEY_END, TOP_KEY_HOME, TOP_KEY_END, -1}},
        {"\x1b", {TOP_KEY_ESCAPE, -1}},
        {"\x1b\x1b", {TOP_KEY_ESCAPE, TOP_KEY_ESCAPE, -1}},
        {"\x1b\x1b[A", {TOP_KEY_ESCAPE, TOP_KEY_UP, -1}},
        {"\x7f\b", {TOP_KEY_ESCAPE, TOP_KEY_ESCAPE, -1}},
        {"\r\n", {TOP_KEY_ENTER, TOP_KEY_ENTER, -1}},
        {"\x0c", {TOP_KEY_REDRAW, -1}},
        {"\x1b[[Aq", {'q', -1}},
        {"\x1b[200~q", {'q', -1}},
        {"\x1b[999999999999A", {TOP_KEY_UP, -1}},
        {"\x1b[", {-1}},
        {"\x1bxq", {'q', -1}},
        {"\x01\x02größe\xff", {'g', 'r', 'e', -1}},
    };
    int keys[64];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const int *expected = cases[i].keys;
        size_t at = 0;

        feed(cases[i].bytes, keys);
        if (i + 1 == ARRAY_LEN(cases)) {
            /* Bytes of characters that are not ASCII are no keys. */
            assert_int_equal(keys[0], 'g');
            assert_int_equal(keys[1], 'r');
            assert_int_equal(keys[2], 'e');
            assert_int_equal(keys[3], -1);
            continue;
        }
        do {
            assert_int_equal(keys[at], expected[at]);
        } while (expected[at++] != -1);
    }
}

/* The order of the rows as "mold 0 2old …", for a figure. */
static void
assert_order(const json_t *status, const struct top_view *view, const char *expected)
{
    unsigned count;
    struct status_row *rows = top_view_rows(view, status, &count);
    char names[512] = "", name[STATUS_TEXT_SIZE];

    assert_non_null(rows);
    for (unsigned i = 0; i < count; i++) {
        size_t length = strlen(names);

        snprintf(names + length, sizeof(names) - length, "%s%s", i > 0 ? "," : "",
                 status_rows_name(&rows[i], name));
    }
    assert_string_equal(names, expected);
    free(rows);
}

static enum top_wish
press(struct top_view *view, int key, const json_t *status)
{
    return top_view_key(view, key, status, 5);
}

static void
keys_choose_an_order(void **state)
{
    json_t *status = status_case_file("full.json");
    struct top_view view;

    (void)state;
    top_view_init(&view);
    assert_order(status, &view, "mold,0,1,2 old,2 new,3,spare");
    assert_int_equal(press(&view, 'M', status), TOP_WISH_DRAW);
    assert_order(status, &view, "mold,2 old,1,0,2 new,spare,3");
    press(&view, 'R', status);
    assert_order(status, &view, "mold,spare,2 new,0,1,2 old,3");
    press(&view, 'U', status);
    assert_order(status, &view, "mold,0,2 old,2 new,spare,1,3");
    press(&view, 'L', status);
    assert_order(status, &view, "mold,0,2 old,1,2 new,3,spare");
    press(&view, 'D', status);
    assert_order(status, &view, "mold,2 old,1,0,spare,2 new,3");
    press(&view, 'N', status);
    press(&view, 'S', status);
    assert_int_equal(view.sort, TOP_SORT_AGE);
    press(&view, 's', status);
    assert_int_equal(view.sort, TOP_SORT_SLOT);
    json_decref(status);
}

/* Presses keys, and asserts which process is chosen then. */
static void
assert_chosen(struct top_view *view, const json_t *status, const char *keys, const char *expected)
{
    char name[STATUS_TEXT_SIZE];
    struct status_row *rows;
    unsigned count;

    for (; *keys != '\0'; keys++) {
        press(view, *keys, status);
    }
    rows = top_view_rows(view, status, &count);
    assert_non_null(rows);
    assert_string_equal(status_rows_name(&rows[top_view_chosen(view, rows, count)], name),
                        expected);
    free(rows);
}

static void
a_choice_follows_its_process(void **state)
{
    json_t *status = status_case_file("full.json");
    json_t *slots = json_object_get(status, "slots");
    struct top_view view;

    (void)state;
    top_view_init(&view);
    assert_chosen(&view, status, "", "0");
    assert_chosen(&view, status, "k", "mold");
    assert_chosen(&view, status, "k", "mold");
    assert_chosen(&view, status, "G", "spare");
    assert_chosen(&view, status, "j", "spare");
    assert_chosen(&view, status, "g", "mold");
    assert_chosen(&view, status, " ", "3");
    assert_chosen(&view, status, "kk", "2 old");
    assert_chosen(&view, status, "M", "2 old");
    /* When it is gone, its slot's other worker is meant; when the slot is, what stands there. */
    json_array_remove(json_object_get(json_array_get(slots, 2), "workers"), 0);
    assert_chosen(&view, status, "N", "2 new");
    json_array_remove(slots, 2);
    assert_chosen(&view, status, "", "3");
    json_array_clear(slots);
    assert_chosen(&view, status, "", "mold");
    json_decref(status);
}

static void
keys_lead_to_pages_and_back(void **state)
{
    json_t *status = status_case_file("full.json");
    struct top_view view;

    (void)state;
    top_view_init(&view);
    assert_int_equal(press(&view, TOP_KEY_ESCAPE, status), TOP_WISH_NOTHING);
    assert_int_equal(press(&view, TOP_KEY_ENTER, status), TOP_WISH_ASK);
    assert_int_equal(view.page, TOP_PAGE_WORKER);
    assert_int_equal(view.chosen_slot, 0);
    assert_int_equal(view.chosen_pid, 812);
    assert_int_equal(press(&view, TOP_KEY_ENTER, status), TOP_WISH_NOTHING);
    press(&view, TOP_KEY_DOWN, status);
    press(&view, TOP_KEY_DOWN, status);
    assert_int_equal(view.scroll, 2);
    press(&view, 'c', status);
    assert_int_equal(view.page, TOP_PAGE_CLASSES);
    assert_int_equal(view.scroll, 0);
    press(&view, TOP_KEY_UP, status);
    assert_int_equal(view.scroll, 0);
    press(&view, 'c', status);
    assert_int_equal(view.page, TOP_PAGE_WORKERS);
    press(&view, 'r', status);
    assert_int_equal(view.page, TOP_PAGE_RECENT);
    press(&view, '?', status);
    assert_int_equal(view.page, TOP_PAGE_HELP);
    assert_int_equal(press(&view, 'M', status), TOP_WISH_NOTHING);
    press(&view, TOP_KEY_ESCAPE, status);
    assert_int_equal(view.page, TOP_PAGE_WORKERS);
    assert_int_equal(press(&view, TOP_KEY_REDRAW, status), TOP_WISH_CLEAR);
    assert_int_equal(press(&view, 'q', status), TOP_WISH_LEAVE);
    assert_int_equal(press(&view, TOP_KEY_ENTER, NULL), TOP_WISH_NOTHING);
    assert_int_equal(press(&view, 'j', NULL), TOP_WISH_NOTHING);
    json_decref(status);
}

static void
keys_change_the_pace(void **state)
{
    struct top_view view;

    (void)state;
    top_view_init(&view);
    assert_int_equal(view.pace_ms, 1000);
    press(&view, '+', NULL);
    assert_int_equal(view.pace_ms, 2000);
    for (int i = 0; i < 20; i++) {
        press(&view, '+', NULL);
    }
    assert_int_equal(view.pace_ms, 60000);
    for (int i = 0; i < 20; i++) {
        press(&view, '-', NULL);
    }
    assert_int_equal(view.pace_ms, 200);
    assert_int_equal(press(&view, 'p', NULL), TOP_WISH_DRAW);
    assert_true(view.is_paused);
    assert_int_equal(press(&view, 'p', NULL), TOP_WISH_ASK);
    assert_false(view.is_paused);
}

/* Draws; the text is the caller's. */
static char *
draw(struct top_scene *scene, unsigned width, unsigned height)
{
    struct top_frame frame;
    char *text;

    scene->width = width;
    scene->height = height;
    assert_int_equal(top_frame_draw(scene, &frame), 0);
    text = top_frame_text(&frame);
    assert_non_null(text);
    if (height > 0) {
        assert_int_equal(frame.count, height);
    }
    status_case_assert_fits(text, width);
    top_frame_done(&frame);
    return text;
}

static void
the_list_at_two_sizes(void **state)
{
    json_t *status = status_case_file("full.json");
    struct top_view view;
    struct top_scene scene = {.status = status, .view = &view, .utf8 = true};
    char *text;

    (void)state;
    top_view_init(&view);
    text = draw(&scene, 80, 24);
    status_case_assert_file(text, "top.80.txt");
    free(text);
    text = draw(&scene, 200, 50);
    status_case_assert_file(text, "top.200.txt");
    free(text);
    scene.utf8 = false;
    text = draw(&scene, 80, 0);
    status_case_assert_file(text, "top.once.txt");
    free(text);
    json_decref(status);
}

static void
the_page_of_a_worker(void **state)
{
    json_t *status = status_case_file("full.json");
    json_t *worker = json_array_get(
        json_object_get(json_array_get(json_object_get(status, "slots"), 0), "workers"), 0);
    json_t *lines = json_pack("[s,s]", "Slot 0: worker 812 (generation 1) is ready.",
                              "max-rss 800M: RSS is 405M, 50% of it.");
    struct top_past *past = top_past_new();
    struct top_view view;
    struct top_scene scene = {
        .status = status, .view = &view, .past = past, .explanation = lines, .utf8 = true};
    char *text;

    (void)state;
    for (int i = 0; i < 10; i++) {
        json_object_set_new(worker, "rss_bytes", json_integer((400 + i % 8) * 1048576));
        top_past_add(past, status);
    }
    top_view_init(&view);
    press(&view, TOP_KEY_ENTER, status);
    text = draw(&scene, 80, 24);
    status_case_assert_file(text, "top.worker.80.txt");
    free(text);
    text = draw(&scene, 80, 8);
    status_case_assert_has(text, "(more below)");
    free(text);
    view.scroll = 9999;
    text = draw(&scene, 80, 8);
    status_case_assert_has(text, "max-rss 800M: RSS is 405M, 50% of it.\n");
    free(text);
    top_past_free(past);
    json_decref(lines);
    json_decref(status);
}

static void
other_pages_and_troubles(void **state)
{
    json_t *status = status_case_file("full.json");
    struct top_view view;
    struct top_scene scene = {.status = status, .view = &view, .problem = "the service is gone"};
    char *text;

    (void)state;
    top_view_init(&view);
    press(&view, 'c', status);
    text = draw(&scene, 80, 24);
    status_case_assert_has(text, "\nthe service is gone\n");
    status_case_assert_has(text, "\nBilling::Invoice~ 12345      3       2        +67K");
    free(text);
    press(&view, 'r', status);
    text = draw(&scene, 80, 24);
    status_case_assert_has(text, "\n42s ago: slot 2 recycled (max-rss), pid 799;");
    free(text);
    press(&view, '?', status);
    text = draw(&scene, 80, 40);
    status_case_assert_has(text, "\n  q             quit\n");
    free(text);
    json_object_set_new(status, "degraded", json_string("no mold"));
    json_object_set_new(json_object_get(status, "limits"), "dry_run", json_true());
    view.is_paused = true;
    text = draw(&scene, 80, 24);
    status_case_assert_has(text, "PAUSED\n");
    status_case_assert_has(text, "\nDEGRADED: no mold\n");
    status_case_assert_has(text, "\nDRY RUN: limits are only reported");
    free(text);
    json_decref(status);
}

/* Any size, any page, and answers of an older or a strange service. */
static void
nothing_breaks_the_frame(void **state)
{
    static const char *const answers[] = {
        "{}",
        "{'slots':[null,3,{}],'molds':[null],'limits':{},'group':{},'recent':[null],'classes':[1]}",
        "{'slots':7,'molds':'x','limits':[],'group':[],'recent':{},'classes':null,'totals':1}",
        ("{'slots':[{'slot':0,'workers':[{'pid':7,'state':'ready','jobs':[{'class':'größe'}],"
         "'rss_bytes':1e300}]}],'group':{'used_bytes':5,'limit_bytes':1e-300,'cache_bytes':1e300}"
         "}"),
    };
    static const unsigned sizes[][2] = {{1, 1}, {2, 3}, {10, 4}, {40, 10}, {80, 24}, {300, 100}};

    (void)state;
    for (size_t i = 0; i <= ARRAY_LEN(answers); i++) {
        json_t *status = i < ARRAY_LEN(answers) ? status_case_json(answers[i], 1)
                                                : status_case_file("full.json");
        struct top_past *past = top_past_new();

        top_past_add(past, status);
        for (size_t j = 0; j < ARRAY_LEN(sizes) * 5; j++) {
            struct top_view view;
            struct top_scene scene = {
                .status = status, .view = &view, .past = past, .utf8 = j % 2 == 0};

            top_view_init(&view);
            view.page = (enum top_page)(j % 5);
            view.chosen_slot = view.page == TOP_PAGE_WORKER ? 0 : 3;
            free(draw(&scene, sizes[j / 5][0], sizes[j / 5][1]));
        }
        top_past_free(past);
        json_decref(status);
    }
}

static void
hostile_texts_stay_texts(void **state)
{
    json_t *status = json_loads(
        "{\"state\":\"\\u001b[2J\",\"degraded\":\"a\\u009b31m\\nb\",\"slots\":[{\"slot\":0,"
        "\"workers\":[{\"pid\":1,\"state\":\"\\u202e\",\"jobs\":[{\"class\":\"\\u001b]0;x\"}]}]}]}",
        0, NULL);
    struct top_view view;
    struct top_scene scene = {.status = status, .view = &view, .utf8 = true};
    char *text;

    (void)state;
    assert_non_null(status);
    top_view_init(&view);
    text = draw(&scene, 80, 24);
    for (const char *at = text; *at != '\0'; at++) {
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
    }
    status_case_assert_has(text, "?[2J");
    assert_null(strstr(text, "\xE2\x80\xAE"));
    free(text);
    json_decref(status);
}

/* Without UTF-8 nothing but ASCII is sent. */
static void
a_plain_locale_gets_ascii(void **state)
{
    json_t *status = status_case_json("{'application':{'tag':'größe'}}", 1);
    struct top_view view;
    struct top_scene scene = {.status = status, .view = &view};
    char *text;

    (void)state;
    top_view_init(&view);
    text = draw(&scene, 80, 24);
    status_case_assert_has(text, "gr??e");
    for (const char *at = text; *at != '\0'; at++) {
        assert_true((unsigned char)*at < 0x80);
    }
    free(text);
    json_decref(status);
}

static void
a_picture_is_painted_line_by_line(void **state)
{
    struct top_frame frame = {.width = 10, .utf8 = true};
    char *bytes;

    (void)state;
    top_frame_add(&frame, TOP_STYLE_TITLE, "title");
    top_frame_add(&frame, TOP_STYLE_PLAIN, "ten of 10!");
    top_frame_add(&frame, TOP_STYLE_ALARM, "a much longer line");
    bytes = top_frame_paint(&frame, true);
    assert_string_equal(bytes, "\x1b[1;1H\x1b[7mtitle     \x1b[m"
                               "\x1b[2;1Hten of 10!"
                               "\x1b[3;1H\x1b[1;31ma much lo~\x1b[m\x1b[J");
    free(bytes);
    bytes = top_frame_paint(&frame, false);
    assert_null(strstr(bytes, "31m"));
    free(bytes);
    top_frame_done(&frame);
}

static void
the_past_of_a_process(void **state)
{
    json_t *status = status_case_json("{'molds':[{'pid':8,'rss_bytes':1}],'slots':[{'workers':"
                                      "[{'pid':9,'rss_bytes':null},{'pid':null}]}]}",
                                      1);
    json_t *mold = json_array_get(json_object_get(status, "molds"), 0);
    struct top_past *past = top_past_new();
    char drawn[TOP_PAST_POINTS * 3 + 1];
    double range[2];

    (void)state;
    for (int i = 0; i < TOP_PAST_POINTS + 44; i++) {
        json_object_set_new(mold, "rss_bytes", json_integer(i));
        top_past_add(past, status);
    }
    assert_int_equal(top_past_of(past, 8)->count, TOP_PAST_POINTS);
    assert_null(top_past_of(past, 9));
    assert_null(top_past_of(past, 7));
    top_past_draw(top_past_of(past, 8), 8, false, drawn, range);
    assert_string_equal(drawn, "_.-~=+*#");
    assert_true(range[0] > 291 && range[0] < 293 && range[1] > 298 && range[1] < 300);
    top_past_draw(top_past_of(past, 8), 3, true, drawn, range);
    assert_string_equal(drawn, "▁▅█");
    json_array_clear(json_object_get(status, "molds"));
    top_past_add(past, status);
    assert_null(top_past_of(past, 8));
    top_past_free(past);
    json_decref(status);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_become_keys),
        cmocka_unit_test(keys_choose_an_order),
        cmocka_unit_test(a_choice_follows_its_process),
        cmocka_unit_test(keys_lead_to_pages_and_back),
        cmocka_unit_test(keys_change_the_pace),
        cmocka_unit_test(the_list_at_two_sizes),
        cmocka_unit_test(the_page_of_a_worker),
        cmocka_unit_test(other_pages_and_troubles),
        cmocka_unit_test(nothing_breaks_the_frame),
        cmocka_unit_test(hostile_texts_stay_texts),
        cmocka_unit_test(a_plain_locale_gets_ascii),
        cmocka_unit_test(a_picture_is_painted_line_by_line),
        cmocka_unit_test(the_past_of_a_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
