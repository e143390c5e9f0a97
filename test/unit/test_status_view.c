/*
 * test_status_view.c: status answers in, tables out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "master/status_table.h"
#include "master/status_view.h"
#include "master/util.h"

static char *
view(const char *json)
{
    json_error_t error;
    json_t *status = json_loads(json, 0, &error);
    char *text;

    if (status == NULL) {
        fail_msg("line %d: %s", error.line, error.text);
    }
    text = status_view(status);
    assert_non_null(text);
    json_decref(status);
    return text;
}

static void
assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" is missing in:\n%s", part, text);
    }
}

static void
assert_narrow_line(const char *text, size_t length)
{
    char line[1024];

    assert_true(length < sizeof(line));
    memcpy(line, text, length);
    line[length] = '\0';
    if (status_table_width(line) > STATUS_TABLE_WIDTH || (length > 0 && line[length - 1] == ' ')) {
        fail_msg("too wide, or a space at its end: \"%s\"", line);
    }
}

static void
assert_narrow(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        assert_narrow_line(text, length);
        text += length + (text[length] == '\n');
    }
}

static const char healthy[] =
    "{'ok':true,'version':'0.1.0','pid':7,'uptime_s':7412.9,'state':'running','degraded':null,"
    "'log_dropped':0,'application':{'tag':'shop','environment':'production','sidekiq':'7.3.9',"
    "'rails':'7.2.2','ruby':'ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]',"
    "'redis':'redis://localhost:6379/0','queues':'critical, default, low','concurrency':10,"
    "'timeout_s':25},'limits':{'processes':2,'max_rss_bytes':838860800,'check_interval_s':5.0,"
    "'drain_timeout_s':300,'surge':1},'molds':[{'generation':1,'pid':8,'state':'ready',"
    "'age_s':7411.0,'boot_s':4.13,'rss_bytes':223346688,'pss_bytes':83886080,"
    "'uss_bytes':12582912}],'slots':[{'slot':0,'index':0,'restarts':0,'recycles':0,"
    "'last_reason':null,'wait_s':null,'workers':[{'role':'current','pid':812,'generation':1,"
    "'state':'ready','reason':null,'age_s':7400.2,'rss_bytes':251658240,'pss_bytes':104857600,"
    "'uss_bytes':62914560,'swap_bytes':0,'busy':2,'started':1240,'done':1234,'failed':4}]},"
    "{'slot':1,'index':1,'restarts':1,'recycles':0,'last_reason':'signal 9','wait_s':null,"
    "'workers':[{'role':'current','pid':1900,'generation':1,'state':'ready','reason':null,"
    "'age_s':312.0,'rss_bytes':1503238553,'pss_bytes':null,'uss_bytes':null,'swap_bytes':null,"
    "'busy':0,'started':80,'done':80,'failed':0}]}],'totals':{'ready':2,'busy':2,'started':1320,"
    "'done':1314,'failed':4,'pss_bytes':188743680},'counters':{'deaths':1,'recycles':0,'kills':0,"
    "'spawn_failures':0,'mold_starts':1}}";

/* Single quotes keep the literals readable. */
static char *
view_quoted(const char *json)
{
    char *copy = strdup(json);
    char *text;

    assert_non_null(copy);
    for (char *at = copy; *at != '\0'; at++) {
        if (*at == '\'') {
            *at = '"';
        }
    }
    text = view(copy);
    free(copy);
    return text;
}

static void
test_healthy(void **state)
{
    char *text = view_quoted(healthy);

    (void)state;
    assert_string_equal(
        text, "swarm   0.1.0  pid 7  up 2h 3m  running\n"
              "app     shop (production)  Sidekiq 7.3.9  Rails 7.2.2  ruby 3.1.2p20\n"
              "        redis://localhost:6379/0\n"
              "queues  critical, default, low  10 threads  25s to finish at a stop\n"
              "limits  2 processes  RSS 800M, checked every 5s  drain 5m  surge 1\n"
              "\n"
              "SLOT  STATE   PID  GEN    AGE   RSS   PSS  USS  BUSY  DONE  RESTARTS  REASON\n"
              "mold  ready     8    1   2h3m  213M   80M  12M                        boot 4.1s\n"
              "0     ready   812    1   2h3m  240M  100M  60M     2  1234         0  -\n"
              "1     ready  1900    1  5m12s  1.4G     -    -     0    80         1  signal 9\n"
              "\n"
              "now     2 of 2 ready  2 busy  PSS of all 180M\n"
              "so far  jobs done 1314  failed 4  deaths 1  recycles 0  kills 0  failed spawns 0\n"
              "        molds 1\n");
    assert_narrow(text);
    free(text);
}

