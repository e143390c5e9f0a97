/*
 * vm.h: the border to Ruby. Behind it the VM lives (vm.c), is spoken to by Ruby code (native.c) and
 * tells where its threads are (trace.c); those three files alone know <ruby.h>.
 *
 * Every call is protected: nothing that Ruby raises crosses this border. Where a function returns a
 * *state*, 0 is good and any other value says that Ruby is to end (an exception, exit, a fatal
 * error): hand it back from `live`, and vm_run ends the process the way Ruby would have.
 */
#ifndef SWARM_MOLD_VM_H
#define SWARM_MOLD_VM_H

#include "arguments.h"
#include "fork.h"
#include "master/wire.h"

struct vm_program {
    const struct arguments *arguments;
    const char *hooks;  /* the folder of hooks/ */
    char *first_script; /* loaded before anything else, Bundler too; NULL: none */
    char *boot_script;  /* defines Sidekiq::Swarm::Runtime */
    char *title;        /* the process's own argument block (title.h) */
    int (*live)(
        const struct vm_program *program); /* what the process does with the VM; returns a state */
};

/*
 * Compares the libruby that this process runs with the one it was built for; any later call would
 * be a guess. Returns 0, or -EPROTO with a sentence that says which is which.
 */
MUST_CHECK int vm_check(char *ret_text, size_t size);

/*
 * Boots the VM as `ruby boot_script arguments…` would, calls `live`, and ends the VM. Call it from
 * main's frame: the stack above this call is what Ruby scans. Returns the exit status of the
 * process; a death by a signal that Ruby raised does not return.
 */
int vm_run(const struct vm_program *program);

/* Boots the application (Runtime.boot). Returns a state; *ret_facts is written when it is 0. */
MUST_CHECK int vm_boot(struct wire_facts *ret_facts);

/* Ends the thread that vm_boot started to answer the master with: a mold must be alone when it forks. */
void vm_be_alone(void);

/* swarm's own check before a fork (Runtime.before_spawn). Returns 0, or -ECANCELED after the
 * failure was told. */
MUST_CHECK int vm_before_spawn(void);

/*
 * Forks by Process._fork; in the child `become` runs first. Returns the pid in the mold, 0 in the
 * worker, -errno when there is no worker.
 */
MUST_CHECK pid_t vm_fork(fork_become *become, const void *context);

/*
 * What a worker does until its end (Runtime.work). Returns a state; with 0 *ret_is_mold tells whether it goes on as a mold, of
 * which *ret_facts are then the facts.
 */
struct worker_order;
MUST_CHECK int vm_work(const struct worker_order *order, struct wire_facts *ret_facts,
                       bool *ret_is_mold);

/* Waits until `fd` is readable or at its end. Other Ruby threads and traps go on meanwhile. */
void vm_wait_readable(int fd);

/* Sends a message however long the master takes to read; Ruby goes on meanwhile. Returns 0 or
 * -errno. */
MUST_CHECK int vm_send(const struct wire_message *message);

/* The backtraces of all Ruby threads (Runtime.trace), cut to `size`. */
void vm_trace(char *ret_text, size_t size);

/* What `ps` shows. */
void vm_set_title(const char *title);

#endif
