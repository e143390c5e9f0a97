/*
 * test_runner.c: programs that work, fail, hang, fork, flood, or are not there (FS-60), started on a
 * real loop and watched by the real reaper. This program starts itself, too: called with a word it is
 * one of them.
 *
 * What a test starts ends at the latest with its runner.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder_rig.h"
#include "runner_rig.h"

/* As long as nobody asks for it: a program that ends in time never meets it. */
#define LONG_MS 120000
#define ENDS_MAX 64

static char self[4096];

struct told {
    struct runner_end end;
    char what[64];
    char output[RUNNER_OUTPUT_SIZE];
};

struct fixture {
    struct runner_rig rig;
    char folder[FOLDER_RIG_SIZE];
    char path_variable[128];
    char *envp[4];
    unsigned end_count;
    unsigned wanted;
    struct told ends[ENDS_MAX];
    bool was_idle_in_last_end;
    unsigned chain; /* so many more are started from within on_end */
};

/* The started side. */

static int
report(void)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;
    struct sigaction action;
    sigset_t mask;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder)) {
            printf("fd %s\n", entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int number = 1; number < SIGRTMIN; number++) {
        if (sigismember(&mask, number) == 1) {
            printf("blocked %d\n", number);
        }
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
            printf("ignored %d\n", number);
        }
    }
    printf("group %s\n", getpgrp() == getpid() ? "own" : "other");
    printf("word %s\n", getenv("SWARM_TEST_WORD"));
    printf("offset %lld\n", (long long)lseek(STDIN_FILENO, 0, SEEK_CUR));
    printf("sealed %s\n", (fcntl(STDIN_FILENO, F_GET_SEALS) & F_SEAL_WRITE) != 0 ? "yes" : "no");
    return 0;
}

/* Tells that it began, then waits until somebody holds the gate open. */
static int
wait_at_gate(const char *journal, const char *gate)
{
    int fd = open(journal, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    bool is_told = fd >= 0 && write(fd, "x", 1) == 1;

    return is_told && open(gate, O_RDONLY | O_CLOEXEC) >= 0 ? 0 : 1;
}

/* Writes one large piece at a time, more than is kept, to the end of its time. */
static int
flood(void)
{
    static char piece[RUNNER_OUTPUT_SIZE * 2];

    memset(piece, 'y', sizeof(piece));
    while (write(STDOUT_FILENO, piece, sizeof(piece)) > 0) {
    }
    return errno == EPERM ? 7 : 1;
}

static int
be_program(int argc, char **argv)
{
    if (strcmp(argv[1], "report") == 0) {
        return report();
    }
    if (strcmp(argv[1], "flood") == 0) {
        return flood();
    }
    return argc == 4 && strcmp(argv[1], "gate") == 0 ? wait_at_gate(argv[2], argv[3]) : 99;
}

/* The starting side. */

static void
order(struct fixture *fixture, struct runner_order order, char *const *argv)
{
    order.what = "test";
    order.argv = argv;
    order.timeout_ms = order.timeout_ms != 0 ? order.timeout_ms : LONG_MS;
    assert_int_equal(runner_start(fixture->rig.runner, &order), 0);
}

static void
on_end(void *context, const struct runner_end *end)
{
    struct fixture *fixture = context;
    struct told *told = &fixture->ends[fixture->end_count];

    assert_true(fixture->end_count < ENDS_MAX);
    fixture->end_count++;
    told->end = *end;
    snprintf(told->what, sizeof(told->what), "%s", end->what);
    snprintf(told->output, sizeof(told->output), "%s", end->output);
    fixture->was_idle_in_last_end = runner_is_idle(fixture->rig.runner);
    if (fixture->chain > 0) {
        char *argv[] = {self, (char[]){"report"}, NULL};

        fixture->chain--;
        order(fixture, (struct runner_order){.keep_output = true}, argv);
    }
}

static void
make_environment(struct fixture *fixture)
{
    static char word[] = "SWARM_TEST_WORD=a b";

    snprintf(fixture->path_variable, sizeof(fixture->path_variable),
             "PATH=/nowhere:%s:/usr/bin:/bin", fixture->folder);
    fixture->envp[0] = fixture->path_variable;
    fixture->envp[1] = word;
}

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    *state = fixture;
    folder_rig_make(fixture->folder, "runner");
    make_environment(fixture);
    runner_rig_open(&fixture->rig, fixture->envp,
                    &(struct runner_handlers){.context = fixture, .on_end = on_end});
    return 0;
}

