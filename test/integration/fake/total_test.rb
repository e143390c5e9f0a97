# frozen_string_literal: true

require_relative "support/limits_case"

# total_test.rb: --max-total: the service as a whole, by the sum of what its processes share or by what its group is
# charged.
class TotalTest < LimitsCase
  def test_the_worker_with_most_memory_of_its_own_is_replaced
    need_calm
    orders.set("always worker boot eat 20")
    master, before = start_running(*QUICK, "--max-total", "150M", processes: 3)
    wait_total(master, 60)
    eat(before[0], 30)
    # It may be judged while it grows.
    eat(before[1], 150)
    reached = master.wait_for("limit_reached")
    assert_equal [before[1], (150 * 1024).to_s], [reached.pid, reached[:limit_kib]]
    # The last tenth is kept free for successors.
    assert_operator reached[:total_kib].to_i, :>, 135 * 1024
    recycle = master.wait_for("recycle")
    assert_equal [before[1], "total"], [recycle.pid, recycle[:reason]]
    assert_operator recycle[:uss_kib].to_i, :>, 40 * 1024
    # So near the total there is no room for a second worker.
    first = master.wait_for("drain_first", pid: before[1])
    assert_equal "total", first[:reason]
    assert_operator first[:room_kib].to_i, :<, first[:need_kib].to_i
    gone = master.wait_end(before[1])
    assert_operator master.wait_for("worker_spawning", slot: 1, after: recycle).place, :>, gone.place
    master.wait_for("worker_run", slot: 1, after: gone)
    pass_cycles(master, before[0])
    assert_equal [1, 1], %w[limit_reached recycle].map { |name| master.log.select(name).size }
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_nobody_is_replaced_whose_end_would_give_nothing_back
    need_calm
    orders.set("always worker boot eat 60")
    master, before = start_running(*QUICK, "--max-total", "100M")
    reached = master.wait_for("limit_reached")
    assert_nil reached[:pid]
    assert_includes reached[:msg], "nothing is done"
    pass_cycles(master, before[0])
    assert_equal(1, master.log.select("limit_reached").size)
    assert_empty master.log.select(%w[recycle worker_term]).map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a_dry_run_only_tells_that_the_total_is_reached
    need_calm
    orders.set("always worker boot eat 20")
    master, before = start_running(*QUICK, "--max-total", "100M", "--dry-run-limits")
    wait_total(master, 40)
    eat(before[0], 120)
    assert_equal before[0], master.wait_for("limit_reached").pid
    pass_cycles(master, before[0])
    assert_equal(1, master.log.select("limit_reached").size)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_26_without_room_for_two_the_old_worker_drains_first
    need_calm
    orders.set("always worker boot eat 60")
    # What they grow fits in, but no third worker.
    master, before = start_running(*QUICK, "--max-total", "170M", "--max-uss", "70M")
    wait_total(master, 120)
    eat(before[0], 75)
    recycle = master.wait_for("recycle")
    assert_equal [before[0], "uss"], [recycle.pid, recycle[:reason]]
    first = master.wait_for("drain_first")
    assert_operator first[:need_kib].to_i, :>, first[:room_kib].to_i
    gone = master.wait_end(before[0])
    assert_equal %w[uss 0], [gone[:reason], gone[:code]]
    master.wait_for("worker_run", slot: 0, after: gone)
    assert_equal 2, most_living(master)
    assert_empty master.log.select("limit_reached").map(&:line)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_27_page_cache_recycles_nobody_and_memory_of_their_own_does
    group = make_group(200 * MIB)
    orders.set("always worker boot eat 20")
    master, before = start_running(*QUICK, "--max-total", "auto")
    eat(before[1], 50)
    group.charge(used: 195 * MIB, cache: 150 * MIB)
    seen = master.wait_status("the charge") { |status| status["group"]["used_bytes"] == 195 * MIB }["group"]
    assert_equal ["cgroup2", 200 * MIB, 45 * MIB], seen.values_at("kind", "limit_bytes", "total_bytes")
    assert_in_delta 180 * MIB, seen["total_limit_bytes"], MIB
    pass_cycles(master, before[0])
    assert_empty master.log.select(%w[limit_reached recycle pressure]).map(&:line)
    group.charge(used: 195 * MIB, cache: 5 * MIB)
    recycle = master.wait_for("recycle")
    assert_equal [before[1], "total"], [recycle.pid, recycle[:reason]]
    master.wait_end(before[1])
    group.charge(used: 100 * MIB)
    pass_cycles(master, before[0])
    assert_equal(1, master.log.select("recycle").size)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  private

  # Waits until the total is known and so many MiB at least.
  def wait_total(master, mib)
    master.wait_status("a total of #{mib} MiB") { |status| status["group"]["total_bytes"].to_i >= mib * MIB }
  end
end
