/* test_slot.c: each move of a worker, legal and illegal, and what its states mean. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "master/slot.h"

/* A row per state: whether each state, in the order of the enum, may follow it. */
static const char *const legal[WORKER_STATE_COUNT] = {
    [WORKER_FORKING] = ".b....kg", [WORKER_BOOTING] = "..w...kg",  [WORKER_WAITING] = "...r..kg",
    [WORKER_READY] = "....qdkg",   [WORKER_QUIETING] = ".....dkg", [WORKER_DRAINING] = "......kg",
    [WORKER_KILLED] = ".......g",  [WORKER_GONE] = "........",
};

static void
test_every_move(void **state)
{
    (void)state;
    for (unsigned from = 0; from < WORKER_STATE_COUNT; from++) {
        for (unsigned to = 0; to < WORKER_STATE_COUNT; to++) {
            assert_int_equal(worker_may_move((enum worker_state)from, (enum worker_state)to),
                             legal[from][to] != '.');
        }
    }
}

static void
test_a_legal_move_notes_when_and_from_where(void **state)
{
    struct worker worker = {.state = WORKER_DRAINING, .since_ms = 5};

    (void)state;
    assert_int_equal(worker_move(&worker, WORKER_KILLED, 17), 0);
    assert_int_equal(worker.state, WORKER_KILLED);
    assert_int_equal(worker.since_ms, 17);
    assert_int_equal(worker_move(&worker, WORKER_GONE, 18), 0);
    assert_int_equal(worker.died_in, WORKER_DRAINING);
}

#ifndef SWARM_STRICT /* there an illegal move aborts */
static void
test_an_illegal_move_changes_nothing_and_condemns(void **state)
{
    struct worker worker = {.state = WORKER_DRAINING, .since_ms = 5};

    (void)state;
    assert_int_equal(worker_move(&worker, WORKER_READY, 17), -EPROTO);
    assert_int_equal(worker.state, WORKER_DRAINING);
    assert_int_equal(worker.since_ms, 5);
    worker_leave(&worker, WORKER_QUIETING, REASON_RECYCLE, 17);
    assert_int_equal(worker.condemned, REASON_PROTOCOL);
}
#endif

static void
test_the_first_reason_stays(void **state)
{
    struct worker worker = {.state = WORKER_READY};

    (void)state;
    worker_leave(&worker, WORKER_QUIETING, REASON_RSS, 1);
    worker_leave(&worker, WORKER_DRAINING, REASON_STOP, 2);
    assert_int_equal(worker.reason, REASON_RSS);
}

static void
test_quiet_is_no_reason_to_leave(void **state)
{
    struct worker worker = {.state = WORKER_READY};

    (void)state;
    worker_leave(&worker, WORKER_QUIETING, REASON_QUIET, 1);
    assert_false(worker_is_leaving(&worker));
    worker_leave_quiet(&worker, 2);
    assert_true(worker_is_leaving(&worker));
    assert_int_equal(worker.reason, REASON_RESUME);
    assert_int_equal(worker.since_ms, 2);
}

static void
test_every_state_and_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WORKER_STATE_COUNT; i++) {
        assert_non_null(worker_state_name((enum worker_state)i));
    }
    for (unsigned i = 0; i < REASON_COUNT; i++) {
        assert_non_null(reason_name((enum reason)i));
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(reason_name((enum reason)i), reason_name((enum reason)j));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_move),
        cmocka_unit_test(test_a_legal_move_notes_when_and_from_where),
#ifndef SWARM_STRICT
        cmocka_unit_test(test_an_illegal_move_changes_nothing_and_condemns),
#endif
        cmocka_unit_test(test_the_first_reason_stays),
        cmocka_unit_test(test_quiet_is_no_reason_to_leave),
        cmocka_unit_test(test_every_state_and_reason_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
