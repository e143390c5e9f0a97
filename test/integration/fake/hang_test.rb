# frozen_string_literal: true

require_relative "support/limits_case"

# hang_test.rb: workers that do not go on (FS-11), jobs that take too long, workers that stay stopped (FS-08).
class HangTest < LimitsCase
  HANG = ["--check-interval", "0.2", "--hang-timeout", "5"].freeze

  def test_fs_11_a_worker_without_progress_or_beat_is_told_once_and_left_alone_if_so_configured
    master, before = start_running(*HANG, "--hang-action", "log", processes: 3)
    orders.set("always pid.#{before[0]} idle wedge", "always pid.#{before[1]} idle mute")
    wedged = master.wait_for("hang", pid: before[0])
    muted = master.wait_for("hang", pid: before[1])
    assert_equal %w[no_progress no_beat], [wedged[:kind], muted[:kind]]
    assert_includes wedged[:msg], "left alone"
    before.values_at(0, 1).each { |pid| master.wait_for("trace", pid: pid) }
    assert_equal [true, true, false], hanging(master)
    orders.set
    before.values_at(0, 1).each { |pid| master.wait_for("hang_over", pid: pid) }
    assert_equal [false] * 3, hanging(master)
    assert_equal(2, master.log.select("hang").size)
    assert_empty master.log.select(%w[recycle worker_term worker_kill]).map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_11_a_worker_that_hangs_is_replaced_its_successor_first
    master, before = start_running(*HANG, "--drain-timeout", "1")
    orders.set("always pid.#{before[0]} idle wedge", "always pid.#{before[0]} job StuckJob stuck1")
    hang = master.wait_for("hang", pid: before[0])
    assert_match(/\AStuckJob:stuck1:\d+\z/, hang[:jobs])
    recycle = master.wait_for("recycle", pid: before[0])
    assert_equal "hang", recycle[:reason]
    run = master.wait_for("worker_run", slot: 0, after: recycle)
    assert_operator master.wait_for("worker_quiet", pid: before[0]).place, :>, run.place
    assert_equal "hang", master.wait_end(before[0])[:reason]
    assert_equal 2, master.smallest_capacity(2)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_11_a_worker_that_hangs_is_ended_at_once_if_so_configured
    master, before = start_running(*HANG, "--hang-action", "kill", "--kill-grace", "1")
    orders.set("always pid.#{before[0]} idle wedge", "always pid.#{before[0]} term ignore",
               "always pid.#{before[0]} job StuckJob stuck2")
    hang, term, kill = %w[hang worker_term worker_kill].map { |name| master.wait_for(name, pid: before[0]) }
    assert_equal %w[hang hang], [term[:reason], kill[:reason]]
    # Its threads are asked for before.
    assert_operator term.time - hang.time, :>=, 1.2
    assert_operator kill.time - term.time, :>=, 0.5
    assert_match(/\AStuckJob:stuck2:\d+\z/, kill[:jobs])
    master.wait_end(before[0])
    master.wait_for("worker_run", slot: 0, after: term)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_a_job_that_takes_too_long_is_told_once_and_over_when_it_is_done
    master, before = start_running(*QUICK, "--max-job-time", "0.5")
    orders.set("always pid.#{before[1]} job LongJob long1")
    hang = master.wait_for("hang", pid: before[1])
    assert_equal %w[job_time 1], [hang[:kind], hang[:busy]]
    assert_match(/\ALongJob:long1:\d+\z/, hang[:jobs])
    pass_cycles(master, before[1])
    orders.set
    master.wait_for("hang_over", pid: before[1])
    assert_equal(1, master.log.select("hang").size)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a_worker_whose_job_takes_too_long_is_replaced_if_so_configured
    master, before = start_running(*QUICK, "--max-job-time", "0.5", "--job-time-action", "recycle",
                                   "--drain-timeout", "1")
    orders.set("always pid.#{before[1]} job LongJob long1")
    assert_equal "job_time", master.wait_for("recycle", pid: before[1])[:reason]
    term = master.wait_for("worker_term", pid: before[1])
    assert_equal "drain_timeout", term[:reason]
    assert_match(/\ALongJob:long1:\d+\z/, term[:jobs])
    assert_equal %w[job_time 0], %i[reason code].map { |key| master.wait_end(before[1])[key] }
    assert_equal 2, master.smallest_capacity(2)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_09_a_worker_whose_job_takes_too_long_is_ended_at_once_if_so_configured_and_its_jobs_are_named
    master, before = start_running(*QUICK, "--max-job-time", "0.5", "--job-time-action", "kill",
                                   "--kill-grace", "1")
    orders.set("always pid.#{before[1]} term ignore",
               *%w[one two].map { |jid| "always pid.#{before[1]} job LongJob #{jid}" })
    term, kill = %w[worker_term worker_kill].map { |name| master.wait_for(name, pid: before[1]) }
    assert_equal %w[job_time job_time 2], [term[:reason], kill[:reason], kill[:busy]]
    assert_equal %w[LongJob:one LongJob:two], kill[:jobs].split(",").map { |job| job[/\A\w+:\w+(?=:\d+\z)/] }.sort
    assert_operator kill.time - term.time, :>=, 0.5
    master.wait_end(before[1])
    recent = master.status["recent"].find { |ending| ending["pid"] == before[1] }
    assert_equal ["job_time", 2], [recent["reason"], recent["jobs"].size]
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_08_a_stopped_worker_does_not_hang
    master, before = start_running(*HANG)
    stop_process(before[0])
    # The other one hangs later, and is told of.
    orders.set("always pid.#{before[1]} idle wedge")
    assert_equal before[1], master.wait_for("hang").pid
    master.wait_end(before[1])
    assert_equal(1, master.log.select("worker_stopped", pid: before[0]).size)
    assert_empty master.log.select("hang", pid: before[0]).map(&:line)
    assert_untouched(master, before, changed: [1])
    Process.kill(:CONT, before[0])
    master.wait_status("that it goes on") { |status| current(status, 0)["state"] == "ready" }
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_08_a_worker_that_stays_stopped_is_ended_if_so_configured
    master, before = start_running(*QUICK, "--stopped-timeout", "1")
    stop_process(before[0])
    told = master.wait_for("worker_stopped", pid: before[0])
    term = master.wait_for("worker_term", pid: before[0])
    assert_equal "stopped", term[:reason]
    assert_operator term.time - told.time, :>=, 0.5
    # TERM came with CONT: it leaves by itself.
    gone = master.wait_end(before[0])
    assert_equal %w[worker_gone stopped 0], [gone.name, gone[:reason], gone[:code]]
    master.wait_for("worker_run", slot: 0, after: term)
    assert_empty master.log.select("worker_kill").map(&:line)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  private

  def hanging(master)
    status = master.status
    status["slots"].map { |slot| current(status, slot["slot"])["hanging"] }
  end

  def stop_process(pid)
    Process.kill(:STOP, pid)
    Deadline.wait("the stop of process #{pid}") { Processes.find(pid).state == "T" }
  end
end
