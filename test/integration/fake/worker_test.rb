# frozen_string_literal: true

require_relative "support/fake_case"

# worker_test.rb: what single workers do to their master, and what it does about it.
class WorkerTest < FakeCase
  def test_fs_01_a_worker_that_dies_of_segv_is_replaced
    master, before = start_running
    orders.set("1 worker.0 idle kill SEGV")
    gone = master.wait_for("worker_lost", slot: 0)
    assert_equal before[0], gone.pid
    assert_equal "SEGV", gone[:signal]
    assert_equal "crashed", gone[:reason]
    master.wait_for("worker_run", slot: 0, after: gone)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_02_a_worker_killed_from_outside_is_replaced
    master, before = start_running(processes: 3)
    Process.kill(:KILL, before[1])
    gone = master.wait_for("worker_lost", slot: 1)
    assert_equal "KILL", gone[:signal]
    master.wait_for("worker_run", slot: 1, after: gone)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_04_a_worker_that_leaves_unasked_is_replaced_after_the_floor
    master, before = start_running
    ordered_s = Deadline.now
    orders.set("1 worker.0 idle exit 0")
    gone = master.wait_for("worker_lost", slot: 0)
    assert_equal ["0", "exited"], [gone[:code], gone[:reason]]
    ready = wait_ready_again(slot: 0, except: before[0])
    assert_operator ready["at"].to_i, :>=, (ordered_s * 1000) + 990
    master.wait_for("worker_run", slot: 0, after: gone)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_05_a_worker_that_raises_after_the_fork_backs_off_alone
    orders.set("always worker.0 after_fork raise 1 no connection to the shop")
    master = start
    neighbour = master.wait_for("worker_run", slot: 1)
    failed = master.wait_for("failure", slot: 0)
    assert_includes failed.line, "no connection to the shop"
    assert_equal "failed", master.wait_for("worker_lost", slot: 0)[:reason]
    Deadline.wait("three waits") { master.log.select("slot_backoff", slot: 0).size >= 3 }
    assert_equal %w[1000 1500 2250], master.log.select("slot_backoff", slot: 0).first(3).map { |event| event[:wait_ms] }
    forks = journal("spawn", slot: 0).map { |entry| entry["at"].to_i }
    assert_operator forks.each_cons(5).map { |five| five.last - five.first }.min || 5000, :>=, 5000
    assert_equal neighbour.pid, master.running_by_slot[1]
    orders.set
    master.wait_for("worker_run", slot: 0)
    assert_clean_stop(master)
  end

  def test_fs_06_a_worker_that_hangs_after_the_fork_is_killed_at_the_boot_deadline
    orders.set("1 worker.0 after_fork hang")
    master = start("--boot-timeout", "3")
    neighbour = master.wait_for("worker_run", slot: 1)
    hung = master.wait_for("worker_hello", slot: 0)
    # It does not answer: what the kernel knows of it is said.
    assert_equal hung.pid, master.wait_for("trace_asked", slot: 0).pid
    kill = master.wait_for("worker_kill", slot: 0)
    assert_equal [hung.pid, "boot_timeout"], [kill.pid, kill[:reason]]
    gone = master.wait_end(hung.pid)
    assert_equal "boot_timeout", gone[:reason]
    master.wait_for("worker_run", slot: 0, after: gone)
    assert_equal neighbour.pid, master.running_by_slot[1]
    assert_clean_stop(master)
  end

  def test_fs_06_a_worker_that_hangs_tells_where_before_it_is_killed
    orders.set("1 worker.0 after_fork hang answer")
    master = start("--boot-timeout", "3")
    hung = master.wait_for("worker_hello", slot: 0)
    kill = master.wait_for("worker_kill", pid: hung.pid)
    traced = master.log.select("trace", pid: hung.pid)
    assert_includes traced.map { |event| event[:line] }.join("\n"), "fake.rb:1:in `wait'"
    assert_operator traced.last.place, :<, kill.place
    master.wait_running(2)
    assert_clean_stop(master)
  end

  %w[fork born].each do |place|
    define_method("test_fs_07_a_worker_that_dies_at_#{place}_before_its_hello_frees_its_slot") do
      master, before = start_running("--spawn-timeout", "3")
      orders.set("1 worker.0 #{place} kill KILL")
      master.kill_and_wait(before[0])
      Deadline.wait("the orders to be taken") { orders.used_up? }
      assert_untouched(master, before, changed: [0])
      assert_equal 2, workers_in_status(master).size
      assert_clean_stop(master)
    end
  end

  def test_fs_07_a_worker_that_never_says_hello_is_given_up_at_the_deadline
    master, before = start_running("--spawn-timeout", "3")
    orders.set("1 worker.0 born hang")
    Process.kill(:KILL, before[0])
    silent = wait_journal("hang", who: "worker")["pid"].to_i
    gone = master.wait_end(before[0])
    filled = master.wait_for("worker_run", slot: 0, after: gone)
    refute_equal silent, filled.pid
    wait_gone(silent)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_08_a_stopped_worker_is_spared_and_can_still_be_ended
    master, before = start_running
    Process.kill(:STOP, before[0])
    Deadline.wait("the stop of the worker") { Processes.find(before[0]).state == "T" }
    master.kill_and_wait(before[1])
    assert_untouched(master, before, changed: [1])
    # The order to leave wakes it.
    assert_clean_stop(master)
    assert_equal "0", master.wait_end(before[0])[:code]
  end

  def test_fs_09_a_worker_that_ignores_term_is_killed_after_its_time
    master, before = start_running
    orders.set("always pid.#{before[0]} term ignore", "always pid.#{before[0]} jobs busy 2")
    wait_busy(master, slot: 0, count: 2)
    master.stop
    kill = master.wait_for("worker_kill", pid: before[0])
    # Sidekiq's -t (1 s here) and 10 s to push its jobs back.
    assert_operator kill.time - master.wait_for("worker_term", pid: before[0]).time, :>=, 10.9
    assert_equal "2", kill[:busy]
    assert_equal 0, master.status_of_exit.exitstatus
  end

  def test_fs_12_subprocesses_of_a_dead_worker_do_not_outlive_it
    orders.set("1 worker.0 gate child session", "1 worker.0 run child group", "1 worker.0 idle child stubborn")
    master, before = start_running
    children = %w[group stubborn session].to_h { |kind| [kind, wait_journal(kind, slot: 0)["pid"].to_i] }
    master.kill_and_wait(before[0])
    wait_gone(children["group"])
    wait_gone(children["stubborn"])
    assert Processes.alive?(children["session"]), "what left its group is left alone"
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
    Process.kill(:KILL, children["session"])
  end

  def test_fs_12_a_subprocess_that_dies_later_is_reaped
    orders.set("1 worker.0 run child session")
    master, before = start_running
    child = wait_journal("session", slot: 0)["pid"].to_i
    Process.kill(:KILL, before[0])
    Deadline.wait("the adoption by the master") { Processes.find(child).parent == master.pid }
    Process.kill(:KILL, child)
    Deadline.wait("the reaping of a stranger") { Processes.find(child).nil? }
    assert_clean_stop(master)
  end

  %w[bytes huge wrong].each do |kind|
    define_method("test_fs_13_a_worker_that_sends_garbage_of_kind_#{kind}_is_replaced") do
      master, before = start_running
      orders.set("1 worker.0 idle garbage #{kind}")
      master.wait_for("protocol_error", pid: before[0])
      gone = master.wait_end(before[0])
      assert_equal "protocol", gone[:reason]
      master.wait_for("worker_run", slot: 0, after: gone)
      assert_untouched(master, before, changed: [0])
      assert_clean_stop(master)
    end
  end

  def test_fs_13_a_worker_without_a_link_is_judged_by_its_process_alone
    master, before = start_running
    orders.set("1 worker.0 idle close")
    Deadline.wait("the end of the link") { orders.used_up? }
    master.wait_for("worker_link_lost", pid: before[0])
    assert_untouched(master, before)
    master.kill_and_wait(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_13_a_board_full_of_garbage_is_not_believed
    master, before = start_running("--drain-timeout", "1")
    orders.set("always pid.#{before[0]} idle scribble")
    master.wait_status("an unknown board") { |status| current(status, 0)["busy"].nil? }
    assert_untouched(master, before)
    assert_equal 0, master.verb("recycle", "0").last
    gone = master.wait_end(before[0])
    assert_equal "recycle", gone[:reason]
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  ["", " session"].each do |manner|
    define_method("test_fs_14_a_worker_in_another_group#{manner.sub(' ', '_or_')}_still_gets_its_signals") do
      master, before = start_running
      orders.set("1 worker.0 idle group#{manner}")
      wait_journal("group", pid: before[0])
      assert_equal 0, master.verb("recycle", "0").last
      gone = master.wait_end(before[0])
      assert_equal "0", gone[:code]
      assert_untouched(master, before, changed: [0])
      assert_clean_stop(master)
    end
  end

  def test_fs_14_the_death_of_a_worker_in_the_masters_group_hurts_nobody
    master, before = start_running
    orders.set("1 worker.0 idle group")
    wait_journal("group", pid: before[0])
    master.kill_and_wait(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_a8_each_worker_keeps_the_index_of_its_slot
    master, before = start_running("--index-base", "5")
    assert_equal [%w[0 5], %w[1 6]], journal("ready").select { |entry| entry["who"] == "worker" }
                                                     .map { |entry| [entry["slot"], entry["number"]] }.sort
    Process.kill(:KILL, before[1])
    wait_ready_again(slot: 1, except: before[1])
    assert_equal %w[6 6], journal("ready", who: "worker", slot: 1).map { |entry| entry["number"] }
    assert_clean_stop(master)
  end
end
