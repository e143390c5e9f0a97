/*
 * sampler.c: see sampler.h.
 */
#include "sampler.h"

#include <errno.h>
#include <unistd.h>

#include "proc.h"
#include "statm.h"

int
sampler_open(struct sampler *sampler, const char *proc, pid_t pid)
{
    int statm_fd = proc_open(proc, pid, "statm");
    int stat_fd = proc_open(proc, pid, "stat");

    *sampler = (struct sampler){.statm_fd = statm_fd < 0 ? -1 : statm_fd,
                                .stat_fd = stat_fd < 0 ? -1 : stat_fd};
    return statm_fd < 0 ? statm_fd : stat_fd < 0 ? stat_fd : 0;
}

void
sampler_close(struct sampler *sampler)
{
    util_close(&sampler->statm_fd);
    util_close(&sampler->stat_fd);
}

int
sampler_read_rss(const struct sampler *sampler, int64_t now_ms, struct memory_figures *figures)
{
    uint64_t rss_bytes;
    int error = statm_read(sampler->statm_fd, &rss_bytes);

    figures->rss_known = error == 0;
    if (error == 0) {
        figures->rss_bytes = rss_bytes;
        figures->rss_ms = now_ms;
    }
    return error;
}

void
sampler_read_files(const struct sampler *sampler, struct memory_figures *figures)
{
    if (statm_read_files(sampler->statm_fd, &figures->file_bytes) != 0) {
        figures->file_bytes = 0;
    }
}

static int
read_stat(int fd, struct proc_stat *ret_stat)
{
    char text[PROC_STAT_SIZE];
    ssize_t length = proc_read_again(fd, text, sizeof(text));

    if (length < 0) {
        return (int)length;
    }
    return length == sizeof(text) - 1 ? -EBADMSG : proc_parse_stat(text, ret_stat);
}

/* Returns false when it does not fit. */
static bool
ms_of_ticks(uint64_t ticks, uint64_t *ret_ms)
{
    uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);

    if (__builtin_mul_overflow(ticks, UINT64_C(1000), ret_ms)) {
        return false;
    }
    *ret_ms /= hertz;
    return true;
}

int
sampler_read_stat(const struct sampler *sampler, struct memory_figures *figures)
{
    struct proc_stat stat = {0};
    uint64_t cpu_ms = 0;
    int error = read_stat(sampler->stat_fd, &stat);

    if (error == 0 && !ms_of_ticks(stat.cpu_ticks, &cpu_ms)) {
        error = -EBADMSG;
    }
    figures->stat_known = error == 0;
    if (error == 0) {
        figures->minor_faults = stat.minor_faults;
        figures->cpu_ms = cpu_ms;
        figures->state = stat.state;
        figures->start_ticks = stat.start_ticks;
    }
    return error;
}
