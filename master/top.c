/*
 * top.c: see top.h.
 *
 * Owns the loop: keys, signals, one question at a time to the service, and a picture whenever something changed. The
 * service may come and go meanwhile. Must not draw (top_frame) nor touch the terminal's modes (top_screen).
 */
#include "top.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "client_ask.h"
#include "exit_code.h"
#include "top_frame.h"
#include "top_screen.h"
#include "top_signals.h"

/* A service that is gone is not asked more often, and one that does not answer is told of after so long. */
#define RETRY_MS 1000
#define LATE_MS 3000
#define PROBLEM_SIZE 256

enum subject { SUBJECT_STATUS, SUBJECT_EXPLAIN };

struct top {
    const struct top_order *order;
    struct top_screen *screen;
    struct top_view view;
    struct top_past *past;
    struct top_keys keys;
    int signal_fd;
    bool utf8;
    bool is_dirty;  /* something changed since it was drawn */
    bool is_wanted; /* an answer, also while paused */
    bool is_over;
    int end_signal; /* that we end by; 0: none */
    int code;

    json_t *status;
    json_t *explanation; /* lines; NULL: none */
    json_int_t explained_slot;
    struct client_ask *ask; /* NULL: nothing is being asked */
    enum subject subject;
    json_int_t asked_slot;
    int64_t asked_ms;
    int64_t next_ms; /* when the status is asked for again */
    int64_t keys_ms; /* when a sequence of keys counts as over */
    char problem[PROBLEM_SIZE];
    unsigned body;
};

static void
draw(struct top *top)
{
    struct top_scene scene = {
        .status = top->status,
        .view = &top->view,
        .past = top->past,
        .explanation = top->explained_slot == top->view.chosen_slot ? top->explanation : NULL,
        .problem = top->problem[0] != '\0' ? top->problem : NULL,
        .utf8 = top->utf8,
    };
    struct top_frame frame;

    top_screen_size(top->screen, &scene.width, &scene.height);
    if (top_frame_draw(&scene, &frame) == 0) {
        top_screen_show(top->screen, top_frame_paint(&frame, top_screen_has_colours(top->screen)));
        top->body = frame.body;
        top->view.scroll = frame.scroll;
    }
    top_frame_done(&frame);
    top->is_dirty = false;
}

static void
stop_asking(struct top *top)
{
    client_ask_close(top->ask);
    top->ask = NULL;
}

static void
say_problem(struct top *top, int error)
{
    switch (error) {
    case -ENOENT:
    case -ECONNREFUSED:
    case -ENODATA:
        snprintf(top->problem, sizeof(top->problem), "the service is gone, trying again");
        break;
    case -ETIMEDOUT:
        snprintf(top->problem, sizeof(top->problem), "the service does not answer, trying again");
        break;
    case -EBADMSG:
        snprintf(top->problem, sizeof(top->problem), "the answer is not swarm's, trying again");
        break;
    default:
        snprintf(top->problem, sizeof(top->problem), "asking the service failed, trying again: %s",
                 strerror(-error));
        break;
    }
    top->is_dirty = true;
}

static int64_t
retry_pace_ms(const struct top *top)
{
    return top->view.pace_ms > RETRY_MS ? top->view.pace_ms : RETRY_MS;
}

static void
fail(struct top *top, int error, int64_t now_ms)
{
    stop_asking(top);
    top->next_ms = now_ms + retry_pace_ms(top);
    say_problem(top, error);
}

static void
ask(struct top *top, enum subject subject, int64_t now_ms)
{
    char slot[24];
    char *const arguments[] = {slot, NULL};
    bool is_status = subject == SUBJECT_STATUS;
    int error;

    snprintf(slot, sizeof(slot), "%lld", (long long)top->view.chosen_slot);
    top->subject = subject;
    top->is_wanted = false;
    top->asked_slot = top->view.chosen_slot;
    top->asked_ms = now_ms;
    error = client_ask_open(top->order->path, is_status ? "status" : "explain",
                            is_status ? NULL : arguments, now_ms, &top->ask);
    if (error < 0) {
        top->ask = NULL;
        fail(top, error, now_ms);
    }
}

/* An older service does not know `explain`: then there is none. */
static void
take_explanation(struct top *top, const json_t *answer)
{
    json_decref(top->explanation);
    top->explanation = json_incref(json_object_get(answer, "lines"));
    top->explained_slot = top->asked_slot;
}

static void
take_status(struct top *top, json_t *answer, int64_t now_ms)
{
    json_decref(top->status);
    top->status = json_incref(answer);
    top_past_add(top->past, answer);
    top->next_ms = top->asked_ms + top->view.pace_ms;
    top->next_ms = top->next_ms < now_ms ? now_ms : top->next_ms;
    if (top->view.page == TOP_PAGE_WORKER && top->view.chosen_slot >= 0) {
        ask(top, SUBJECT_EXPLAIN, now_ms);
    }
}

