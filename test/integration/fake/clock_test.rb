# frozen_string_literal: true

require_relative "support/fake_case"

# clock_test.rb: a master that stands still, and a wall clock that jumps.
class ClockTest < FakeCase
  SKEW = File.join(__dir__, "support", "clock_skew.c")

  def test_fs_44_a_master_that_was_stopped_kills_nobody
    orders.set("always worker.0 boot wait")
    master = start("--boot-timeout", "6")
    neighbour = master.wait_for("worker_run", slot: 1)
    booting = master.wait_for("worker_hello", slot: 0)
    sleep_through(master, 7)
    assert_equal booting.pid, master.wait_for("worker_run", slot: 0).pid
    assert_empty master.log.select(%w[worker_kill mold_kill]).map(&:line)
    assert_equal neighbour.pid, master.running_by_slot[1]
    assert_clean_stop(master)
  end

  def test_fs_44_a_stop_that_passes_every_deadline_kills_nobody
    orders.set("always worker boot wait")
    master = start("--boot-timeout", "6")
    workers = [0, 1].map { |slot| master.wait_for("worker_hello", slot: slot).pid }
    sleep_through(master, 7)
    assert_equal workers, master.wait_running(2).sort.map(&:last)
    assert_empty master.log.select(%w[worker_kill mold_kill]).map(&:line)
    assert_clean_stop(master)
  end

  def test_fs_44_short_stops_change_nothing
    master, before = start_running("--boot-timeout", "3", "--spawn-timeout", "3", "--max-rss", "500M",
                                   "--check-interval", "0.1")
    20.times do
      master.signal(:STOP)
      Deadline.wait("the stop") { Processes.find(master.pid).state == "T" }
      master.signal(:CONT)
    end
    assert_equal 2, master.status["totals"]["ready"]
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_44_the_death_of_a_worker_while_the_master_was_stopped_is_seen
    master, before = start_running
    master.signal(:STOP)
    Process.kill(:KILL, before[0])
    Deadline.wait("a zombie") { Processes.find(before[0]).state == "Z" }
    master.signal(:CONT)
    master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0]))
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  { "forward" => 86_400, "back" => -86_400 }.each do |direction, jump|
    define_method("test_fs_45_a_wall_clock_that_jumps_a_day_#{direction}_changes_nothing") do
      jump_file = File.join(folder, "jump")
      environment = { "LD_PRELOAD" => clock_skew, "CLOCK_SKEW_FILE" => jump_file }
      master, before = start_running("--max-rss", "500M", "--check-interval", "0.2", environment: environment)
      File.write(jump_file, jump.to_s)
      master.kill_and_wait(before[0])
      stamp = master.log.select("worker_run", slot: 0).last.time
      assert_operator (stamp - Time.now.to_f - jump).abs, :<, 3600, "the clock did not jump"
      assert_equal 0, master.verb("recycle", "0").last
      master.wait_end(master.log.select("worker_run", slot: 0)[1].pid)
      assert_untouched(master, before, changed: [0])
      assert_empty master.log.select(%w[worker_kill mold_kill late]).map(&:line)
      assert_clean_stop(master)
    end
  end

  private

  # Stops the master past its deadlines; the workers that wait become ready while it cannot hear them.
  def sleep_through(master, seconds)
    wait_journal("wait")
    waiting = journal("wait").map { |entry| entry["pid"] }
    master.signal(:STOP)
    began_s = Deadline.now
    Deadline.wait("the deadlines to pass") { Deadline.now - began_s > seconds }
    orders.set
    waiting.each { |pid| wait_journal("ready", pid: pid) }
    master.signal(:CONT)
  end

  # Builds the library that is loaded in front of libc.
  def clock_skew
    skip "a sanitizer must be the first library" if File.binread(Master::BINARY).include?("__asan_init")
    library = File.join(folder, "clock_skew.so")
    built = system("cc", "-shared", "-fPIC", "-O1", "-o", library, SKEW, "-ldl", %i[out err] => File::NULL)
    skip "no C compiler here" unless built
    library
  end
end
