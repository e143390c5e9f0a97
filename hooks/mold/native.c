/*
 * native.c: Sidekiq::Swarm::Native, what swarm's Ruby files may ask of the mold, and the way of
 * Ruby values into messages.
 *
 * Owns no process state. Holds no lock, memory or descriptor across a call of Ruby, which may
 * longjmp.
 */
#include "native.h"

#include "mask.h"
#include "tally.h"
#include "tell.h"
#include "utf8.h"
#include "watch.h"
#include "worker.h"

#include <errno.h>
#include <ruby/thread.h>
#include <string.h>

#define STEP_WAIT_MS 0
#define STOPPING_WAIT_MS 1000
#define FAILURE_WAIT_MS 10000
#define FRAMES_MAX 20

static const struct vm_program *program;

/* Facts by name: how Runtime's Hash becomes struct wire_facts. */
enum fact_kind { FACT_TEXT, FACT_NUMBER };

struct fact {
    const char *name;
    enum fact_kind kind;
    size_t offset;
    size_t size;
};

#define TEXT(field)                                                                                \
    {                                                                                              \
#field, FACT_TEXT, offsetof(struct wire_facts, field),                                     \
            sizeof(((struct wire_facts *)0)->field)                                                \
    }
#define NUMBER(field)                                                                              \
    {                                                                                              \
#field, FACT_NUMBER, offsetof(struct wire_facts, field), sizeof(uint32_t)                  \
    }

static const struct fact facts_table[] = {
    TEXT(ruby),        TEXT(sidekiq),    TEXT(rails),         TEXT(tag),
    TEXT(environment), TEXT(queues),     TEXT(redis),         TEXT(threads),
    TEXT(sockets),     TEXT(hooks),      NUMBER(concurrency), NUMBER(timeout_ms),
    NUMBER(boot_ms),   TEXT(bundler),    TEXT(redis_version), TEXT(redis_policy),
    TEXT(redis_error), NUMBER(redis_us), TEXT(identities),
};

void
native_copy(VALUE text, char *to, size_t size)
{
    VALUE string = rb_obj_as_string(text);

    utf8_copy(to, size, RSTRING_PTR(string), (size_t)RSTRING_LEN(string));
    RB_GC_GUARD(string);
}

