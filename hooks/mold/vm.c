/*
 * vm.c: the life of the Ruby VM: its boot, the protected calls into swarm's Ruby files, the fork,
 * its end.
 *
 * Owns the VM. See vm.h for what crosses the border.
 */
#include "vm.h"

#include "apart.h"
#include "bundler.h"
#include "mask.h"
#include "native.h"
#include "tell.h"
#include "watch.h"
#include "worker.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <ruby/thread.h>
#include <ruby/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

int
vm_check(char *ret_text, size_t size)
{
    /* The minor version decides what the VM's structures look like; patch levels share them. */
    if (ruby_api_version[0] == RUBY_API_VERSION_MAJOR &&
        ruby_api_version[1] == RUBY_API_VERSION_MINOR) {
        return 0;
    }
    snprintf(
        ret_text, size,
        "this swarm-mold was built for Ruby %d.%d and runs on the libruby of Ruby %d.%d. Put the "
        "Ruby it was built for first, or rebuild it for the other one: run script/setup (or "
        "reinstall the package) with that ruby first in PATH",
        RUBY_API_VERSION_MAJOR, RUBY_API_VERSION_MINOR, ruby_api_version[0], ruby_api_version[1]);
    return -EPROTO;
}

/* As `ruby boot_script arguments…`, so that ARGV is what Sidekiq's own command would see. NULL without memory. */
static char **
make_argv(const struct vm_program *program, int *ret_argc)
{
    static char require[] = "-r";
    int count = 0;
    int rest = 0;
    char **argv;

    while (program->arguments->rest[rest] != NULL) {
        rest++;
    }
    argv = calloc((size_t)rest + 5, sizeof(*argv));
    if (argv == NULL) {
        return NULL;
    }
    argv[count++] = program->title;
    if (program->first_script != NULL) {
        argv[count++] = require;
        argv[count++] = program->first_script;
    }
    argv[count++] = program->boot_script;
    memcpy(argv + count, program->arguments->rest, sizeof(*argv) * (size_t)rest);
    *ret_argc = count + rest;
    return argv;
}

static VALUE
define_native(VALUE context)
{
    native_define((const struct vm_program *)context);
    return Qnil;
}

/* Bundler or a -r of RUBYOPT failed: Ruby has printed why, the rest is what is left of the
 * exception. */
static int
fail_options(int status)
{
    native_tell_error("ruby", (uint32_t)status);
    /* ruby_cleanup takes a tag and no exit status (ruby_run_node does the same). */
    ruby_cleanup(0);
    return status;
}

static int
fail_load(int state)
{
    VALUE error = rb_errinfo();

    native_tell_error("load", 1);
    rb_set_errinfo(error); /* ruby_cleanup prints it */
    return state;
}

/* The names that Ruby shows: `$0` as under Sidekiq's own command, which applications look at. */
static int
load_runtime(const struct vm_program *program, void *node)
{
    int state = 0;

    rb_protect(define_native, (VALUE)program, &state);
    if (state == 0) {
        ruby_script("sidekiq");
        state = ruby_exec_node(node);
    }
    return state == 0 ? 0 : fail_load(state);
}

static VALUE
make_block(VALUE unused)
{
    VALUE maker = rb_eval_string(APART_MAKER);
    VALUE arguments = rb_ary_new();

    (void)unused;
    apart_watch();
    return rb_proc_call(maker, arguments);
}

/* Before the application is loaded: its blocks are those that count. */
static void
learn_blocks(void)
{
    int state = 0;

    rb_protect(make_block, Qnil, &state);
    apart_learn();
    rb_set_errinfo(Qnil);
}

static int
run_script(const struct vm_program *program, int argc, char **argv)
{
    int status = EX_OSERR;
    int state;
    void *node = ruby_options(argc, argv);

    mask_block();
    mask_learn();
    bundler_tidy();
    learn_blocks();
    if (!ruby_executable_node(node, &status)) {
        return fail_options(status);
    }
    state = load_runtime(program, node);
    if (state == 0) {
        state = program->live(program);
    }
    return ruby_cleanup(state);
}

/* A frame of its own, below the one whose address Ruby was given. */
static int __attribute__((noinline)) live(const struct vm_program *program)
{
    int argc;
    char **argv = make_argv(program, &argc);
    int status = EX_OSERR;

    if (argv == NULL || bundler_prepare() != 0) {
        tell_log("no memory");
    } else {
        ruby_sysinit(&argc, &argv);
        if (ruby_setup() == 0) {
            status = run_script(program, argc, argv);
        } else {
            tell_log("the Ruby VM could not be set up");
        }
    }
    free(argv);
    return status;
}

int
vm_run(const struct vm_program *program)
{
    setlocale(LC_CTYPE, "");
    {
        /* From 3.4 on Ruby scans the stack from here and from nowhere else. */
        RUBY_INIT_STACK;
        return live(program);
    }
}

static VALUE
boot(VALUE context)
{
    trace_start();
    native_facts(native_runtime("boot", 0, NULL), (struct wire_facts *)context);
    return Qnil;
}

