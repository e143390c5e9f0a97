/* test_util.c: the helpers that every file uses. */
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
#include <unistd.h>

#include "master/util.h"

static void
test_time_never_overflows(void **state)
{
    (void)state;
    assert_int_equal(util_after_ms(1000, 500), 1500);
    assert_int_equal(util_after_ms(1000, 0), 1000);
    assert_int_equal(util_after_ms(1000, -500), 500);
    assert_true(util_after_ms(NEVER_MS, 1) == NEVER_MS);
    assert_true(util_after_ms(NEVER_MS, -1) == NEVER_MS);
    assert_true(util_after_ms(1, NEVER_MS) == NEVER_MS);
    assert_true(util_after_ms(NEVER_MS - 5, 6) == NEVER_MS);
    assert_true(util_after_ms(NEVER_MS - 5, 5) == NEVER_MS);
}

static void
test_the_clock_goes_forward(void **state)
{
    int64_t first_ms = util_now_ms();

    (void)state;
    assert_true(first_ms >= 0);
    assert_true(util_now_ms() >= first_ms);
}

static void
test_closing_forgets_the_number_and_keeps_errno(void **state)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int number = fd;

    (void)state;
    errno = EXDEV;
    util_close(&fd);
    assert_int_equal(fd, -1);
    assert_int_equal(errno, EXDEV);
    assert_int_equal(fcntl(number, F_GETFD), -1);
    errno = EXDEV;
    util_close(&fd);
    assert_int_equal(fd, -1);
    assert_int_equal(errno, EXDEV);
}

static void
test_a_descriptor_becomes_non_blocking(void **state)
{
    int ends[2];
    char byte;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(util_set_nonblock(ends[0]), 0);
    assert_int_equal(read(ends[0], &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(util_set_nonblock(-1), -EBADF);
}

static void
test_a_text_is_cut_between_characters(void **state)
{
    static const struct {
        const char *from;
        size_t size;
        const char *to;
        bool fits;
    } cases[] = {
        {"abc", 4, "abc", true},
        {"abc", 3, "ab", false},
        {"abc", 1, "", false},
        {"", 1, "", true},
        {"a\xc3\xa9z", 5, "a\xc3\xa9z", true},
        {"a\xc3\xa9z", 4, "a\xc3\xa9", false},
        {"a\xc3\xa9z", 3, "a", false},
        {"\xf0\x9f\x9a\x80", 5, "\xf0\x9f\x9a\x80", true},
        {"\xf0\x9f\x9a\x80", 4, "", false},
        {"\xf0\x9f\x9a\x80", 2, "", false},
        {"\x80\x80\x80\x80", 3, "", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char to[8];

        memset(to, '!', sizeof(to));
        assert_int_equal(util_copy_text(to, cases[i].size, cases[i].from), cases[i].fits);
        assert_string_equal(to, cases[i].to);
        for (size_t at = cases[i].size; at < sizeof(to); at++) {
            assert_int_equal(to[at], '!');
        }
    }
}

static void
test_a_small_file_is_read_whole(void **state)
{
    char path[] = "/tmp/swarm-test-util-XXXXXX";
    char text[8];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(util_read_file(path, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_int_equal(write(fd, "1234567", 7), 7);
    assert_int_equal(util_read_file(path, text, sizeof(text)), 7);
    assert_string_equal(text, "1234567");
    assert_int_equal(write(fd, "8", 1), 1);
    assert_int_equal(util_read_file(path, text, sizeof(text)), -EFBIG);
    close(fd);
    unlink(path);
    assert_int_equal(util_read_file(path, text, sizeof(text)), -ENOENT);
    assert_int_equal(util_read_file("/proc/self", text, sizeof(text)), -EISDIR);
}

static void
test_a_number_is_a_whole_text(void **state)
{
    static const struct {
        const char *text;
        int error;
        uint64_t number;
    } cases[] = {
        {"0", 0, 0},
        {"007", 0, 7},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, 0},
        {"", -EINVAL, 0},
        {" 1", -EINVAL, 0},
        {"1 ", -EINVAL, 0},
        {"+1", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"0x10", -EINVAL, 0},
        {"1.5", -EINVAL, 0},
        {"banana", -EINVAL, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t number = 99;

        assert_int_equal(util_parse_u64(cases[i].text, &number), cases[i].error);
        assert_true(number == (cases[i].error == 0 ? cases[i].number : 99));
    }
}

static char *
make_text(int error)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    assert_non_null(to);
    fputs("swarm", to);
    return util_end_text(to, &text, error);
}

static void
test_a_text_ends_whole_or_not_at_all(void **state)
{
    char *text = make_text(0);

    (void)state;
    assert_string_equal(text, "swarm");
    free(text);
    assert_null(make_text(-ENOMEM));
    text = NULL;
    assert_null(util_end_text(NULL, &text, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_never_overflows),
        cmocka_unit_test(test_the_clock_goes_forward),
        cmocka_unit_test(test_closing_forgets_the_number_and_keeps_errno),
        cmocka_unit_test(test_a_descriptor_becomes_non_blocking),
        cmocka_unit_test(test_a_text_is_cut_between_characters),
        cmocka_unit_test(test_a_small_file_is_read_whole),
        cmocka_unit_test(test_a_number_is_a_whole_text),
        cmocka_unit_test(test_a_text_ends_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