static const char *
in_folder(const struct fixture *fixture, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % ARRAY_LEN(paths)];

    snprintf(path, sizeof(paths[0]), "%s/%s", fixture->folder, name);
    return path;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    int result = runner_rig_close(&fixture->rig);

    folder_rig_remove(fixture->folder);
    free(fixture);
    return result;
}

static bool
has_ended(void *context)
{
    const struct fixture *fixture = context;

    return fixture->end_count >= fixture->wanted;
}

static const struct told *
wait_end(struct fixture *fixture, unsigned count)
{
    fixture->wanted = count;
    assert_true(loop_until(fixture->rig.loop, has_ended, fixture));
    assert_int_equal(fixture->end_count, count);
    return &fixture->ends[count - 1];
}

/* Runs one program to its end. */
static const struct told *
run(struct fixture *fixture, struct runner_order about, char *const *argv)
{
    order(fixture, about, argv);
    return wait_end(fixture, fixture->end_count + 1);
}

static const struct told *
run_shell(struct fixture *fixture, struct runner_order about, const char *script)
{
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)script, NULL};

    return run(fixture, about, argv);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void
test_a_program_is_run_and_told(void **state)
{
    struct fixture *fixture = *state;
    const struct told *told;

    assert_true(runner_is_idle(fixture->rig.runner));
    told = run_shell(fixture, (struct runner_order){.tag = 42}, "exit 0");
    assert_int_equal(told->end.result, RUNNER_DONE);
    assert_int_equal(told->end.code, 0);
    assert_false(told->end.signaled);
    assert_int_equal(told->end.tag, 42);
    assert_true(told->end.took_ms >= 0);
    assert_string_equal(told->what, "test");
    assert_string_equal(told->output, "");
    assert_true(fixture->was_idle_in_last_end);
    assert_true(runner_is_idle(fixture->rig.runner));
    assert_int_equal(runner_dropped(fixture->rig.runner), 0);
}

static void
test_its_surroundings_are_clean(void **state)
{
    struct fixture *fixture = *state;
    char *argv[] = {self, (char[]){"report"}, NULL};
    int leaked = open("/dev/null", O_RDONLY); /* without CLOEXEC */
    const struct told *told;

    signal(SIGUSR2, SIG_IGN);
    told = run(fixture, (struct runner_order){.input = "words", .keep_output = true}, argv);
    signal(SIGUSR2, SIG_DFL);
    close(leaked);
    assert_string_equal(told->output,
                        "fd 0\nfd 1\nfd 2\ngroup own\nword a b\noffset 0\nsealed yes\n");
}

static void
test_the_input_is_read_to_its_end(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(
        run_shell(fixture, (struct runner_order){.input = "one\ntwo\n", .keep_output = true}, "cat")
            ->output,
        "one\ntwo\n");
    assert_string_equal(
        run_shell(fixture, (struct runner_order){.input = "", .keep_output = true}, "cat")->output,
        "");
    assert_string_equal(
        run_shell(fixture, (struct runner_order){.keep_output = true}, "readlink /proc/self/fd/0")
            ->output,
        "/dev/null\n");
}

static void
test_a_large_input_that_nobody_reads_holds_up_nobody(void **state)
{
    struct fixture *fixture = *state;
    size_t size = (size_t)4 << 20;
    char *input = malloc(size + 1);

    assert_non_null(input);
    memset(input, 'i', size);
    input[size] = '\0';
    assert_int_equal(
        run_shell(fixture, (struct runner_order){.input = input}, "exit 0")->end.result,
        RUNNER_DONE);
    assert_string_equal(
        run_shell(fixture, (struct runner_order){.input = input, .keep_output = true}, "wc -c")
            ->output,
        "4194304\n");
    free(input);
}

