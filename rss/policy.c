/*
 * policy.c: see policy.h.
 *
 * Owns the comparison with a limit. Must not measure, remember or act.
 */
#include "policy.h"

enum policy_verdict
policy_judge(const struct policy_sample *sample, uint64_t max_rss_bytes)
{
    if (!sample->known) {
        return POLICY_UNKNOWN;
    }
    if (max_rss_bytes == 0 || sample->rss_bytes <= max_rss_bytes) {
        return POLICY_FINE;
    }
    /* At the limit from the start is as hopeless as above it: the first job carries it over. */
    if (sample->fresh_rss_bytes >= max_rss_bytes) {
        return POLICY_BORN_OVER;
    }
    return POLICY_OVER;
}

const char *
policy_verdict_name(enum policy_verdict verdict)
{
    switch (verdict) {
    case POLICY_FINE:
        return "fine";
    case POLICY_OVER:
        return "over";
    case POLICY_BORN_OVER:
        return "born_over";
    case POLICY_UNKNOWN:
        return "unknown";
    }
    return "?";
}
