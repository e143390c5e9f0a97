/* check_words.c: see check_words.h. */
#include "check_words.h"

#include <string.h>

#include "signals.h"
#include "units.h"

#define MIB (1024.0 * 1024.0)
#define LIST_SIZE 2048
/* Of an exception's text: Ruby may inspect whole objects into one. The JSON has all of it. */
#define TEXT_SIZE 400
/* With DYNO the platform kills everything 30 s after its TERM; Sidekiq needs some of it to push jobs back. */
#define DYNO_TIMEOUT_MS 25000

/* Which part of a start a failure of that stage (and kind) is about. The first row that fits counts. */
struct blame {
    const char *stage;
    const char *kind; /* NULL: any */
    const char *name;
    const char *remedy;
};

static const struct blame blames[] = {
    {"start", "RubyMismatch", "ruby", NULL},
    {"start", NULL, "mold", "reinstall swarm"},
    {"load", NULL, "mold", "reinstall swarm"},
    {"ruby", NULL, "bundler",
     "Ruby has said why on standard error: run bundle install, or look at RUBYOPT"},
    {"before_warmup", NULL, "hooks", "mend the hook"},
    {"warmup", NULL, "hooks", "mend the hook"},
    {"before_fork", NULL, "hooks", "mend the hook"},
    {"strict_fork", NULL, "fork_safety",
     "mend each of them, or leave --strict-fork out and be warned of them"},
};

static const struct blame *
find_blame(const struct wire_failure *failure)
{
    static const struct blame application = {.name = "application",
                                             .remedy = "mend it, then check again"};

    for (size_t i = 0; i < ARRAY_LEN(blames); i++) {
        if (strcmp(blames[i].stage, failure->stage) == 0 &&
            (blames[i].kind == NULL || strcmp(blames[i].kind, failure->kind) == 0)) {
            return &blames[i];
        }
    }
    return &application;
}

static void
say_failure(struct check_report *report, const struct wire_failure *failure)
{
    const struct blame *blame = find_blame(failure);
    const struct check_failure wrong = {blame->name, EXIT_CODE_BOOT_FAILED, blame->remedy};
    const bool has_place = failure->place[0] != '\0';
    char text[TEXT_SIZE];
    const bool is_whole = util_copy_text(text, sizeof(text), failure->text);

    check_report_fail(report, &wrong, "%s: %s%s%s%s%s", failure->kind, text, is_whole ? "" : " ...",
                      has_place ? " (" : "", failure->place, has_place ? ")" : "");
}

/* "after the step application", or that there was none. */
static const char *
last_step(const struct check_boot *boot, char *to, size_t size)
{
    if (boot->step_count == 0) {
        return "before its first step ended";
    }
    snprintf(to, size, "after the step %s", boot->steps[boot->step_count - 1].name);
    return to;
}

static void
say_left(struct check_report *report, const struct check_boot *boot)
{
    const struct check_failure wrong = {"application", EXIT_CODE_BOOT_FAILED,
                                        "look at what it printed on standard error"};
    char step[128];
    const char *when = last_step(boot, step, sizeof(step));

    if (boot->failure_known) {
        say_failure(report, &boot->failure);
    } else if (boot->ending.signaled) {
        check_report_fail(report, &wrong, "it was ended by %s %s%s",
                          signals_name(boot->ending.code), when,
                          boot->ending.core ? ", with a core dump" : "");
    } else {
        check_report_fail(report, &wrong, "it left with code %d %s, without an exception",
                          boot->ending.code, when);
    }
}

static void
say_late(struct check_report *report, const struct config *config, const struct check_boot *boot)
{
    const struct check_failure wrong = {"application", EXIT_CODE_BOOT_FAILED,
                                        "mend what it waits for, or give a longer --boot-timeout"};
    char limit[UNITS_TEXT_SIZE];
    char step[128];

    check_report_fail(report, &wrong, "it has not booted within %s (--boot-timeout), %s",
                      units_format_duration(config->boot_timeout_ms, limit),
                      last_step(boot, step, sizeof(step)));
}

/* "sidekiq 0.21 s, application 3.20 s" */
static void
say_steps(struct check_report *report, const struct check_boot *boot)
{
    char list[LIST_SIZE] = "";
    size_t used = 0;

    for (unsigned i = 0; i < boot->step_count && used < sizeof(list); i++) {
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s %.2f s", i > 0 ? ", " : "",
                                 boot->steps[i].name, boot->steps[i].took_ms / 1000.0);
    }
    if (boot->step_count > 0) {
        check_report_ok(report, "steps", "%s", list);
    }
}

static void
say_application(struct check_report *report, const struct check_boot *boot)
{
    const struct wire_facts *facts = &boot->facts;
    const bool has_rails = facts->rails[0] != '\0';

    check_report_ok(report, "ruby", "%s", facts->ruby);
    if (facts->bundler[0] != '\0') {
        check_report_ok(report, "bundler", "%s", facts->bundler);
    } else {
        check_report_ok(report, "bundler", "no Gemfile: gems as they are installed");
    }
    check_report_ok(
        report, "application", "boots in %s: %s%s%sSidekiq %s, queues %s, %u threads, -t %u",
        facts->environment, has_rails ? "Rails " : "", facts->rails, has_rails ? ", " : "",
        facts->sidekiq, facts->queues, facts->concurrency, facts->timeout_ms / 1000);
    say_steps(report, boot);
}