/* A number of a message: what does not fit is told as the largest. */
static uint32_t
to_u32(VALUE number)
{
    double value = NUM2DBL(number);

    return value <= 0 ? 0 : value >= (double)UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void
store_fact(const struct fact *fact, VALUE value, struct wire_facts *facts)
{
    void *to = (char *)facts + fact->offset;
    uint32_t number;

    switch (fact->kind) {
    case FACT_TEXT:
        native_copy(value, to, fact->size);
        break;
    case FACT_NUMBER:
        number = to_u32(value);
        memcpy(to, &number, sizeof(number));
        break;
    }
}

void
native_facts(VALUE hash, struct wire_facts *ret_facts)
{
    struct wire_facts facts;

    memset(&facts, 0, sizeof(facts));
    Check_Type(hash, T_HASH);
    for (size_t i = 0; i < ARRAY_LEN(facts_table); i++) {
        VALUE value = rb_hash_aref(hash, ID2SYM(rb_intern(facts_table[i].name)));

        if (!NIL_P(value)) {
            store_fact(&facts_table[i], value, &facts);
        }
    }
    *ret_facts = facts;
}

/* Sending and waiting: without the VM's lock, until done or interrupted. */

struct sending {
    const struct wire_message *message;
    int64_t wait_ms;
    int result;
};

static void *
send_unlocked(void *context)
{
    struct sending *sending = context;

    sending->result = tell_send(sending->message, sending->wait_ms);
    return NULL;
}

int
native_send(const struct wire_message *message, int64_t wait_ms)
{
    struct sending sending = {.message = message, .wait_ms = wait_ms};

    /* The usual case costs no hand-over of the lock: the master reads, so that there is room. */
    sending.result = tell_send(message, 0);
    while (sending.result == -EINTR || (sending.result == -EAGAIN && wait_ms != 0)) {
        rb_thread_call_without_gvl(send_unlocked, &sending, RUBY_UBF_IO, NULL);
        if (sending.result == -EAGAIN) {
            break;
        }
    }
    return sending.result;
}

struct gate {
    struct watch_waiter waiter;
    int64_t until_ms;
    bool open;
};

static void *
wait_gate(void *context)
{
    struct gate *gate = context;

    gate->open = watch_wait_run(&gate->waiter, gate->until_ms);
    return NULL;
}

static void
interrupt_gate(void *context)
{
    struct gate *gate = context;

    watch_interrupt(&gate->waiter);
}

/* Every signal that Ruby takes interrupts the wait, which then goes on. */
static bool
wait_gate_until(int64_t until_ms)
{
    struct gate gate = {.until_ms = until_ms};

    do {
        gate.waiter.interrupted = false;
        rb_thread_call_without_gvl(wait_gate, &gate, interrupt_gate, &gate);
    } while (!gate.open && util_now_ms() < until_ms);
    return gate.open;
}

static VALUE
native_wait_run(VALUE self)
{
    (void)self;
    (void)wait_gate_until(NEVER_MS);
    return Qnil;
}

/* Is the gate open within so many milliseconds? */
static VALUE
native_wait_run_for(VALUE self, VALUE span_ms)
{
    (void)self;
    return wait_gate_until(util_now_ms() + NUM2INT(span_ms)) ? Qtrue : Qfalse;
}

/* What Ruby calls. */

static VALUE
native_step(VALUE self, VALUE name, VALUE milliseconds)
{
    struct wire_message message = {.type = WIRE_STEP};

    (void)self;
    native_copy(name, message.step.name, sizeof(message.step.name));
    message.step.took_ms = to_u32(milliseconds);
    (void)native_send(&message, STEP_WAIT_MS);
    return Qnil;
}

/* failure(stage, kind, text, place, frames, exit_code) */
static VALUE
native_failure(int argc, VALUE *argv, VALUE self)
{
    struct wire_message message = {.type = WIRE_FAILURE};
    struct wire_failure *failure = &message.failure;
    VALUE frames;

    (void)self;
    rb_check_arity(argc, 6, 6);
    frames = RB_TYPE_P(argv[4], T_ARRAY) ? rb_ary_join(argv[4], rb_str_new_cstr("\n")) : argv[4];
    native_copy(argv[0], failure->stage, sizeof(failure->stage));
    native_copy(argv[1], failure->kind, sizeof(failure->kind));
    native_copy(argv[2], failure->text, sizeof(failure->text));
    native_copy(argv[3], failure->place, sizeof(failure->place));
    native_copy(frames, failure->frames, sizeof(failure->frames));
    failure->exit_code = NIL_P(argv[5]) ? 0 : to_u32(argv[5]);
    (void)native_send(&message, FAILURE_WAIT_MS);
    return Qnil;
}

static VALUE
native_ready(VALUE self, VALUE facts)
{
    struct wire_message message = {.type = WIRE_READY};

    (void)self;
    if (!NIL_P(facts)) {
        native_facts(facts, &message.ready);
    }
    if (message.ready.timeout_ms != 0) {
        watch_set_timeout(message.ready.timeout_ms);
    }
    /* Ruby saw only a part of it: this began before the VM, or in the fork. */
    message.ready.boot_ms = worker_age_ms();
    (void)native_send(&message, NEVER_MS);
    return Qnil;
}

static VALUE
native_stopping(VALUE self)
{
    struct wire_message message = {.type = WIRE_STOPPING};

    (void)self;
    (void)native_send(&message, STOPPING_WAIT_MS);
    return Qnil;
}

static VALUE
native_unblock_signals(VALUE self)
{
    (void)self;
    mask_unblock();
    return Qnil;
}

/* promoted?: is this worker to become a mold? */
static VALUE
native_is_promoted(VALUE self)
{
    struct watch_promotion promotion;

    (void)self;
    return watch_is_promoted(&promotion) ? Qtrue : Qfalse;
}

/* From here on signals wait, and without its master this process leaves at once: it holds no job. */
static VALUE
native_leave_work(VALUE self)
{
    (void)self;
    mask_block();
    watch_leave_work();
    return Qnil;
}

/* Borrowed: the string is an argument of the call at hand. What is no text stays absent. */
static struct tally_text
borrow(VALUE text)
{
    if (!RB_TYPE_P(text, T_STRING)) {
        return (struct tally_text){.bytes = ""};
    }
    return (struct tally_text){.bytes = RSTRING_PTR(text), .length = (size_t)RSTRING_LEN(text)};
}

/* job_started(class, jid, queue, payload): a ticket for the job's end, nil where nobody counts. */
static VALUE
native_job_started(VALUE self, VALUE name, VALUE jid, VALUE queue, VALUE payload)
{
    struct tally_job job = {
        .name = borrow(name),
        .jid = borrow(jid),
        .queue = borrow(queue),
        .payload = borrow(payload),
    };
    uint64_t ticket;

    (void)self;
    return tally_job_started(&job, &ticket) ? ULL2NUM(ticket) : Qnil;
}

/* holds?(text, part): what include? does, without its table for each search. */
static VALUE
native_holds(VALUE self, VALUE text, VALUE part)
{
    struct tally_text all = borrow(text);
    struct tally_text some = borrow(part);

    (void)self;
    return memmem(all.bytes, all.length, some.bytes, some.length) == NULL ? Qfalse : Qtrue;
}

static VALUE
native_job_done(VALUE self, VALUE ticket)
{
    (void)self;
    if (!NIL_P(ticket)) {
        tally_job_done(NUM2ULL(ticket));
    }
    return Qnil;
}

static VALUE
native_job_failed(VALUE self, VALUE ticket)
{
    (void)self;
    if (!NIL_P(ticket)) {
        tally_job_failed(NUM2ULL(ticket));
    }
    return Qnil;
}

static VALUE
native_quiet(VALUE self)
{
    (void)self;
    tally_quiet();
    return Qnil;
}

static VALUE
text_or_nil(const char *text)
{
    return text == NULL ? Qnil : rb_utf8_str_new_cstr(text);
}

static void
option(VALUE hash, const char *name, VALUE value)
{
    rb_hash_aset(hash, ID2SYM(rb_intern(name)), value);
}

static VALUE
native_options(VALUE self)
{
    const struct arguments *arguments = program->arguments;
    VALUE hash = rb_hash_new();
    VALUE rest = rb_ary_new();

    (void)self;
    for (char **at = arguments->rest; *at != NULL; at++) {
        rb_ary_push(rest, rb_external_str_new_cstr(*at));
    }
    option(hash, "role", ID2SYM(rb_intern(arguments->role == ARGUMENTS_MOLD ? "mold" : "worker")));
    option(hash, "preload", ID2SYM(rb_intern(arguments->preload)));
    option(hash, "preload_groups", text_or_nil(arguments->preload_groups));
    option(hash, "preboot", text_or_nil(arguments->preboot));
    option(hash, "fork_hooks", arguments->fork_hooks ? Qtrue : Qfalse);
    option(hash, "prepare", ID2SYM(rb_intern(arguments->prepare)));
    option(hash, "eager_load", arguments->eager_load ? Qtrue : Qfalse);
    option(hash, "warm", arguments->no_warm ? Qfalse : Qtrue);
    option(hash, "strict_fork", arguments->strict_fork ? Qtrue : Qfalse);
    option(hash, "check", arguments->check ? Qtrue : Qfalse);
    option(hash, "generation", UINT2NUM(arguments->generation));
    option(hash, "slot", UINT2NUM(arguments->slot));
    option(hash, "index", UINT2NUM(arguments->index));
    option(hash, "arguments", rest);
    option(hash, "hooks_path", text_or_nil(program->hooks));
    return hash;
}

void
native_define(const struct vm_program *of_program)
{
    VALUE swarm = rb_define_module_under(rb_define_module("Sidekiq"), "Swarm");
    VALUE native = rb_define_module_under(swarm, "Native");

    program = of_program;
    rb_define_singleton_method(native, "options", native_options, 0);
    rb_define_singleton_method(native, "step", native_step, 2);
    rb_define_singleton_method(native, "failure", native_failure, -1);
    rb_define_singleton_method(native, "ready", native_ready, 1);
    rb_define_singleton_method(native, "wait_run", native_wait_run, 0);
    rb_define_singleton_method(native, "wait_run_for", native_wait_run_for, 1);
    rb_define_singleton_method(native, "stopping", native_stopping, 0);
    rb_define_singleton_method(native, "unblock_signals", native_unblock_signals, 0);
    rb_define_singleton_method(native, "promoted?", native_is_promoted, 0);
    rb_define_singleton_method(native, "leave_work", native_leave_work, 0);
    rb_define_singleton_method(native, "job_started", native_job_started, 4);
    rb_define_singleton_method(native, "holds?", native_holds, 2);
    rb_define_singleton_method(native, "job_done", native_job_done, 1);
    rb_define_singleton_method(native, "job_failed", native_job_failed, 1);
    rb_define_singleton_method(native, "quiet", native_quiet, 0);
}

VALUE
native_runtime(const char *name, int count, const VALUE *values)
{
    return rb_funcallv(rb_path2class("Sidekiq::Swarm::Runtime"), rb_intern(name), count, values);
}

/* The exception at hand, for the master. */

static VALUE
describe(VALUE context)
{
    struct wire_failure *failure = (struct wire_failure *)context;
    VALUE error = rb_errinfo();
    VALUE frames;

    native_copy(rb_class_name(CLASS_OF(error)), failure->kind, sizeof(failure->kind));
    native_copy(rb_funcall(error, rb_intern("message"), 0), failure->text, sizeof(failure->text));
    frames = rb_funcall(error, rb_intern("backtrace"), 0);
    if (RB_TYPE_P(frames, T_ARRAY) && RARRAY_LEN(frames) > 0) {
        native_copy(rb_ary_entry(frames, 0), failure->place, sizeof(failure->place));
        frames = rb_ary_join(rb_ary_subseq(frames, 0, FRAMES_MAX), rb_str_new_cstr("\n"));
        native_copy(frames, failure->frames, sizeof(failure->frames));
    }
    return Qnil;
}

void
native_tell_error(const char *stage, uint32_t exit_code)
{
    struct wire_failure failure = {.kind = "unknown", .exit_code = exit_code};
    VALUE error = rb_errinfo();
    int state = 0;

    util_copy_text(failure.stage, sizeof(failure.stage), stage);
    /* A throw or the killing of a thread leaves no exception; nor does ruby_options from Ruby 3.3 on,
     * which prints it and forgets it (process_options in ruby.c). */
    if (RTEST(rb_obj_is_kind_of(error, rb_eException))) {
        rb_protect(describe, (VALUE)&failure, &state);
    } else {
        util_copy_text(failure.text, sizeof(failure.text), "what Ruby printed tells why");
    }
    rb_set_errinfo(Qnil);
    tell_failure(&failure);
    tell_log("%s: %s: %s (%s)", stage, failure.kind, failure.text, failure.place);
}
