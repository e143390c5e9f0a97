# frozen_string_literal: true

require_relative "support/fake_case"

# late_test.rb: a master that stood still for longer than a wake-up is merely late.
class LateTest < FakeCase
  BOOT_TIMEOUT_S = 10
  # From 2 s beyond a deadline on the master calls itself late.
  BEYOND_S = 5

  def test_fs_44_a_master_that_stood_still_says_so_and_kills_nobody
    orders.set("always worker.0 boot wait")
    master = start("--boot-timeout", BOOT_TIMEOUT_S.to_s)
    neighbour = master.wait_for("worker_run", slot: 1)
    booting = master.wait_for("worker_hello", slot: 0)
    stand_still(master)
    assert_operator master.wait_for("late")[:late_ms].to_i, :>=, 2000
    assert_equal booting.pid, master.wait_for("worker_run", slot: 0).pid
    assert_empty master.log.select(%w[worker_kill mold_kill]).map(&:line)
    assert_equal neighbour.pid, master.running_by_slot[1]
    assert_clean_stop(master)
  end

  private

  # Stops the master past the deadline of the worker that boots, which becomes ready meanwhile.
  def stand_still(master)
    waiting = wait_journal("wait")["pid"]
    master.signal(:STOP)
    began_s = Deadline.now
    Deadline.wait("the deadline to pass", within: 60) { Deadline.now - began_s > BOOT_TIMEOUT_S + BEYOND_S }
    orders.set
    wait_journal("ready", pid: waiting)
    master.signal(:CONT)
  end
end
