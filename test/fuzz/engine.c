/*
 * engine.c: the entry that libFuzzer calls, for the target that FUZZ_TARGET names.
 *
 * Owns nothing. See https://llvm.org/docs/LibFuzzer.html for the two functions' contracts.
 */
#include "targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_target *target;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    target = fuzz_find(FUZZ_TARGET);
    FUZZ_CHECK(target != NULL);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    target->run(data, size);
    return 0;
}
