/* test_pidfile.c: the pid file in a folder of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/pidfile.h"

#define PEERS 6
#define ROUNDS 100

struct fixture {
    char folder[64];
    char path[128];
    char other[128];
};

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    *state = fixture;
    strcpy(fixture->folder, "/tmp/swarm-test-pidfile-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL) {
        return -1;
    }
    snprintf(fixture->path, sizeof(fixture->path), "%s/swarm.pid", fixture->folder);
    snprintf(fixture->other, sizeof(fixture->other), "%s/other", fixture->folder);
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    int left;

    unlink(fixture->path);
    unlink(fixture->other);
    rmdir(fixture->path);
    left = rmdir(fixture->folder);
    free(fixture);
    return left;
}

static struct pidfile *
open_file(const struct fixture *fixture)
{
    struct pidfile *file = NULL;
    pid_t owner = 0;

    assert_int_equal(pidfile_open(fixture->path, &file, &owner), 0);
    assert_non_null(file);
    return file;
}

static void
assert_refused(const char *path, int error)
{
    struct pidfile *file = NULL;
    pid_t owner = 0;

    assert_int_equal(pidfile_open(path, &file, &owner), error);
    assert_null(file);
}

static void
write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
assert_is_ours(const char *path)
{
    char text[64];
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "%d\n", (int)getpid());
    assert_true(util_read_file(path, text, sizeof(text)) > 0);
    assert_string_equal(text, wanted);
}

static void
test_the_file_holds_our_pid_until_closed(void **state)
{
    struct fixture *fixture = *state;
    mode_t mask = umask(022);
    struct pidfile *file = open_file(fixture);
    struct stat about;

    umask(mask);
    assert_is_ours(fixture->path);
    assert_int_equal(stat(fixture->path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0644);
    pidfile_close(file);
    assert_int_equal(access(fixture->path, F_OK), -1);
    pidfile_close(NULL);
}

static void
test_fs47_a_second_start_is_refused_with_the_owner(void **state)
{
    struct fixture *fixture = *state;
    struct pidfile *file = open_file(fixture);
    struct pidfile *second = NULL;
    pid_t owner = 0;

    assert_int_equal(pidfile_open(fixture->path, &second, &owner), -EWOULDBLOCK);
    assert_int_equal(owner, getpid());
    assert_null(second);
    assert_is_ours(fixture->path);
    pidfile_close(file);
    pidfile_close(open_file(fixture));
}

static void
test_an_owner_that_is_not_written_is_unknown(void **state)
{
    static const char *const texts[] = {"", "banana\n", "99999999999\n", "-1\n"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct pidfile *file = NULL;
        pid_t owner = 99;
        int fd;

        write_text(fixture->path, texts[i]);
        fd = open(fixture->path, O_RDWR | O_CLOEXEC);
        assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
        assert_int_equal(pidfile_open(fixture->path, &file, &owner), -EWOULDBLOCK);
        assert_int_equal(owner, 0);
        close(fd);
    }
}

static void
test_a_stale_file_is_taken_over(void **state)
{
    struct fixture *fixture = *state;
    struct pidfile *file;

    write_text(fixture->path, "123456789 and much that does not belong here\n");
    file = open_file(fixture);
    assert_is_ours(fixture->path);
    pidfile_close(file);
}

static void
test_a_file_that_is_not_ours_any_more_stays(void **state)
{
    struct fixture *fixture = *state;
    struct pidfile *file = open_file(fixture);

    write_text(fixture->other, "1\n");
    assert_int_equal(rename(fixture->other, fixture->path), 0);
    pidfile_close(file);
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void
test_a_removed_file_is_no_trouble(void **state)
{
    struct fixture *fixture = *state;
    struct pidfile *file = open_file(fixture);

    unlink(fixture->path);
    pidfile_close(file);
}

static void
test_bad_places_are_errors(void **state)
{
    struct fixture *fixture = *state;
    char missing[256];

    snprintf(missing, sizeof(missing), "%s/nowhere/swarm.pid", fixture->folder);
    assert_refused(missing, -ENOENT);
    assert_refused(fixture->folder, -EISDIR);
    assert_refused("/dev/null", -EINVAL);
    assert_int_equal(symlink("other", fixture->path), 0);
    assert_refused(fixture->path, -ELOOP);
    unlink(fixture->path);
    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    assert_refused(fixture->path, -EINVAL);
}

static void
test_a_folder_that_cannot_be_written_is_an_error(void **state)
{
    struct fixture *fixture = *state;

    if (geteuid() == 0) {
        print_message("root may write everywhere\n");
        skip();
    }
    assert_int_equal(chmod(fixture->folder, 0500), 0);
    assert_refused(fixture->path, -EACCES);
    assert_int_equal(chmod(fixture->folder, 0700), 0);
}

/* In a started process: takes and leaves the file again and again. 1 if two ever held it at once. */
static int
contend(const char *path, unsigned *holders)
{
    for (int round = 0; round < ROUNDS;) {
        struct pidfile *file = NULL;
        pid_t owner;
        int error = pidfile_open(path, &file, &owner);

        if (error != 0 && error != -EWOULDBLOCK) {
            return 2;
        }
        if (error == 0) {
            if (__atomic_fetch_add(holders, 1, __ATOMIC_SEQ_CST) != 0) {
                return 1;
            }
            __atomic_fetch_sub(holders, 1, __ATOMIC_SEQ_CST);
            pidfile_close(file);
            round++;
        }
    }
    return 0;
}

static void
test_two_never_hold_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    unsigned *holders = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t peers[PEERS];
    int status;

    assert_true(holders != MAP_FAILED);
    for (int i = 0; i < PEERS; i++) {
        peers[i] = fork();
        if (peers[i] == 0) {
            _exit(contend(fixture->path, holders));
        }
        assert_true(peers[i] > 0);
    }
    for (int i = 0; i < PEERS; i++) {
        assert_int_equal(waitpid(peers[i], &status, 0), peers[i]);
        assert_int_equal(status, 0);
    }
    munmap(holders, 4096);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_file_holds_our_pid_until_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fs47_a_second_start_is_refused_with_the_owner, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_owner_that_is_not_written_is_unknown, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_stale_file_is_taken_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_not_ours_any_more_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_removed_file_is_no_trouble, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_places_are_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_folder_that_cannot_be_written_is_an_error, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_two_never_hold_it_at_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