static void
test_fs60_a_program_that_fails_is_told(void **state)
{
    struct fixture *fixture = *state;
    const struct told *told = run_shell(fixture, (struct runner_order){.tag = 1}, "exit 3");

    assert_int_equal(told->end.result, RUNNER_FAILED);
    assert_int_equal(told->end.code, 3);
    assert_false(told->end.signaled);
    told = run_shell(fixture, (struct runner_order){.tag = 2}, "kill -TERM $$");
    assert_int_equal(told->end.result, RUNNER_FAILED);
    assert_int_equal(told->end.code, SIGTERM);
    assert_true(told->end.signaled);
    told = run_shell(fixture, (struct runner_order){.tag = 3}, "kill -KILL $$");
    assert_int_equal(told->end.result, RUNNER_FAILED);
    assert_int_equal(told->end.code, SIGKILL);
}

static void
assert_does_not_start(struct fixture *fixture, const char *program, int error)
{
    char *argv[] = {(char *)(uintptr_t)program, NULL};
    unsigned before = fixture->end_count;
    const struct told *told;

    order(fixture, (struct runner_order){.tag = 9, .keep_output = true}, argv);
    /* Not from within runner_start. */
    assert_int_equal(fixture->end_count, before);
    assert_false(runner_is_idle(fixture->rig.runner));
    told = wait_end(fixture, before + 1);
    assert_int_equal(told->end.result, RUNNER_NOSTART);
    assert_int_equal(told->end.code, error);
    assert_int_equal(told->end.tag, 9);
    assert_string_equal(told->output, "");
    assert_true(runner_is_idle(fixture->rig.runner));
}

static void
test_fs60_a_program_that_cannot_be_started_is_told(void **state)
{
    struct fixture *fixture = *state;

    write_file(in_folder(fixture, "plain"), "#!/bin/sh\n", 0600);
    write_file(in_folder(fixture, "text"), "words\n", 0700);
    assert_does_not_start(fixture, "no-such-program-anywhere", ENOENT);
    assert_does_not_start(fixture, in_folder(fixture, "missing"), ENOENT);
    assert_does_not_start(fixture, "", ENOENT);
    assert_does_not_start(fixture, "plain", EACCES);
    assert_does_not_start(fixture, in_folder(fixture, "plain"), EACCES);
    assert_does_not_start(fixture, fixture->folder, EACCES);
    assert_does_not_start(fixture, "text", ENOEXEC);
}

static void
test_a_program_is_looked_up_in_the_path_it_gets(void **state)
{
    struct fixture *fixture = *state;
    char *argv[] = {(char[]){"swarm-test-hello"}, (char[]){"you"}, NULL};

    write_file(in_folder(fixture, "swarm-test-hello"), "#!/bin/sh\necho hello $1\n", 0700);
    assert_string_equal(run(fixture, (struct runner_order){.keep_output = true}, argv)->output,
                        "hello you\n");
    fixture->envp[0] = NULL;
    assert_does_not_start(fixture, "swarm-test-hello", ENOENT);
    assert_int_equal(run_shell(fixture, (struct runner_order){.tag = 1}, "exit 0")->end.result,
                     RUNNER_DONE);
}

/* Of a process whose number a program printed. */
static pid_t printed_pid;

static bool
is_printed_gone(void *context)
{
    (void)context;
    return kill(printed_pid, 0) < 0 && errno == ESRCH;
}

static void
test_fs60_a_program_that_hangs_is_killed_with_its_group(void **state)
{
    struct fixture *fixture = *state;
    const struct told *told =
        run_shell(fixture, (struct runner_order){.timeout_ms = 1000, .keep_output = true, .tag = 5},
                  "trap '' TERM; sleep 1000 & echo $!; wait");

    assert_int_equal(told->end.result, RUNNER_LATE);
    assert_true(told->end.signaled);
    assert_int_equal(told->end.code, SIGKILL);
    assert_true(told->end.took_ms >= 1000);
    /* A machine that starved the shell for a second leaves no number. */
    printed_pid = atoi(told->output);
    if (printed_pid > 0) {
        assert_true(loop_until(fixture->rig.loop, is_printed_gone, NULL));
    }
}

