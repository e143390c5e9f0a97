# frozen_string_literal: true

require_relative "support/fake_case"

# stop_test.rb: the steps of a stop, as plan_stop.c states them.
class StopTest < FakeCase
  def test_fs_51_a_term_is_a_clean_stop
    master, before = start_running
    assert_clean_stop(master)
    before.each_value { |pid| assert_equal "stop", master.wait_for("worker_gone", pid: pid)[:reason] }
    assert_equal "0", master.wait_for("stopped")[:code]
    assert_equal "KILL", master.wait_for("mold_stopped")[:signal]
    wait_nothing_left
  end

  def test_fs_51_int_is_a_clean_stop_and_workers_get_term
    master, before = start_running
    master.signal(:INT)
    assert_equal 0, master.wait_exit.exitstatus
    # 15 is SIGTERM everywhere.
    before.each_value { |pid| assert_equal "15", wait_journal("term", pid: pid)["number"] }
  end

  def test_fs_51_a_stop_waits_for_jobs
    master, before = start_running(environment: { "FAKE_TIMEOUT_MS" => "60000" })
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    master.signal(:TERM)
    wait_journal("leave", pid: before[1])
    assert Processes.alive?(before[0])
    orders.set
    assert_equal 0, master.wait_exit.exitstatus
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_empty master.log.select("worker_kill").reject { |event| event[:state] != "draining" }
  end

  def test_fs_51_an_immediate_second_term_is_the_same_order
    master, before = start_running(environment: { "FAKE_TIMEOUT_MS" => "60000" })
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    3.times { master.signal(:TERM) }
    wait_journal("leave", pid: before[1])
    assert_equal %w[graceful], master.log.select("stopping").map { |event| event[:stage] }.uniq
    wait_journal("term", pid: before[0])
    assert_equal 1, journal("term", pid: before[0]).size, "no double drain"
    orders.set
    assert_equal 0, master.wait_exit.exitstatus
  end

  def test_fs_51_second_int_hurries_and_third_kills
    master, before = start_deaf
    master.signal(:INT)
    first = master.wait_for("stopping")
    master.signal(:INT)
    second = master.wait_for("stopping", after: first)
    assert_equal %w[graceful hurried], [first[:stage], second[:stage]]
    master.signal(:INT)
    master.wait_exit
    assert_equal "now", master.log.select("stopping").last[:stage]
    before.each_value { |pid| assert_equal "1", master.wait_for("worker_kill", pid: pid)[:busy] }
    assert_equal 0, master.status_of_exit.exitstatus
    wait_nothing_left
  end

  def test_fs_51_a_hurried_stop_kills_after_five_seconds
    master, before = start_deaf
    master.signal(:INT)
    first = master.wait_for("stopping")
    master.signal(:INT)
    second = master.wait_for("stopping", after: first)
    master.wait_exit
    kill = master.wait_for("worker_kill", pid: before[0])
    assert_operator kill.time - second.time, :>=, 4.9
    assert_equal 0, master.status_of_exit.exitstatus
    wait_nothing_left
  end

  def test_fs_51_a_later_term_hurries_and_int_kills
    master, = start_deaf
    master.signal(:TERM)
    first = master.wait_for("stopping")
    # A TERM within five seconds would be the same order.
    began_s = Deadline.now
    Deadline.wait("five seconds") { Deadline.now - began_s > 5.1 }
    master.signal(:TERM)
    assert_equal "hurried", master.wait_for("stopping", after: first)[:stage]
    master.signal(:INT)
    master.wait_exit
    assert_equal "now", master.log.select("stopping").last[:stage]
    wait_nothing_left
  end

  def test_fs_51_a_term_to_every_process_at_once_is_one_stop
    master, before = start_running
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    [master.pid, *before.values, master.mold_pid].each { |pid| Processes.signal(:TERM, pid) }
    assert_equal 0, master.wait_exit.exitstatus
    assert_equal 2, master.log.select("worker_spawning").size, "nobody is started again"
    assert_equal 1, journal("ready", who: "mold").size
    wait_nothing_left
  end

  def test_fs_51_workers_that_get_term_before_their_master_leave_cleanly
    master, before = start_running
    before.each_value { |pid| Process.kill(:TERM, pid) }
    before.each_value { |pid| assert_equal %w[exited 0], master.wait_end(pid).keys.values_at("reason", "code") }
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_f8_on_a_dyno_the_whole_stop_ends_before_its_time
    # With -t 100 the stop could take 110 s anywhere else.
    master, before = start_running(environment: { "DYNO" => "worker.1", "FAKE_TIMEOUT_MS" => "100000" })
    refute_match(/^\d{4}-\d\d-\d\dT/, master.log.text)
    orders.set("always worker jobs busy 1", "always worker term ignore")
    wait_busy(master, slot: 0, count: 1)
    wait_busy(master, slot: 1, count: 1)
    master.signal(:TERM)
    began_s = Deadline.now
    master.wait_exit(within: 75)
    assert_operator Deadline.now - began_s, :>=, 25
    before.each_value { |pid| master.wait_for("worker_kill", pid: pid) }
    refute_empty master.log.select("warning").map(&:line).grep(/-t|timeout/)
  end

  private

  # A service whose workers hold a job and ignore TERM.
  def start_deaf
    master, before = start_running
    orders.set("always worker jobs busy 1", "always worker term ignore")
    wait_busy(master, slot: 0, count: 1)
    wait_busy(master, slot: 1, count: 1)
    [master, before]
  end
end
