/*
 * test_launch.c: what a started program finds around it. This program starts itself: called with a word
 * ("report", "find") it answers over its link and leaves.
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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/board_reader.h"
#include "master/launch.h"

static char self[4096];

static void
report_fds(FILE *answer)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] != '.' && fd != dirfd(folder)) {
            fprintf(answer, "fd %d%s\n", fd, fcntl(fd, F_GETFD) == 0 ? "" : " cloexec");
        }
    }
    closedir(folder);
}

static void
report_signals(FILE *answer)
{
    struct sigaction action;
    sigset_t mask;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int number = 1; number < SIGRTMIN; number++) {
        if (sigismember(&mask, number) == 1) {
            fprintf(answer, "blocked %d\n", number);
        }
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
            fprintf(answer, "ignored %d\n", number);
        }
    }
}

static void
report_rest(FILE *answer)
{
    struct board *board =
        mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, LAUNCH_BOARD_FD, 0);
    char input[64] = "";

    if (readlink("/proc/self/fd/0", input, sizeof(input) - 1) > 0) {
        fprintf(answer, "input %s\n", input);
    }
    fprintf(answer, "group %s\n", getpgrp() == getpid() ? "own" : "other");
    fprintf(answer, "word %s\n", getenv("SWARM_TEST_WORD"));
    if (board != MAP_FAILED) {
        board->done = 5;
        fprintf(answer, "board %u\n", board->version);
    }
}

static void
report_mold(FILE *answer)
{
    char *path = NULL;
    int error = launch_find_mold(&path);

    fprintf(answer, "mold %s\n", error == 0 ? path : strerror(-error));
    free(path);
}

/* The started side. */
static int
answer_over_link(const char *word)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *answer = open_memstream(&bytes, &length);
    bool is_sent;

    if (strcmp(word, "find") == 0) {
        report_mold(answer);
    } else {
        report_fds(answer);
        report_signals(answer);
        report_rest(answer);
    }
    fclose(answer);
    is_sent = send(WIRE_LINK_FD, bytes, length, 0) == (ssize_t)length;
    free(bytes);
    return is_sent ? 0 : 1;
}

/* Above the low numbers that tests give away. */
static void
make_pair(int ends[2])
{
    int low[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, low), 0);
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 100);
        assert_true(ends[i] >= 0);
        close(low[i]);
    }
}

/* Waits for the program's answer and its end; the answer is in a static buffer. */
static const char *
hear(int link, pid_t pid)
{
    static char answer[8192];
    ssize_t length = recv(link, answer, sizeof(answer) - 1, 0);
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(length > 0);
    answer[length] = '\0';
    return answer;
}

/* Starts `program` with `word`, gives its answer. The link and the board are given as they are numbered. */
static const char *
start(const char *program, const char *word, int link_fd, int board_fd)
{
    char argument[32];
    char *argv[] = {argument, NULL, NULL};
    char *envp[] = {(char[]){"SWARM_TEST_WORD=a b"}, NULL};
    struct launch_order order = {.program = program,
                                 .argv = argv,
                                 .envp = envp,
                                 .link_fd = link_fd,
                                 .family_fd = -1,
                                 .board_fd = board_fd};
    int ends[2];
    pid_t pid = 0;
    const char *answer;

    make_pair(ends);
    snprintf(argument, sizeof(argument), "%s", word);
    argv[1] = argument;
    if (link_fd >= 0) {
        assert_int_equal(dup3(ends[1], link_fd, O_CLOEXEC), link_fd);
    } else {
        order.link_fd = ends[1];
    }
    assert_int_equal(launch(&order, &pid), 0);
    util_close(&ends[1]);
    if (link_fd >= 0) {
        close(link_fd);
    }
    answer = hear(ends[0], pid);
    util_close(&ends[0]);
    return answer;
}

static void
assert_line(const char *text, const char *line)
{
    size_t length = strlen(line);
    const char *at = text;

    while ((at = strstr(at, line)) != NULL) {
        if ((at == text || at[-1] == '\n') && at[length] == '\n') {
            return;
        }
        at++;
    }
    print_error("no line \"%s\" in:\n%s", line, text);
    fail();
}

static void
test_a_program_finds_its_link_alone(void **state)
{
    const char *answer = start(self, "report", -1, -1);

    (void)state;
    assert_line(answer, "fd 0");
    assert_line(answer, "fd 1");
    assert_line(answer, "fd 2");
    assert_line(answer, "fd 3");
    assert_null(strstr(answer, "fd 4"));
    assert_null(strstr(answer, "fd 5"));
    assert_line(answer, "input /dev/null");
    assert_line(answer, "group own");
    assert_line(answer, "word a b");
    assert_null(strstr(answer, "board"));
}

