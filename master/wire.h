/*
 * wire.h: every message between the master, its molds and its workers.
 *
 * One message is one packet on a SOCK_SEQPACKET socketpair: a fixed head, then the fields of that
 * type in the order of one table (wire.c), numbers in native order (both ends are one machine), a
 * text as its length and its bytes. Descriptors travel beside it by SCM_RIGHTS, the sender's pid by
 * SCM_CREDENTIALS, which the kernel vouches for.
 *
 * This file and board.h are the only code that master and mold share. It must not know what a
 * message means.
 */
#ifndef SWARM_WIRE_H
#define SWARM_WIRE_H

#include "util.h"

#define WIRE_VERSION 2
#define WIRE_PACKET_MAX 16384
#define WIRE_FDS_MAX 2

/* A descriptor number that a started mold finds its link on (see launch.h). */
#define WIRE_LINK_FD 3

enum wire_type {
    WIRE_STEP = 1,   /* mold and worker → master: one step of the boot is done */
    WIRE_MOLD_READY, /* mold → master: booted, may be asked to fork */
    WIRE_SPAWN,      /* master → mold: fork a worker; carries its link and its board */
    WIRE_SPAWNED,  /* mold → master: the worker of that request lives (or lived) under this pid */
    WIRE_FAILED,   /* mold → master: the request failed, with the errno of fork */
    WIRE_FAILURE,  /* mold and worker → master: Ruby raised; class, text, place, frames */
    WIRE_HELLO,    /* worker → master: first message; its pid comes from the kernel */
    WIRE_GO,       /* master → worker: you are known, go on */
    WIRE_READY,    /* worker → master: inside Sidekiq's :startup, waiting at the run gate */
    WIRE_RUN,      /* master → worker: fetch */
    WIRE_STOPPING, /* worker → master: Sidekiq's :shutdown has begun */
    WIRE_ASK_TRACE, /* master → mold or worker: where are you? */
    WIRE_TRACE,     /* the answer: backtraces of its Ruby threads */
    WIRE_PROMOTE, /* master → worker, quiet and idle: become a mold. The answer is WIRE_MOLD_READY, or its end */
    WIRE_TYPE_END
};

struct wire_step {
    char name[64];
    uint32_t took_ms;
};

/* What a booted mold, or a worker that booted the application itself, tells of the application. */
struct wire_facts {
    char ruby[128];       /* RUBY_DESCRIPTION */
    char sidekiq[32];     /* version */
    char rails[32];       /* version, or empty */
    char tag[128];        /* Sidekiq's tag, or empty */
    char environment[64]; /* production, development … */
    char queues[1024];    /* "critical, default, low", as Sidekiq fetches them */
    char redis[256];      /* where Sidekiq's Redis is, without user and password */
    uint32_t concurrency; /* threads of one worker, over all capsules */
    uint32_t timeout_ms;  /* Sidekiq's -t */
    uint32_t boot_ms;
    char threads[2048]; /* alive beside the main one: "name (started at file:line)", one a line */
    char sockets[2048]; /* open beside the link: "fd 12 tcp 127.0.0.1:6379", one a line */
    char identities
        [1024]; /* memoized in the mold, so that all workers would have the same: "Shop::Node @id", one a line */
    char allocator[64]; /* "jemalloc 5.3.0", "glibc 2.36" … */
    char hooks[1024];   /* the fork hooks that exist: "before_fork file:line", one a line */

    /* Only for `swarm check` (--check on a mold's command line), else empty. */
    char bundler[256]; /* "Bundler 2.3.15, /srv/shop/Gemfile, 87 gems"; empty without Bundler */
    char redis_version[32]; /* what Redis answered; empty: it was not asked, or did not answer */
    char redis_policy[32];  /* its maxmemory-policy, or empty */
    char redis_error[512];  /* why it did not answer */
    uint32_t redis_us;      /* from the question to the answer to PING, the connection included */
};

struct wire_spawn {
    uint64_t request;
    uint32_t slot;
    uint32_t index; /* what SWARM_INDEX and INDEX are set to */
    uint32_t generation;
};

struct wire_spawned {
    uint64_t request;
    uint32_t pid;
};

struct wire_failed {
    uint64_t request;
    uint32_t error; /* an errno */
};

/* The stage of a failure that ends nothing: a job of the warm-up raised, the boot goes on (hooks/lib's WarmupRun). */
#define WIRE_STAGE_WARMUP_JOB "warmup_job"

/* At most 8 KiB in all (design: failures of boot and hooks). */
struct wire_failure {
    char stage[64]; /* "boot", "before_fork", "after_fork", "startup" … */
    char kind[128]; /* class of the exception */
    char text[2048];
    char place[512];    /* file:line */
    char frames[5120];  /* up to 20 frames, one a line */
    uint32_t exit_code; /* what the process leaves with; 0 = not said */
};

struct wire_promote {
    uint32_t generation; /* of the mold that it becomes */
};

struct wire_hello {
    uint64_t request; /* of the spawn; 0 where the worker boots the application itself */
};

struct wire_trace {
    char text[8192];
};

struct wire_message {
    enum wire_type type;
    union {
        struct wire_step step;
        struct wire_facts mold_ready;
        struct wire_facts
            ready; /* a forked worker leaves all of it empty but boot_ms; see WIRE_READY */
        struct wire_spawn spawn;
        struct wire_spawned spawned;
        struct wire_failed failed;
        struct wire_failure failure;
        struct wire_hello hello;
        struct wire_promote promote;
        struct wire_trace trace;
    };
};

/* What came with a packet. The receiver owns the descriptors. */
struct wire_extra {
    pid_t pid; /* of the sender, by the kernel; 0 if it was not told */
    int fds[WIRE_FDS_MAX];
    unsigned fd_count;
};

/* Whether the boot goes on: what is told so is not what a process that ends later died of. */
bool wire_failure_ends_nothing(const struct wire_failure *failure);

/* The name of a type for the log ("spawned"), "unknown" for any other number. */
const char *wire_type_name(enum wire_type type);

/* Packs a message. Returns its length, -EINVAL for an unknown type, -EMSGSIZE if `size` is too small. */
MUST_CHECK ssize_t wire_encode(const struct wire_message *message, void *to, size_t size);

/*
 * Unpacks and checks a packet: head, version, type, each field's length, no NUL within a text, no byte
 * left over. Returns 0 or -EBADMSG; *ret_message is written only on success.
 */
MUST_CHECK int wire_decode(const void *packet, size_t length, struct wire_message *ret_message);

/*
 * Sends one message with up to WIRE_FDS_MAX descriptors (borrowed). Never raises SIGPIPE.
 * Returns 0 or -errno; -EAGAIN when the peer does not read.
 */
MUST_CHECK int wire_send(int fd, const struct wire_message *message, const int *fds,
                         unsigned fd_count);

/*
 * Receives one message. Returns 1 with a message, 0 at the end of file, -EAGAIN when nothing waits,
 * -EBADMSG for a packet that is none of ours (its descriptors are closed), else -errno.
 * Descriptors arrive CLOEXEC. *ret_extra may be NULL: then descriptors are closed.
 */
MUST_CHECK int wire_receive(int fd, struct wire_message *ret_message, struct wire_extra *ret_extra);

/* Asks the kernel for the sender's pid on each packet (SO_PASSCRED). Returns 0 or -errno. */
MUST_CHECK int wire_ask_credentials(int fd);

#endif
