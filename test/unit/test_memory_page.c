/*
 * test_memory_page.c: status answers in, the page and the JSON of `swarm memory` out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "master/memory_page.h"
#include "master/status_table.h"
#include "status_case.h"

/* A worker whose figures are those of `template`, with another pid and another share of what it shared. */
#define WORKER(pid, kept)                                                                          \
    "'workers':[{'role':'current','pid':" #pid ",'generation':1,'state':'ready','age_s':15.2,"     \
    "'rss_bytes':206569472,'shared_bytes':129761280,'uss_bytes':76808192,'swap_bytes':0,"          \
    "'pss_bytes':101711872,'fresh_rss_bytes':176160768,'retained_percent':" kept ",'done':635}]"
#define MOLD                                                                                       \
    "'molds':[{'generation':1,'pid':28231,'state':'ready','age_s':26.1,'rss_bytes':188743680,"     \
    "'shared_bytes':139460608,'uss_bytes':49283072,'swap_bytes':0,'pss_bytes':76546048,"           \
    "'fresh_rss_bytes':188743680}]"
#define SHARING                                                                                    \
    "'sharing':{'prefork':true,'workers':2,'standalone_basis':'mold',"                             \
    "'standalone_boot_bytes':188743680,'standalone_growth_bytes':30408704,"                        \
    "'standalone_file_bytes':18874368,'separate_bytes':419430400,'retained_percent':83.3}"
#define TOTALS "'totals':{'rss_bytes':601882624,'pss_bytes':279969792,'uss_bytes':202899456}"

static char *
page(const char *literal)
{
    json_t *status = status_case_json(literal, 1);
    char *text = memory_page(status, STATUS_TABLE_WIDTH);

    assert_non_null(text);
    json_decref(status);
    return text;
}

static void
test_two_workers(void **state)
{
    char *text = page("{'application':{'allocator':'jemalloc 5.3.0'}," MOLD ",'slots':[{'slot':0,"
                      "'spare':false," WORKER(28514, "95.2") "},{'slot':1,'spare':false," WORKER(
                          28518, "71.4") "}]," TOTALS "," SHARING "}");

    (void)state;
    assert_string_equal(
        text, "SLOT  STATE    PID  AGE   RSS  SHARED  PRIVATE  SWAP   PSS  KEPT  GROWN  DONE\n"
              "mold  ready  28231  26s  180M    133M      47M     0   73M            0\n"
              "0     ready  28514  15s  197M    124M      73M     0   97M   95%   +29M   635\n"
              "1     ready  28518  15s  197M    124M      73M     0   97M   71%   +29M   635\n"
              "all                      574M             194M        267M\n"
              "\n"
              "2 workers and the mold take 267M (the sum of PSS: shared pages count once).\n"
              "2 separate processes would take about ~400M (estimated: one takes 180M when it\n"
              "has booted, as the mold did; its jobs change that by +29M, the median of the\n"
              "workers; pages of files count once).\n"
              "So sharing saves about ~133M, 33% (estimated).\n"
              "Worker 1 shares 71% of what it shared after its fork; no other has lost more.\n"
              "`swarm memory --map 1` shows where its private pages are.\n"
              "Allocator: jemalloc 5.3.0.\n");
    status_case_assert_fits(text, STATUS_TABLE_WIDTH);
    free(text);
}

static void
test_well_kept(void **state)
{
    char *text =
        page("{'slots':[{'slot':0," WORKER(7, "99.9") "},{'slot':1," WORKER(8, "95.2") "}]}");

    (void)state;
    status_case_assert_has(text, "Each worker shares at least 95% of what it shared after its");
    free(text);
    text = page("{'slots':[{'slot':0," WORKER(7, "100.0") "}]}");
    status_case_assert_has(text, "Each worker shares 100% of what it shared after its fork.\n");
    free(text);
}

/* What is not known is not made up. */
static void
test_unknown_stays_unknown(void **state)
{
    char *text =
        page("{'molds':[{'pid':8,'state':'starting'}],'slots':[{'slot':0,'workers':[{'role':"
             "'current','pid':9,'state':'ready','rss_bytes':1048576,'uss_bytes':null,"
             "'retained_percent':null}]}],'totals':{'pss_bytes':null},'sharing':{'workers':1,"
             "'standalone_basis':null,'separate_bytes':null,'retained_percent':null}}");

    (void)state;
    assert_string_equal(
        text, "SLOT  STATE     PID  AGE   RSS  SHARED  PRIVATE  SWAP  PSS  KEPT  GROWN  DONE\n"
              "mold  starting    8    -     -       -        -     -    -            -\n"
              "0     ready       9    -  1.0M       -        -     -    -     -      -     -\n"
              "all                          -                -          -\n"
              "\n"
              "What 1 worker and the mold take together is not known: PSS of some of them\n"
              "cannot be read, or they just begin.\n");
    free(text);
}