static void
take_answer(struct top *top, json_t *answer, int64_t now_ms)
{
    stop_asking(top);
    top->problem[0] = '\0';
    top->is_dirty = true;
    if (top->subject == SUBJECT_EXPLAIN) {
        take_explanation(top, answer);
    } else if (json_is_true(json_object_get(answer, "ok"))) {
        take_status(top, answer, now_ms);
    } else {
        const char *error = status_text_string(answer, "error");

        snprintf(top->problem, sizeof(top->problem), "the service refuses: %s",
                 error != NULL ? error : "without a reason");
        top->next_ms = now_ms + retry_pace_ms(top);
    }
}

static void
go_on_asking(struct top *top, int64_t now_ms)
{
    json_t *answer = NULL;
    int error;

    if (top->ask == NULL) {
        if ((!top->view.is_paused || top->is_wanted) && now_ms >= top->next_ms) {
            ask(top, SUBJECT_STATUS, now_ms);
        }
        return;
    }
    error = client_ask_step(top->ask, now_ms, &answer);
    if (error == 0) {
        take_answer(top, answer, now_ms);
        json_decref(answer);
    } else if (error != -EAGAIN) {
        fail(top, error, now_ms);
    } else if (now_ms - top->asked_ms > LATE_MS && top->problem[0] == '\0') {
        snprintf(top->problem, sizeof(top->problem), "the service takes its time to answer");
        top->is_dirty = true;
    }
}

static void
take_key(struct top *top, int key, int64_t now_ms)
{
    switch (top_view_key(&top->view, key, top->status, top->body)) {
    case TOP_WISH_NOTHING:
        break;
    case TOP_WISH_LEAVE:
        top->is_over = true;
        break;
    case TOP_WISH_ASK:
        top->next_ms = now_ms;
        top->is_wanted = true;
        top->is_dirty = true;
        break;
    case TOP_WISH_CLEAR:
        top_screen_show(top->screen, strdup("\x1b[2J"));
        top->is_dirty = true;
        break;
    case TOP_WISH_DRAW:
        top->next_ms =
            top->ask == NULL && top->problem[0] == '\0' && top->next_ms > now_ms + top->view.pace_ms
                ? now_ms + top->view.pace_ms
                : top->next_ms;
        top->is_dirty = true;
        break;
    }
}

static void
take_keys(struct top *top, short events, int64_t now_ms)
{
    unsigned char bytes[256];
    ssize_t got = 0;

    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) {
        got = top_screen_read(top->screen, bytes, sizeof(bytes));
    }
    for (ssize_t i = 0; i < got && !top->is_over; i++) {
        take_key(top, top_keys_take(&top->keys, bytes[i]), now_ms);
        top->keys_ms = now_ms + TOP_KEYS_PAUSE_MS;
    }
    if (got == 0 && top_keys_is_open(&top->keys) && now_ms >= top->keys_ms) {
        take_key(top, top_keys_end(&top->keys), now_ms);
    }
    /* Nobody watches any more. */
    if (got < 0 || (got == 0 && (events & (POLLHUP | POLLERR)) != 0)) {
        top->is_over = true;
    }
}

/* Whoever stopped us (SIGSTOP cannot be seen) may have left the terminal in any mode. */
static void
go_on(struct top *top)
{
    top_screen_leave(top->screen);
    if (top_screen_enter(top->screen) < 0) {
        top->is_over = true;
    }
    top->is_dirty = true;
}

static void
take_signal(struct top *top, int signal)
{
    switch (signal) {
    case SIGWINCH:
        top_screen_show(top->screen, strdup("\x1b[2J"));
        top->is_dirty = true;
        break;
    case SIGTSTP:
        top_screen_leave(top->screen);
        top_signals_suspend();
        go_on(top);
        break;
    case SIGCONT:
        go_on(top);
        break;
    case SIGINT:
        top->is_over = true;
        break;
    default:
        top->end_signal = signal;
        top->is_over = true;
        break;
    }
}

static void
take_signals(struct top *top)
{
    int number;

    while ((number = top_signals_next(top->signal_fd)) != 0) {
        take_signal(top, number);
    }
}

static int
wait_ms(const struct top *top, int64_t now_ms)
{
    int64_t until_ms = NEVER_MS;

    if (top->ask != NULL) {
        int64_t late_ms = top->asked_ms + LATE_MS + 1;

        until_ms = client_ask_deadline_ms(top->ask, now_ms);
        until_ms = top->problem[0] == '\0' && late_ms < until_ms ? late_ms : until_ms;
    } else if (!top->view.is_paused || top->is_wanted) {
        until_ms = top->next_ms;
    }
    if (top_keys_is_open(&top->keys) && top->keys_ms < until_ms) {
        until_ms = top->keys_ms;
    }
    if (until_ms == NEVER_MS) {
        return -1;
    }
    return until_ms > now_ms ? (int)(until_ms - now_ms) : 0;
}