/* Lines as a list with commas. */
static void
join_lines(const char *lines, char to[LIST_SIZE])
{
    size_t used = 0;

    for (; *lines != '\0' && used < LIST_SIZE - 3; lines++) {
        if (*lines == '\n') {
            to[used++] = ',';
            to[used++] = ' ';
        } else {
            to[used++] = *lines;
        }
    }
    to[used] = '\0';
}

static void
say_hooks(struct check_report *report, const struct config *config, const char *hooks)
{
    char list[LIST_SIZE];

    join_lines(hooks, list);
    if (hooks[0] == '\0') {
        check_report_ok(report, "hooks", "none");
    } else if (config->fork_hooks) {
        check_report_ok(report, "hooks", "before_fork has run; there are: %s", list);
    } else {
        check_report_warn(report, "hooks", "give --prefork, and they run",
                          "they do not run in this configuration: %s", list);
    }
}

/* A finding for each line, or that there is none. */
static void
say_alive(struct check_report *report, const char *name, const char *lines, const char *harm,
          const char *remedy)
{
    if (*lines == '\0') {
        check_report_ok(report, name, "none is left when workers are forked");
    }
    while (*lines != '\0') {
        int length = (int)strcspn(lines, "\n");

        check_report_warn(report, name, remedy, "%.*s: %s", length, lines, harm);
        lines += length;
        lines += *lines == '\n' ? 1 : 0;
    }
}

static void
say_warmup(struct check_report *report, const struct check_boot *boot)
{
    const struct wire_failure *failure = &boot->warmup;

    if (boot->warmup_known) {
        check_report_warn(report, "warmup", "mend the job, or leave it out of the warm-up",
                          "a job of a warmup hook failed: %s: %.200s (%s)", failure->kind,
                          failure->text, failure->place);
    }
}

static void
say_redis(struct check_report *report, const struct wire_facts *facts)
{
    const struct check_failure wrong = {
        "redis", EXIT_CODE_UNAVAILABLE,
        "start Redis, or mend its address in the application's configuration of Sidekiq"};

    if (facts->redis_error[0] != '\0') {
        check_report_fail(report, &wrong, "%s does not answer: %s", facts->redis,
                          facts->redis_error);
        return;
    }
    if (facts->redis_version[0] == '\0') {
        check_report_fail(report, &wrong, "%s told no version", facts->redis);
        return;
    }
    check_report_ok(report, "redis", "%s answered PING in %.1f ms; Redis %s", facts->redis,
                    facts->redis_us / 1000.0, facts->redis_version);
    if (facts->redis_policy[0] != '\0' && strcmp(facts->redis_policy, "noeviction") != 0) {
        check_report_warn(report, "redis", "set maxmemory-policy noeviction",
                          "its maxmemory-policy is %s: jobs may vanish when its memory is full",
                          facts->redis_policy);
    }
}

static void
say_memory(struct check_report *report, const struct config *config, const struct check_boot *boot)
{
    const double rss_mib = (double)boot->memory.rss_bytes / MIB;
    char limit[UNITS_TEXT_SIZE];

    if (!boot->memory.rss_known) {
        check_report_warn(report, "memory", NULL, "the RSS of the booted mold cannot be read");
        return;
    }
    check_report_ok(report, "memory", "the booted mold has %.0f MiB RSS", rss_mib);
    if (config->max_rss_bytes == 0) {
        return;
    }
    units_format_size(config->max_rss_bytes, limit);
    if (config->max_rss_bytes <= boot->memory.rss_bytes) {
        check_report_warn(report, "max_rss", "give a --max-rss well above it",
                          "--max-rss %s is not more than the %.0f MiB of a fresh mold: every "
                          "worker exceeds it from the start",
                          limit, rss_mib);
    } else {
        check_report_ok(report, "max_rss", "--max-rss %s leaves %.0f MiB for a worker to grow",
                        limit, (double)config->max_rss_bytes / MIB - rss_mib);
    }
}

static void
say_timeout(struct check_report *report, const struct config *config,
            const struct wire_facts *facts)
{
    if (!config->dyno) {
        return;
    }
    if (facts->timeout_ms > DYNO_TIMEOUT_MS) {
        check_report_warn(report, "timeout", "give -t 25 or less",
                          "-t %u: a dyno is killed 30 s after its TERM, and Sidekiq needs some of "
                          "them to push jobs back",
                          facts->timeout_ms / 1000);
    } else {
        check_report_ok(report, "timeout", "-t %u fits into the 30 s of a dyno",
                        facts->timeout_ms / 1000);
    }
}

