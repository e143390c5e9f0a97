/*
 * test_check_words.c: what was seen of a boot goes in, findings come out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "master/check_words.h"

/* A mold that is ready, of an application without a fault. */
static struct check_boot
make_ready(void)
{
    struct check_boot boot = {
        .end = CHECK_READY,
        .facts_known = true,
        .memory = {.rss_known = true, .rss_bytes = UINT64_C(100) << 20},
        .facts =
            {
                .ruby = "ruby 3.1.2",
                .sidekiq = "7.3.10",
                .environment = "test",
                .queues = "default",
                .redis = "redis://r:6379/0",
                .redis_version = "7.0.15",
                .redis_policy = "noeviction",
                .redis_us = 1500,
                .concurrency = 5,
                .timeout_ms = 25000,
            },
    };

    return boot;
}

static const struct config forking = {.prefork = true, .fork_hooks = true, .boot_timeout_ms = 500};

static const char *
text_of(const json_t *finding, const char *key)
{
    return json_string_value(json_object_get(finding, key));
}

/* The finding of that name with a verdict, or NULL. */
static const json_t *
find(const struct check_report *report, const char *name, const char *verdict)
{
    const json_t *finding;
    size_t i;

    json_array_foreach(report->findings, i, finding)
    {
        if (strcmp(text_of(finding, "name"), name) == 0 &&
            strcmp(text_of(finding, "verdict"), verdict) == 0) {
            return finding;
        }
    }
    return NULL;
}

struct expected {
    const char *name;
    const char *verdict;
    const char *text; /* a part of it */
    int code;
};

static void
assert_finds(const struct config *config, const struct check_boot *boot,
             const struct expected *expected)
{
    struct check_report report;
    const json_t *finding;

    assert_int_equal(check_report_init(&report, stdout, true), 0);
    check_words_boot(&report, config, boot);
    finding = find(&report, expected->name, expected->verdict);
    if (finding == NULL || strstr(text_of(finding, "text"), expected->text) == NULL) {
        fail_msg("no %s of %s with \"%s\", but: %s", expected->verdict, expected->name,
                 expected->text, finding == NULL ? "none" : text_of(finding, "text"));
    }
    assert_int_equal(report.code, expected->code);
    check_report_done(&report);
}

#define FINDS(config, boot, ...) assert_finds(config, boot, &(struct expected){__VA_ARGS__})

static void
a_mold_without_a_fault(void **state)
{
    struct check_boot boot = make_ready();

    (void)state;
    FINDS(&forking, &boot, "application", "ok", "boots in test: Sidekiq 7.3.10, queues default", 0);
    FINDS(&forking, &boot, "redis", "ok", "redis://r:6379/0 answered PING in 1.5 ms; Redis 7.0.15",
          0);
    FINDS(&forking, &boot, "threads", "ok", "none", 0);
    FINDS(&forking, &boot, "memory", "ok", "100 MiB RSS", 0);
    FINDS(&forking, &boot, "bundler", "ok", "no Gemfile", 0);
}

static void
limits_around_the_size_of_a_mold(void **state)
{
    struct config config = forking;
    struct check_boot boot = make_ready();

    (void)state;
    config.max_rss_bytes = boot.memory.rss_bytes;
    FINDS(&config, &boot, "max_rss", "warning", "--max-rss 100M is not more than the 100 MiB", 0);
    config.max_rss_bytes = boot.memory.rss_bytes * 2;
    FINDS(&config, &boot, "max_rss", "ok", "--max-rss 200M leaves 100 MiB", 0);
    boot.memory.rss_known = false;
    FINDS(&config, &boot, "memory", "warning", "cannot be read", 0);
}

static void
redis_without_an_answer(void **state)
{
    struct check_boot boot = make_ready();

    (void)state;
    util_copy_text(boot.facts.redis_error, sizeof(boot.facts.redis_error), "refused");
    FINDS(&forking, &boot, "redis", "failed", "does not answer: refused", EXIT_CODE_UNAVAILABLE);
    boot = make_ready();
    boot.facts.redis_version[0] = '\0';
    FINDS(&forking, &boot, "redis", "failed", "told no version", EXIT_CODE_UNAVAILABLE);
}

