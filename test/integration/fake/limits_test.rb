# frozen_string_literal: true

require_relative "support/limits_case"

# limits_test.rb: the graceful limits of each worker: when they act, on whom, and how many leave at once.
class LimitsTest < LimitsCase
  def test_fs_16_n_of_m_looks_have_to_find_it_too_large
    need_calm
    master, before = start_running(*QUICK, "--max-rss", "60M", "--memory-cycles", "3/5")
    eat(before[0], 100)
    recycle = master.wait_for("recycle", slot: 0)
    assert_equal [before[0], "rss", "max-rss", "3/5"],
                 [recycle.pid, *%i[reason limit cycles].map { |key| recycle[key] }]
    assert_includes recycle[:msg], "for 3 of 5 cycles"
    gone = master.wait_end(before[0])
    assert_equal %w[rss 0], [gone[:reason], gone[:code]]
    assert_equal 2, master.smallest_capacity(2)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_17_a_spike_shorter_than_the_rule_is_only_kept_as_the_peak
    need_calm
    master, before = start_running("--check-interval", "0.5", "--memory-grace", "0", "--max-rss", "60M",
                                   "--memory-cycles", "32")
    eat(before[0], 100)
    wait_worker(master, 0, "the spike") { |worker| worker["rss_bytes"].to_i > 100 * MIB }
    eat(before[0], 1)
    wait_worker(master, 0, "the spike's end") { |worker| worker["rss_bytes"].to_i < 60 * MIB }
    pass_cycles(master, before[0])
    assert_operator current(master.status, 0)["peak_bytes"], :>=, 100 * MIB
    assert_empty master.log.select("recycle").map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_19_of_many_above_the_limit_one_leaves_at_a_time_the_worst_first
    master, before = start_running(*QUICK, "--max-rss", "60M", processes: 4)
    cross_at_once(master, before, 1 => 90, 2 => 160, 3 => 120)
    assert_equal before.values_at(2, 3, 1), master.log.select("recycle", reason: "rss").map(&:pid)
    assert_equal 1, most_recycled(master)
    assert_equal [5, 4], [most_living(master), master.smallest_capacity(4)]
    assert_clean_stop(master)
  end

  def test_fs_19_max_recycles_lets_more_leave_at_a_time
    master, before = start_running(*QUICK, "--max-rss", "60M", "--max-recycles", "2", "--surge", "2", processes: 4)
    orders.add(*before.values.map { |pid| "always pid.#{pid} stopping wait" })
    before.each_value { |pid| orders.add("always pid.#{pid} idle eat 100") }
    Deadline.wait("two that leave") { journal("wait").size == 2 }
    leaving = journal("wait").map { |entry| entry["pid"].to_i }
    pass_cycles(master, before.values.find { |pid| !leaving.include?(pid) })
    assert_equal leaving.sort, master.log.select("recycle").map(&:pid).sort
    orders.set(*before.values.map { |pid| "always pid.#{pid} idle eat 100" })
    before.each_value { |pid| master.wait_end(pid) }
    assert_equal 2, most_recycled(master)
    assert_operator most_living(master), :<=, 6
    assert_equal 4, master.smallest_capacity(4)
    assert_clean_stop(master)
  end

  def test_fs_20_a_uss_limit_below_a_fresh_worker_recycles_nobody
    orders.set("always worker boot eat 100")
    master, before = start_running(*QUICK, "--max-uss", "60M")
    told = master.wait_for("limit_too_low")
    assert_equal ["max-uss", (60 * 1024).to_s], [told[:limit], told[:limit_kib]]
    assert_operator told[:fresh_kib].to_i, :>=, 100 * 1024
    assert_includes told[:msg], "raise the limit"
    pass_cycles(master, before[1])
    assert_spared(master, before, "max-uss")
  end

  def test_fs_20_an_rss_limit_below_what_the_mold_shares_names_a_better_one
    orders.set("always mold boot eat 100")
    master, before = start_running(*QUICK, "--max-rss", "60M", "--kill-rss", "80M")
    %w[max-rss kill-rss].each do |limit|
      told = master.wait_for("limit_too_low", limit: limit)
      assert_operator told[:fresh_kib].to_i, :>=, 100 * 1024
      assert_match(/are shared with the mold: did you mean --max-uss \d+M\?/, told[:msg])
    end
    pass_cycles(master, before[0])
    assert_spared(master, before, "max-rss")
  end

  def test_fs_26_a_worker_with_a_long_job_is_quiet_until_its_deadline_and_its_job_is_named
    master, before = start_running(*QUICK, "--max-rss", "60M", "--drain-timeout", "1")
    orders.set("always pid.#{before[0]} job HardJob long1")
    wait_busy(master, slot: 0, count: 1)
    before.each_value { |pid| orders.add("always pid.#{pid} idle eat 100") }
    before.each_value { |pid| master.wait_end(pid) }
    recycle, quiet, term = %w[recycle worker_quiet worker_term].map { |name| master.wait_for(name, pid: before[0]) }
    [recycle, quiet, term].each { |event| assert_match(/\AHardJob:long1:\d+\z/, event[:jobs]) }
    assert_equal %w[rss drain_timeout], [quiet[:reason], term[:reason]]
    assert_operator term.time - quiet.time, :>=, 0.5
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_operator most_living(master), :<=, 3
    assert_equal [1, 2], [most_recycled(master), master.smallest_capacity(2)]
    assert_clean_stop(master)
  end

  def test_fs_28_the_old_ones_stay_while_no_successor_can_be_forked
    master, before = start_running(*QUICK, "--max-rss", "60M", "--max-recycles", "2", "--surge", "2", processes: 3)
    orders.set("always mold spawn errno ENOMEM", *[0, 1].map { |slot| "always pid.#{before[slot]} idle eat 100" })
    failures = Deadline.wait("failures") { master.log.select("spawn_failed").then { |list| list if list.size >= 3 } }
    assert_equal %w[1000 1500 2250], failures.first(3).map { |event| event[:wait_ms] }
    assert_equal before.values_at(0, 1), master.log.select("recycle").map(&:pid).sort_by { |pid| before.key(pid) }
    assert_empty master.log.select("worker_quiet").map(&:line)
    assert_untouched(master, before)
    orders.set
    assert_equal %w[rss rss], [0, 1].map { |slot| master.wait_end(before[slot])[:reason] }
    assert_equal 3, master.smallest_capacity(3)
    assert_untouched(master, before, changed: [0, 1])
    assert_clean_stop(master)
  end

  def test_the_grace_spares_a_young_worker
    need_calm
    orders.set("always worker.0.1 idle eat 100")
    master, before = start_running("--check-interval", "0.2", "--memory-grace", "2", "--max-rss", "60M")
    recycle = master.wait_for("recycle", pid: before[0])
    assert_operator recycle.time - master.wait_for("worker_ready", pid: before[0]).time, :>=, 1.2
    orders.set
    master.wait_end(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_a_dry_run_says_once_what_it_would_do
    master, before = start_running(*QUICK, "--max-rss", "60M", "--kill-rss", "150M", "--dry-run-limits")
    eat(before[0], 100)
    would = master.wait_for("would_recycle", slot: 0)
    assert_equal [before[0], "rss", "max-rss"], [would.pid, would[:reason], would[:limit]]
    eat(before[0], 200)
    assert_equal "kill-rss", master.wait_for("would_recycle", slot: 0, after: would)[:limit]
    pass_cycles(master, before[0])
    assert_equal(2, master.log.select("would_recycle").size)
    assert_empty master.log.select(%w[recycle worker_quiet worker_term]).map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_max_jobs_comes_up_to_a_tenth_early_and_not_for_all_at_once
    master, before = start_running(*QUICK, "--max-jobs", "1000", processes: 4)
    orders.set(*before.values.map { |pid| "1 pid.#{pid} jobs done 899 Job" })
    Deadline.wait("the jobs") { orders.used_up? }
    before.each_key { |slot| wait_worker(master, slot, "its jobs") { |worker| worker["done"] == 899 } }
    pass_cycles(master, before[3])
    assert_empty master.log.select("recycle").map(&:line)
    orders.set(*before.values.map { |pid| "1 pid.#{pid} jobs done 101 Job" })
    recycles = before.values.map { |pid| master.wait_for("recycle", pid: pid) }
    bounds = recycles.map { |event| event[:limit_jobs].to_i }
    assert_equal [%w[jobs] * 4, %w[max-jobs] * 4], %i[reason limit].map { |key| recycles.map { |event| event[key] } }
    assert bounds.all? { |bound| bound.between?(900, 1000) }, bounds.inspect
    assert_operator bounds.uniq.size, :>, 1, bounds.inspect
    before.each_value { |pid| master.wait_end(pid) }
    assert_equal [1, 4], [most_recycled(master), master.smallest_capacity(4)]
    assert_clean_stop(master)
  end

  def test_max_age_comes_up_to_a_tenth_early
    master, before = start_running(*QUICK, "--max-age", "3", processes: 3)
    recycles = before.values.map { |pid| master.wait_for("recycle", pid: pid) }
    assert_equal [%w[age] * 3, %w[max-age] * 3], %i[reason limit].map { |key| recycles.map { |event| event[key] } }
    recycles.each do |event|
      assert_operator event.time - master.wait_for("worker_ready", pid: event.pid).time, :>=, 2.2
    end
    before.each_value { |pid| master.wait_end(pid) }
    assert_equal [1, 3], [most_recycled(master), master.smallest_capacity(3)]
    assert_clean_stop(master)
  end

  private

  # While slot 0 holds the only place, the others grow; when it is free, they are all too large.
  def cross_at_once(master, before, meals)
    orders.set("always pid.#{before[0]} job Slow s1")
    wait_busy(master, slot: 0, count: 1)
    assert_equal 0, master.verb("recycle", "0").last
    master.wait_for("worker_quiet", pid: before[0])
    meals.each { |slot, mib| eat(before[slot], mib) }
    pass_cycles(master, before[meals.keys.last])
    assert_empty master.log.select("recycle", reason: "rss").map(&:line)
    orders.set
    before.each_value { |pid| master.wait_end(pid) }
  end

  # The limit was told once, and nobody is replaced for it.
  def assert_spared(master, before, limit)
    assert_equal 1, master.log.select("limit_too_low", limit: limit).size
    assert_empty master.log.select(%w[recycle worker_term]).map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end
end