static void
test_a_stopped_program_is_killed_in_time(void **state)
{
    struct fixture *fixture = *state;
    const struct told *told =
        run_shell(fixture, (struct runner_order){.timeout_ms = 300}, "kill -STOP $$");

    assert_int_equal(told->end.result, RUNNER_LATE);
}

static void
test_what_a_program_leaves_behind_is_ended(void **state)
{
    struct fixture *fixture = *state;
    const struct told *told = run_shell(fixture, (struct runner_order){.keep_output = true},
                                        "trap '' TERM; sleep 1000 >/dev/null & echo $!; exit 0");

    assert_int_equal(told->end.result, RUNNER_DONE);
    printed_pid = atoi(told->output);
    assert_true(printed_pid > 0);
    assert_true(loop_until(fixture->rig.loop, is_printed_gone, NULL));
}

static void
test_a_flood_is_kept_in_bounds(void **state)
{
    struct fixture *fixture = *state;
    char *argv[] = {self, (char[]){"flood"}, NULL};
    const struct told *told = run(fixture, (struct runner_order){.keep_output = true}, argv);

    assert_int_equal(told->end.result, RUNNER_FAILED);
    assert_int_equal(told->end.code, 7);
    assert_int_equal(strlen(told->output), RUNNER_OUTPUT_SIZE - 1);
    assert_int_equal(strspn(told->output, "y"), RUNNER_OUTPUT_SIZE - 1);
}

static bool
has_journal(void *context)
{
    const struct fixture *fixture = context;
    struct stat about;

    return stat(in_folder(fixture, "journal"), &about) == 0 && about.st_size >= RUNNER_MAX;
}

static long
journal_size(const struct fixture *fixture)
{
    struct stat about;

    assert_int_equal(stat(in_folder(fixture, "journal"), &about), 0);
    return (long)about.st_size;
}

/* Four run, the others wait in line, one more is dropped; nobody is forgotten. */
static void
test_only_so_many_run_and_wait(void **state)
{
    struct fixture *fixture = *state;
    char journal[128];
    char gate[128];
    char *argv[] = {self, (char[]){"gate"}, journal, gate, NULL};
    struct runner_order more = {.what = "test", .argv = argv, .timeout_ms = LONG_MS};
    const unsigned all = RUNNER_MAX + RUNNER_QUEUE_MAX;
    bool is_told[ENDS_MAX] = {false};
    int open_gate;

    snprintf(journal, sizeof(journal), "%s", in_folder(fixture, "journal"));
    snprintf(gate, sizeof(gate), "%s", in_folder(fixture, "gate"));
    assert_int_equal(mkfifo(gate, 0600), 0);
    for (unsigned i = 0; i < all; i++) {
        order(fixture, (struct runner_order){.tag = i}, argv);
    }
    assert_int_equal(runner_start(fixture->rig.runner, &more), -EBUSY);
    assert_int_equal(runner_start(fixture->rig.runner, &more), -EBUSY);
    assert_int_equal(runner_dropped(fixture->rig.runner), 2);
    assert_true(loop_until(fixture->rig.loop, has_journal, fixture));
    loop_some_turns(fixture->rig.loop);
    assert_int_equal(journal_size(fixture), RUNNER_MAX);
    assert_int_equal(fixture->end_count, 0);

    open_gate = open(gate, O_RDWR | O_CLOEXEC);
    assert_true(open_gate >= 0);
    wait_end(fixture, all);
    close(open_gate);
    assert_int_equal(journal_size(fixture), all);
    assert_true(runner_is_idle(fixture->rig.runner));
    for (unsigned i = 0; i < all; i++) {
        assert_int_equal(fixture->ends[i].end.result, RUNNER_DONE);
        assert_false(is_told[fixture->ends[i].end.tag]);
        is_told[fixture->ends[i].end.tag] = true;
    }
}

static void
test_an_end_may_order_the_next(void **state)
{
    struct fixture *fixture = *state;
    char *missing[] = {(char[]){"no-such-program-anywhere"}, NULL};

    fixture->chain = 3;
    order(fixture, (struct runner_order){.tag = 1}, missing);
    wait_end(fixture, 4);
    assert_int_equal(fixture->ends[0].end.result, RUNNER_NOSTART);
    loop_some_turns(fixture->rig.loop);
    assert_int_equal(fixture->end_count, 4);
    assert_int_equal(fixture->ends[3].end.result, RUNNER_DONE);
    assert_true(runner_is_idle(fixture->rig.runner));
}

