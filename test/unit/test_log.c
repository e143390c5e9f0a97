/*
 * test_log.c: who hears log lines, and what becomes of them when standard output does not take them.
 *
 * Standard output of this process is replaced for the length of one test; cmocka's own reports go
 * to standard error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/log_line.h"

static enum event heard[8];
static unsigned heard_count;

/* One that logs itself must not hear that for ever. */
static void
hear(void *context, const struct log_line *line)
{
    assert_string_equal(context, "context");
    assert_true(heard_count < ARRAY_LEN(heard));
    heard[heard_count++] = line->event;
    if (line->event == EVENT_BOOT_STEP) {
        log_note(EVENT_WARNING, "heard it");
    }
    errno = EIO;
}

static void
test_a_listener_hears_each_line_whatever_its_level(void **state)
{
    const struct log_settings errors_only = {.level = LOG_ERROR};
    const struct log_settings usual = {.level = LOG_INFO};

    (void)state;
    log_open(&errors_only);
    log_set_listener(hear, (char[]){"context"});
    errno = ENOENT;
    log_note(EVENT_BOOT_STEP, "words");
    assert_int_equal(errno, ENOENT);
    log_set_listener(NULL, NULL);
    log_note(EVENT_BOOT_STEP, "words");
    log_open(&usual);
    assert_int_equal(heard_count, 2);
    assert_int_equal(heard[0], EVENT_BOOT_STEP);
    assert_int_equal(heard[1], EVENT_WARNING);
}

/* Standard output while a test has its own; -1 otherwise. */
static int real_output = -1;

static void
replace_output(int fd)
{
    fflush(stdout);
    real_output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    assert_true(real_output >= 0);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
}

static void
restore_output(void)
{
    if (real_output >= 0) {
        dup2(real_output, STDOUT_FILENO);
        util_close(&real_output);
    }
}

static void
open_log(enum log_level level)
{
    struct log_settings settings = {.level = level, .dyno = true};

    log_open(&settings);
}

/* Also has the losses of the test told to nobody, so that they are not told in the next one. */
static int
teardown(void **state)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)state;
    restore_output();
    unsetenv("JOURNAL_STREAM");
    replace_output(nowhere);
    open_log(LOG_INFO);
    log_note(EVENT_WARNING, "between tests");
    restore_output();
    util_close(&nowhere);
    return 0;
}

/* Reads what waits, at least one byte. */
static size_t
read_some(int fd, char *to, size_t size)
{
    ssize_t got = read(fd, to, size - 1);

    assert_true(got > 0);
    to[got] = '\0';
    return (size_t)got;
}

static unsigned
count_lines(const char *text)
{
    unsigned count = 0;

    while ((text = strchr(text, '\n')) != NULL) {
        text++;
        count++;
    }
    return count;
}

static void
test_levels_are_filtered(void **state)
{
    int ends[2];
    char text[4096];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    replace_output(ends[1]);
    open_log(LOG_WARN);
    log_note(EVENT_STARTING, "not wanted");
    log_note(EVENT_WARNING, "wanted %d", 1);
    log_lines(EVENT_WARNING, "slot", 3, "one\n\ntwo words\n");
    open_log(LOG_ERROR);
    log_note(EVENT_WARNING, "not wanted");
    read_some(ends[0], text, sizeof(text));
    assert_int_equal(count_lines(text), 3);
    assert_non_null(strstr(text, "WARN: event=warning msg=\"wanted 1\"\n"));
    assert_non_null(strstr(text, "WARN: event=warning slot=3 line=one\n"));
    assert_non_null(strstr(text, "WARN: event=warning slot=3 line=\"two words\"\n"));
    restore_output();
    close(ends[0]);
    close(ends[1]);
}

static uint64_t
flood(uint64_t lines)
{
    uint64_t before = log_dropped();

    for (uint64_t i = 0; i < lines; i++) {
        log_note(EVENT_WARNING, "line %u of a flood that nobody reads", (unsigned)i);
    }
    return log_dropped() - before;
}

/* Reads until the loss is told; returns how many whole lines of the flood came out. */
static uint64_t
drain(int fd, uint64_t *ret_told)
{
    static char text[4 << 20];
    size_t used = 0;
    const char *told = NULL;
    uint64_t arrived = 0;

    while (told == NULL || strchr(told, '\n') == NULL) {
        used += read_some(fd, text + used, sizeof(text) - used);
        told = strstr(text, "event=log_dropped lines=");
        if (told == NULL) {
            log_note(EVENT_INTERNAL, "taken again?");
        }
    }
    *ret_told = strtoull(told + strlen("event=log_dropped lines="), NULL, 10);
    for (const char *at = text; (at = strstr(at, " of a flood that nobody reads\"\n")) != NULL;
         at++) {
        arrived++;
    }
    return arrived;
}

static void
check_stalled_reader(const int ends[2])
{
    uint64_t told;
    uint64_t dropped;
    uint64_t arrived;
    uint64_t before;
    int flags;

    replace_output(ends[1]);
    flags = fcntl(STDOUT_FILENO, F_GETFL);
    open_log(LOG_INFO);
    before = log_dropped();
    dropped = flood(20000);
    assert_true(dropped > 0);
    assert_int_equal(fcntl(STDOUT_FILENO, F_GETFL), flags);
    arrived = drain(ends[0], &told);
    restore_output();
    assert_int_equal(arrived + dropped, 20000);
    assert_true(told >= dropped);
    assert_int_equal(told, log_dropped() - before);
}

