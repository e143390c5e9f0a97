/* orders.c: see orders.h. */
#include "orders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define ORDERS_FILE_MAX 16384

struct order {
    char count[16]; /* a number or "always" */
    char subject[32];
    char place[32];
    char verb[ORDERS_VERB_MAX];
    char argument[ORDERS_ARGUMENT_MAX];
};

/* What is looked for. */
struct wanted {
    const struct actor *actor;
    const char *place;
    const char *verb; /* NULL: any */
};

static bool
parse(const char *line, struct order *ret_order)
{
    struct order order = {.argument = ""};
    int found = sscanf(line, "%15s %31s %31s %95s %127[^\n]", order.count, order.subject,
                       order.place, order.verb, order.argument);

    if (found < 4 || strcmp(order.count, "0") == 0) {
        return false;
    }
    *ret_order = order;
    return true;
}

/* "mold", "mold.GENERATION", "worker", "worker.SLOT", "worker.SLOT.GENERATION" or "pid.PID". */
static bool
is_subject(const char *subject, const struct actor *actor)
{
    bool is_mold = actor->role == ACTOR_MOLD;
    unsigned first;
    unsigned second;

    if (sscanf(subject, "pid.%u", &first) == 1) {
        return (pid_t)first == getpid();
    }
    if (sscanf(subject, "worker.%u.%u", &first, &second) == 2) {
        return !is_mold && first == actor->slot && second == actor->generation;
    }
    if (sscanf(subject, "worker.%u", &first) == 1) {
        return !is_mold && first == actor->slot;
    }
    if (sscanf(subject, "mold.%u", &first) == 1) {
        return is_mold && first == actor->generation;
    }
    return strcmp(subject, is_mold ? "mold" : "worker") == 0;
}

static bool
is_wanted(const struct order *order, const struct wanted *wanted)
{
    return strcmp(order->place, wanted->place) == 0 &&
           (wanted->verb == NULL || strcmp(order->verb, wanted->verb) == 0) &&
           is_subject(order->subject, wanted->actor);
}

/* Returns the line of the first order that is wanted, or NULL. */
static const char *
find(const char *text, const struct wanted *wanted, struct order *ret_order)
{
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');

        if (parse(line, ret_order) && is_wanted(ret_order, wanted)) {
            return line;
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return NULL;
}

/* Writes the file anew with one less of the order at `line`; a reader sees the old or the new one.
 */
static bool
use_up(const char *path, const char *text, const char *line, const struct order *order)
{
    const char *rest = strchr(line, '\n');
    char name[4096];
    FILE *file;

    snprintf(name, sizeof(name), "%s.new", path);
    file = fopen(name, "we");
    if (file == NULL) {
        return false;
    }
    fprintf(file, "%.*s", (int)(line - text), text);
    fprintf(file, "%lu %s %s %s %s", strtoul(order->count, NULL, 10) - 1, order->subject,
            order->place, order->verb, order->argument);
    fprintf(file, "%s", rest != NULL ? rest : "\n");
    return fclose(file) == 0 && rename(name, path) == 0;
}

static int
lock(const char *path)
{
    char name[4096];
    int fd;

    snprintf(name, sizeof(name), "%s.lock", path);
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR) {
    }
    return fd;
}

static bool
take_counted(const char *path, const struct wanted *wanted, struct order *ret_order)
{
    char text[ORDERS_FILE_MAX];
    int fd = lock(path);
    bool taken = false;

    if (util_read_file(path, text, sizeof(text)) >= 0) {
        const char *line = find(text, wanted, ret_order);

        taken = line != NULL &&
                (strcmp(ret_order->count, "always") == 0 || use_up(path, text, line, ret_order));
    }
    util_close(&fd);
    return taken;
}

bool
orders_take(const struct actor *actor, const char *place, const char *verb, char *ret_argument)
{
    const char *path = getenv("FAKE_ORDERS");
    struct wanted wanted = {.actor = actor, .place = place, .verb = verb};
    char text[ORDERS_FILE_MAX];
    struct order order;

    /* A look without the lock first: nearly always there is no order. */
    if (path == NULL || util_read_file(path, text, sizeof(text)) < 0 ||
        find(text, &wanted, &order) == NULL) {
        return false;
    }
    if (strcmp(order.count, "always") != 0 && !take_counted(path, &wanted, &order)) {
        return false;
    }
    if (ret_argument != NULL) {
        util_copy_text(ret_argument, ORDERS_ARGUMENT_MAX, order.argument);
    }
    return true;
}

/* The orders as they stand; false if there are none. */
static bool
read_orders(char *to, size_t size)
{
    const char *path = getenv("FAKE_ORDERS");

    return path != NULL && util_read_file(path, to, size) >= 0;
}

bool
orders_stand(const struct actor *actor, const char *place)
{
    struct wanted wanted = {.actor = actor, .place = place};
    char text[ORDERS_FILE_MAX];
    struct order order;

    return read_orders(text, sizeof(text)) && find(text, &wanted, &order) != NULL;
}

unsigned
orders_list(const struct actor *actor, const char *place, struct orders_item *ret_items,
            unsigned room)
{
    struct wanted wanted = {.actor = actor, .place = place};
    char text[ORDERS_FILE_MAX];
    const char *line = read_orders(text, sizeof(text)) ? text : NULL;
    struct order order;
    unsigned count = 0;

    while (count < room && line != NULL && (line = find(line, &wanted, &order)) != NULL) {
        util_copy_text(ret_items[count].verb, ORDERS_VERB_MAX, order.verb);
        util_copy_text(ret_items[count].argument, ORDERS_ARGUMENT_MAX, order.argument);
        count++;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return count;
}
