/*
 * test_config_rule.c: `[[rule]]`: what its texts mean, what is refused, and rules as text.
 */
#include "config_case.h"

#include <stdio.h>
#include <string.h>

#include "master/config_rule.h"
#include "master/config_rule_text.h"

static void
all_keys_are_read(void **state)
{
    struct config_case test = {.file = "[[rule]]\n"
                                       "name = \"big\"\n"
                                       "when = \"rss > 800M\"\n"
                                       "for = \"3 of 5 cycles\"\n"
                                       "then = \"recycle\"\n"
                                       "else = \"log\"\n"
                                       "\n"
                                       "[[rule]]\n"
                                       "when = \"cpu >= 12.5 %\"\n"
                                       "exec = [\"tell\", \"busy\"]\n"
                                       "else_exec = [\"tell\", \"idle\"]\n"};
    const struct rule *rule;

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.rule_count, 2);
    rule = &test.config.rules[0];
    assert_string_equal(rule->name, "big");
    assert_int_equal(rule->subject, RULE_RSS);
    assert_int_equal(rule->comparison, RULE_ABOVE);
    assert_int_equal(rule->value, 800 * UNITS_MIB);
    assert_int_equal(rule->cycles, 3);
    assert_int_equal(rule->window, 5);
    assert_int_equal(rule->then, RULE_DO_RECYCLE);
    assert_null(rule->then_exec);
    assert_int_equal(rule->otherwise, RULE_DO_LOG);
    assert_int_equal(rule->line, 1);
    rule = &test.config.rules[1];
    assert_string_equal(rule->name, "rule 2");
    assert_int_equal(rule->value, 1250);
    assert_int_equal(rule->cycles, 1);
    assert_int_equal(rule->window, 1);
    assert_int_equal(rule->then, RULE_DO_EXEC);
    assert_string_equal(rule->then_exec[0], "tell");
    assert_string_equal(rule->then_exec[1], "busy");
    assert_null(rule->then_exec[2]);
    assert_int_equal(rule->otherwise, RULE_DO_EXEC);
    assert_string_equal(rule->otherwise_exec[1], "idle");
    assert_int_equal(rule->line, 8);
    config_case_done(&test);
}

/* Of a monitrc: `if totalmem > 800 MB for 5 cycles then restart`. */
static void
a_line_of_a_monitrc_has_its_equal(void **state)
{
    struct config_case test = {.file = "[[rule]]\n"
                                       "when = \"total > 800 MB\"\n"
                                       "for = \"5 cycles\"\n"
                                       "then = \"recycle\"\n"};
    struct config_case terse = {
        .file =
            "rule = [{ when = \"total>800M\", for = 5, then = \"recycle\" }, { when = 'age<1s' }]"};
    char text[RULE_TEXT_SIZE];

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.rule_count, 1);
    assert_int_equal(test.config.rules[0].subject, RULE_TOTAL);
    assert_int_equal(test.config.rules[0].comparison, RULE_ABOVE);
    assert_int_equal(test.config.rules[0].value, 800 * UNITS_MIB);
    assert_int_equal(test.config.rules[0].cycles, 5);
    assert_int_equal(test.config.rules[0].window, 5);
    assert_int_equal(test.config.rules[0].then, RULE_DO_RECYCLE);
    assert_string_equal(rule_format(&test.config.rules[0], text), "total > 800M for 5 cycles");
    config_case_expect(&terse);
    assert_int_equal(terse.config.rule_count, 2);
    assert_string_equal(rule_format(&terse.config.rules[0], text), "total > 800M for 5 cycles");
    assert_string_equal(rule_format(&terse.config.rules[1], text), "age < 1s for 1 cycle");
    assert_int_equal(terse.config.rules[1].then, RULE_DO_LOG);
    assert_int_equal(terse.config.rules[1].otherwise, RULE_DO_NOTHING);
    config_case_done(&test);
    config_case_done(&terse);
}