int
vm_boot(struct wire_facts *ret_facts)
{
    int state = 0;

    rb_protect(boot, (VALUE)ret_facts, &state);
    /* Also programs that the application started have cleared the mask (mask.h). */
    mask_block();
    return state;
}

void
vm_be_alone(void)
{
    trace_stop();
}

static VALUE
before_spawn(VALUE unused)
{
    (void)unused;
    return native_runtime("before_spawn", 0, NULL);
}

int
vm_before_spawn(void)
{
    int state = 0;

    rb_protect(before_spawn, Qnil, &state);
    if (state != 0) {
        native_tell_error("before_spawn", 0);
        return -ECANCELED;
    }
    return 0;
}

static VALUE
call_fork(VALUE unused)
{
    (void)unused;
    return rb_funcall(rb_mProcess, rb_intern("_fork"), 0);
}

/* A hook of a library raised in the child: it must never go on as a second mold. */
static void
end_broken_child(void)
{
    native_tell_error("fork", EX_SOFTWARE);
    _exit(EX_SOFTWARE);
}

pid_t
vm_fork(fork_become *become, const void *context)
{
    int state = 0;

    mask_block();
    fork_arm(become, context);
    rb_protect(call_fork, Qnil, &state);
    fork_disarm();
    if (fork_is_child()) {
        if (state != 0) {
            end_broken_child();
        }
        return 0;
    }
    if (state != 0 && fork_error() == 0) {
        native_tell_error("fork", 0);
    }
    rb_set_errinfo(Qnil);
    if (fork_made() > 0) {
        return fork_made();
    }
    return fork_error() != 0 ? -fork_error() : -ECANCELED;
}

struct working {
    const struct worker_order *order;
    struct wire_facts *facts;
    bool is_mold;
};

/* Facts are what a worker returns that has become a mold. */
static VALUE
work(VALUE context)
{
    struct working *working = (struct working *)context;
    const struct worker_order *order = working->order;
    VALUE facts;
    VALUE values[] = {
        UINT2NUM(order->slot),
        UINT2NUM(order->index),
        UINT2NUM(order->generation),
        ULL2NUM(order->request),
    };

    if (order->request != 0) {
        trace_start(); /* a worker that booted itself has its own since then */
    }
    facts = native_runtime("work", ARRAY_LEN(values), values);
    if (RB_TYPE_P(facts, T_HASH)) {
        native_facts(facts, working->facts);
        working->is_mold = true;
    }
    return Qnil;
}

int
vm_work(const struct worker_order *order, struct wire_facts *ret_facts, bool *ret_is_mold)
{
    struct working working = {.order = order, .facts = ret_facts};
    int state = 0;

    rb_protect(work, (VALUE)&working, &state);
    *ret_is_mold = state == 0 && working.is_mold;
    return state;
}

struct readable {
    int fd;
    int error;
};

static void *
poll_readable(void *context)
{
    struct readable *readable = context;
    struct pollfd place = {.fd = readable->fd, .events = POLLIN};

    /* errno does not outlive the return to Ruby. */
    readable->error = poll(&place, 1, -1) < 0 ? errno : 0;
    return NULL;
}

static VALUE
wait_readable(VALUE context)
{
    struct readable *readable = (struct readable *)context;

    /* An interrupted wait is no end of file: on Ruby 3.3 every fork interrupts it. */
    do {
        rb_thread_call_without_gvl(poll_readable, readable, RUBY_UBF_IO, NULL);
        rb_thread_check_ints();
    } while (readable->error == EINTR);
    return Qnil;
}

void
vm_wait_readable(int fd)
{
    struct readable readable = {.fd = fd};
    int state = 0;

    rb_protect(wait_readable, (VALUE)&readable, &state);
    if (state != 0) {
        native_tell_error("mold", 0); /* a trap or a thread of the application raised */
    }
}

struct sending {
    const struct wire_message *message;
    int result;
};

static VALUE
send_message(VALUE context)
{
    struct sending *sending = (struct sending *)context;

    sending->result = native_send(sending->message, NEVER_MS);
    return Qnil;
}

int
vm_send(const struct wire_message *message)
{
    struct sending sending = {.message = message, .result = -ECANCELED};
    int state = 0;

    rb_protect(send_message, (VALUE)&sending, &state);
    rb_set_errinfo(Qnil);
    return sending.result;
}

struct text {
    char *to;
    size_t size;
};

static VALUE
trace(VALUE context)
{
    const struct text *text = (const struct text *)context;

    native_copy(native_runtime("trace", 0, NULL), text->to, text->size);
    return Qnil;
}

void
vm_trace(char *ret_text, size_t size)
{
    struct text text = {.to = ret_text, .size = size};
    int state = 0;

    *ret_text = '\0';
    rb_protect(trace, (VALUE)&text, &state);
    if (state != 0) {
        rb_set_errinfo(Qnil);
        util_copy_text(ret_text, size, "the backtraces could not be taken");
    }
}

static VALUE
set_title(VALUE context)
{
    return rb_funcall(rb_mProcess, rb_intern("setproctitle"), 1, rb_str_new_cstr((char *)context));
}

void
vm_set_title(const char *title)
{
    int state = 0;

    rb_protect(set_title, (VALUE)title, &state);
    rb_set_errinfo(Qnil);
}