/* One turn. Returns 0, or -errno when the terminal or the loop itself fails. */
static int
turn(struct top *top)
{
    struct pollfd looks[] = {
        {.fd = top->signal_fd, .events = POLLIN},
        {.fd = top_screen_fd(top->screen), .events = POLLIN},
        {.fd = -1},
    };

    if (top_screen_is_writing(top->screen)) {
        looks[1].events = POLLIN | POLLOUT;
    }
    if (top->ask != NULL) {
        looks[2].fd = client_ask_fd(top->ask);
        looks[2].events = client_ask_events(top->ask);
    }
    if (poll(looks, ARRAY_LEN(looks), wait_ms(top, util_now_ms())) < 0 && errno != EINTR) {
        return -errno;
    }
    take_signals(top);
    if (!top->is_over) {
        take_keys(top, looks[1].revents, util_now_ms());
    }
    if (!top->is_over) {
        go_on_asking(top, util_now_ms());
    }
    if (!top->is_over && top->is_dirty) {
        draw(top);
    }
    return top->is_over ? 0 : top_screen_write(top->screen);
}

static int
run(struct top *top)
{
    int error;

    top->signal_fd = top_signals_open();
    error = top->signal_fd < 0 ? top->signal_fd : top_screen_enter(top->screen);
    top->is_dirty = true;
    while (error == 0 && !top->is_over) {
        error = turn(top);
    }
    return error;
}

/* The first question is waited for: whoever starts us where no service is hears it at once. */
static int
ask_first(struct top *top)
{
    json_t *answer = NULL;
    int error = client_ask_open(top->order->path, "status", NULL, util_now_ms(), &top->ask);

    if (error < 0) {
        top->ask = NULL;
        return client_fail_connect(top->order->path, error);
    }
    error = client_wait(top->ask, &answer);
    stop_asking(top);
    if (error < 0) {
        return client_fail_talk(top->order->path, error);
    }
    if (!json_is_true(json_object_get(answer, "ok"))) {
        int code = client_fail_answer(answer);

        json_decref(answer);
        return code;
    }
    top->status = answer;
    top_past_add(top->past, answer);
    top->next_ms = util_now_ms() + top->view.pace_ms;
    return EXIT_CODE_OK;
}

static int
print_once(struct top *top)
{
    struct top_scene scene = {
        .status = top->status,
        .view = &top->view,
        .width = (unsigned)client_width(),
        .utf8 = top->utf8,
    };
    struct top_frame frame;
    int error = top_frame_draw(&scene, &frame);
    char *text = error == 0 ? top_frame_text(&frame) : NULL;

    top_frame_done(&frame);
    if (text == NULL) {
        fputs("swarm: out of memory\n", stderr);
        return EXIT_CODE_INTERNAL;
    }
    fputs(text, stdout);
    free(text);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "swarm: cannot write the picture: %s\n", strerror(errno));
        return EXIT_CODE_INTERNAL;
    }
    return EXIT_CODE_OK;
}

static int
refuse_terminal(int error)
{
    if (error == -ENOTTY) {
        fputs("swarm: top needs a terminal; --once prints one picture without\n", stderr);
        return EXIT_CODE_USAGE;
    }
    if (error == -ENOTSUP) {
        fputs(
            "swarm: this terminal cannot place a cursor (TERM is not set, or dumb); --once prints "
            "one picture without\n",
            stderr);
        return EXIT_CODE_USAGE;
    }
    fprintf(stderr, "swarm: the terminal cannot be used: %s\n", strerror(-error));
    return EXIT_CODE_INTERNAL;
}

static int
run_live(struct top *top)
{
    int error = top_screen_open(&top->screen);

    if (error < 0) {
        return refuse_terminal(error);
    }
    top->code = ask_first(top);
    if (top->code == EXIT_CODE_OK) {
        error = run(top);
    }
    top_screen_close(top->screen);
    util_close(&top->signal_fd);
    /* A terminal that went away is the end, not a failure. */
    return error < 0 && error != -EIO ? refuse_terminal(error) : top->code;
}

int
top_run(const struct top_order *order)
{
    struct top top = {.order = order, .signal_fd = -1, .past = top_past_new()};
    int code;

    if (top.past == NULL) {
        fputs("swarm: out of memory\n", stderr);
        return EXIT_CODE_INTERNAL;
    }
    top_view_init(&top.view);
    setlocale(LC_CTYPE, "");
    top.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (order->once) {
        code = ask_first(&top);
        code = code == EXIT_CODE_OK ? print_once(&top) : code;
    } else {
        code = run_live(&top);
    }
    stop_asking(&top);
    json_decref(top.status);
    json_decref(top.explanation);
    top_past_free(top.past);
    if (top.end_signal != 0) {
        top_signals_end_by(top.end_signal);
    }
    return code;
}
