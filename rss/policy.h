/*
 * policy.h: from samples to verdicts. Pure: literals in, verdict out.
 */
#ifndef SWARM_RSS_POLICY_H
#define SWARM_RSS_POLICY_H

#include "../master/util.h"

struct policy_sample {
    bool known; /* unknown never recycles anybody */
    uint64_t rss_bytes;
    uint64_t fresh_rss_bytes; /* of this worker right after its ready; 0 = not known */
};

enum policy_verdict {
    POLICY_FINE,
    POLICY_OVER, /* above the limit: replace it */
    POLICY_BORN_OVER, /* a fresh worker is above it already: the limit cannot be kept, say so and leave it */
    POLICY_UNKNOWN,
};

enum policy_verdict policy_judge(const struct policy_sample *sample, uint64_t max_rss_bytes);
const char *policy_verdict_name(enum policy_verdict verdict);

#endif
