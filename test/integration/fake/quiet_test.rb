# frozen_string_literal: true

require_relative "support/fake_case"

# quiet_test.rb: quiet is what the operator asked for, and stays.
class QuietTest < FakeCase
  %w[TSTP USR1].each do |signal|
    define_method("test_a4_#{signal.downcase}_quiets_all_workers") do
      master, before = start_running
      master.signal(signal)
      before.each_value { |pid| assert_equal "quiet", master.wait_for("worker_quiet", pid: pid)[:reason] }
      before.each_value { |pid| wait_journal("tstp", pid: pid) }
      assert_equal "quiet", master.wait_status("the state") { |status| status["state"] == "quiet" }["state"]
      assert_untouched(master, before)
      assert_clean_stop(master)
    end
  end

  def test_quiet_is_sticky_until_resume_replaces_the_quieted
    master, before = start_running
    assert_equal 0, master.verb("quiet").last
    before.each_value { |pid| master.wait_for("worker_quiet", pid: pid) }
    Process.kill(:KILL, before[0])
    master.wait_end(before[0])
    master.wait_status("an empty slot") { |status| current(status, 0).nil? }
    assert_equal 0, master.verb("resume").last
    resume = master.wait_for("resume")
    after = Deadline.wait("new workers") do
      running = master.running_by_slot
      running if (running.values - before.values).size == 2
    end
    assert_equal "resume", master.wait_end(before[1])[:reason]
    assert_empty after.values & before.values
    assert_operator master.log.select("worker_spawning")[2].place, :>, resume.place
    assert_clean_stop(master)
  end

  def test_a_worker_that_boots_while_quiet_comes_waits_at_its_gate
    orders.set("always worker boot wait")
    master = start(processes: 1)
    wait_journal("wait")
    master.signal(:TSTP)
    quiet = master.wait_for("quiet")
    orders.set
    master.wait_for("worker_ready")
    assert_empty master.log.select("worker_run")
    assert_equal 0, master.verb("resume").last
    resume = master.wait_for("resume", after: quiet)
    run = master.wait_for("worker_run")
    assert_operator run.place, :>, resume.place
    assert_equal 1, master.log.select("worker_spawning").size
    assert_clean_stop(master)
  end

  def test_quiet_lets_jobs_end_and_resume_lets_them_end_too
    master, before = start_running(processes: 1)
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    master.verb("quiet")
    wait_journal("tstp", pid: before[0])
    master.verb("resume")
    master.wait_for("worker_run", after: master.wait_for("resume"))
    assert Processes.alive?(before[0]), "it still works"
    assert_empty journal("term", pid: before[0])
    orders.set
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_clean_stop(master)
  end

  def test_a_stop_ends_quieted_workers
    master, = start_running
    master.signal(:TSTP)
    master.wait_status("quiet") { |status| status["state"] == "quiet" }
    assert_clean_stop(master)
    wait_nothing_left
  end
end
