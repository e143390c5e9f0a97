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

#include "master/status_classes.h"
#include "master/status_table.h"
#include "master/status_view.h"
#include "master/util.h"
#include "status_case.h"

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

static char *
view(const char *json, int quotes)
{
    json_t *status = status_case_json(json, quotes);
    char *text = status_view(status);

    assert_non_null(text);
    json_decref(status);
    return text;
}

static void
test_healthy(void **state)
{
    char *text = view(healthy, 1);

    (void)state;
    assert_string_equal(
        text, "swarm   0.1.0  pid 7  up 2h 3m  running\n"
              "app     shop (production)  Sidekiq 7.3.9  Rails 7.2.2  ruby 3.1.2p20\n"
              "        redis://localhost:6379/0\n"
              "queues  critical, default, low  10 threads  25s to finish at a stop\n"
              "workers 2 processes  surge 1  drain 5m\n"
              "limits  max-rss 800M  checked every 5s\n"
              "\n"
              "SLOT  STATE   PID  GEN   AGE  RSS  PSS USS SHARE KEPT GROWTH LIMIT CPU BUSY DONE\n"
              "mold  ready     8    1  2h3m 213M  80M 12M   94%\n"
              "0     ready   812    1  2h3m 240M 100M 60M   75%    -      -     -   -    2 1234\n"
              "1     ready  1900    1 5m12s 1.4G    -   -     -    -      -     -   -    0   80\n"
              "      the last one left: signal 9; restarts 1\n"
              "\n"
              "now     2 of 2 ready  2 busy  PSS of all 180M\n"
              "so far  jobs done 1314  failed 4  deaths 1  recycles 0  kills 0  failed spawns 0\n"
              "        molds 1\n");
    status_case_assert_fits(text, STATUS_TABLE_WIDTH);
    free(text);
}

static void
test_replacement_and_empty_slot(void **state)
{
    char *text = view(
        "{'ok':true,'version':'0.1.0','pid':1234567,'uptime_s':59.7,'state':'running',"
        "'degraded':'no mold','log_dropped':12,'application':null,'limits':{'processes':2,"
        "'max_rss_bytes':0,'check_interval_s':5.0,'drain_timeout_s':null,'surge':1},'molds':[],"
        "'slots':[{'slot':0,'restarts':0,'last_reason':'rss','wait_s':null,'workers':["
        "{'role':'leaving','pid':1234570,'generation':1,'state':'draining','reason':'rss',"
        "'age_s':90061,'rss_bytes':11811160064,'busy':1,'done':123456},"
        "{'role':'successor','pid':1234599,'generation':2,'state':'booting','reason':null,"
        "'age_s':0.4,'rss_bytes':901120,'busy':null,'done':0}]},"
        "{'slot':1,'restarts':7,'last_reason':'exit 1','wait_s':3.375,'workers':[]}],"
        "'totals':{'ready':0,'busy':1,'pss_bytes':null},'counters':{'mold_starts':2}}",
        1);

    (void)state;
    status_case_assert_has(text,
                           "swarm   0.1.0  pid 1234567  up 59s  running  DEGRADED: no mold\n");
    status_case_assert_has(text, "        12 log lines LOST\n");
    status_case_assert_has(text, "workers 2 processes  surge 1  drain without end\n");
    status_case_assert_has(text, "limits  none on memory, jobs or age\n");
    status_case_assert_has(text, "0 old draining 1234570   1 1d1h  11G   -   -     -    -");
    status_case_assert_has(text, "\n      leaves: rss\n0 new booting  1234599   2 0.4s 880K");
    status_case_assert_has(text, "\n1     empty          -   -    -    -   -   -");
    status_case_assert_has(text, "\n      the last one left: exit 1, again in 3.4s; restarts 7\n");
    status_case_assert_has(text, "now     0 of 2 ready  1 busy  PSS of all -\n");
    status_case_assert_fits(text, STATUS_TABLE_WIDTH);
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
        char *text = view(answers[i], 1);

        status_case_assert_has(text, "swarm   ");
        status_case_assert_has(text, "SLOT");
        status_case_assert_fits(text, STATUS_TABLE_WIDTH);
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
             "\"last_reason\":\"\\u001b]0;title\",\"workers\":[]}]}",
             0);

    (void)state;
    for (const char *at = text; *at != '\0'; at++) {
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
        assert_true(*at != 0x7F && (unsigned char)*at != 0xC2);
    }
    status_case_assert_has(text, "?[2J?");
    status_case_assert_has(text, "a?b");
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
    status_case_assert_fits(text, STATUS_TABLE_WIDTH);
    status_case_assert_has(text, "\n15   quieting 4194289 59m59s 800M 700M 600M   25%    -");
    status_case_assert_has(text, "   10 9999999\n      the last one left: rss; restarts 12\n");
    free(text);
    json_decref(status);
}

