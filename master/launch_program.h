/*
 * launch_program.h: starts a program of the operator or of the system: looked up in PATH, with an
 * input and an output that can block nobody.
 *
 * Owns nothing after it returned. The child gets: its input or /dev/null as standard input, its
 * output or the master's, the master's standard error, and no other descriptor; an empty signal
 * mask, default dispositions, a process group of its own; the master's working directory.
 */
#ifndef SWARM_LAUNCH_PROGRAM_H
#define SWARM_LAUNCH_PROGRAM_H

#include "util.h"

/* A program that writes more than this gets EPERM. Only pages that are written take memory. */
#define LAUNCH_OUTPUT_SIZE_MAX (64 * 1024)

struct launch_program_order {
    char *const *argv; /* argv[0] is a path if it has a slash, else looked up in PATH of `envp` */
    char *const *envp;
    int input_fd;  /* -1: /dev/null */
    int output_fd; /* -1: the master's standard output */
};

/*
 * Returns 0 and the pid, or -errno (-ENOENT: no such program; -EACCES: it must not be run; -ENOEXEC:
 * a script without its #! line; -EAGAIN, -ENOMEM: the kernel has no room now).
 */
MUST_CHECK int launch_program(const struct launch_program_order *order, pid_t *ret_pid);

/*
 * Where a program is, by the rules of execvp(3) with the PATH of `envp` (without one:
 * /usr/local/bin:/usr/bin:/bin). Returns 0, -ENOENT, -EACCES or -ENOMEM; *ret_path is malloc'd.
 */
MUST_CHECK int launch_program_find(const char *name, char *const *envp, char **ret_path);

/* A sealed memfd that holds `text`, read from its beginning. Returns it or -errno. */
MUST_CHECK int launch_program_input(const char *text);

/* A memfd that cannot grow beyond LAUNCH_OUTPUT_SIZE_MAX. Returns it or -errno. */
MUST_CHECK int launch_program_output(void);

/* What was written to it so far, up to the first NUL, at most `size` - 1 bytes and always
 * terminated. */
void launch_program_read(int output_fd, char *to, size_t size);

#endif
