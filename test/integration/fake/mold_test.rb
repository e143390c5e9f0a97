# frozen_string_literal: true

require_relative "support/fake_case"

# mold_test.rb: a mold may die, hang, lie or chatter at any moment; it costs no worker.
class MoldTest < FakeCase
  def test_fs_29_a_mold_killed_while_idle_costs_no_worker
    master, before = start_running
    Process.kill(:KILL, master.mold_pid)
    gone = master.wait_for("mold_gone", gen: 1)
    assert_equal "KILL", gone[:signal]
    master.wait_for("mold_ready", gen: 2)
    assert_untouched(master, before)
    master.kill_and_wait(before[0])
    assert_equal "2", master.log.select("worker_run", slot: 0).last[:gen]
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_29_a_mold_that_dies_of_segv_costs_no_worker
    master, before = start_running
    orders.set("1 mold idle kill SEGV")
    assert_equal "SEGV", master.wait_for("mold_gone", gen: 1)[:signal]
    master.wait_for("mold_ready", gen: 2)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_29_without_a_mold_the_status_says_so
    master, before = start_running
    orders.set("always mold.2 boot hang")
    Process.kill(:KILL, master.mold_pid)
    master.wait_status("a degraded state") { |status| status["degraded"] }
    assert_untouched(master, before)
    Process.kill(:KILL, wait_journal("hang", generation: 2)["pid"].to_i)
    master.wait_for("mold_ready", gen: 3)
    master.wait_status("a whole state") { |status| status["degraded"].nil? }
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_29_molds_that_die_in_a_row_back_off
    master, before = start_running
    orders.set("always mold idle kill KILL")
    # The first death of a mold that was ready costs no wait, yet it counts.
    Deadline.wait("three waits") { master.log.select("mold_backoff").size >= 3 }
    assert_equal %w[1500 2250 3375], master.log.select("mold_backoff").first(3).map { |event| event[:wait_ms] }
    orders.set
    master.wait_for("mold_ready", after: master.log.select("mold_backoff").last)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  {
    "before_the_fork" => "spawn", "in_the_middle" => "middle_end", "before_its_answer" => "spawned"
  }.each do |moment, place|
    define_method("test_fs_30_a_mold_that_dies_during_a_spawn_#{moment}_loses_only_that_request") do
      master, before = start_running
      orders.set("1 mold #{place} kill KILL")
      master.kill_and_wait(before[0])
      Deadline.wait("the orders to be taken") { orders.used_up? }
      assert_untouched(master, before, changed: [0])
      wait_worker_count(master, 2)
      assert_clean_stop(master)
    end
  end

  def test_fs_30_a_half_born_worker_does_not_outlive_its_mold
    master, before = start_running
    orders.set("1 worker.0 fork hang", "1 mold spawned hang")
    Process.kill(:KILL, before[0])
    half_born = wait_journal("hang", who: "worker")["pid"].to_i
    wait_journal("hang", who: "mold")
    Process.kill(:KILL, master.mold_pid)
    master.wait_for("mold_gone", gen: 1)
    wait_gone(half_born)
    master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0]))
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_31_a_mold_that_hangs_in_a_spawn_is_killed_at_the_deadline
    master, before = start_running("--spawn-timeout", "3")
    orders.set("1 mold spawn hang")
    master.kill_and_wait(before[0])
    assert_equal "spawn_timeout", master.wait_for("mold_kill", gen: 1)[:reason]
    master.wait_for("mold_gone", gen: 1)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_31_a_stopped_mold_is_killed_at_the_deadline
    master, before = start_running("--spawn-timeout", "3")
    Process.kill(:STOP, master.mold_pid)
    master.kill_and_wait(before[0])
    assert_equal "spawn_timeout", master.wait_for("mold_gone", gen: 1)[:reason]
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_31_a_mold_that_does_not_answer_loses_its_place_not_its_worker
    master, before = start_running("--spawn-timeout", "3")
    orders.set("1 mold spawned mute")
    master.kill_and_wait(before[0])
    assert_equal "spawn_timeout", master.wait_for("mold_kill", gen: 1)[:reason]
    assert_untouched(master, before, changed: [0])
    wait_worker_count(master, 2)
    assert_clean_stop(master)
  end

  def test_fs_31_a_mold_that_hangs_while_it_boots_is_killed_and_tried_again
    orders.set("1 mold boot hang answer")
    master = start("--boot-timeout", "3")
    assert_match(/thread main|fake\.rb/, master.wait_for("trace")[:line])
    assert_equal "boot_timeout", master.wait_for("mold_kill", gen: 1)[:reason]
    master.wait_running(2)
    assert_clean_stop(master)
  end

  def test_fs_32_a_middle_that_hangs_is_killed_with_its_mold
    master, before = start_running("--spawn-timeout", "3")
    orders.set("1 mold middle hang")
    Process.kill(:KILL, before[0])
    middle = wait_journal("hang", who: "mold")["pid"].to_i
    master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0]))
    wait_gone(middle)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_32_a_middle_that_hangs_after_the_fork_is_killed_with_its_mold
    master, before = start_running("--spawn-timeout", "3")
    orders.set("1 mold middle_end hang")
    master.kill_and_wait(before[0])
    wait_gone(wait_journal("hang", who: "mold")["pid"].to_i)
    assert_untouched(master, before, changed: [0])
    wait_worker_count(master, 2)
    assert_clean_stop(master)
  end

  def test_fs_32_a_hello_that_overtakes_the_end_of_the_middle_is_believed
    master, before = start_running
    orders.set("1 mold middle_end sleep 500")
    master.kill_and_wait(before[0])
    assert_empty master.log.select("protocol_error").map(&:line)
    assert_equal 2, master.log.select("worker_hello", slot: 0).size
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_32_a_middle_that_dies_costs_a_delay
    master, before = start_running
    orders.set("1 mold middle exit 3")
    master.kill_and_wait(before[0])
    refute_empty master.log.select("spawn_failed", slot: 0)
    assert_empty master.log.select("mold_gone")
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_33_an_application_that_raises_ends_the_service_with_its_error
    orders.set("always mold boot raise 1 uninitialized constant Shop")
    master = start
    assert_equal 75, master.wait_exit.exitstatus
    last = master.log.text.lines.last(5).join
    assert_includes last, "uninitialized constant Shop"
    assert_includes last, "config/fake.rb:7"
    assert_equal 1, journal.size + master.log.select("mold_starting").size, "one boot, no loop"
    wait_nothing_left
  end

  def test_fs_33_an_application_that_leaves_ends_the_service
    orders.set("always mold boot exit 42")
    master = start
    assert_equal 75, master.wait_exit.exitstatus
    assert_equal "42", master.wait_for("mold_gone")[:code]
    wait_nothing_left
  end

  def test_fs_33_a_mold_that_is_killed_at_each_boot_is_given_up
    orders.set("always mold boot kill KILL")
    master = start
    assert_equal 75, master.wait_exit.exitstatus
    assert_equal 3, master.log.select("mold_starting").size
    wait_nothing_left
  end

  def test_fs_33_a_failed_job_of_the_warm_up_is_not_what_a_killed_mold_died_of
    orders.set("always mold boot complain no stock", "always mold boot kill KILL")
    master = start
    assert_equal 75, master.wait_exit.exitstatus
    assert_equal 3, master.log.select("mold_starting").size
    assert_equal 3, master.log.select("failure", stage: "warmup_job").size
    assert_nil master.wait_for("give_up")[:text]
    wait_nothing_left
  end

  def test_fs_33_workers_that_never_become_ready_end_the_service
    orders.set("always worker after_fork raise 1 no database")
    master = start
    assert_equal 75, master.wait_exit.exitstatus
    assert_includes master.log.text.lines.last(5).join, "no database"
    wait_nothing_left
  end

  def test_fs_33_a_mold_whose_program_is_missing_is_said
    master = start(environment: { "SWARM_MOLD" => "/nonexistent/swarm-mold" })
    assert_equal 70, master.wait_exit.exitstatus
    assert_includes master.log.text, "SWARM_MOLD"
    wait_nothing_left
  end

  def test_fs_39_an_answer_to_a_request_that_never_was_is_not_believed
    master, before = start_running("--spawn-timeout", "3")
    orders.set("1 mold spawned stale")
    master.kill_and_wait(before[0])
    master.wait_for("protocol_error", gen: 1)
    master.wait_for("mold_ready", gen: 2)
    assert_untouched(master, before, changed: [0])
    wait_worker_count(master, 2)
    assert_clean_stop(master)
  end

  %w[spawned ready].each do |place|
    define_method("test_fs_39_a_mold_that_says_#{place}_twice_is_replaced") do
      orders.set("1 mold.1 #{place} twice")
      master = start
      master.wait_for("protocol_error", gen: 1)
      master.wait_for("mold_ready", gen: 2)
      master.wait_running(2)
      wait_worker_count(master, 2)
      assert_clean_stop(master)
    end
  end

  %w[master worker 1 4294967295].each do |lie|
    define_method("test_fs_39_a_lie_about_a_pid_#{lie}_hurts_nobody") do
      master, before = start_running(processes: 3)
      orders.set("1 mold spawned lie #{lie}")
      master.kill_and_wait(before[2])
      Deadline.wait("the orders to be taken") { orders.used_up? }
      master.wait_for("protocol_error", gen: 1)
      master.wait_for("mold_ready", gen: 2)
      assert_untouched(master, before, changed: [2])
      wait_worker_count(master, 3)
      assert_clean_stop(master)
    end
  end

  %w[bytes huge wrong].each do |kind|
    define_method("test_fs_39_a_mold_that_sends_garbage_of_kind_#{kind}_is_replaced") do
      master, before = start_running
      orders.set("1 mold.1 idle garbage #{kind}")
      master.wait_for("protocol_error", gen: 1)
      master.wait_for("mold_gone", gen: 1)
      master.wait_for("mold_ready", gen: 2)
      assert_untouched(master, before)
      assert_clean_stop(master)
    end
  end

  def test_fs_39_a_mold_that_closes_its_link_is_replaced
    master, before = start_running
    orders.set("1 mold.1 idle close")
    master.wait_for("mold_gone", gen: 1)
    master.wait_for("mold_ready", gen: 2)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_39_a_flood_of_messages_starves_nobody
    master, before = start_running
    orders.set("1 mold idle flood 5000")
    assert_equal "0", wait_journal("flooded", within: 120)["number"]
    master.kill_and_wait(before[1])
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  private

  # The status may show one that is being dropped for a moment.
  def wait_worker_count(master, count)
    master.wait_status("#{count} workers") do |status|
      status["slots"].sum { |slot| slot["workers"].size } == count
    end
  end
end
