# frozen_string_literal: true

require_relative "support/fake_case"

# memory_test.rb: RSS against --max-rss. The fake workers are small: 60 MiB is far from their birth weight.
class MemoryTest < FakeCase
  LIMIT = ["--max-rss", "60M", "--check-interval", "0.2", "--memory-grace", "0"].freeze

  def test_fs_16_a_worker_over_the_limit_is_replaced_without_a_gap
    master, before = start_running(*LIMIT)
    orders.set("always pid.#{before[0]} idle eat 100")
    recycle = master.wait_for("recycle", slot: 0)
    assert_equal [before[0], "rss"], [recycle.pid, recycle[:reason]]
    assert_operator recycle[:rss_kib].to_i, :>, recycle[:limit_kib].to_i
    assert_equal 60 * 1024, recycle[:limit_kib].to_i
    gone = master.wait_end(before[0])
    assert_equal %w[rss 0], [gone[:reason], gone[:code]]
    order = %w[worker_ready worker_run worker_quiet worker_term].map do |name|
      master.wait_for(name, slot: 0, after: recycle).place
    end
    assert_equal order.sort, order, "successor first, then quiet, then TERM"
    assert_equal 2, master.smallest_capacity(2)
    assert_equal %w[tstp term leave], journal(pid: before[0]).map { |entry| entry["event"] } & %w[tstp term leave]
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_16_the_old_worker_finishes_its_jobs_first
    master, before = start_running(*LIMIT)
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    orders.add("always pid.#{before[0]} idle eat 100")
    master.wait_for("worker_quiet", pid: before[0])
    # The board is looked at again and again meanwhile; a second worker that outgrows the limit waits.
    orders.add("always pid.#{before[1]} idle eat 100")
    wait_journal("ate", pid: before[1])
    master.wait_status("a look at the grown one") { |status| current(status, 1)["rss_bytes"].to_i > 60 << 20 }
    assert_empty master.log.select("worker_term")
    assert_empty master.log.select("recycle", slot: 1), "one at a time"
    orders.set
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_equal "0", master.wait_end(before[1])[:code]
    assert_equal 2, master.smallest_capacity(2)
    assert_clean_stop(master)
  end

  def test_fs_19_the_largest_goes_first
    master, before = start_running("--max-rss", "60M", "--check-interval", "2", "--memory-grace", "0", processes: 3)
    orders.set("always pid.#{before[0]} idle eat 90", "always pid.#{before[1]} idle eat 200",
               "always pid.#{before[2]} idle eat 140")
    before.each_value { |pid| wait_journal("ate", pid: pid) }
    before.each_value { |pid| master.wait_end(pid) }
    recycles = master.log.select("recycle")
    # What a first look between two meals chose is not judged, only the choice among those that had eaten.
    later = recycles.drop_while { |event| event.pid != before[1] }.map(&:pid)
    assert_equal later.sort_by { |pid| [before[1], before[2], before[0]].index(pid) }, later
    assert_equal 3, master.smallest_capacity(3)
    assert_clean_stop(master)
  end

  def test_fs_20_a_limit_below_a_fresh_worker_is_said_once
    orders.set("always worker boot eat 100")
    master, before = start_running(*LIMIT)
    told = master.wait_for("limit_too_low")
    assert_operator told[:fresh_kib].to_i, :>, 60 * 1024
    assert_equal 60 * 1024, told[:limit_kib].to_i
    # A replacement asked for by hand shows that checks went on meanwhile and found nobody.
    assert_equal 0, master.verb("recycle", "0").last
    master.wait_end(before[0])
    assert_empty master.log.select("recycle", reason: "rss")
    assert_equal 1, master.log.select("limit_too_low").size
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_28_the_old_worker_stays_while_its_successor_cannot_be_forked
    master, before = start_running(*LIMIT)
    orders.set("always mold spawn errno ENOMEM", "always pid.#{before[0]} idle eat 100")
    Deadline.wait("two failures") { master.log.select("spawn_failed", slot: 0).size >= 2 }
    assert_untouched(master, before)
    assert_empty master.log.select("worker_quiet")
    orders.set
    gone = master.wait_end(before[0])
    assert_equal "rss", gone[:reason]
    assert_equal 2, master.smallest_capacity(2)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_28_the_old_worker_stays_while_its_successor_does_not_become_ready
    master, before = start_running(*LIMIT)
    orders.set("always worker.0 after_fork raise 1 not today", "always pid.#{before[0]} idle eat 100")
    Deadline.wait("two failures") { master.log.select("failure", slot: 0).size >= 2 }
    assert_untouched(master, before)
    orders.set
    assert_equal "rss", master.wait_end(before[0])[:reason]
    assert_equal 2, master.smallest_capacity(2)
    assert_clean_stop(master)
  end
end