static void
texts_of_when_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        const char *written;
    } cases[] = {
        {"rss > 800M", "rss > 800M for 1 cycle"},
        {"  pss>=1.5GiB  ", "pss >= 1536M for 1 cycle"},
        {"uss < 300 MB", "uss < 300M for 1 cycle"},
        {"total <= 50%", "total <= 512M for 1 cycle"},
        {"rss > 12.5 %", "rss > 128M for 1 cycle"},
        {"rss > 0.01%", "rss > 107374 for 1 cycle"},
        {"cpu > 80%", "cpu > 80% for 1 cycle"},
        {"cpu\t>\t99.5%", "cpu > 99.5% for 1 cycle"},
        {"cpu > 250.25 %", "cpu > 250.25% for 1 cycle"},
        {"jobs >= 10000", "jobs >= 10000 for 1 cycle"},
        {"age > 1d", "age > 86400s for 1 cycle"},
        {"job_age>90", "job_age > 90s for 1 cycle"},
        {"job_age > 0.5 s", "job_age > 0.5s for 1 cycle"},
        {"jobs <= 0", "jobs <= 0 for 1 cycle"},
    };
    char to[CONFIG_RULE_SENTENCE_SIZE], text[RULE_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rule rule = {.cycles = 1, .window = 1};
        const char *problem = config_rule_when(cases[i].text, UNITS_GIB, &rule, to);

        if (problem != NULL)
            fail_msg("%s: %s", cases[i].text, problem);
        assert_string_equal(rule_format(&rule, text), cases[i].written);
    }
}

static void
what_is_no_when_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *problem;
    } cases[] = {
        {"", "does not begin with a figure"},
        {"rs > 5M", "Did you mean rss?"},
        {"totalmem > 5M", "Did you mean total?"},
        {"RSS > 5M", "The figures are rss, pss, uss, total, cpu, jobs, age, job_age."},
        {"800M < rss", "does not begin with a figure"},
        {"rss", "needs one of >, >=, < and <= behind rss"},
        {"rss = 5M", "needs one of"},
        {"rss == 5M", "needs one of"},
        {"rss >", "rss is compared with \"\": this cannot be understood"},
        {"rss > banana", "a size such as 800M or 50%"},
        {"rss > 8 00M", "this cannot be understood"},
        {"rss > 800M for 5 cycles", "this cannot be understood"},
        {"rss > -5M", "this cannot be understood"},
        {"rss > 101%", "more than all of the memory"},
        {"rss > 99999999T", "this is out of range"},
        {"cpu > 80", "percent of one core such as 80%"},
        {"cpu > 0.001%", "this cannot be understood"},
        {"cpu > 99999999999%", "this is out of range"},
        {"jobs > 5M", "a whole number"},
        {"jobs > 99999999999999999999", "this is out of range"},
        {"age > 5 years", "a duration such as 90s"},
        {"rss < 0", "never holds"},
        {"rss >= 0", "always holds"},
    };
    char to[CONFIG_RULE_SENTENCE_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rule rule = {0};
        const char *problem = config_rule_when(cases[i].text, UNITS_GIB, &rule, to);

        if (problem == NULL || strstr(problem, cases[i].problem) == NULL)
            fail_msg("%s: %s", cases[i].text, problem == NULL ? "accepted" : problem);
    }
    assert_non_null(strstr(config_rule_when("rss > 50%", 0, &(struct rule){0}, to),
                           "how much memory there is could not be read"));
}

