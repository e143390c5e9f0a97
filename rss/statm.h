/*
 * statm.h: RSS of one process by pread on a kept descriptor of /proc/PID/statm: 0.5 µs, and immune to the reuse of
 * its pid, since a descriptor of a dead process only gives ESRCH.
 */
#ifndef SWARM_RSS_STATM_H
#define SWARM_RSS_STATM_H

#include "../master/util.h"

/* `fd` comes from proc_open. Returns 0, -ESRCH for a process that is gone, -EBADMSG for a text that is no statm, or -errno. */
MUST_CHECK int statm_read(int fd, uint64_t *ret_rss_bytes);
/* The text alone. */
MUST_CHECK int statm_parse(const char *text, uint64_t page_bytes, uint64_t *ret_rss_bytes);

/*
 * The same of what of RSS is pages of files and of shared memory (`shared` of proc(5)): these would not be there twice if
 * the process was there twice, whether or not it was forked.
 */
MUST_CHECK int statm_read_files(int fd, uint64_t *ret_file_bytes);
MUST_CHECK int statm_parse_files(const char *text, uint64_t page_bytes, uint64_t *ret_file_bytes);

#endif
