# frozen_string_literal: true

require_relative "support/limits_case"

# hard_limits_test.rb: --kill-rss and its kin: TERM at once, the successor meanwhile, KILL after --kill-grace (FS-18).
class HardLimitsTest < LimitsCase
  def test_fs_18_fast_growth_is_caught_and_the_rest_is_untouched
    master, before = start_running("--kill-rss", "150M", "--kill-grace", "60", "--check-interval", "5", processes: 3)
    # No check is due for seconds: a glance sees it.
    orders.set("1 pid.#{before[1]} idle eat rate 200 600")
    recycle = master.wait_for("recycle", slot: 1)
    assert_equal [before[1], "kill_rss", "kill-rss", (150 * 1024).to_s],
                 [recycle.pid, *%i[reason limit limit_kib].map { |key| recycle[key] }]
    assert_operator recycle[:rss_kib].to_i, :>, 150 * 1024
    gone = master.wait_end(before[1])
    assert_equal %w[kill_rss 0], [gone[:reason], gone[:code]]
    assert_operator gone[:peak_kib].to_i, :>, 150 * 1024
    master.wait_for("worker_run", slot: 1, after: recycle)
    assert_empty master.log.select(%w[worker_quiet worker_lost]).map(&:line)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_18_the_successor_does_not_wait_for_the_old_ones_end
    master, before = start_running("--kill-rss", "100M", "--kill-grace", "600", "--check-interval", "0.2")
    orders.set("always pid.#{before[0]} term ignore")
    eat(before[0], 150)
    term = master.wait_for("worker_term", pid: before[0])
    assert_equal "kill_rss", term[:reason]
    refute_equal before[0], master.wait_for("worker_run", slot: 0, after: term).pid
    assert Processes.alive?(before[0]), "the old one still has its grace"
    assert_operator most_living(master), :<=, 3
    Process.kill(:KILL, before[0])
    gone = master.wait_end(before[0])
    assert_equal %w[worker_gone kill_rss KILL], [gone.name, gone[:reason], gone[:signal]]
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_18_a_worker_that_ignores_term_is_killed_after_the_grace_and_its_jobs_are_named
    master, before = start_running("--kill-rss", "100M", "--kill-grace", "1", "--check-interval", "0.2")
    orders.set("always pid.#{before[0]} term ignore", "always pid.#{before[0]} job HardJob hard1")
    wait_busy(master, slot: 0, count: 1)
    eat(before[0], 150)
    kill = master.wait_for("worker_kill", pid: before[0])
    term = master.wait_for("worker_term", pid: before[0])
    assert_operator kill.time - term.time, :>=, 0.5
    assert_equal %w[kill_rss 1], [kill[:reason], kill[:busy]]
    assert_match(/\AHardJob:hard1:\d+\z/, kill[:jobs])
    master.wait_end(before[0])
    master.wait_for("worker_run", slot: 0, after: term)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_18_a_hard_limit_of_uss_sees_through_what_is_shared
    orders.set("always mold boot eat 80")
    master, before = start_running(*QUICK, "--kill-uss", "60M")
    pass_cycles(master, before[0])
    assert_empty master.log.select("recycle").map(&:line)
    eat(before[0], 100)
    recycle = master.wait_for("recycle", pid: before[0])
    assert_equal %w[kill_uss kill-uss], [recycle[:reason], recycle[:limit]]
    assert_operator recycle[:uss_kib].to_i, :>, 60 * 1024
    master.wait_end(before[0])
    master.wait_for("worker_run", slot: 0, after: recycle)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end
end
