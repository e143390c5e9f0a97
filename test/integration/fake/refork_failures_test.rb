# frozen_string_literal: true

require_relative "support/refork_case"

# refork_failures_test.rb: what may go wrong in a re-fork costs no worker: FS-29 to FS-35 with --refork-after.
class ReforkFailuresTest < ReforkCase
  # By what the promoted one does instead of becoming a mold.
  {
    "refuses" => ["raise 1 thread bee (started at a.rb:1)", "failed"],
    "leaves" => ["exit 3", "crashed"],
    "is_killed" => ["kill KILL", "crashed"],
    "crashes" => ["kill SEGV", "crashed"],
    "lies" => ["garbage bytes", "protocol"],
    "says_what_only_a_master_may" => ["garbage wrong", "protocol"]
  }.each do |deed, (order, reason)|
    define_method("test_a_worker_that_#{deed}_leaves_the_mold_where_it_is") do
      master, before, mold = start_reforking
      orders.set("1 worker promote #{order}")
      work(before[0])
      assert_failed(master, stage: "promote", reason: reason, mold: mold)
      wait_gone(before[0])
      assert_operator master.log.select("refork_failed").first[:next_done].to_i, :>=, 2 * JOBS
      assert_clean_stop(master)
    end
  end

  def test_a_refusal_is_told_in_its_own_words
    master, before, = start_reforking
    orders.set("1 worker promote raise 1 thread bee")
    work(before[0])
    assert_match(/thread bee/, master.wait_for("failure", stage: "promote")[:text])
    assert_equal "failed", master.wait_for("mold_gone", gen: 2)[:reason]
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  def test_a_worker_that_never_answers_is_asked_where_it_is_and_killed
    master, before, mold = start_reforking("--boot-timeout", "5")
    orders.set("1 worker promote hang answer")
    work(before[0])
    master.wait_for("refork_promote", pid: before[0])
    assert_match(/thread main|fake\.rb/, master.wait_for("trace", pid: before[0])[:line])
    assert_equal "boot_timeout", master.wait_for("mold_kill", gen: 2)[:reason]
    assert_failed(master, stage: "promote", reason: "boot_timeout", mold: mold)
    assert_clean_stop(master)
  end

  def test_a_worker_that_closes_its_link_is_killed
    master, before, mold = start_reforking
    orders.set("1 worker promote close", "1 worker promote hang")
    work(before[0])
    assert_failed(master, stage: "promote", reason: "link_lost", mold: mold)
    assert_clean_stop(master)
  end

  def test_a_worker_that_is_never_idle_gets_term_at_the_drain_timeout
    master, before, mold = start_reforking("--drain-timeout", "1")
    keep_busy(master, before[0], 0)
    work(before[0])
    assert_failed(master, stage: "drain", reason: "drain_timeout", mold: mold)
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_clean_stop(master)
  end

  def test_a_chosen_worker_that_dies_is_no_loss
    master, before, mold = start_reforking
    keep_busy(master, before[0], 0)
    work(before[0])
    master.wait_for("worker_quiet", pid: before[0])
    Process.kill(:KILL, before[0])
    assert_failed(master, stage: "drain", reason: "crashed", mold: mold)
    assert_clean_stop(master)
  end

  def test_fs_29_the_mold_dies_while_the_chosen_one_drains
    master, before, mold = start_reforking
    keep_busy(master, before[0], 0)
    work(before[0])
    master.wait_for("worker_quiet", pid: before[0])
    Process.kill(:KILL, mold)
    master.wait_for("mold_ready", gen: 2)
    orders.set
    assert_equal before[0], master.wait_for("refork_promoted", gen: 3).pid
    master.wait_for("refork_done", gen: 3, within: 60)
    wait_generation(master, 3, 2)
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  def test_fs_29_the_mold_dies_and_the_promoted_one_is_there_first
    master, before, mold = start_reforking
    orders.set("always worker promote wait", "always mold.3 boot wait")
    work(before[0])
    wait_journal("wait", who: "worker")
    Process.kill(:KILL, mold)
    wait_journal("wait", who: "mold")
    orders.set("always mold.3 boot wait")
    master.wait_for("refork_promoted", gen: 2)
    master.wait_for("mold_retired", gen: 3)
    master.wait_for("refork_done", gen: 2, within: 60)
    wait_generation(master, 2, 2)
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  def test_fs_29_the_mold_that_stands_by_dies
    master, before, mold = start_reforking
    work(before[0])
    master.wait_for("refork_promoted", gen: 2)
    Process.kill(:KILL, mold)
    master.wait_for("mold_gone", gen: 1)
    master.wait_for("refork_done", gen: 2, within: 60)
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  def test_fs_29_a_promoted_mold_that_dies_at_once_gives_way_to_the_one_before
    master, before, mold = start_reforking
    orders.set("1 mold.2 idle kill KILL")
    work(before[0])
    assert_failed(master, stage: %w[promote canary], reason: "crashed", mold: mold)
    assert_equal 1, master.log.select("mold_starting").size
    assert_clean_stop(master)
  end

  def test_fs_29_a_promoted_mold_that_dies_later_is_followed_by_a_fresh_one
    master, before, = start_reforking
    work(before[0])
    master.wait_for("refork_done", within: 60)
    workers = wait_generation(master, 2, 2)
    Process.kill(:KILL, before[0])
    master.wait_for("mold_ready", gen: 3)
    assert_untouched(master, workers)
    assert_forks(master, generation: 3)
    assert_clean_stop(master)
  end

  %w[spawn spawned].each do |place|
    define_method("test_fs_30_a_promoted_mold_that_dies_at_#{place}_loses_only_that_request") do
      master, before, mold = start_reforking
      orders.set("1 mold.2 #{place} kill KILL")
      work(before[0])
      assert_failed(master, stage: "canary", reason: "crashed", mold: mold)
      assert_never_below_until_killed(master, 2)
      assert_clean_stop(master)
    end
  end

  def test_fs_31_a_promoted_mold_that_hangs_in_a_spawn_is_killed
    master, before, mold = start_reforking("--spawn-timeout", "3")
    orders.set("1 mold.2 spawn hang")
    work(before[0])
    assert_equal "spawn_timeout", master.wait_for("mold_kill", gen: 2)[:reason]
    assert_failed(master, stage: "canary", reason: "spawn_timeout", mold: mold)
    assert_clean_stop(master)
  end

  def test_fs_32_a_middle_that_fails_is_tried_again
    master, before, = start_reforking
    orders.set("1 mold.2 middle exit 1")
    work(before[0])
    master.wait_for("spawn_failed", gen: 2)
    master.wait_for("refork_done", gen: 2, within: 60)
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  def test_a_promoted_mold_that_cannot_fork_gives_way
    master, before, mold = start_reforking
    orders.set("always mold.2 spawn errno EAGAIN")
    work(before[0])
    assert_failed(master, stage: "canary", reason: "spawn_failed", mold: mold)
    assert_never_below_until_killed(master, 2)
    assert_clean_stop(master)
  end

  %w[born after_fork run].each do |place|
    define_method("test_fs_35_workers_of_a_promoted_mold_that_die_at_#{place}_bring_the_mold_before_back") do
      master, before, mold = start_reforking
      orders.set(*[0, 1].map { |slot| "always worker.#{slot}.2 #{place} kill SEGV" })
      work(before[0])
      failed = master.wait_for("refork_failed", within: 60)
      assert_equal "canary", failed[:stage]
      assert_includes %w[crashed link_lost], failed[:reason]
      wait_generation(master, 1, 2)
      assert Processes.alive?(mold), "the mold before is gone"
      assert_never_below(master, 2) unless place == "run"
      assert_clean_stop(master)
    end
  end

  private

  # Up to the death that the test itself has brought about.
  def assert_never_below_until_killed(master, count)
    failed = master.log.select("refork_failed").first.place
    fetching = master.log.events.first(failed).each_with_object([[]]) do |event, steps|
      now = steps.last
      now |= [event.pid] if event.name == "worker_run"
      now -= [event.pid] if %w[worker_quiet worker_term worker_lost].include?(event.name)
      steps << now
    end
    assert_operator fetching.drop_while { |now| now.size < count }.map(&:size).min, :>=, count
  end
end
