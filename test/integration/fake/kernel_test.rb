# frozen_string_literal: true

require_relative "support/control_group"
require_relative "support/fake_case"

# kernel_test.rb: what only the kernel can do to a worker, staged in control groups of the test's own.
class KernelTest < FakeCase
  def teardown
    @group&.set("THAWED") if @frozen
    super
  ensure
    @group&.remove
  end

  def test_fs_03_an_oom_kill_is_told_from_other_kills
    @group = ControlGroup.make(:memory) or skip "no control group with a memory limit may be made here"
    @group.set(150 << 20)
    skip "swap cannot be kept away here" unless @group.forbid_swap(150 << 20)
    # The shell moves itself into the group and becomes the master.
    join = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', @group.path]
    master, before = start_running(before: join)
    orders.set("1 pid.#{before[0]} idle eat 1000")
    lost = master.wait_for("worker_lost", pid: before[0])
    assert_equal %w[KILL yes], [lost[:signal], lost[:oom]]
    master.wait_for("worker_run", slot: 0, after: lost)
    assert_untouched(master, before, changed: [0])
    master.kill_and_wait(before[1])
    assert_equal "no", master.wait_end(before[1])[:oom]
    assert_clean_stop(master)
  end

  def test_fs_10_a_worker_that_the_kernel_cannot_end_costs_no_slot
    @group = ControlGroup.make(:freezer) or skip "only a version 1 freezer keeps a process from its KILL"
    orders.set("always worker.0 boot wait")
    master = start("--boot-timeout", "5")
    neighbour = master.wait_for("worker_run", slot: 1)
    wait_journal("wait", slot: 0)
    frozen = master.wait_for("worker_hello", slot: 0).pid
    freeze_process(frozen)
    orders.set
    stuck = master.wait_for("worker_stuck", pid: frozen)
    master.wait_for("worker_run", slot: 0, after: stuck)
    assert Processes.alive?(frozen)
    assert_equal neighbour.pid, master.running_by_slot[1]
    assert_equal 2, master.status["totals"]["ready"]
    @group.set("THAWED")
    master.wait_end(frozen)
    assert_clean_stop(master)
  end

  def test_fs_10_a_worker_that_the_kernel_cannot_end_does_not_hold_up_the_stop
    @group = ControlGroup.make(:freezer) or skip "only a version 1 freezer keeps a process from its KILL"
    master, before = start_running
    freeze_process(before[0])
    assert_clean_stop(master)
    assert_equal before[0], master.wait_for("worker_stuck").pid
    @group.set("THAWED")
    wait_nothing_left
  end

  private

  def freeze_process(pid)
    @group.add(pid)
    @group.set("FROZEN")
    @frozen = true
    Deadline.wait("the freezer") { @group.value == "FROZEN" }
  end
end
