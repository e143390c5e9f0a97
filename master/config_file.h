/*
 * config_file.h: finding and reading the configuration file.
 *
 * Owns the search order and the limits of the file itself. The only part of config that touches the
 * disk. Must not know what stands in the file.
 */
#ifndef SWARM_CONFIG_FILE_H
#define SWARM_CONFIG_FILE_H

#include "config.h"

#define CONFIG_FILE_MAX (1024 * 1024)

struct config_file {
    char *name;     /* as the user knows it; NULL: there is no file */
    char *contents; /* with a zero byte behind */
    size_t size;
};

/*
 * Reads the file `name`, which must exist; with NULL the first that exists of sidekiq-swarm.toml
 * and config/sidekiq-swarm.toml. Relative names start at `cwd` (NULL: the working directory).
 * Returns 0 (`ret->name` is NULL when none was found); -EINVAL or -ENOMEM with `ret_error` written:
 * no such file, a directory, unreadable, larger than CONFIG_FILE_MAX.
 */
MUST_CHECK int config_file_read(const char *name, const char *cwd, struct config_file *ret,
                                struct config_error *ret_error);

void config_file_done(struct config_file *file);

#endif