static void
test_a_program_finds_its_board(void **state)
{
    struct board *board = NULL;
    int fd = -1;
    const char *answer;

    (void)state;
    assert_int_equal(launch_make_board(&fd, &board), 0);
    answer = start(self, "report", -1, fd);
    assert_line(answer, "fd 3");
    assert_line(answer, "fd 5");
    assert_line(answer, "board 2");
    assert_int_equal(board->done, 5);
    util_close(&fd);
    launch_drop_board(board);
}

/* Numbers of ours that are those of the child, in each order: none may hit another. */
static void
test_colliding_numbers_do_not_matter(void **state)
{
    static const struct {
        int link_fd;
        int board_fd;
    } cases[] = {{3, 5}, {5, 3}, {5, 30}, {30, 3}, {3, 30}, {30, 5}};
    int kept[] = {fcntl(3, F_DUPFD_CLOEXEC, 100), fcntl(5, F_DUPFD_CLOEXEC, 100)};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct board *board = NULL;
        int fd = -1;
        const char *answer;

        assert_int_equal(launch_make_board(&fd, &board), 0);
        assert_int_equal(dup3(fd, 50, O_CLOEXEC), 50);
        close(fd);
        assert_int_equal(dup3(50, cases[i].board_fd, O_CLOEXEC), cases[i].board_fd);
        close(50);
        answer = start(self, "report", cases[i].link_fd, cases[i].board_fd);
        assert_line(answer, "board 2");
        assert_int_equal(board->done, 5);
        close(cases[i].board_fd);
        launch_drop_board(board);
    }
    for (int i = 0; i < 2; i++) {
        if (kept[i] >= 0) {
            dup2(kept[i], 3 + 2 * i);
            close(kept[i]);
        }
    }
}

static void
test_inherited_descriptors_stay_behind(void **state)
{
    int fd = open("/dev/null", O_RDONLY);
    const char *answer;
    char line[32];

    (void)state;
    assert_int_equal(dup2(fd, 77), 77);
    snprintf(line, sizeof(line), "fd %d\n", 77);
    answer = start(self, "report", -1, -1);
    assert_null(strstr(answer, line));
    close(77);
    close(fd);
}

static void
test_signals_begin_afresh(void **state)
{
    sigset_t set;
    sigset_t before;
    const char *answer;

    (void)state;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &before);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    answer = start(self, "report", -1, -1);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    assert_null(strstr(answer, "blocked"));
    assert_null(strstr(answer, "ignored"));
}

static void
test_a_missing_program_is_an_error(void **state)
{
    char name[] = "swarm-mold";
    char *argv[] = {name, NULL};
    char *envp[] = {NULL};
    struct launch_order order = {.program = "/nonexistent/swarm-mold",
                                 .argv = argv,
                                 .envp = envp,
                                 .family_fd = -1,
                                 .board_fd = -1};
    int ends[2];
    pid_t pid = 99;

    (void)state;
    make_pair(ends);
    order.link_fd = ends[1];
    assert_int_equal(launch(&order, &pid), -ENOENT);
    assert_int_equal(pid, 99);
    order.link_fd = 9999;
    assert_int_equal(launch(&order, &pid), -EBADF);
    close(ends[0]);
    close(ends[1]);
}

static void
test_the_mold_may_be_named(void **state)
{
    char *path = NULL;

    (void)state;
    setenv("SWARM_MOLD", self, 1);
    assert_int_equal(launch_find_mold(&path), 0);
    assert_string_equal(path, self);
    free(path);
    path = NULL;
    setenv("SWARM_MOLD", "bin/swarm-mold", 1);
    assert_int_equal(launch_find_mold(&path), -ENOENT);
    setenv("SWARM_MOLD", "/nonexistent/swarm-mold", 1);
    assert_int_equal(launch_find_mold(&path), -ENOENT);
    assert_null(path);
    unsetenv("SWARM_MOLD");
}

static void
copy_program(const char *from, const char *to)
{
    char bytes[65536];
    ssize_t length;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

    assert_true(in >= 0 && out >= 0);
    while ((length = read(in, bytes, sizeof(bytes))) > 0) {
        assert_int_equal(write(out, bytes, (size_t)length), length);
    }
    close(in);
    close(out);
}

