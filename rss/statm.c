/*
 * statm.c: see statm.h.
 *
 * Owns the reading of one text. Must not decide anything about a figure.
 */
#include "statm.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "proc.h"

/* Seven numbers of at most 20 digits, and room to see that a text is longer than that. */
#define STATM_TEXT_SIZE 256

/* Where the numbers stand, counted from 0: proc(5). */
enum place { RESIDENT = 1, SHARED = 2 };

/* Reads one decimal number and the white space behind it. Returns 0 or -EBADMSG. */
static int
take_number(const char **text, uint64_t *ret_number)
{
    char *end;

    if (**text < '0' || **text > '9') {
        return -EBADMSG;
    }
    errno = 0;
    *ret_number = strtoull(*text, &end, 10);
    if (errno != 0 || (*end != ' ' && *end != '\n' && *end != '\0')) {
        return -EBADMSG;
    }
    while (*end == ' ' || *end == '\n') {
        end++;
    }
    *text = end;
    return 0;
}

/* The number at a place, counted from 0, which is not the first: pages, as bytes. */
static int
take_pages(const char *text, enum place place, uint64_t page_bytes, uint64_t *ret_bytes)
{
    uint64_t size, pages = 0, bytes;

    if (take_number(&text, &size) != 0) {
        return -EBADMSG;
    }
    for (unsigned i = 0; i < (unsigned)place; i++) {
        if (take_number(&text, &pages) != 0) {
            return -EBADMSG;
        }
    }
    /* More numbers follow: without a space the text was cut, and its last number with it. */
    if (text[-1] != ' ') {
        return -EBADMSG;
    }
    /* A zombie has no address space any more; a living process is never without. */
    if (size == 0) {
        return -ESRCH;
    }
    if (__builtin_mul_overflow(pages, page_bytes, &bytes)) {
        return -EBADMSG;
    }
    *ret_bytes = bytes;
    return 0;
}

int
statm_parse(const char *text, uint64_t page_bytes, uint64_t *ret_rss_bytes)
{
    return take_pages(text, RESIDENT, page_bytes, ret_rss_bytes);
}

int
statm_parse_files(const char *text, uint64_t page_bytes, uint64_t *ret_file_bytes)
{
    return take_pages(text, SHARED, page_bytes, ret_file_bytes);
}

static int
read_pages(int fd, enum place place, uint64_t *ret_bytes)
{
    char text[STATM_TEXT_SIZE];
    ssize_t length = proc_read_again(fd, text, sizeof(text));

    if (length < 0) {
        return (int)length;
    }
    return take_pages(text, place, (uint64_t)sysconf(_SC_PAGESIZE), ret_bytes);
}

int
statm_read(int fd, uint64_t *ret_rss_bytes)
{
    return read_pages(fd, RESIDENT, ret_rss_bytes);
}

int
statm_read_files(int fd, uint64_t *ret_file_bytes)
{
    return read_pages(fd, SHARED, ret_file_bytes);
}
