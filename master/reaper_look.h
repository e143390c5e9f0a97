/*
 * reaper_look.h: what the kernel says of our children without anybody being reaped.
 *
 * Owns nothing. Only reaper.c looks so; it reaps by itself.
 */
#ifndef SWARM_REAPER_LOOK_H
#define SWARM_REAPER_LOOK_H

#include "reaper.h"

/*
 * Reads how a child died into `end`, all but its pid. Returns false while it lives. A death that
 * somebody else reaped is told as code -1.
 */
bool reaper_look_at_death(int pidfd, struct process_end *end);

/* Returns 0 if it is a child of ours, dead or alive; -ECHILD, or another -errno. */
MUST_CHECK int reaper_check_child(int pidfd);

/*
 * Whether a child of ours in the group `pgid` is alive (a stopped one is).
 *
 * The kernel answers in one call and without /proc: waitid(P_PGID, WSTOPPED) fails with ECHILD when
 * all our children of that group are zombies, since a zombie can stop no more (wait_consider_task in
 * kernel/exit.c). That they are our children is the subreaper's doing.
 */
bool reaper_is_group_living(pid_t pgid);

#endif