static void
say_ready(struct check_report *report, const struct config *config, const struct check_boot *boot)
{
    const struct wire_facts *facts = &boot->facts;

    say_application(report, boot);
    say_hooks(report, config, facts->hooks);
    say_redis(report, facts);
    if (config->prefork) {
        say_alive(report, "threads", facts->threads, "a fork loses it",
                  "end it in before_fork, start it in after_fork");
        say_alive(report, "sockets", facts->sockets, "all workers would share it",
                  "close it in before_fork, open it in after_fork");
        say_alive(report, "identities", facts->identities, "all workers would have the same",
                  "make it anew in after_fork");
    }
    say_warmup(report, boot);
    if (boot->facts.allocator[0] != '\0') {
        check_report_ok(report, "allocator", "%s", boot->facts.allocator);
    }
    say_memory(report, config, boot);
    say_timeout(report, config, facts);
}

void
check_words_boot(struct check_report *report, const struct config *config,
                 const struct check_boot *boot)
{
    const struct check_failure broken = {"mold", EXIT_CODE_BOOT_FAILED,
                                         "look for code that writes to or closes descriptors that "
                                         "are not its own"};
    const struct check_failure not_started = {"mold", EXIT_CODE_BOOT_FAILED,
                                              "see that the file can be executed here"};
    char step[128];

    switch (boot->end) {
    case CHECK_READY:
        say_ready(report, config, boot);
        return;
    case CHECK_LEFT:
        say_left(report, boot);
        break;
    case CHECK_LATE:
        say_late(report, config, boot);
        break;
    case CHECK_GARBAGE:
        check_report_fail(report, &broken, "it sent what is no message %s",
                          last_step(boot, step, sizeof(step)));
        break;
    case CHECK_MUTE:
        check_report_fail(report, &broken, "its link to swarm was closed %s",
                          last_step(boot, step, sizeof(step)));
        break;
    case CHECK_NOT_STARTED:
        check_report_fail(report, &not_started, "it cannot be started: %s", strerror(-boot->error));
        break;
    case CHECK_INTERRUPTED:
        break;
    }
    say_steps(report, boot);
}

static json_t *
application_json(const struct wire_facts *facts)
{
    return json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:i,s:f,s:o}", "ruby", check_report_text(facts->ruby), "sidekiq",
        check_report_text(facts->sidekiq), "rails", check_report_text(facts->rails), "tag",
        check_report_text(facts->tag), "environment", check_report_text(facts->environment),
        "queues", check_report_text(facts->queues), "concurrency", (int)facts->concurrency,
        "timeout_s", facts->timeout_ms / 1000.0, "bundler", check_report_text(facts->bundler));
}

static json_t *
redis_json(const struct wire_facts *facts)
{
    const bool answered = facts->redis_error[0] == '\0' && facts->redis_version[0] != '\0';

    return json_pack("{s:o,s:b,s:o,s:o,s:o}", "address", check_report_text(facts->redis),
                     "answered", answered, "version", check_report_text(facts->redis_version),
                     "ping_s", answered ? json_real(facts->redis_us / 1e6) : json_null(), "error",
                     check_report_text(facts->redis_error));
}

static json_t *
bytes_json(bool known, uint64_t bytes)
{
    return known ? json_integer((json_int_t)bytes) : json_null();
}

static json_t *
memory_json(const struct memory_figures *figures)
{
    return json_pack("{s:o,s:o,s:o}", "rss_bytes",
                     bytes_json(figures->rss_known, figures->rss_bytes), "pss_bytes",
                     bytes_json(figures->private_known, figures->pss_bytes), "uss_bytes",
                     bytes_json(figures->private_known, figures->uss_bytes));
}

static json_t *
failure_json(const struct wire_failure *failure)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "stage", check_report_text(failure->stage), "class",
                     check_report_text(failure->kind), "text", check_report_text(failure->text),
                     "place", check_report_text(failure->place), "frames",
                     check_report_lines(failure->frames));
}

static json_t *
steps_json(const struct check_boot *boot)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < boot->step_count; i++) {
        json_array_append_new(list,
                              json_pack("{s:o,s:f}", "name", check_report_text(boot->steps[i].name),
                                        "took_s", boot->steps[i].took_ms / 1000.0));
    }
    return list;
}

json_t *
check_words_details(const struct check_boot *boot)
{
    const struct wire_facts *facts = &boot->facts;
    const bool known = boot->facts_known;
    json_t *all = json_object();

    json_object_set_new(all, "application", known ? application_json(facts) : json_null());
    json_object_set_new(all, "redis", known ? redis_json(facts) : json_null());
    json_object_set_new(all, "hooks", check_report_lines(facts->hooks));
    json_object_set_new(all, "threads", check_report_lines(facts->threads));
    json_object_set_new(all, "sockets", check_report_lines(facts->sockets));
    json_object_set_new(all, "identities", check_report_lines(facts->identities));
    json_object_set_new(all, "memory", known ? memory_json(&boot->memory) : json_null());
    json_object_set_new(all, "steps", steps_json(boot));
    json_object_set_new(all, "failure",
                        boot->failure_known ? failure_json(&boot->failure) : json_null());
    json_object_set_new(all, "trace", check_report_lines(boot->trace.text));
    return all;
}
