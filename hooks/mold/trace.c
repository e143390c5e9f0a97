/*
 * trace.c: the Ruby thread that answers the master's "where are you?" while the main thread hangs,
 * and whose ticks on the board say that the VM still runs.
 *
 * Owns that thread. It sleeps without the VM's lock until the watch or the next tick wakes it, and
 * goes on if the VM is free: a VM whose lock nobody gives back makes the ticks stand still. A mold
 * has it only while it boots: at a fork there must be one Ruby thread. Each worker has its own.
 */
#include "native.h"

#include "tally.h"
#include "watch.h"

#include <ruby/thread.h>

#define TICK_MS 1000

static VALUE thread = Qnil;

struct asking {
    struct watch_waiter waiter;
    bool asked;
};

static void *
wait_ask(void *context)
{
    struct asking *asking = context;

    asking->asked = watch_wait_ask(&asking->waiter, util_now_ms() + TICK_MS);
    return NULL;
}

static void
interrupt(void *context)
{
    struct asking *asking = context;

    watch_interrupt(&asking->waiter);
}

static void
answer(void)
{
    struct wire_message message = {.type = WIRE_TRACE};

    vm_trace(message.trace.text, sizeof(message.trace.text));
    (void)native_send(&message, 0);
}

static VALUE
trace_main(void *unused)
{
    (void)unused;
    for (;;) {
        struct asking asking = {.asked = false};

        rb_thread_call_without_gvl(wait_ask, &asking, interrupt, &asking);
        tally_progress();
        if (asking.asked) {
            answer();
        }
    }
    return Qnil;
}

void
trace_start(void)
{
    static bool known;

    if (!known) {
        rb_gc_register_address(&thread);
        known = true;
    }
    thread = rb_thread_create(trace_main, NULL);
    rb_funcall(thread, rb_intern("name="), 1, rb_str_new_cstr("swarm-trace"));
}

static VALUE
end_thread(VALUE unused)
{
    (void)unused;
    rb_funcall(thread, rb_intern("kill"), 0);
    return rb_funcall(thread, rb_intern("join"), 0);
}

void
trace_stop(void)
{
    int state = 0;

    if (!NIL_P(thread)) {
        rb_protect(end_thread, Qnil, &state);
        rb_set_errinfo(Qnil);
    }
    thread = Qnil;
}
