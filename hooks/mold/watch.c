/* watch.c: see watch.h. */
#include "watch.h"

#include "allocator.h"
#include "group.h"
#include "tally.h"
#include "tell.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define WATCH_STACK (256 * 1024)
#define WATCH_TIMEOUT_MS 25000 /* Sidekiq's own default */
#define WATCH_REST_MS 10000    /* what Sidekiq needs to push unfinished jobs back */
#define WATCH_BEAT_MS 1000

static struct {
    pthread_t thread;
    bool runs;
    int stop_fd;
    bool stop_lost;       /* someone closed it, and perhaps has the number now */
    int64_t next_beat_ms; /* the thread's own */
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool stopping;
    bool may_run;
    bool asked;
    bool orphan;
    bool promoted;
    struct watch_promotion promotion;
    uint32_t timeout_ms;
} watch = {
    .stop_fd = -1,
    .timeout_ms = WATCH_TIMEOUT_MS,
};

static void
set(bool *flag)
{
    pthread_mutex_lock(&watch.lock);
    *flag = true;
    pthread_cond_broadcast(&watch.changed);
    pthread_mutex_unlock(&watch.lock);
}

static bool
get(const bool *flag)
{
    bool value;

    pthread_mutex_lock(&watch.lock);
    value = *flag;
    pthread_mutex_unlock(&watch.lock);
    return value;
}

static void
rest(int64_t span_ms)
{
    struct timespec span = {.tv_sec = span_ms / 1000, .tv_nsec = span_ms % 1000 * 1000000};

    while (nanosleep(&span, &span) < 0 && errno == EINTR) {
    }
}

static void
leave_now(void)
{
    group_kill();
    _exit(0);
}

static void
on_master_gone(void)
{
    set(&watch.orphan);
    if (!get(&watch.may_run)) {
        leave_now();
    }
    tell_log("the master is gone: finishing the jobs at hand within %u s",
             (watch.timeout_ms + WATCH_REST_MS) / 1000);
    kill(getpid(), SIGTERM);
    rest((int64_t)watch.timeout_ms + WATCH_REST_MS);
    leave_now();
}

/* Sidekiq ends as it would for good; what comes then is Ruby's business (promotion.rb). */
static void
on_promote(uint32_t generation)
{
    if (!get(&watch.may_run)) {
        tell_log("the master sent a \"promote\" out of turn");
        return;
    }
    watch.promotion = (struct watch_promotion){generation, util_now_ms()};
    set(&watch.promoted);
    kill(getpid(), SIGTERM);
}

static void
on_message(const struct wire_message *message)
{
    switch (message->type) {
    case WIRE_RUN:
        set(&watch.may_run);
        break;
    case WIRE_ASK_TRACE:
        set(&watch.asked);
        break;
    case WIRE_PROMOTE:
        on_promote(message->promote.generation);
        break;
    case WIRE_STEP:
    case WIRE_MOLD_READY:
    case WIRE_SPAWN:
    case WIRE_SPAWNED:
    case WIRE_FAILED:
    case WIRE_FAILURE:
    case WIRE_HELLO:
    case WIRE_GO:
    case WIRE_READY:
    case WIRE_STOPPING:
    case WIRE_TRACE:
    case WIRE_TYPE_END:
        tell_log("the master sent a \"%s\" out of turn", wire_type_name(message->type));
        break;
    }
}

static void
read_message(void)
{
    struct wire_message message;
    int got = tell_receive(&message, NULL);

    if (got > 0) {
        on_message(&message);
    } else if (got == 0 || got == -ECONNRESET) {
        on_master_gone();
    } else if (got == -EBADMSG) {
        tell_log("the master sent a packet that is no message");
    }
}

static void
beat(void)
{
    int64_t now_ms = util_now_ms();

    if (now_ms >= watch.next_beat_ms) {
        tally_beat();
        allocator_rest();
        watch.next_beat_ms = now_ms + WATCH_BEAT_MS;
    }
}

