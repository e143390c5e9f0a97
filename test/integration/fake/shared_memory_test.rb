# frozen_string_literal: true

require_relative "support/limits_case"

# shared_memory_test.rb: pages that workers share with their mold are no alarm, and the mold's own growth is its own.
class SharedMemoryTest < LimitsCase
  def test_fs_21_memory_that_is_shared_is_no_alarm
    need_calm
    orders.set("always mold boot eat 100")
    limits = ["--max-total", "200M", "--max-uss", "60M", "--max-rss", "60M"]
    master, before = start_running(*QUICK, *limits, processes: 3)
    status = master.wait_status("a known total") { |answer| answer["group"]["total_bytes"] }
    assert_operator status["totals"]["rss_bytes"], :>, 300 * MIB
    assert_includes (100 * MIB)..(200 * MIB), status["group"]["total_bytes"]
    pass_cycles(master, before[0])
    assert_equal(%w[max-rss], master.log.select("limit_too_low").map { |event| event[:limit] })
    assert_empty master.log.select(%w[limit_reached recycle worker_term]).map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  # The first worker of a mold was fresh before it had siblings.
  { "first" => 0, "last" => 3 }.each do |which, slot|
    define_method("test_fs_22_the_end_of_siblings_is_no_growth_of_the_#{which}_one") { leave_alone(slot) }
  end

  def test_growth_above_a_limit_of_pss_is_seen
    orders.set("always mold boot eat 100")
    master, before = start_running(*QUICK, "--max-pss", "70M", processes: 3)
    eat(before[1], 80)
    recycle = master.wait_for("recycle")
    assert_equal [before[1], "pss", "max-pss"], [recycle.pid, recycle[:reason], recycle[:limit]]
    assert_operator recycle[:pss_kib].to_i, :>, 70 * 1024
    master.wait_end(before[1])
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_37_a_mold_that_leaks_is_replaced_between_spawns
    master, before = start_running("--max-mold-rss", "80M", "--check-interval", "0.2")
    # While a worker is missing, the mold is needed.
    orders.set("always worker.0 boot wait")
    Process.kill(:KILL, before[0])
    wait_journal("wait", slot: 0)
    orders.add("always mold.1 idle eat 120")
    wait_journal("ate", who: "mold", number: 120)
    pass_cycles(master, before[1])
    assert_empty master.log.select("mold_kill").map(&:line)
    orders.set("always mold.1 idle eat 120")
    kill = master.wait_for("mold_kill", gen: 1)
    assert_equal "mold_rss", kill[:reason]
    assert_operator kill.place, :>, master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0])).place
    born = master.wait_for("mold_ready", gen: 2)
    assert_equal born.pid, master.mold_pid
    assert_untouched(master, before, changed: [0])
    master.kill_and_wait(before[1])
    assert_equal "2", master.wait_for("worker_run", slot: 1, after: born)[:gen]
    assert_clean_stop(master)
  end

  def test_fs_37_a_limit_below_a_fresh_mold_is_only_warned_of
    orders.set("always mold boot eat 120")
    master, before = start_running("--max-mold-rss", "80M", "--check-interval", "0.2")
    warning = master.wait_for("warning", msg: /max-mold-rss/)
    assert_match(/is below a freshly booted mold's RSS of 1\d\d MiB/, warning[:msg])
    pass_cycles(master, before[0])
    assert_equal(1, master.log.select("mold_ready").size)
    assert_empty master.log.select("mold_kill").map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  private

  # Of five that share, each has some 20 MiB; of two, 50.
  def leave_alone(slot)
    orders.set("always mold boot eat 100")
    master, before = start_running(*QUICK, "--max-pss", "40M", processes: 4)
    orders.set("always mold spawn errno ENOMEM")
    lost = before.keys - [slot]
    lost.each { |other| Process.kill(:KILL, before[other]) && master.wait_end(before[other]) }
    wait_worker(master, slot, "a PSS above the limit") { |worker| worker["pss_bytes"].to_i > 45 * MIB }
    pass_cycles(master, before[slot])
    assert_empty master.log.select("recycle").map(&:line)
    assert_untouched(master, before, changed: lost)
    orders.set
    # The last failure of fork may have to be waited for.
    lost.each { |other| master.wait_for("worker_run", slot: other, after: master.wait_end(before[other]), within: 60) }
    assert_empty master.log.select(%w[recycle worker_term limit_too_low]).map(&:line)
    assert_clean_stop(master)
  end
end
