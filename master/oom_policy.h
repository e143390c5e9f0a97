/*
 * oom_policy.h: does systemd end the whole service when the kernel kills one worker for want of
 * memory (FS-59)?
 *
 * It does by OOMPolicy=stop, which is its default. It is asked by systemctl, through the runner:
 * nothing waits for the answer. Owns the question and the words of the warning. Must not change
 * anything. (memory.oom.group, which does the same without systemd, is read with the group's
 * figures.)
 */
#ifndef SWARM_OOM_POLICY_H
#define SWARM_OOM_POLICY_H

#include "runner.h"

/* The longest name that systemd gives a unit, and its end. */
#define OOM_POLICY_UNIT_SIZE 256
#define OOM_POLICY_TIMEOUT_MS 5000

struct oom_policy_unit {
    char name[OOM_POLICY_UNIT_SIZE]; /* "shop.service"; empty: no service of systemd */
    bool is_user;                    /* of a user's own manager: systemctl --user */
};

/*
 * The unit that a cgroup belongs to, from its path ("/system.slice/shop.service"): the innermost
 * service, and none inside a scope (systemd.unit(5)). Returns false, and an empty name, if there is
 * none.
 */
bool oom_policy_find_unit(const char *group, struct oom_policy_unit *ret_unit);

/*
 * The same for this process: by `group` (group_name() of group.h, may be empty), else, where
 * `is_invoked` (systemd set INVOCATION_ID), by any hierarchy of `proc`/self/cgroup: with cgroup v1
 * the memory controller may know nothing of the unit.
 */
bool oom_policy_find_own_unit(const char *group, const char *proc, bool is_invoked,
                              struct oom_policy_unit *ret_unit);

/* Asks systemd about the unit. Returns 0, or runner_start's error. */
MUST_CHECK int oom_policy_ask(struct runner *runner, const struct oom_policy_unit *unit);

/*
 * To be called for each end of the runner: warns if the answer says so. Without an answer nothing is
 * said: there may be no systemd to ask. Returns false when the end was not of this file's.
 */
bool oom_policy_on_end(const struct oom_policy_unit *unit, const struct runner_end *end);

#endif