static void
test_fs15_a_stalled_pipe_never_blocks(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    check_stalled_reader(ends);
    close(ends[0]);
    close(ends[1]);
}

static void
test_fs15_a_stalled_socket_never_blocks(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    check_stalled_reader(ends);
    close(ends[0]);
    close(ends[1]);
}

static void
test_fs58_a_closed_pipe_is_survived(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    replace_output(ends[1]);
    close(ends[1]);
    open_log(LOG_INFO);
    log_note(EVENT_WARNING, "read");
    close(ends[0]);
    assert_int_equal(flood(10), 10);
    /* Looked at again while nobody reads: it cannot be opened a second time. */
    open_log(LOG_INFO);
    assert_int_equal(flood(10), 10);
    restore_output();
}

static void
test_fs58_a_full_disk_is_survived_and_told(void **state)
{
    char path[] = "/tmp/swarm-test-log-XXXXXX";
    int fd = mkstemp(path);
    struct rlimit kept;
    struct rlimit small;
    char text[8192];
    uint64_t dropped;
    uint64_t before = log_dropped();

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
    small = kept;
    small.rlim_cur = 1000;
    replace_output(fd);
    open_log(LOG_INFO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    dropped = flood(30);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
    log_note(EVENT_WARNING, "there is room again");
    restore_output();
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    read_some(fd, text, sizeof(text));
    close(fd);
    unlink(path);
    assert_true(dropped > 0 && dropped < 30);
    assert_int_equal(log_dropped() - before, dropped);
    /* What was taken in part is finished first: each line is whole. */
    assert_int_equal(count_lines(text), 30 - dropped + 2);
    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1) {
        assert_int_equal(strncmp(at, "pid=", 4), 0);
    }
    snprintf(path, sizeof(path), "lines=%u ", (unsigned)dropped);
    assert_non_null(strstr(text, path));
    assert_non_null(strstr(text, "msg=\"there is room again\"\n"));
}

static void
test_the_journal_gets_priorities(void **state)
{
    int ends[2];
    struct stat about;
    char named[64];
    char text[4096];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(fstat(ends[1], &about), 0);
    snprintf(named, sizeof(named), "%ju:%ju", (uintmax_t)about.st_dev, (uintmax_t)about.st_ino);
    replace_output(ends[1]);
    setenv("JOURNAL_STREAM", named, 1);
    open_log(LOG_INFO);
    log_note(EVENT_WARNING, "to the journal");
    setenv("JOURNAL_STREAM", "1:2", 1);
    open_log(LOG_INFO);
    log_note(EVENT_WARNING, "elsewhere");
    restore_output();
    read_some(ends[0], text, sizeof(text));
    assert_int_equal(strncmp(text, "<4>pid=", 7), 0);
    assert_int_equal(strncmp(strchr(text, '\n') + 1, "pid=", 4), 0);
    close(ends[0]);
    close(ends[1]);
}

/* A terminal that nobody reads has room for some bytes at first, and takes a line in part. */
static void
test_fs15_a_stalled_terminal_never_blocks(void **state)
{
    int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int theirs;

    (void)state;
    if (ours < 0 || grantpt(ours) != 0 || unlockpt(ours) != 0) {
        print_message("no pseudo terminal here\n");
        util_close(&ours);
        skip();
    }
    theirs = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(theirs >= 0);
    replace_output(theirs);
    open_log(LOG_INFO);
    assert_true(flood(20000) > 0);
    restore_output();
    close(theirs);
    close(ours);
}

static void
test_missing_standard_descriptors_are_held(void **state)
{
    struct stat null_about;
    struct stat about;

    (void)state;
    fflush(stdout);
    real_output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    close(STDOUT_FILENO);
    log_hold_standard_fds();
    assert_int_equal(stat("/dev/null", &null_about), 0);
    assert_int_equal(fstat(STDOUT_FILENO, &about), 0);
    assert_int_equal(fcntl(STDOUT_FILENO, F_GETFD), 0);
    open_log(LOG_INFO);
    assert_int_equal(flood(3), 0);
    restore_output();
    assert_int_equal(about.st_rdev, null_about.st_rdev);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_listener_hears_each_line_whatever_its_level),
        cmocka_unit_test_teardown(test_levels_are_filtered, teardown),
        cmocka_unit_test_teardown(test_fs15_a_stalled_pipe_never_blocks, teardown),
        cmocka_unit_test_teardown(test_fs15_a_stalled_socket_never_blocks, teardown),
        cmocka_unit_test_teardown(test_fs15_a_stalled_terminal_never_blocks, teardown),
        cmocka_unit_test_teardown(test_fs58_a_closed_pipe_is_survived, teardown),
        cmocka_unit_test_teardown(test_fs58_a_full_disk_is_survived_and_told, teardown),
        cmocka_unit_test_teardown(test_the_journal_gets_priorities, teardown),
        cmocka_unit_test_teardown(test_missing_standard_descriptors_are_held, teardown),
    };

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
