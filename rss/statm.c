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

int
statm_parse(const char *text, uint64_t page_bytes, uint64_t *ret_rss_bytes)
{
    uint64_t size, resident, bytes;

    if (take_number(&text, &size) != 0 || take_number(&text, &resident) != 0) {
        return -EBADMSG;
    }
    /* More numbers follow: without a space the text was cut, and its last number with it. */
    if (text[-1] != ' ') {
        return -EBADMSG;
    }
    /* A zombie has no address space any more; a living process is never without. */
    if (size == 0) {
        return -ESRCH;
    }
    if (__builtin_mul_overflow(resident, page_bytes, &bytes)) {
        return -EBADMSG;
    }
    *ret_rss_bytes = bytes;
    return 0;
}

int
statm_read(int fd, uint64_t *ret_rss_bytes)
{
    char text[STATM_TEXT_SIZE];
    ssize_t length = proc_read_again(fd, text, sizeof(text));

    if (length < 0) {
        return (int)length;
    }
    return statm_parse(text, (uint64_t)sysconf(_SC_PAGESIZE), ret_rss_bytes);
}