static void
test_missing_programs_in_line_hold_up_nobody(void **state)
{
    struct fixture *fixture = *state;
    char *missing[] = {(char[]){"no-such-program-anywhere"}, NULL};
    char *hanging[] = {(char[]){"sleep"}, (char[]){"1000"}, NULL};

    for (unsigned i = 0; i < RUNNER_MAX; i++) {
        order(fixture, (struct runner_order){.timeout_ms = 300}, hanging);
    }
    for (unsigned i = 0; i < RUNNER_QUEUE_MAX; i++) {
        order(fixture, (struct runner_order){.tag = 1}, missing);
    }
    wait_end(fixture, RUNNER_MAX + RUNNER_QUEUE_MAX);
    assert_true(runner_is_idle(fixture->rig.runner));
    for (unsigned i = 0; i < fixture->end_count; i++) {
        assert_int_equal(fixture->ends[i].end.result,
                         fixture->ends[i].end.tag == 1 ? RUNNER_NOSTART : RUNNER_LATE);
    }
}

static void
test_close_kills_what_runs_and_forgets_what_waits(void **state)
{
    struct fixture *fixture = *state;
    char *missing[] = {(char[]){"no-such-program-anywhere"}, NULL};
    char *hanging[] = {(char[]){"sleep"}, (char[]){"1000"}, NULL};

    order(fixture, (struct runner_order){.tag = 1}, missing);
    for (unsigned i = 0; i < RUNNER_MAX + 3; i++) {
        order(fixture, (struct runner_order){.input = "words", .keep_output = true}, hanging);
    }
    runner_close(fixture->rig.runner);
    fixture->rig.runner = NULL;
    runner_close(NULL);
    assert_true(loop_until(fixture->rig.loop, loop_has_no_children, NULL));
    assert_int_equal(fixture->end_count, 0);
}

static void
test_an_unknown_end_is_nobodys(void **state)
{
    struct fixture *fixture = *state;
    const struct process_end end = {.pid = 1};

    runner_on_process_end(fixture->rig.runner, RUNNER_ID_BIT | 77, &end);
    assert_int_equal(fixture->end_count, 0);
}

static void
test_no_descriptor_is_leaked(void **state)
{
    struct fixture *fixture = *state;
    unsigned fds;

    run_shell(fixture, (struct runner_order){.tag = 1}, "exit 0");
    fds = loop_count_fds();
    for (int i = 0; i < 10; i++) {
        run_shell(fixture, (struct runner_order){.input = "words", .keep_output = true}, "cat");
        assert_does_not_start(fixture, "no-such-program-anywhere", ENOENT);
    }
    assert_true(loop_until(fixture->rig.loop, loop_has_no_children, NULL));
    assert_int_equal(loop_count_fds(), fds);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_program_is_run_and_told),
        CASE(test_its_surroundings_are_clean),
        CASE(test_the_input_is_read_to_its_end),
        CASE(test_a_large_input_that_nobody_reads_holds_up_nobody),
        CASE(test_fs60_a_program_that_fails_is_told),
        CASE(test_fs60_a_program_that_cannot_be_started_is_told),
        CASE(test_a_program_is_looked_up_in_the_path_it_gets),
        CASE(test_fs60_a_program_that_hangs_is_killed_with_its_group),
        CASE(test_a_stopped_program_is_killed_in_time),
        CASE(test_what_a_program_leaves_behind_is_ended),
        CASE(test_a_flood_is_kept_in_bounds),
        CASE(test_only_so_many_run_and_wait),
        CASE(test_an_end_may_order_the_next),
        CASE(test_missing_programs_in_line_hold_up_nobody),
        CASE(test_close_kills_what_runs_and_forgets_what_waits),
        CASE(test_an_unknown_end_is_nobodys),
        CASE(test_no_descriptor_is_leaked),
    };
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (argc > 1) {
        return be_program(argc, argv);
    }
    if (length < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
