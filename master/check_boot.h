/*
 * check_boot.h: boots one mold, looks, and ends it: what `swarm check` learns of an application.
 *
 * Owns a loop of its own, the mold and everything that the mold started: nothing of it is left when check_boot
 * returns. Must not judge what it saw: that is check_words.c's.
 */
#ifndef SWARM_CHECK_BOOT_H
#define SWARM_CHECK_BOOT_H

#include "config.h"
#include "reaper.h"
#include "rss/figures.h"
#include "wire.h"

#define CHECK_STEPS_MAX 16

/* How the boot ended. */
enum check_end {
    CHECK_READY,       /* booted, and ended by us */
    CHECK_LEFT,        /* it left by itself; `ending` says how */
    CHECK_LATE,        /* not ready within --boot-timeout */
    CHECK_GARBAGE,     /* it sent what is no message, or none of a mold's */
    CHECK_MUTE,        /* it closed its link and went on */
    CHECK_NOT_STARTED, /* `error` says why */
    CHECK_INTERRUPTED, /* we were told to end by `signal` */
};

struct check_boot {
    enum check_end end;
    int error;
    int signal;
    struct process_end ending;
    bool facts_known;
    struct wire_facts facts;
    bool failure_known;
    struct wire_failure failure; /* the first one that was told */
    bool warmup_known;
    struct wire_failure warmup; /* the first job of a warm-up that failed, which ends no boot */
    struct wire_step steps[CHECK_STEPS_MAX];
    unsigned step_count;
    struct wire_trace trace;      /* of a mold that was late; empty if it did not answer */
    struct memory_figures memory; /* of the booted mold */
};

struct check_boot_order {
    const struct config *config;
    const char *program; /* the mold's */
    char *const *envp;
};

/*
 * Boots a mold and ends it. TERM, INT and HUP end it early; the caller's signal mask is kept. Returns 0 with
 * *ret_boot written, or -errno when not even the loop could be made.
 */
MUST_CHECK int check_boot(const struct check_boot_order *order, struct check_boot *ret_boot);

#endif
