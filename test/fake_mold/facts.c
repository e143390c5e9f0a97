/* facts.c: see facts.h. */
#include "facts.h"

#include <stdio.h>
#include <stdlib.h>

static void
copy_from_environment(char *to, size_t size, const char *name, const char *otherwise)
{
    const char *text = getenv(name);

    util_copy_text(to, size, text != NULL ? text : otherwise);
}

/* What `swarm check` looks at beside. */
static void
fill_check(struct wire_facts *facts)
{
    copy_from_environment(facts->threads, sizeof(facts->threads), "FAKE_THREADS", "");
    copy_from_environment(facts->sockets, sizeof(facts->sockets), "FAKE_SOCKETS", "");
    copy_from_environment(facts->identities, sizeof(facts->identities), "FAKE_IDENTITIES", "");
    copy_from_environment(facts->hooks, sizeof(facts->hooks), "FAKE_HOOKS", "");
    copy_from_environment(facts->redis_policy, sizeof(facts->redis_policy), "FAKE_REDIS_POLICY",
                          "noeviction");
    copy_from_environment(facts->redis_error, sizeof(facts->redis_error), "FAKE_REDIS_ERROR", "");
    util_copy_text(facts->bundler, sizeof(facts->bundler), "Bundler 2.3.15, /fake/Gemfile, 7 gems");
    util_copy_text(facts->redis_version, sizeof(facts->redis_version), "7.0.15");
    facts->redis_us = 1500;
}

void
facts_fill(struct wire_facts *ret_facts, const struct actor *actor, bool whole)
{
    struct wire_facts facts = {.boot_ms = 1};

    if (whole) {
        facts.concurrency = 5;
        facts.timeout_ms = actor->timeout_ms;
        util_copy_text(facts.ruby, sizeof(facts.ruby), "ruby 3.1.2 (fake)");
        util_copy_text(facts.sidekiq, sizeof(facts.sidekiq), "7.3.0");
        util_copy_text(facts.tag, sizeof(facts.tag), "fake");
        util_copy_text(facts.environment, sizeof(facts.environment), "test");
        util_copy_text(facts.queues, sizeof(facts.queues), "default");
        util_copy_text(facts.redis, sizeof(facts.redis), "redis://127.0.0.1:6379/0");
        fill_check(&facts);
    }
    *ret_facts = facts;
}

void
facts_answer_trace(const struct actor *actor, const struct wire_message *message)
{
    struct wire_message answer = {.type = WIRE_TRACE};

    if (message->type != WIRE_ASK_TRACE) {
        return;
    }
    util_copy_text(answer.trace.text, sizeof(answer.trace.text),
                   "thread main\nfake.rb:1:in `wait'");
    if (wire_send(actor->link_fd, &answer, NULL, 0) != 0) {
        perror("fake-mold: trace");
    }
}
