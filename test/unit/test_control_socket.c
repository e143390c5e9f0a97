/*
 * test_control_socket.c: who may have the place, and what is left of it (FS-47, FS-53).
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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder_rig.h"
#include "master/control_socket.h"

struct place {
    char root[FOLDER_RIG_SIZE];
    char path[80];
    char lock[96];
};

static int
set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    folder_rig_make(place->root, "control-socket");
    snprintf(place->path, sizeof(place->path), "%s/s", place->root);
    snprintf(place->lock, sizeof(place->lock), "%s.lock", place->path);
    *state = place;
    return 0;
}

static int
tear_down(void **state)
{
    struct place *place = *state;

    folder_rig_remove(place->root);
    free(place);
    return 0;
}

static int
connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    util_copy_text(address.sun_path, sizeof(address.sun_path), path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = -errno;

        close(fd);
        return error;
    }
    return fd;
}

/* A listening socket without a lock, as another program makes it. */
static int
listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    util_copy_text(address.sun_path, sizeof(address.sun_path), path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void
assert_opens(const struct place *place)
{
    struct control_socket *control_socket = NULL;
    pid_t owner = -1;
    int fd = -1;

    assert_int_equal(control_socket_open(place->path, &control_socket, &fd, &owner), 0);
    assert_int_equal(owner, 0);
    close(fd);
    control_socket_close(control_socket);
}

/* What a look says of the place; it must leave nothing. */
static void
assert_look(const struct place *place, int expected, pid_t expected_owner)
{
    pid_t owner = -1;

    assert_int_equal(control_socket_look(place->path, &owner), expected);
    assert_int_equal(owner, expected_owner);
    assert_int_equal(access(place->lock, F_OK), -1);
}

static void
test_a_look_changes_nothing(void **state)
{
    const struct place *place = *state;
    int fd;

    assert_look(place, 0, 0);
    assert_int_equal(access(place->path, F_OK), -1);
    fd = listen_at(place->path);
    assert_look(place, -EWOULDBLOCK, getpid());
    close(fd);
    assert_look(place, 0, 0);
    assert_int_equal(unlink(place->path), 0);
    fd = open(place->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_look(place, -ENOTSOCK, 0);
}

static pid_t
assert_refused(const struct place *place, int error)
{
    struct control_socket *control_socket = NULL;
    pid_t owner = -1;
    int fd = -1;

    assert_int_equal(control_socket_open(place->path, &control_socket, &fd, &owner), error);
    assert_null(control_socket);
    assert_int_equal(fd, -1);
    return owner;
}

static void
test_opens_and_leaves_nothing(void **state)
{
    const struct place *place = *state;
    struct control_socket *control_socket = NULL;
    struct stat status;
    char text[32];
    pid_t owner = -1;
    mode_t kept = umask(0);
    int fd = -1, client;

    assert_int_equal(control_socket_open(place->path, &control_socket, &fd, &owner), 0);
    assert_int_equal(umask(kept), 0);
    assert_int_equal(lstat(place->path, &status), 0);
    assert_true(S_ISSOCK(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(lstat(place->lock, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(util_read_file(place->lock, text, sizeof(text)) > 0);
    assert_int_equal(atoi(text), getpid());
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    client = connect_to(place->path);
    assert_true(client >= 0);
    close(client);
    close(fd);
    control_socket_close(control_socket);
    assert_int_equal(access(place->path, F_OK), -1);
    assert_int_equal(access(place->lock, F_OK), -1);
    control_socket_close(NULL);
}

/* Another process has the place: the second one is told its pid and spoils nothing. */
static void
test_second_service(void **state)
{
    const struct place *place = *state;
    int ready[2], client;
    char byte;
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct control_socket *control_socket;
        pid_t owner;
        int fd;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (control_socket_open(place->path, &control_socket, &fd, &owner) != 0 ||
            write(ready[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(assert_refused(place, -EWOULDBLOCK), child);
    client = connect_to(place->path);
    assert_true(client >= 0);
    close(client);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    /* Its socket and its lock file are still there, its lock is not. */
    assert_int_equal(access(place->path, F_OK), 0);
    assert_int_equal(connect_to(place->path), -ECONNREFUSED);
    assert_opens(place);
    close(ready[0]);
    close(ready[1]);
}

static void
test_stale_socket_is_replaced(void **state)
{
    const struct place *place = *state;

    close(listen_at(place->path));
    assert_int_equal(access(place->path, F_OK), 0);
    assert_opens(place);
    assert_int_equal(access(place->path, F_OK), -1);
}

/* Somebody listens there without our lock: never taken away. */
static void
test_living_listener_without_a_lock(void **state)
{
    const struct place *place = *state;
    int fd = listen_at(place->path);

    assert_int_equal(assert_refused(place, -EWOULDBLOCK), getpid());
    assert_int_equal(access(place->lock, F_OK), -1);
    assert_int_equal(access(place->path, F_OK), 0);
    close(fd);
}

static void
test_what_is_no_socket_stays(void **state)
{
    const struct place *place = *state;
    int fd = open(place->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    close(fd);
    assert_refused(place, -ENOTSOCK);
    assert_int_equal(access(place->path, F_OK), 0);
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(symlink("elsewhere", place->path), 0);
    assert_refused(place, -ENOTSOCK);
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(mkdir(place->path, 0700), 0);
    assert_refused(place, -ENOTSOCK);
    assert_int_equal(access(place->lock, F_OK), -1);
}

static void
test_socket_of_another_user(void **state)
{
    const struct place *place = *state;

    if (geteuid() != 0) {
        print_message("skipped: only root can make a socket of another user\n");
        skip();
    }
    close(listen_at(place->path));
    assert_int_equal(chown(place->path, 65534, 65534), 0);
    assert_refused(place, -EPERM);
    assert_int_equal(access(place->path, F_OK), 0);
    assert_int_equal(access(place->lock, F_OK), -1);
}

static void
test_lock_of_another_user(void **state)
{
    const struct place *place = *state;
    int fd;

    if (geteuid() != 0) {
        print_message("skipped: only root can make a file of another user\n");
        skip();
    }
    fd = open(place->lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chown(place->lock, 65534, 65534), 0);
    assert_refused(place, -EPERM);
    assert_int_equal(access(place->lock, F_OK), 0);
}

/* A symbolic link in place of the lock would make us write into another file. */
static void
test_lock_that_is_a_link(void **state)
{
    const struct place *place = *state;
    char target[96];

    snprintf(target, sizeof(target), "%s/target", place->root);
    assert_int_equal(symlink(target, place->lock), 0);
    assert_refused(place, -ELOOP);
    assert_int_equal(access(target, F_OK), -1);
}

static void
test_garbage_in_the_lock_file(void **state)
{
    static const char *const texts[] = {"x\n", "99999999999999999999", "-5\n", "", "7 8\n"};
    const struct place *place = *state;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct control_socket *control_socket = NULL;
        pid_t owner = -1;
        int fd = -1, lock;

        assert_int_equal(control_socket_open(place->path, &control_socket, &fd, &owner), 0);
        lock = open(place->lock, O_WRONLY | O_TRUNC | O_CLOEXEC);
        assert_true(lock >= 0);
        assert_int_equal(write(lock, texts[i], strlen(texts[i])), strlen(texts[i]));
        close(lock);
        assert_int_equal(assert_refused(place, -EWOULDBLOCK), 0);
        close(fd);
        control_socket_close(control_socket);
    }
}

/* What somebody else put in our place meanwhile is not ours to remove. */
static void
test_close_spares_what_is_not_ours(void **state)
{
    const struct place *place = *state;
    struct control_socket *control_socket = NULL;
    pid_t owner = -1;
    int fd = -1, other, lock;

    assert_int_equal(control_socket_open(place->path, &control_socket, &fd, &owner), 0);
    /* The old files live on under other names, so that their numbers are not given out again. */
    assert_int_equal(chdir(place->root), 0);
    assert_int_equal(rename("s", "old"), 0);
    assert_int_equal(rename("s.lock", "old.lock"), 0);
    assert_int_equal(chdir("/"), 0);
    other = listen_at(place->path);
    lock = open(place->lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(lock >= 0);
    close(fd);
    control_socket_close(control_socket);
    assert_int_equal(access(place->path, F_OK), 0);
    assert_int_equal(access(place->lock, F_OK), 0);
    close(lock);
    close(other);
}

static void
test_impossible_places(void **state)
{
    struct place place = *(const struct place *)*state;
    struct control_socket *control_socket = NULL;
    char path[256];
    pid_t owner;
    int fd = -1;

    memset(path, 'x', sizeof(path));
    path[0] = '/';
    path[108] = '\0';
    assert_int_equal(control_socket_open(path, &control_socket, &fd, &owner), -ENAMETOOLONG);
    assert_null(control_socket);
    snprintf(place.path, sizeof(place.path), "%s/missing/s", place.root);
    assert_refused(&place, -ENOENT);
}

static void
test_folder_that_is_not_writable(void **state)
{
    const struct place *place = *state;

    if (geteuid() == 0) {
        print_message("skipped: root may write everywhere\n");
        skip();
    }
    assert_int_equal(chmod(place->root, 0500), 0);
    assert_refused(place, -EACCES);
    assert_int_equal(chmod(place->root, 0700), 0);
}

/* Waits for the starting shot, which is an end of file, and says whether it got the place. */
static _Noreturn void
be_starter(const struct place *place, int start, int result)
{
    struct control_socket *control_socket;
    pid_t owner;
    int fd;
    char byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)!read(start, &byte, 1);
    byte = control_socket_open(place->path, &control_socket, &fd, &owner) == 0 ? 'w' : 'l';
    if (write(result, &byte, 1) != 1) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

static int
count_winners(int result, size_t starters)
{
    int winners = 0;
    char byte;

    for (size_t i = 0; i < starters; i++) {
        assert_int_equal(read(result, &byte, 1), 1);
        winners += byte == 'w';
    }
    return winners;
}

/* Starters that race: exactly one has the place, every time. */
static void
race_once(const struct place *place)
{
    int start[2], result[2];
    pid_t children[8];

    assert_int_equal(pipe(start), 0);
    assert_int_equal(pipe(result), 0);
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            close(start[1]);
            be_starter(place, start[0], result[1]);
        }
    }
    close(start[0]);
    close(start[1]);
    assert_int_equal(count_winners(result[0], ARRAY_LEN(children)), 1);
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        assert_int_equal(kill(children[i], SIGKILL), 0);
        assert_int_equal(waitpid(children[i], NULL, 0), children[i]);
    }
    close(result[0]);
    close(result[1]);
}

static void
test_race(void **state)
{
    for (int i = 0; i < 20; i++) {
        race_once(*state);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_opens_and_leaves_nothing),
        CASE(test_a_look_changes_nothing),
        CASE(test_second_service),
        CASE(test_stale_socket_is_replaced),
        CASE(test_living_listener_without_a_lock),
        CASE(test_what_is_no_socket_stays),
        CASE(test_socket_of_another_user),
        CASE(test_lock_of_another_user),
        CASE(test_lock_that_is_a_link),
        CASE(test_garbage_in_the_lock_file),
        CASE(test_close_spares_what_is_not_ours),
        CASE(test_impossible_places),
        CASE(test_folder_that_is_not_writable),
        CASE(test_race),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