static void
texts_of_for_are_read(void **state)
{
    static const struct {
        const char *text;
        unsigned cycles;
        unsigned window;
    } cases[] = {
        {"5 cycles", 5, 5},      {"5", 5, 5},   {"1 cycle", 1, 1},        {"3 of 5", 3, 5},
        {"3 of 5 cycles", 3, 5}, {"3/5", 3, 5}, {" 3  of  5 ", 3, 5},     {"5cycles", 5, 5},
        {"64 of 64", 64, 64},    {"1", 1, 1},   {"1 of 64 cycles", 1, 64}};
    static const char *const wrong[] = {"",           "cycles", "0",    "0 of 5",        "5 of 3",
                                        "65",         "3 of",   "of 3", "3 times",       "3 of 65",
                                        "-3",         "1.5",    "3 5",  "5 cycles more", "0001",
                                        "3 of 5 of 7"};
    char to[CONFIG_RULE_SENTENCE_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rule rule = {0};

        assert_null(config_rule_for(cases[i].text, &rule, to));
        assert_int_equal(rule.cycles, cases[i].cycles);
        assert_int_equal(rule.window, cases[i].window);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct rule rule = {0};
        const char *problem = config_rule_for(wrong[i], &rule, to);

        if (problem == NULL)
            fail_msg("\"%s\" is accepted", wrong[i]);
        assert_non_null(strstr(problem, "\"3 of 5 cycles\", both from 1 to 64"));
        assert_int_equal(rule.window, 0);
    }
}

static void
rules_are_written_with_their_cycles(void **state)
{
    struct rule rule = {.subject = RULE_JOB_AGE,
                        .comparison = RULE_AT_LEAST,
                        .value = UINT64_C(9223372036854775807),
                        .cycles = 63,
                        .window = 64};
    char text[RULE_TEXT_SIZE];

    (void)state;
    assert_string_equal(rule_format(&rule, text),
                        "job_age >= 9223372036854775.807s for 63 of 64 cycles");
    assert_string_equal(rule_subject_name(RULE_USS), "uss");
    assert_string_equal(rule_action_name(RULE_DO_EXEC), "exec");
    rule_done(&rule);
    rule_done(&rule);
}

static void
wrong_keys_and_types_are_refused(void **state)
{
    (void)state;
    config_case_refuse_file("[[rule]]\nwen = \"rss > 1G\"\n", "2:1: ",
                            "has no key wen. Did you mean when? [[rule]] has name, when, for,");
    config_case_refuse_file("[[rule]]\nwhen = 800\n", "2:8: ", "must be a text such as");
    config_case_refuse_file("[[rule]]\nwhen.x = 1\n", "2:1: ", "and this is a table");
    config_case_refuse_file("[[rule]]\nwhen = \"rss > x\"\n", "2:8: ", "rss is compared with");
    config_case_refuse_file("[[rule]]\nfor = 0\n", "2:7: ", "for = \"0\": this is out of range");
    config_case_refuse_file("[[rule]]\nfor = 1.5\n", "2:7: ", "and this is a number");
    config_case_refuse_file("[[rule]]\nthen = \"restart\"\n",
                            "2:8: ", "Allowed: recycle, log, or exec");
    config_case_refuse_file("[[rule]]\nelse = \"recycle\"\n", "2:8: ", "is not recycled");
    config_case_refuse_file("[[rule]]\nexec = \"tell\"\n", "2:8: ", "must be an array of texts");
    config_case_refuse_file("[[rule]]\nexec = []\n", "2:8: ", "names no program");
    config_case_refuse_file("[[rule]]\nexec = [\"\"]\n", "2:9: ", "the program to run");
    config_case_refuse_file("[[rule]]\nexec = [\"a\", 1]\n",
                            "2:14: ", "and this is a whole number");
    config_case_refuse_file("[[rule]]\nelse_exec = [{a = 1}]\n", "2:14: ", "and this is a table");
    config_case_refuse_file("[[rule]]\nname = \"\"\n", "2:8: ", "1 to 48 bytes");
    config_case_refuse_file("[[rule]]\nname = \"a\\nb\"\n", "2:8: ", "no control characters");
    config_case_refuse_file("[[rule]]\nname = \"a\\u0000b\"\n", "2:8: ", "zero character");
    config_case_refuse_file("[rule]\nwhen = \"rss > 1G\"\n", "1:", "write [[rule]] above its keys");
    config_case_refuse_file("rule = 3\n", "1:8: ", "write [[rule]] above its keys");
    config_case_refuse_file("rule = [1]\n", "1:9: ", "write [[rule]] above its keys");
    config_case_refuse_file("[[rules]]\nwhen = \"rss > 1G\"\n", "1:", "Did you mean [[rule]]?");
}

