# frozen_string_literal: true

require_relative "support/fake_case"

# lifecycle_test.rb: how the service begins and how it ends, also when the master is killed.
class LifecycleTest < FakeCase
  def test_a1_starts_as_many_workers_as_asked_for
    master, before = start_running(processes: 4)
    assert_equal [0, 1, 2, 3], before.keys.sort
    assert_equal 4, master.status["totals"]["ready"]
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_a5_one_worker_is_a_service_too
    master, before = start_running(processes: 1)
    master.kill_and_wait(before[0])
    assert_clean_stop(master)
    wait_nothing_left
  end

  # What a process does when the master is killed, by the orders that bring it there and the fact to wait for.
  STATES = {
    "the_mold_boots" => [["always mold boot hang"], "hang", { who: "mold" }],
    "the_mold_has_just_started" => [["always mold start hang"], "hang", { who: "mold" }],
    "a_mold_forks" => [["always mold spawn hang"], "hang", { who: "mold" }],
    "a_middle_hangs" => [["always mold middle hang"], "hang", { who: "mold" }],
    "a_worker_is_just_forked" => [["always worker.0 fork hang"], "hang", { who: "worker" }],
    "a_worker_has_not_said_hello" => [["always worker.0 born hang"], "hang", { who: "worker" }],
    "a_worker_waits_for_its_go" => [["always worker.0 hello hang"], "hang", { who: "worker" }],
    "a_worker_is_in_after_fork" => [["always worker.0 after_fork hang"], "hang", { who: "worker" }],
    "a_worker_stands_at_its_gate" => [["always worker.0 gate hang"], "hang", { who: "worker" }],
    "a_worker_runs" => [[], "run", { slot: 1 }],
    "a_worker_is_busy" => [["always worker jobs busy 1"], "run", { slot: 1 }],
    "a_worker_is_busy_and_deaf" => [["always worker jobs busy 1", "always worker term ignore"], "run", { slot: 1 }]
  }.freeze

  STATES.each do |state, (lines, event, keys)|
    define_method("test_fs_43_nothing_is_left_when_the_master_is_killed_while_#{state}") do
      orders.set(*lines)
      master = start
      wait_journal(event, **keys)
      master.signal(:KILL)
      master.wait_exit
      wait_nothing_left
    end
  end

  def test_fs_43_nothing_is_left_when_the_master_is_killed_while_a_worker_drains
    master, before = start_running
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    master.verb("recycle", "0")
    master.wait_for("worker_quiet", pid: before[0])
    master.signal(:KILL)
    master.wait_exit
    wait_nothing_left
  end

  def test_fs_43_nothing_is_left_when_the_master_is_killed_while_it_stops
    orders.set("always worker jobs busy 1")
    master, before = start_running
    wait_busy(master, slot: 0, count: 1)
    master.signal(:TERM)
    wait_journal("term", pid: before[0])
    master.signal(:KILL)
    master.wait_exit
    wait_nothing_left
  end

  def test_fs_43_nothing_is_left_when_the_master_is_killed_while_it_is_quiet
    master, before = start_running
    master.signal(:TSTP)
    wait_journal("tstp", pid: before[1])
    master.signal(:KILL)
    master.wait_exit
    wait_nothing_left
  end

  def test_fs_43_workers_finish_their_jobs_after_the_master_was_killed
    master, before = start_running(environment: { "FAKE_TIMEOUT_MS" => "60000" })
    orders.set("always worker jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    master.signal(:KILL)
    master.wait_exit
    wait_journal("orphan", pid: before[0])
    assert Processes.alive?(before[0])
    orders.set
    wait_journal("leave", pid: before[0])
    wait_nothing_left
  end

  def test_fs_46_a_worker_without_its_death_signal_notices_by_its_link
    orders.set("always worker born hang")
    master = start
    pid = wait_journal("hang", who: "worker")["pid"].to_i
    master.signal(:KILL)
    master.wait_exit
    wait_gone(pid)
    wait_nothing_left
  end

  def test_fs_46_a_worker_without_a_link_notices_by_its_death_signal
    master, before = start_running
    orders.set("always worker idle close")
    before.each_value { |pid| master.wait_for("worker_link_lost", pid: pid) }
    master.signal(:KILL)
    master.wait_exit
    before.each_value { |pid| wait_journal("term", pid: pid) }
    wait_nothing_left
  end

  def test_fs_47_a_new_master_waits_for_orphans_of_the_old_one
    orphan = leave_orphan
    new = start
    told = new.wait_for("orphans")
    assert Processes.alive?(orphan), "the orphan still works"
    assert_empty new.log.select("mold_starting", after: told.place)
    orders.set
    wait_gone(orphan)
    running = wait_running_of(new)
    assert_equal new.pid, new.status["pid"]
    running.each { |pid| assert Processes.alive?(pid) }
    assert_clean_stop(new)
    wait_nothing_left
  end

  def test_fs_47_term_ends_a_master_that_waits_for_orphans
    orphan = leave_orphan
    new = start
    new.wait_for("orphans")
    assert_clean_stop(new)
    assert Processes.alive?(orphan), "the orphan still works"
    orders.set
    wait_nothing_left
  end

  def test_fs_47_a_new_master_may_start_beside_orphans
    orphan = leave_orphan
    new = start("--orphans", "beside")
    running = wait_running_of(new)
    assert Processes.alive?(orphan), "the orphan still works"
    assert_equal new.pid, new.status["pid"]
    orders.set
    wait_gone(orphan)
    running.each { |pid| assert Processes.alive?(pid) }
    assert_clean_stop(new)
    wait_nothing_left
  end

  def test_fs_47_strays_of_an_old_worker_are_no_orphans
    orders.set("1 worker.0 run child session")
    old, = start_running
    stray = wait_journal("session")["pid"].to_i
    old.signal(:KILL)
    old.wait_exit
    Deadline.wait("the end of all but the stray") { Processes.marked(@mark).map(&:pid) == [stray] }
    new = start
    wait_running_of(new)
    assert_empty new.log.select("orphans")
    assert_clean_stop(new)
    Process.kill(:KILL, stray)
    wait_nothing_left
  end

  def test_fs_47_a_second_master_in_the_same_place_is_refused
    master, before = start_running
    output, code = master.verb("--processes", "1")
    assert_equal 69, code
    assert_includes output, master.pid.to_s
    assert_untouched(master, before)
    assert_equal 2, master.status["totals"]["ready"]
    assert_clean_stop(master)
  end

  def test_f2_the_pid_file_names_the_master_and_refuses_a_second_one
    path = File.join(folder, "swarm.pid")
    master, before = start_running("--pid-file", path)
    assert_equal "#{master.pid}\n", File.read(path)
    output, code = master.run("--control", File.join(folder, "d.sock"), "--pid-file", path)
    assert_equal 69, code
    assert_includes output, master.pid.to_s
    assert_equal "#{master.pid}\n", File.read(path)
    assert_untouched(master, before)
    assert_clean_stop(master)
    refute_path_exists path
  end

  def test_f2_a_pid_file_of_a_killed_master_is_taken_over
    path = File.join(folder, "swarm.pid")
    old, = start_running("--pid-file", path)
    old.signal(:KILL)
    old.wait_exit
    wait_nothing_left
    new = start("--pid-file", path)
    wait_running_of(new)
    assert_equal "#{new.pid}\n", File.read(path)
    assert_clean_stop(new)
    refute_path_exists path
  end

  def test_fs_38_term_while_the_mold_boots_ends_the_service
    orders.set("always mold boot hang")
    master = start
    wait_journal("hang")
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_fs_38_term_while_workers_boot_ends_the_service
    orders.set("always worker after_fork hang")
    master = start
    wait_journal("hang")
    assert_clean_stop(master)
    assert_empty journal("term"), "who holds no job is not asked"
    wait_nothing_left
  end

  def test_fs_38_term_while_a_mold_hangs_in_a_spawn_ends_the_service
    orders.set("always mold spawn hang")
    master = start
    wait_journal("hang")
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_fs_38_term_right_after_the_start_ends_the_service
    20.times do
      master = start
      # The first line says that signals are caught.
      master.wait_for("starting")
      assert_clean_stop(master)
      masters.delete(master)
      File.truncate(File.join(folder, "swarm.log"), 0)
    end
    wait_nothing_left
  end

  private

  # Kills a master whose one worker holds a job; returns the pid of that worker.
  def leave_orphan
    old, before = start_running(environment: { "FAKE_TIMEOUT_MS" => "60000" })
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(old, slot: 0, count: 1)
    old.signal(:KILL)
    old.wait_exit
    wait_gone(before[1])
    @old_pids = before.values
    before[0]
  end

  # The log is one file: the pids of those workers that the new master runs.
  def wait_running_of(master)
    Deadline.wait("workers of the new master") do
      pids = master.running_by_slot.values - Array(@old_pids)
      pids if pids.size == 2 && pids.all? { |pid| Processes.find(pid)&.parent == master.pid }
    end
  end
end
