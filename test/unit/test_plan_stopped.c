/* test_plan_stopped.c: a worker that a signal stopped (FS-08): said once for each stop, and spared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_rig.h"

static void
test_fs_08_each_stop_is_said_once(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = rig->pool.slots[1].current;

    worker->stopped = true;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_STOPPED), 1);
    assert_ptr_equal(rig_action(rig, ACTION_STOPPED)->worker, worker);
    rig_turn(rig, 5000);
    assert_int_equal(rig_count(rig, ACTION_STOPPED), 0);
    worker->stopped = false;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_STOPPED), 0);
    worker->stopped = true;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_STOPPED), 1);
}

static void
test_fs_08_a_stopped_worker_is_spared(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = rig->pool.slots[1].current;

    worker->stopped = true;
    rig_turn(rig, 1);
    rig_turn(rig, 3600 * 1000);
    assert_int_equal(worker->state, WORKER_READY);
    assert_int_equal(rig->actions.count, 0);
    assert_ptr_equal(rig->pool.slots[1].current, worker);
}

/* Nothing asks again by itself: without a limit the master sleeps. */
static void
test_fs_08_a_stop_sets_no_timer(void **state)
{
    struct rig *rig = *state;

    rig->pool.slots[1].current->stopped = true;
    rig_turn(rig, 1);
    rig_turn(rig, 1);
    assert_int_equal(rig->next_ms, NEVER_MS);
}

static void
test_fs_08_its_drain_ends_at_the_deadline(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = rig->pool.slots[1].current;

    worker->wanted = REASON_RECYCLE;
    worker->stopped = true;
    rig_turn(rig, 1);
    rig_hello(rig, rig->pool.slots[1].successor);
    rig_turn(rig, 1);
    rig_ready(rig, rig->pool.slots[1].successor);
    rig_turn(rig, 1);
    rig_turn(rig, 1);
    assert_int_equal(worker->state, WORKER_QUIETING);
    rig_turn(rig, rig_settings.drain_timeout_ms);
    assert_int_equal(rig_count(rig, ACTION_TERM), 1);
    assert_int_equal(rig_count(rig, ACTION_STOPPED), 0);
}

static void
test_fs_08_who_is_killed_is_not_told_of(void **state)
{
    struct rig *rig = *state;
    struct worker *worker = rig->pool.slots[1].current;

    worker->condemned = REASON_PROTOCOL;
    rig_turn(rig, 1);
    worker->stopped = true;
    rig_turn(rig, 1);
    assert_int_equal(rig_count(rig, ACTION_STOPPED), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fs_08_each_stop_is_said_once, rig_set_up_filled,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(test_fs_08_a_stopped_worker_is_spared, rig_set_up_filled,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(test_fs_08_a_stop_sets_no_timer, rig_set_up_filled,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(test_fs_08_its_drain_ends_at_the_deadline,
                                        rig_set_up_filled, rig_tear_down),
        cmocka_unit_test_setup_teardown(test_fs_08_who_is_killed_is_not_told_of, rig_set_up_filled,
                                        rig_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