static void
rules_that_say_too_little_or_too_much_are_refused(void **state)
{
    (void)state;
    config_case_refuse_file("[[rule]]\n", "1:", "this rule has no when");
    config_case_refuse_file("[[rule]]\n[[rule]]\nwhen = \"rss > 1G\"\n",
                            "1:", "this rule has no when");
    config_case_refuse_file("[[rule]]\nwhen = \"rss > 1G\"\n[[rule]]\nname = \"x\"\n",
                            "3:", "has no when");
    config_case_refuse_file(
        "[[rule]]\nwhen = \"rss > 1G\"\nthen = \"recycle\"\nexec = [\"a\"]\n",
        "4:1: ", "then = \"recycle\" and exec are two actions, and a rule has one");
    config_case_refuse_file("[[rule]]\nwhen = \"rss > 1G\"\nelse = \"log\"\nelse_exec = [\"a\"]\n",
                            "4:1: ", "else = \"log\" and else_exec are two actions");
    config_case_refuse_file("[[rule]]\nwhen = \"rss > 1G\"\nthen = \"exec\"\n",
                            "3:1: ", "needs the program");
    config_case_refuse_file(
        "[[rule]]\nwhen = \"rss > 1G\"\nname = \"a\"\n[[rule]]\nwhen = \"rss > 1G\"\n"
        "name = \"a\"\n",
        "6:1: ", "the name a is taken by the rule of line 1");
    config_case_refuse_file(
        "[[rule]]\nname = \"rule 2\"\nwhen = \"rss > 1G\"\n[[rule]]\nwhen = \"rss > 1G\"\n",
        "4:", "the name rule 2 is taken");
    config_case_refuse_file("[workers]\nsurge = \"x\"\n[[rule]]\n", "2:9: ", "surge");
}

static void
there_is_an_end_to_rules(void **state)
{
    char file[CONFIG_RULES_MAX * 32 + 64] = "";
    struct config_case test = {.file = file};

    (void)state;
    for (unsigned i = 0; i < CONFIG_RULES_MAX; i++)
        strcat(file, "[[rule]]\nwhen = 'rss > 1G'\n");
    config_case_expect(&test);
    assert_int_equal(test.config.rule_count, CONFIG_RULES_MAX);
    config_case_done(&test);
    strcat(file, "[[rule]]\nwhen = 'rss > 1G'\n");
    config_case_refuse_file(file, "129:", "more than 64 rules");
}

static void
verbs_pass_rules_over(void **state)
{
    struct config_case test = {.file = "[[rule]]\nwen = 3\n", .verb = OPTIONS_VERB_STATUS};

    (void)state;
    config_case_expect(&test);
    assert_int_equal(test.config.rule_count, 0);
    config_case_done(&test);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_keys_are_read),
        cmocka_unit_test(a_line_of_a_monitrc_has_its_equal),
        cmocka_unit_test(texts_of_when_are_read_and_written),
        cmocka_unit_test(what_is_no_when_is_refused),
        cmocka_unit_test(texts_of_for_are_read),
        cmocka_unit_test(rules_are_written_with_their_cycles),
        cmocka_unit_test(wrong_keys_and_types_are_refused),
        cmocka_unit_test(rules_that_say_too_little_or_too_much_are_refused),
        cmocka_unit_test(there_is_an_end_to_rules),
        cmocka_unit_test(verbs_pass_rules_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
