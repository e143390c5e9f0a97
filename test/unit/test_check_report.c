/*
 * test_check_report.c: findings as a person and as a program reads them, whatever their bytes are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "master/check_report.h"

/* A report into memory. */
struct paper {
    struct check_report report;
    FILE *file;
    char *text;
    size_t size;
};

static void
begin(struct paper *paper, bool is_json)
{
    paper->file = open_memstream(&paper->text, &paper->size);
    assert_non_null(paper->file);
    assert_int_equal(check_report_init(&paper->report, paper->file, is_json), 0);
}

static void
end(struct paper *paper)
{
    check_report_done(&paper->report);
    fclose(paper->file);
    free(paper->text);
}

static void
a_person_reads_lines(void **state)
{
    const struct check_failure first = {"redis", EXIT_CODE_UNAVAILABLE, "start it"};
    const struct check_failure second = {"control", EXIT_CODE_CONFIG, NULL};
    struct paper paper;

    (void)state;
    begin(&paper, false);
    check_report_ok(&paper.report, "mold", "%s", "/a");
    check_report_warn(&paper.report, "threads", "end it", "one\ntwo\x1b[2J\n");
    check_report_fail(&paper.report, &first, "down");
    check_report_fail(&paper.report, &second, "no place");
    /* The first failure is what a start would meet first. */
    assert_int_equal(check_report_finish(&paper.report, NULL), EXIT_CODE_UNAVAILABLE);
    assert_string_equal(paper.text, "ok       mold           /a\n"
                                    "warning  threads        one two?[2J; end it\n"
                                    "FAILED   redis          down; start it\n"
                                    "FAILED   control        no place\n"
                                    "\n"
                                    "The service would not work: 2 failures, 1 warning.\n");
    end(&paper);
}

static void
all_is_well(void **state)
{
    struct paper paper;

    (void)state;
    begin(&paper, false);
    assert_int_equal(check_report_finish(&paper.report, NULL), EXIT_CODE_OK);
    assert_string_equal(paper.text, "\nThe service would start; 0 warnings.\n");
    end(&paper);
}

static void
a_program_reads_json(void **state)
{
    const struct check_failure failure = {"mold", EXIT_CODE_BOOT_FAILED, NULL};
    struct paper paper;
    json_t *all, *finding;

    (void)state;
    begin(&paper, true);
    check_report_ok(&paper.report, "control", "/\xff/c.sock");
    check_report_fail(&paper.report, &failure, "dead");
    assert_int_equal(check_report_finish(&paper.report,
                                         json_pack("{s:o}", "trace", check_report_lines("a\n\nb"))),
                     EXIT_CODE_BOOT_FAILED);
    all = json_loads(paper.text, 0, NULL);
    assert_non_null(all);
    assert_true(json_is_false(json_object_get(all, "ok")));
    assert_int_equal(json_integer_value(json_object_get(all, "code")), 75);
    assert_int_equal(json_array_size(json_object_get(all, "trace")), 2);
    assert_int_equal(json_array_size(json_object_get(all, "findings")), 2);
    finding = json_array_get(json_object_get(all, "findings"), 0);
    assert_string_equal(json_string_value(json_object_get(finding, "text")), "/?/c.sock");
    assert_string_equal(json_string_value(json_object_get(finding, "verdict")), "ok");
    assert_true(json_is_null(json_object_get(finding, "remedy")));
    json_decref(all);
    end(&paper);
}

static void
what_cannot_be_written_is_an_error(void **state)
{
    struct check_report report;
    FILE *full = fopen("/dev/full", "we");

    (void)state;
    if (full == NULL) {
        print_message("skipped: there is no /dev/full\n");
        skip();
    }
    assert_int_equal(check_report_init(&report, full, true), 0);
    assert_int_equal(check_report_finish(&report, NULL), EXIT_CODE_INTERNAL);
    check_report_done(&report);
    fclose(full);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_reads_lines),
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(a_program_reads_json),
        cmocka_unit_test(what_cannot_be_written_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
