# frozen_string_literal: true

require_relative "support/fake_case"

# stopped_test.rb: workers that a signal stopped (FS-08): told, spared, and ended when their time is over.
class StoppedTest < FakeCase
  CHECKS = ["--max-rss", "500M", "--check-interval", "0.2"].freeze

  def test_fs_08_the_check_of_memory_tells_of_a_stopped_worker_once
    master, before = start_running(*CHECKS)
    stop_process(before[0])
    told = master.wait_for("worker_stopped", slot: 0)
    assert_equal [before[0], "ready"], [told.pid, told[:state]]
    # A second worker's turn shows that checks went on meanwhile.
    stop_process(before[1])
    master.wait_for("worker_stopped", slot: 1)
    assert_equal(1, master.log.select("worker_stopped", slot: 0).size)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_08_each_stop_is_told
    master, before = start_running(*CHECKS)
    stop_process(before[0])
    first = master.wait_for("worker_stopped", slot: 0)
    Process.kill(:CONT, before[0])
    master.wait_status("that it goes on") { |status| current(status, 0)["state"] == "ready" }
    stop_process(before[0])
    master.wait_for("worker_stopped", slot: 0, after: first)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_08_without_checks_the_status_tells
    master, before = start_running
    stop_process(before[0])
    states = [0, 1].map { |slot| current(master.status, slot)["state"] }
    assert_equal %w[stopped ready], states
    master.wait_for("worker_stopped", pid: before[0])
    Process.kill(:CONT, before[0])
    master.wait_status("that it goes on") { |status| current(status, 0)["state"] == "ready" }
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_08_a_stopped_worker_that_is_to_drain_is_woken_at_the_deadline
    master, before = start_running("--drain-timeout", "2")
    stop_process(before[0])
    assert_equal 0, master.verb("recycle", "0").last
    told = master.wait_for("worker_stopped", pid: before[0])
    term = master.wait_for("worker_term", pid: before[0])
    assert_equal ["drain_timeout", true], [term[:reason], term.place > told.place]
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_empty master.log.select("worker_kill").map(&:line)
    assert_equal 2, master.smallest_capacity(2)
    assert_clean_stop(master)
  end

  def test_fs_08_a_worker_that_is_stopped_again_while_it_should_leave_is_told_and_killed
    orders.set("always worker.0 term wait")
    master, before = start_running
    master.signal(:TERM)
    wait_journal("wait", pid: before[0])
    stop_process(before[0])
    kill = master.wait_for("worker_kill", pid: before[0])
    assert_operator master.wait_for("worker_stopped", pid: before[0]).place, :<, kill.place
    assert_equal 0, master.wait_exit.exitstatus
  end

  private

  def stop_process(pid)
    Process.kill(:STOP, pid)
    Deadline.wait("the stop of process #{pid}") { Processes.find(pid).state == "T" }
  end
end