static void
test_replacement_and_empty_slot(void **state)
{
    char *text = view_quoted(
        "{'ok':true,'version':'0.1.0','pid':1234567,'uptime_s':59.7,'state':'running',"
        "'degraded':'no mold','log_dropped':12,'application':null,'limits':{'processes':2,"
        "'max_rss_bytes':0,'check_interval_s':5.0,'drain_timeout_s':null,'surge':1},'molds':[],"
        "'slots':[{'slot':0,'restarts':0,'last_reason':'rss','wait_s':null,'workers':["
        "{'role':'leaving','pid':1234570,'generation':1,'state':'draining','reason':'rss',"
        "'age_s':90061,'rss_bytes':11811160064,'busy':1,'done':123456},"
        "{'role':'successor','pid':1234599,'generation':2,'state':'booting','reason':null,"
        "'age_s':0.4,'rss_bytes':901120,'busy':null,'done':0}]},"
        "{'slot':1,'restarts':7,'last_reason':'exit 1','wait_s':3.375,'workers':[]}],"
        "'totals':{'ready':0,'busy':1,'pss_bytes':null},'counters':{'mold_starts':2}}");

    (void)state;
    assert_has(text, "swarm   0.1.0  pid 1234567  up 59s  running  DEGRADED: no mold\n");
    assert_has(text, "        12 log lines LOST\n");
    assert_has(text, "no limit on RSS  drain without end  surge 1\n");
    assert_has(text, "0 old draining 1234570   1 1d1h  11G   -   -    1 123456        0 rss\n");
    assert_has(text, "0 new booting  1234599   2 0.4s 880K   -   -    -      0        0 rss\n");
    assert_has(text, "1     empty          -   -    -    -   -   -    -      -        7 exit 1, "
                     "again in 3.4s\n");
    assert_has(text, "now     0 of 2 ready  1 busy  PSS of all -\n");
    free(text);
}

static void
test_nothing_known(void **state)
{
    static const char *const answers[] = {
        "{}",
        "{'slots':null,'molds':7,'application':'x','limits':[],'totals':true}",
        "{'slots':[null,3,{}],'molds':[null],'application':{},'limits':{},'pid':'7'}",
        "{'slots':[{'slot':'a','workers':[7,null]}],'uptime_s':-1,'version':3}",
        "{'uptime_s':1e300,'molds':[{'rss_bytes':-5,'age_s':1e99}]}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        char *text = view_quoted(answers[i]);

        assert_has(text, "swarm   ");
        assert_has(text, "SLOT  STATE");
        assert_narrow(text);
        free(text);
    }
}

/* What an application calls itself must not reach the terminal as a command. */
static void
test_hostile_texts(void **state)
{
    char *text =
        view("{\"version\":\"\\u001b[2J\\u0007\",\"state\":\"a\\nb\",\"application\":{\"tag\":"
             "\"x\\u009b31my\\u007f\",\"environment\":\"e\\te\"},\"slots\":[{\"slot\":1,"
             "\"last_reason\":\"\\u001b]0;title\",\"workers\":[]}]}");

    (void)state;
    for (const char *at = text; *at != '\0'; at++) {
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
        assert_true(*at != 0x7F && (unsigned char)*at != 0xC2);
    }
    assert_has(text, "?[2J?");
    assert_has(text, "a?b");
    free(text);
}

static void
test_sixteen_workers_with_large_figures_fit(void **state)
{
    json_t *slots = json_array();
    json_t *status = json_pack("{s:s,s:o}", "version", "0.1.0", "slots", slots);
    char *text;

    (void)state;
    for (int i = 0; i < 16; i++) {
        json_array_append_new(
            slots,
            json_pack("{s:i,s:i,s:s,s:[{s:s,s:i,s:i,s:s,s:i,s:I,s:I,s:I,s:i,s:i}]}", "slot", i,
                      "restarts", 12, "last_reason", "rss", "workers", "role", "current", "pid",
                      4194304 - i, "generation", 12, "state", "quieting", "age_s", 3599,
                      "rss_bytes", (json_int_t)838860800, "pss_bytes", (json_int_t)734003200,
                      "uss_bytes", (json_int_t)629145600, "busy", 10, "done", 9999999));
    }
    text = status_view(status);
    assert_non_null(text);
    assert_narrow(text);
    assert_has(text,
               "15    quieting  4194289   12  59m59s 800M 700M 600M   10 9999999       12 rss\n");
    free(text);
    json_decref(status);
}

static void
test_width_counts_characters(void **state)
{
    char cut[6];

    (void)state;
    assert_int_equal(status_table_width(""), 0);
    assert_int_equal(status_table_width("abc"), 3);
    assert_int_equal(status_table_width("größe"), 5);
    status_table_plain(cut, sizeof(cut), "größe");
    assert_string_equal(cut, "grö");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_healthy),
        cmocka_unit_test(test_replacement_and_empty_slot),
        cmocka_unit_test(test_nothing_known),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_sixteen_workers_with_large_figures_fit),
        cmocka_unit_test(test_width_counts_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