/* Everything that a status may hold, as it is seen at two widths. */
static void
test_full(void **state)
{
    json_t *status = status_case_file("full.json");
    char *narrow = status_view_at(status, 80);
    char *wide = status_view_at(status, 200);

    (void)state;
    status_case_assert_file(narrow, "full.80.txt");
    status_case_assert_file(wide, "full.200.txt");
    free(narrow);
    free(wide);
    json_decref(status);
}

static void
test_every_width_holds(void **state)
{
    json_t *status = status_case_file("full.json");

    (void)state;
    for (size_t width = 0; width < 300; width++) {
        char *text = status_view_at(status, width);
        char *classes = status_classes(status, width < 40 ? 40 : width);

        status_case_assert_fits(text, width < 40 ? 40 : width);
        status_case_assert_fits(classes, width < 40 ? 40 : width);
        free(text);
        free(classes);
    }
    json_decref(status);
}

static void
test_dry_run_and_other_limits(void **state)
{
    char *text = view("{'limits':{'dry_run':true,'max_total_bytes':2147483648,'max_jobs':1000,"
                      "'max_mold_rss_bytes':1073741824,'check_interval_s':0.5,'memory_cycles':1,"
                      "'memory_window':1,'memory_grace_s':10,'max_recycles':2,"
                      "'max_job_time_s':3600,'job_time_action':'kill','stopped_timeout_s':30},"
                      "'group':{'kind':'machine','used_bytes':null,'limit_bytes':null,"
                      "'available_bytes':1073741824,'total_bytes':null,"
                      "'total_limit_bytes':2147483648,'ooms':2},"
                      "'counters':{'ooms':2,'hangs':1,'notify_dropped':3}}",
                      1);

    (void)state;
    status_case_assert_has(text, "        DRY RUN: limits are only reported, nobody is replaced");
    status_case_assert_has(text, "limits  max-total 2.0G  max-jobs 1000  checked every 0.5s  grace "
                                 "10s\n        2 at a time  mold max-rss 1.0G  job time 1h: kill  "
                                 "stopped 30s\n");
    status_case_assert_has(text, "group   machine  uses -  available 1.0G  total - of 2.0G  OOM "
                                 "kills 2\n");
    status_case_assert_has(text, "OOM 2  hangs 1");
    status_case_assert_has(text, "notifications LOST 3");
    status_case_assert_fits(text, STATUS_TABLE_WIDTH);
    free(text);
}

/* What is left of what was shared, and what it would cost without: only where it is known. */
static void
test_sharing(void **state)
{
    char *text = view("{'sharing':{'workers':8,'separate_bytes':2254857830,'retained_percent':"
                      "71.4},'slots':[{'slot':8,'spare':true,'workers':[{'role':'current',"
                      "'state':'waiting','pid':7,'retained_percent':93.1}]}],'application':{"
                      "'tag':'shop','allocator':'jemalloc 5.3.0'}}",
                      1);

    (void)state;
    status_case_assert_has(text, "\nsharing kept 71%  8 separate would take ~2.1G (estimated)\n");
    status_case_assert_has(text, "\nspare waiting   7 ");
    status_case_assert_has(text, "  93%  ");
    status_case_assert_has(text, "app     shop (-)  jemalloc 5.3.0\n");
    free(text);
    text = view("{'sharing':{'workers':8,'separate_bytes':null,'retained_percent':null}}", 1);
    assert_null(strstr(text, "\nsharing"));
    free(text);
}

static void
test_classes(void **state)
{
    json_t *status = status_case_file("full.json");
    json_t *old = json_object(), *none = json_pack("{s:[]}", "classes");
    char *text = status_classes(status, 80);

    (void)state;
    status_case_assert_file(text, "classes.80.txt");
    free(text);
    text = status_classes(old, 80);
    assert_string_equal(text, "The running service is older and does not know of classes.\n");
    free(text);
    text = status_classes(none, 80);
    assert_string_equal(text, "No job has been worked on yet.\n");
    free(text);
    json_decref(status);
    json_decref(old);
    json_decref(none);
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
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_every_width_holds),
        cmocka_unit_test(test_dry_run_and_other_limits),
        cmocka_unit_test(test_sharing),
        cmocka_unit_test(test_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