static void
test_spares_and_several_molds(void **state)
{
    char *text = page("{'molds':[{'pid':7},{'pid':8}],'slots':[{'slot':0,'spare':false," WORKER(
        9, "100.0") "},{'slot':1,'spare':true," WORKER(10, "100.0") "}]," TOTALS "}");

    (void)state;
    status_case_assert_has(text, "\nspare  ready   10");
    status_case_assert_has(text, "\n1 worker, 1 spare and 2 molds take 267M (the sum of PSS");
    free(text);
}

static void
test_without_forking_nothing_is_said_to_be_saved(void **state)
{
    char *text = page("{'slots':[{'slot':0," WORKER(
        9, "null") "}]," TOTALS ",'sharing':{'prefork':false,'workers':1,'standalone_basis':"
                   "'workers','standalone_boot_bytes':188743680,'standalone_growth_bytes':-1048576,"
                   "'separate_bytes':419430400}}");

    (void)state;
    status_case_assert_has(text, "1 worker takes 267M (the sum of PSS");
    status_case_assert_has(text, "1 separate process would take about ~400M (estimated: one takes "
                                 "180M when it has\nbooted, as a worker did; its jobs change that "
                                 "by -1.0M,");
    status_case_assert_has(text, "\nNothing is forked here (--no-prefork): only pages of files are "
                                 "shared.\n");
    assert_null(strstr(text, "saves"));
    free(text);
}

/* Answers of other versions, and of nobody. */
static void
test_strange_answers_at_every_width(void **state)
{
    static const char *const answers[] = {
        "{}",
        "{'slots':null,'molds':7,'application':'x','sharing':[],'totals':true}",
        "{'slots':[null,3,{}],'molds':[null],'sharing':{'workers':'x','separate_bytes':1}}",
        "{'slots':[{'slot':'a','workers':[7,null]}],'sharing':{'standalone_basis':7}}",
        "{'slots':[{'workers':[{'retained_percent':-1e300}]}],'totals':{'pss_bytes':-5}}",
        "{'application':{'allocator':'\\u001b[2J\\u0007'}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        json_t *status = status_case_json(answers[i], 1);
        json_t *json = memory_page_json(status);

        assert_non_null(json);
        for (size_t width = 40; width < 200; width += 9) {
            char *text = memory_page(status, width);

            assert_non_null(text);
            assert_null(strchr(text, '\x1b'));
            status_case_assert_fits(text, width);
            free(text);
        }
        json_decref(json);
        json_decref(status);
    }
}

/* Everything that a status may hold. */
static void
test_full(void **state)
{
    json_t *status = status_case_file("full.json");
    char *text = memory_page(status, 80);
    json_t *json = memory_page_json(status);
    json_t *slots = json_object_get(json, "slots");
    json_t *worker = json_array_get(json_object_get(json_array_get(slots, 0), "workers"), 0);

    (void)state;
    status_case_assert_file(text, "memory.80.txt");
    free(text);
    assert_int_equal(json_array_size(slots), 5);
    assert_true(json_is_true(json_object_get(json_array_get(slots, 4), "spare")));
    assert_int_equal(json_integer_value(json_object_get(worker, "fresh_shared_bytes")), 230686720);
    assert_string_equal(json_string_value(json_object_get(json, "allocator")), "jemalloc 5.3.0");
    assert_true(json_equal(json_object_get(json, "sharing"), json_object_get(status, "sharing")));
    assert_null(json_object_get(json, "ok"));
    json_decref(json);
    json_decref(status);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_workers),
        cmocka_unit_test(test_well_kept),
        cmocka_unit_test(test_unknown_stays_unknown),
        cmocka_unit_test(test_spares_and_several_molds),
        cmocka_unit_test(test_without_forking_nothing_is_said_to_be_saved),
        cmocka_unit_test(test_strange_answers_at_every_width),
        cmocka_unit_test(test_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
