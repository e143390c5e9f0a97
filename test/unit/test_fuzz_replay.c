/*
 * test_fuzz_replay.c: the fuzz targets over the inputs that the project keeps.
 *
 * Owns nothing but the walk over test/fuzz/corpus. An input that once broke something stands there
 * for good, so this is where each such mistake is tested again. See docs/fuzzing.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "master/util.h"
#include "test/fuzz/targets.h"

#define CORPUS SWARM_SOURCE_DIR "/test/fuzz/corpus"

/* Kept small, so that reviewing and replaying it stay small, too. */
#define INPUTS_MAX 60

static void
replay_file(const struct fuzz_target *target, const char *path)
{
    uint8_t data[FUZZ_INPUT_MAX + 1];
    FILE *file = fopen(path, "re");
    size_t size;

    assert_non_null(file);
    size = fread(data, 1, sizeof(data), file);
    assert_int_equal(fclose(file), 0);
    if (size > FUZZ_INPUT_MAX) {
        fail_msg("%s has more than %d bytes", path, FUZZ_INPUT_MAX);
    }
    fuzz_set_input_name(path);
    target->run(data, size);
    fuzz_set_input_name(NULL);
}

static void
replay_corpus(void **state)
{
    const struct fuzz_target *target = *state;
    unsigned count = 0;
    char path[1024];
    struct dirent *entry;
    DIR *folder;

    snprintf(path, sizeof(path), CORPUS "/%s", target->name);
    folder = opendir(path);
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof(path), CORPUS "/%s/%s", target->name, entry->d_name);
            replay_file(target, path);
            count++;
        }
    }
    closedir(folder);
    assert_in_range(count, 1, INPUTS_MAX);
}

static void
an_empty_input_is_one_as_well(void **state)
{
    const struct fuzz_target *target = *state;

    target->run((const uint8_t *)"", 0);
}

int
main(void)
{
    struct CMUnitTest tests[32] = {{0}};
    size_t count = 0;
    const struct fuzz_target *targets = fuzz_targets(&count);

    assert_in_range(count, 1, ARRAY_LEN(tests) / 2);
    for (size_t i = 0; i < count; i++) {
        void *target = (void *)(uintptr_t)&targets[i];

        tests[i * 2] = (struct CMUnitTest)cmocka_unit_test_prestate(replay_corpus, target);
        tests[i * 2].name = targets[i].name;
        tests[i * 2 + 1] =
            (struct CMUnitTest)cmocka_unit_test_prestate(an_empty_input_is_one_as_well, target);
    }
    return _cmocka_run_group_tests("fuzz_replay", tests, count * 2, NULL, NULL);
}
