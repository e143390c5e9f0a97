/*
 * targets.h: the functions that are fuzzed, one a target, and what they share.
 *
 * Owns the list of targets. A target takes any bytes, feeds them to one reader of untrusted input
 * and checks what that reader promises; a broken promise ends the process. It keeps nothing between
 * two inputs, since an input must do the same in the fuzzer and when it is replayed.
 */
#ifndef SWARM_FUZZ_TARGETS_H
#define SWARM_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

/* The longest input; the corpus keeps to it, too. */
#define FUZZ_INPUT_MAX 4096

struct fuzz_target {
    const char *name; /* of the executable fuzz-NAME, and of the folder corpus/NAME */
    void (*run)(const uint8_t *data, size_t size);
};

/* All targets. */
const struct fuzz_target *fuzz_targets(size_t *ret_count);

/* The target called `name`; NULL if there is none. */
const struct fuzz_target *fuzz_find(const char *name);

/* What fuzz_fail names: the file that is replayed. NULL in the fuzzer, which names it itself. */
void fuzz_set_input_name(const char *name);

/* Says which promise was broken, and ends the process as failed. */
_Noreturn void fuzz_fail(const char *file, int line, const char *promise);

#define FUZZ_CHECK(promise)                                                                        \
    do {                                                                                           \
        if (!(promise))                                                                            \
            fuzz_fail(__FILE__, __LINE__, #promise);                                               \
    } while (0)

/* A copy of the input with a zero byte behind, to be freed. An input cannot hold more text than its
 * bytes: a reader that runs past them hits the end of this allocation. */
char *fuzz_text(const uint8_t *data, size_t size);

void fuzz_board(const uint8_t *data, size_t size);
void fuzz_config(const uint8_t *data, size_t size);
void fuzz_control(const uint8_t *data, size_t size);
void fuzz_proc(const uint8_t *data, size_t size);
void fuzz_wire(const uint8_t *data, size_t size);
void fuzz_words(const uint8_t *data, size_t size);

#endif