static void
failures_by_their_stage(void **state)
{
    static const struct {
        const char *stage;
        const char *kind;
        const char *name;
    } rows[] = {
        {"start", "RubyMismatch", "ruby"},
        {"start", "InstallationError", "mold"},
        {"load", "LoadError", "mold"},
        {"ruby", "SystemExit", "bundler"},
        {"before_fork", "RuntimeError", "hooks"},
        {"boot", "IOError", "application"},
        {"prepare", "NoMemoryError", "application"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct check_boot boot = {.end = CHECK_LEFT, .failure_known = true};

        util_copy_text(boot.failure.stage, sizeof(boot.failure.stage), rows[i].stage);
        util_copy_text(boot.failure.kind, sizeof(boot.failure.kind), rows[i].kind);
        FINDS(&forking, &boot, rows[i].name, "failed", rows[i].kind, EXIT_CODE_BOOT_FAILED);
    }
}

static void
a_long_text_is_cut(void **state)
{
    struct check_boot boot = {.end = CHECK_LEFT, .failure_known = true};

    (void)state;
    util_copy_text(boot.failure.kind, sizeof(boot.failure.kind), "NoMethodError");
    util_copy_text(boot.failure.place, sizeof(boot.failure.place), "a.rb:1");
    memset(boot.failure.text, 'x', sizeof(boot.failure.text) - 1);
    FINDS(&forking, &boot, "application", "failed", "xxx ... (a.rb:1)", EXIT_CODE_BOOT_FAILED);
}

static void
ends_without_a_word(void **state)
{
    struct check_boot boot = {.end = CHECK_LEFT,
                              .ending = {.signaled = true, .core = true, .code = SIGSEGV}};

    (void)state;
    FINDS(&forking, &boot, "application", "failed",
          "ended by SEGV before its first step ended, with a core dump", EXIT_CODE_BOOT_FAILED);
    boot = (struct check_boot){.end = CHECK_LEFT, .ending = {.code = 3}, .step_count = 1};
    util_copy_text(boot.steps[0].name, sizeof(boot.steps[0].name), "gems");
    FINDS(&forking, &boot, "application", "failed", "code 3 after the step gems",
          EXIT_CODE_BOOT_FAILED);
    FINDS(&forking, &boot, "steps", "ok", "gems 0.00 s", EXIT_CODE_BOOT_FAILED);
    boot.end = CHECK_LATE;
    FINDS(&forking, &boot, "application", "failed", "within 0.5s", EXIT_CODE_BOOT_FAILED);
    boot.end = CHECK_GARBAGE;
    FINDS(&forking, &boot, "mold", "failed", "no message", EXIT_CODE_BOOT_FAILED);
    boot.end = CHECK_MUTE;
    FINDS(&forking, &boot, "mold", "failed", "its link", EXIT_CODE_BOOT_FAILED);
    boot = (struct check_boot){.end = CHECK_NOT_STARTED, .error = -EACCES};
    FINDS(&forking, &boot, "mold", "failed", "Permission denied", EXIT_CODE_BOOT_FAILED);
}

static void
the_details_of_what_is_not_known_are_null(void **state)
{
    const struct check_boot boot = {.end = CHECK_LATE};
    json_t *all = check_words_details(&boot);

    (void)state;
    assert_true(json_is_null(json_object_get(all, "application")));
    assert_true(json_is_null(json_object_get(all, "redis")));
    assert_true(json_is_null(json_object_get(all, "memory")));
    assert_true(json_is_null(json_object_get(all, "failure")));
    assert_int_equal(json_array_size(json_object_get(all, "steps")), 0);
    json_decref(all);
}

static void
the_details_of_memory_tell_what_is_known(void **state)
{
    struct check_boot boot = {.end = CHECK_READY, .facts_known = true};
    json_t *all, *memory;

    (void)state;
    boot.memory = (struct memory_figures){
        .rss_known = true, .rss_bytes = UINT64_C(8) << 30, .pss_bytes = 1, .uss_bytes = 1};
    all = check_words_details(&boot);
    memory = json_object_get(all, "memory");
    assert_true(json_integer_value(json_object_get(memory, "rss_bytes")) == INT64_C(8) << 30);
    assert_true(json_is_null(json_object_get(memory, "pss_bytes")));
    assert_true(json_is_null(json_object_get(memory, "uss_bytes")));
    json_decref(all);
    boot.memory.private_known = true;
    boot.memory.rss_known = false;
    all = check_words_details(&boot);
    memory = json_object_get(all, "memory");
    assert_true(json_is_null(json_object_get(memory, "rss_bytes")));
    assert_true(json_is_integer(json_object_get(memory, "pss_bytes")));
    assert_int_equal(json_integer_value(json_object_get(memory, "uss_bytes")), 1);
    json_decref(all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mold_without_a_fault),
        cmocka_unit_test(limits_around_the_size_of_a_mold),
        cmocka_unit_test(redis_without_an_answer),
        cmocka_unit_test(failures_by_their_stage),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(ends_without_a_word),
        cmocka_unit_test(the_details_of_what_is_not_known_are_null),
        cmocka_unit_test(the_details_of_memory_tell_what_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