/* An installation: bin/swarm, lib/sidekiq-swarm/swarm-mold; and a build tree: both in one folder. */
static void
test_the_mold_is_found_from_the_executable(void **state)
{
    static const char *const folders[] = {"bin", "lib", "lib/sidekiq-swarm"};
    char root[] = "/tmp/swarm-test-launch-XXXXXX";
    char swarm[64];
    char installed[128];
    char beside[64];
    char path[128];
    char line[256];

    (void)state;
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    snprintf(swarm, sizeof(swarm), "%s/bin/swarm", root);
    copy_program(self, swarm);
    assert_line(start(swarm, "find", -1, -1), "mold No such file or directory");

    snprintf(installed, sizeof(installed), "%s/lib/sidekiq-swarm/swarm-mold", root);
    copy_program("/bin/true", installed);
    snprintf(line, sizeof(line), "mold %s/bin/../lib/sidekiq-swarm/swarm-mold", root);
    assert_line(start(swarm, "find", -1, -1), line);

    snprintf(beside, sizeof(beside), "%s/bin/swarm-mold", root);
    copy_program("/bin/true", beside);
    snprintf(line, sizeof(line), "mold %s", beside);
    assert_line(start(swarm, "find", -1, -1), line);

    unlink(beside);
    unlink(installed);
    unlink(swarm);
    for (size_t i = ARRAY_LEN(folders); i > 0; i--) {
        snprintf(path, sizeof(path), "%s/%s", root, folders[i - 1]);
        rmdir(path);
    }
    assert_int_equal(rmdir(root), 0);
}

static void
test_a_board_cannot_be_cut(void **state)
{
    struct board *board = NULL;
    int fd = -1;
    struct stat about;

    (void)state;
    assert_int_equal(launch_make_board(&fd, &board), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_size, BOARD_SIZE);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 1 << 20), -1);
    assert_int_equal(board->magic, BOARD_MAGIC);
    assert_int_equal(board->version, BOARD_VERSION);
    assert_int_equal(board->started + board->done + board->failed + board->busy, 0);
    util_close(&fd);
    launch_drop_board(board);
    launch_drop_board(NULL);
}

/* What nobody has written costs nothing, and a look does not change that. */
static void
test_a_board_costs_a_page(void **state)
{
    struct board *board = NULL;
    struct stat facts;
    struct board_figures figures;
    struct board_job job;
    struct board_class_figures class;
    int fd = -1;

    (void)state;
    assert_int_equal(launch_make_board(&fd, &board), 0);
    board_read(board, 0, &figures);
    assert_true(figures.known);
    assert_int_equal(board_read_jobs(board, 1, &job, 1), 0);
    assert_int_equal(board_read_classes(board, &class, 1), 0);
    assert_int_equal(fstat(fd, &facts), 0);
    assert_int_equal(facts.st_size, BOARD_SIZE);
    assert_true(facts.st_blocks * 512 <= sysconf(_SC_PAGESIZE));
    util_close(&fd);
    launch_drop_board(board);
}

/* The child's side: 0 if making a board fails with `error` where `limit` allows so much, and leaves nothing behind. */
static int
fail_below(__rlimit_resource_t limit, rlim_t allowed, int error)
{
    struct rlimit rlimit = {.rlim_cur = allowed, .rlim_max = allowed};
    struct board *board = NULL;
    int before = dup(STDIN_FILENO);
    int after;
    int fd = -1;
    int got;

    close(before);
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(limit, &rlimit) < 0) {
        return 10;
    }
    got = launch_make_board(&fd, &board);
    if (got != error) {
        return 11;
    }
    after = dup(STDIN_FILENO);
    /* Without a number left there is none to compare. */
    return fd == -1 && board == NULL && (after == before || error == -EMFILE) ? 0 : 12;
}

static void
test_a_board_that_cannot_be_made_is_an_error(void **state)
{
    static const struct {
        __rlimit_resource_t limit;
        rlim_t allowed;
        int error;
    } cases[] = {
        {RLIMIT_FSIZE, 0, -EFBIG},
        {RLIMIT_FSIZE, BOARD_PAGE, -EFBIG},
        {RLIMIT_AS, BOARD_PAGE, -ENOMEM},
        {RLIMIT_NOFILE, 0, -EMFILE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int status;
        pid_t pid = fork();

        if (pid == 0) {
            _exit(fail_below(cases[i].limit, cases[i].allowed, cases[i].error));
        }
        assert_true(pid > 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_finds_its_link_alone),
        cmocka_unit_test(test_a_program_finds_its_board),
        cmocka_unit_test(test_colliding_numbers_do_not_matter),
        cmocka_unit_test(test_inherited_descriptors_stay_behind),
        cmocka_unit_test(test_signals_begin_afresh),
        cmocka_unit_test(test_a_missing_program_is_an_error),
        cmocka_unit_test(test_the_mold_may_be_named),
        cmocka_unit_test(test_the_mold_is_found_from_the_executable),
        cmocka_unit_test(test_a_board_cannot_be_cut),
        cmocka_unit_test(test_a_board_costs_a_page),
        cmocka_unit_test(test_a_board_that_cannot_be_made_is_an_error),
    };

    if (argc > 1) {
        return answer_over_link(argv[1]);
    }
    unsetenv("SWARM_MOLD");
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
