# frozen_string_literal: true

require_relative "support/fake_case"

# signals_test.rb: signals to the master, one and many.
class SignalsTest < FakeCase
  %w[HUP USR2 TTOU].each do |signal|
    define_method("test_fs_52_#{signal.downcase}_is_caught_and_answered_with_a_line") do
      master, before = start_running
      master.signal(signal)
      master.wait_for("signal", name: signal)
      assert_untouched(master, before)
      assert_clean_stop(master)
    end
  end

  def test_fs_52_early_signals_do_not_end_the_master
    orders.set("always mold boot sleep 1000")
    master = start
    master.wait_for("starting")
    %w[HUP USR2 TTOU TTIN WINCH PIPE].each { |signal| master.signal(signal) }
    master.wait_running(2)
    assert_clean_stop(master)
  end

  def test_a4_ttin_dumps_the_state_and_reaches_the_workers
    master, before = start_running
    master.signal(:TTIN)
    master.wait_for("state")
    before.each_value { |pid| wait_journal("ttin", pid: pid) }
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_52_a_flood_of_signals_changes_nothing
    master, before = start_running
    2000.times { %w[HUP USR2 TTOU TTIN CHLD WINCH PIPE].each { |signal| master.signal(signal) } }
    assert_equal 2, master.status["totals"]["ready"]
    assert_untouched(master, before)
    assert_equal 2, master.log.select("worker_spawning").size
    assert_clean_stop(master)
  end

  def test_fs_52_a_flood_while_workers_boot_changes_nothing
    orders.set("always worker boot sleep 1000")
    master = start
    master.wait_for("worker_hello")
    500.times { %w[HUP USR2 TTOU TTIN CHLD].each { |signal| master.signal(signal) } }
    master.wait_running(2)
    assert_equal 2, master.log.select("worker_hello").size
    assert_clean_stop(master)
  end

  def test_fs_52_a_flood_of_quiet_is_one_quiet
    master, before = start_running
    1000.times { %w[TSTP USR1].each { |signal| master.signal(signal) } }
    before.each_value { |pid| wait_journal("tstp", pid: pid) }
    # A TSTP that still waits would quiet the service again after the resume.
    Deadline.wait("the last of the flood") { pending_signals(master).zero? }
    assert_equal 2, master.log.select("worker_quiet").size
    assert_equal 0, master.verb("resume").last
    before.each_value { |pid| master.wait_end(pid) }
    assert_equal 2, master.wait_running(2).size
    assert_clean_stop(master)
  end

  def test_fs_50_ten_thousand_signals_leave_the_service_working
    master, before = start_running
    10_000.times { master.signal(:CHLD) }
    master.kill_and_wait(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_50_hundreds_of_strangers_that_die_at_once_are_reaped
    orders.set("200 worker.0 idle child session")
    master, before = start_running
    Deadline.wait("200 subprocesses", within: 120) { journal("session").size == 200 }
    children = journal("session").map { |entry| entry["pid"].to_i }
    master.kill_and_wait(before[0])
    Deadline.wait("their adoption") { children.all? { |pid| Processes.find(pid)&.parent == master.pid } }
    children.each { |pid| Process.kill(:KILL, pid) }
    Deadline.wait("their reaping") { children.none? { |pid| Processes.find(pid)&.parent == master.pid } }
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  private

  # The signals that the master has not taken yet, as a mask: proc(5).
  def pending_signals(master)
    File.read("/proc/#{master.pid}/status")[/^ShdPnd:\s*(\h+)/, 1].hex
  end
end
