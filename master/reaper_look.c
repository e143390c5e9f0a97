/* reaper_look.c: see reaper_look.h. */
#include "reaper_look.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The kernel's struct rusage: times of user and system, then ru_maxrss in KiB, then what nobody
 * needs here. Not libc's: that one differs where time_t is wider than long.
 */
struct usage {
    long times[4];
    long maxrss_kib;
    long rest[13];
};

/*
 * waitid(2) as the kernel has it: its fifth argument, which libc hides, is filled for a zombie that
 * stays, too (wait_task_zombie in kernel/exit.c).
 */
static int
wait_with_usage(int pidfd, siginfo_t *info, struct usage *usage)
{
    const int options = WEXITED | WNOHANG | WNOWAIT;

    return (int)syscall(SYS_waitid, P_PIDFD, pidfd, info, options, usage);
}

bool
reaper_look_at_death(int pidfd, struct process_end *end)
{
    siginfo_t info = {.si_pid = 0};
    struct usage usage = {.maxrss_kib = 0};

    *end = (struct process_end){.pid = end->pid, .code = -1};
    if (wait_with_usage(pidfd, &info, &usage) < 0) {
        return errno != EINTR;
    }
    if (info.si_pid == 0) {
        return false;
    }
    end->signaled = info.si_code != CLD_EXITED;
    end->core = info.si_code == CLD_DUMPED;
    end->code = info.si_status;
    end->maxrss_kib = usage.maxrss_kib > 0 ? (uint64_t)usage.maxrss_kib : 0;
    return true;
}

int
reaper_check_child(int pidfd)
{
    siginfo_t info;

    return waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ? -errno : 0;
}

bool
reaper_is_group_living(pid_t pgid)
{
    siginfo_t info;

    return waitid(P_PGID, (id_t)pgid, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0;
}