/* Waits for what comes, until the next beat. poll(2) passes over what is closed (-1): the beats go on. */
static void
listen_once(void)
{
    struct pollfd places[] = {
        {.fd = tell_fd(), .events = POLLIN},
        {.fd = watch.stop_lost ? -1 : watch.stop_fd, .events = POLLIN},
    };
    int64_t wait_ms = watch.next_beat_ms - util_now_ms();

    if (poll(places, ARRAY_LEN(places), wait_ms > 0 ? (int)wait_ms : 0) <= 0) {
        return;
    }
    if (places[1].revents != 0 && !get(&watch.stopping)) {
        watch.stop_lost = true;
    }
    if ((places[0].revents & POLLIN) != 0) {
        read_message();
    } else if ((places[0].revents & (POLLHUP | POLLERR)) != 0) {
        on_master_gone();
    }
}

static void *
watch_main(void *unused)
{
    (void)unused;
    while (!get(&watch.stopping)) {
        beat();
        listen_once();
    }
    return NULL;
}

static int
start_thread(void)
{
    pthread_attr_t attributes;
    sigset_t all;
    sigset_t kept;
    int error;

    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WATCH_STACK);
    /* The thread inherits the mask: no signal of the process is ever delivered to it. */
    pthread_sigmask(SIG_SETMASK, &all, &kept);
    error = pthread_create(&watch.thread, &attributes, watch_main, NULL);
    pthread_sigmask(SIG_SETMASK, &kept, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

/* In a worker these are copies of the mold's, which nobody of this process waits at; that mold may have been a worker. */
static void
begin_anew(void)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch.lock, NULL);
    pthread_cond_init(&watch.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    watch.may_run = false;
    watch.asked = false;
    watch.orphan = false;
    watch.promoted = false;
    watch.stopping = false;
    watch.stop_lost = false;
    watch.next_beat_ms = 0;
}

int
watch_start(void)
{
    int error;

    begin_anew();
    watch.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch.stop_fd < 0) {
        return -errno;
    }
    error = start_thread();
    watch.runs = error == 0;
    if (error != 0) {
        util_close(&watch.stop_fd);
    }
    return error;
}

void
watch_stop(void)
{
    if (!watch.runs) {
        return;
    }
    set(&watch.stopping);
    /* Should it fail, the next beat finds the flag. */
    (void)eventfd_write(watch.stop_fd, 1);
    pthread_join(watch.thread, NULL);
    if (!watch.stop_lost) {
        util_close(&watch.stop_fd);
    }
    watch.runs = false;
}

void
watch_set_timeout(uint32_t timeout_ms)
{
    pthread_mutex_lock(&watch.lock);
    watch.timeout_ms = timeout_ms;
    pthread_mutex_unlock(&watch.lock);
}

/* Returns with the lock held. */
static bool
wait_for(const bool *flag, const struct watch_waiter *waiter, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    int error = 0;

    pthread_mutex_lock(&watch.lock);
    while (!*flag && !waiter->interrupted && error != ETIMEDOUT) {
        error = until_ms == NEVER_MS ? pthread_cond_wait(&watch.changed, &watch.lock)
                                     : pthread_cond_timedwait(&watch.changed, &watch.lock, &until);
    }
    return *flag;
}

bool
watch_wait_run(struct watch_waiter *waiter, int64_t until_ms)
{
    bool came = wait_for(&watch.may_run, waiter, until_ms);

    pthread_mutex_unlock(&watch.lock);
    return came;
}

bool
watch_wait_ask(struct watch_waiter *waiter, int64_t until_ms)
{
    bool came = wait_for(&watch.asked, waiter, until_ms);

    watch.asked = false;
    pthread_mutex_unlock(&watch.lock);
    return came;
}

void
watch_interrupt(struct watch_waiter *waiter)
{
    set(&waiter->interrupted);
}

bool
watch_is_orphan(void)
{
    return get(&watch.orphan);
}

bool
watch_is_promoted(struct watch_promotion *ret_promotion)
{
    if (!get(&watch.promoted)) {
        return false;
    }
    *ret_promotion = watch.promotion;
    return true;
}

void
watch_leave_work(void)
{
    pthread_mutex_lock(&watch.lock);
    watch.may_run = false;
    pthread_mutex_unlock(&watch.lock);
}
