/*
 * group_place.h: which files tell the memory of the group we run in: v2, v1, hybrid or none.
 *
 * Owns the search. Must not keep anything open, nor read figures.
 */
#ifndef SWARM_RSS_GROUP_PLACE_H
#define SWARM_RSS_GROUP_PLACE_H

#include "figures.h"
#include "group_path.h"

struct group_place {
    enum group_kind kind;
    struct group_folder folder; /* of the group that our memory is charged to; "" for GROUP_NONE */
    char name[PATH_MAX];        /* our cgroup as the kernel tells it, "" if unknown */
    char ooms[PATH_MAX];        /* the file with the line "oom_kill N", "" if there is none */
    char pressure[PATH_MAX];    /* "" if there is none */
};

/*
 * Looks for them. The root of v1 on the host is GROUP_NONE, as that of v2 is by its lack of files: what is charged there is
 * the whole machine's.
 */
void group_place_find(const char *proc, const char *sys, struct group_place *ret_place);

#endif
