# frozen_string_literal: true

require_relative "support/refork_case"

# refork_test.rb: a worker becomes the next mold (C5), as it should, and what an operator does meanwhile.
class ReforkTest < ReforkCase
  def test_c5_a_worker_becomes_the_mold_of_all_others
    master, before, mold = start_reforking(processes: 3)
    work(before[1])
    begun = master.wait_for("refork_begin", pid: before[1])
    assert_equal [JOBS.to_s, "1"], begun.keys.values_at("done", "slot")
    promoted = master.wait_for("refork_promoted", pid: before[1])
    assert_equal %w[2 1], promoted.keys.values_at("gen", "from_slot")
    done = master.wait_for("refork_done", within: 60)
    assert_equal %w[2 3], done.keys.values_at("gen", "replaced")
    wait_generation(master, 2, 3)
    assert_equal "KILL", master.wait_for("mold_retired", pid: mold)[:signal]
    endings = before.except(1).values.map { |pid| master.wait_end(pid).keys.values_at("reason", "code") }
    assert_equal [%w[refork 0]], endings.uniq
    assert Processes.alive?(before[1]), "the promoted mold is gone"
    assert_never_below(master, 3)
    assert_clean_stop(master)
  end

  def test_c5_the_jobs_of_a_promoted_worker_are_counted
    master, before, = start_reforking
    work(before[0], jobs: 250)
    master.wait_for("refork_done", within: 60)
    before.except(0).each_value { |pid| master.wait_end(pid) }
    assert_equal 250, master.status["totals"]["done"]
    assert_clean_stop(master)
  end

  def test_c5_a_promoted_mold_is_followed_by_another
    master, before, = start_reforking
    work(before[0])
    master.wait_for("refork_done", within: 60)
    second = wait_generation(master, 2, 2)
    work(second[1])
    assert_equal second[1], master.wait_for("refork_promoted", gen: 3, within: 60).pid
    master.wait_for("refork_done", gen: 3, within: 60)
    wait_generation(master, 3, 2)
    wait_gone(before[0])
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  def test_c5_without_the_option_nobody_is_promoted
    master, before = start_running("--check-interval", "0.2", "--max-jobs", (JOBS * 10).to_s)
    work(before[0], jobs: JOBS * 20)
    master.wait_for("recycle", reason: "jobs", pid: before[0])
    master.wait_end(before[0])
    assert_empty master.log.select("refork_begin")
    assert_clean_stop(master)
  end

  def test_fs_38_another_one_waits_until_the_first_is_over
    master, before, = start_reforking
    orders.set("1 worker promote wait")
    work(before[0])
    work(before[1])
    wait_journal("wait", who: "worker")
    work(before[1], jobs: JOBS * 10)
    orders.set
    done = master.wait_for("refork_done", gen: 2, within: 60)
    assert_equal 1, master.log.select("refork_begin").count { |event| event.place < done.place }
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  def test_fs_38_a_recycle_by_hand_meanwhile_is_done
    master, before, = start_reforking
    orders.set("always worker promote wait")
    work(before[0])
    wait_journal("wait", who: "worker")
    assert_equal 0, master.verb("recycle", "1").last
    master.wait_end(before[1])
    orders.set
    master.wait_for("refork_done", within: 60)
    wait_generation(master, 2, 2)
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end

  {
    "while_the_chosen_one_drains" => "tstp", "while_it_is_promoted" => "promote"
  }.each do |moment, place|
    define_method("test_fs_38_a_stop_#{moment}_ends_all") do
      master, before, = start_reforking
      orders.set("always worker #{place} wait")
      work(before[0])
      wait_journal("wait", who: "worker")
      master.signal(:TERM)
      master.wait_for("stopping")
      orders.set
      assert_equal 0, master.wait_exit.exitstatus
      wait_nothing_left
    end
  end

  def test_fs_38_a_stop_on_trial_ends_all
    master, before, = start_reforking
    work(before[0])
    master.wait_for("refork_promoted")
    master.wait_for("worker_run", gen: 2)
    assert_clean_stop(master)
    wait_nothing_left
    assert_equal 2, master.log.select("mold_stopped").size
  end

  def test_a_quiet_meanwhile_is_sticky_and_resume_goes_on
    master, before, = start_reforking
    work(before[0])
    master.wait_for("refork_promoted")
    master.verb("quiet")
    master.wait_status("nobody that fetches") { |status| status["totals"]["ready"].zero? }
    runs = master.log.select("worker_run").size
    master.verb("resume")
    master.wait_for("refork_done", within: 60)
    assert_operator master.log.select("worker_run").size, :>, runs
    wait_generation(master, 2, 2)
    assert_clean_stop(master)
  end

  def test_fs_37_a_promoted_mold_that_grows_is_replaced_by_a_fresh_one
    master, before, = start_reforking("--max-mold-rss", "60M")
    work(before[0])
    master.wait_for("refork_done", within: 60)
    workers = wait_generation(master, 2, 2)
    before.except(0).each_value { |pid| master.wait_end(pid) }
    orders.set("1 mold.2 idle eat 100")
    assert_equal "mold_rss", master.wait_for("mold_kill", gen: 2)[:reason]
    master.wait_for("mold_ready", gen: 3)
    assert_untouched(master, workers)
    assert_forks(master, generation: 3)
    assert_clean_stop(master)
  end

  def test_a_worker_near_its_limit_is_not_chosen
    master, before, = start_reforking("--max-jobs", (JOBS * 4).to_s)
    work(before[0], jobs: (JOBS * 4) - 30)
    work(before[1], jobs: JOBS)
    assert_equal before[1], master.wait_for("refork_begin").pid
    assert_clean_stop(master)
  end

  def test_with_a_spare_the_spare_comes_from_the_new_mold_too
    master, before, = start_reforking("--spare", "1")
    master.wait_for("worker_ready", slot: 2)
    work(before[0])
    master.wait_for("refork_done", within: 60)
    wait_generation(master, 2, 2)
    Deadline.wait("a spare of the new mold") do
      (master.log.select("worker_ready", gen: 2).map(&:pid) - master.running_by_slot.values).any?
    end
    assert_never_below(master, 2)
    assert_clean_stop(master)
  end
end
