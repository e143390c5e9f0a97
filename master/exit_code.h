/*
 * exit_code.h: the codes with which swarm leaves.
 *
 * Owns the numbers of README.md's table, most of them from sysexits.h. Must not contain anything
 * else.
 */
#ifndef SWARM_EXIT_CODE_H
#define SWARM_EXIT_CODE_H

enum exit_code {
    EXIT_CODE_OK = 0,     /* a clean stop, a verb that was carried out */
    EXIT_CODE_USAGE = 64, /* the command line is wrong */
    EXIT_CODE_UNAVAILABLE =
        69,                  /* a verb found no service; at the start: the service already runs */
    EXIT_CODE_INTERNAL = 70, /* swarm itself failed */
    EXIT_CODE_BOOT_FAILED = 75, /* the mold or all workers failed to boot */
    EXIT_CODE_CONFIG = 78,      /* the environment or the configuration file is wrong */
};

#endif
