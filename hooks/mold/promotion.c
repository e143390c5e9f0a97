/* promotion.c: see promotion.h. */
#include "promotion.h"

#include "fork.h"
#include "mask.h"
#include "rope.h"
#include "tally.h"
#include "tell.h"
#include "victim.h"
#include "vm.h"
#include "watch.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

static void
leave_on_error(int error)
{
    struct wire_failure failure = {
        .stage = "promote", .kind = "SystemError", .exit_code = EX_SOFTWARE};

    if (error == 0) {
        return;
    }
    util_copy_text(failure.text, sizeof(failure.text), strerror(-error));
    tell_failure(&failure);
    _exit(EX_SOFTWARE);
}

void
promotion_finish(pid_t master)
{
    vm_be_alone();
    watch_stop();
    tally_close();
    leave_on_error(fork_init());
    mask_become_mold();
    if (rope_tie(SIGKILL, master) != 0) {
        _exit(0);
    }
    victim_become_mold();
    prctl(PR_SET_NAME, "swarm-mold", 0, 0, 0);
}
