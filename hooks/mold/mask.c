/* mask.c: see mask.h. */
#include "mask.h"

#include <signal.h>
#include <unistd.h>

/* What Sidekiq traps; held until it does. */
static const int held[] = {SIGTERM, SIGINT, SIGTSTP, SIGTTIN};

/* What must not kill a mold, and is left to Ruby in a worker. */
static const int spared[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGTTOU};

static volatile sig_atomic_t came[NSIG];
static struct sigaction ruby_action; /* of a signal that raises SignalException by default */
static bool knows_ruby;

static void
on_signal(int number)
{
    came[number] = 1;
}

static void
install(const int *signals, size_t count)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < count; i++) {
        sigaction(signals[i], &action, NULL);
    }
}

static void
change(int how)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(held); i++) {
        sigaddset(&set, held[i]);
    }
    pthread_sigmask(how, &set, NULL);
}

static bool
is_ours(int number)
{
    struct sigaction action;

    /* Ruby put it back with SA_SIGINFO, as it does with all; both members of the union are one word. */
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == on_signal;
}

/* The stops of a terminal have no Ruby handler: they are the kernel's business. */
static void
give_back(int number)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    bool is_stop = number == SIGTTOU || number == SIGTTIN || number == SIGTSTP;

    if (is_ours(number)) {
        sigaction(number, is_stop ? &plain : &ruby_action, NULL);
    }
}

void
mask_start(void)
{
    change(SIG_BLOCK);
    install(held, ARRAY_LEN(held));
    install(spared, ARRAY_LEN(spared));
}

/* Handlers of Ruby's come back by mask_give_back and Sidekiq's traps; what the application ignores stays so. */
static void
install_again(int number)
{
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction found;

    if (sigaction(number, NULL, &found) == 0 && found.sa_handler != SIG_IGN &&
        (number != SIGTTOU || found.sa_handler == SIG_DFL)) {
        sigaction(number, &action, NULL);
    }
}

void
mask_become_mold(void)
{
    change(SIG_BLOCK);
    for (size_t i = 0; i < ARRAY_LEN(held); i++) {
        install_again(held[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(spared); i++) {
        install_again(spared[i]);
    }
}

void
mask_block(void)
{
    change(SIG_BLOCK);
}

void
mask_learn(void)
{
    /* Ruby gives QUIT the same handler as TERM, INT, HUP, USR1 and USR2 (signal.c, Init_signal). */
    knows_ruby = sigaction(SIGQUIT, NULL, &ruby_action) == 0;
}

void
mask_forget(void)
{
    for (size_t i = 0; i < ARRAY_LEN(held); i++) {
        came[held[i]] = 0;
    }
}

void
mask_give_back(void)
{
    for (size_t i = 0; knows_ruby && i < ARRAY_LEN(spared); i++) {
        give_back(spared[i]);
    }
}

void
mask_unblock(void)
{
    change(SIG_UNBLOCK);
    for (size_t i = 0; i < ARRAY_LEN(held); i++) {
        give_back(held[i]);
        if (came[held[i]] != 0) {
            came[held[i]] = 0;
            kill(getpid(), held[i]);
        }
    }
}
