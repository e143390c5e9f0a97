# frozen_string_literal: true

require_relative "support/limits_case"

# oom_test.rb: OOM kills as a control group tells of them (FS-03, FS-59), in a made-up one.
class OomTest < LimitsCase
  def test_fs_03_an_oom_kill_blames_no_code_and_starts_go_one_at_a_time
    group = make_group(500 * MIB)
    master, before = start_running(processes: 4)
    group.charge(used: 100 * MIB)
    # A healthy worker's first crash is forgiven, the second is not, unless the kernel did it.
    2.times do |round|
      workers = master.running_by_slot
      group.count_ooms(3 * (round + 1))
      endings = workers.values_at(0, 1, 2).each { |pid| Process.kill(:KILL, pid) }.map { |pid| master.wait_end(pid) }
      assert_equal [%w[KILL yes crashed]] * 3, endings.map { |event| %i[signal oom reason].map { |key| event[key] } }
      endings.each { |event| master.wait_for("worker_run", slot: event.slot, after: event) }
    end
    assert_empty master.log.select("slot_backoff").map(&:line)
    assert_equal 1, most_starting(master)
    assert_equal 6, master.status["counters"]["ooms"]
    # Without a new count it is nobody but whoever sent the signal.
    assert_equal "no", master.kill_and_wait(before[3])[:oom]
    assert_clean_stop(master)
  end

  def test_fs_03_after_an_oom_kill_the_next_start_waits_for_memory
    group = make_group(200 * MIB)
    orders.set("always worker boot eat 40")
    master, before = start_running(*QUICK, "--max-uss", "150M")
    group.charge(used: 190 * MIB)
    group.count_ooms(1)
    Process.kill(:KILL, before[0])
    ending = master.wait_end(before[0])
    assert_equal "yes", ending[:oom]
    waits = master.wait_for("oom_wait")
    assert_operator waits[:need_kib].to_i, :>, waits[:room_kib].to_i
    assert_equal "waiting for memory", master.status["degraded"]
    pass_cycles(master, before[1])
    assert_empty master.log.select("worker_spawning", slot: 0, after: ending.place).map(&:line)
    group.charge(used: 190 * MIB, cache: 100 * MIB)
    master.wait_for("worker_run", slot: 0, after: waits)
    master.wait_status("a whole service") { |status| status["degraded"].nil? }
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_59_a_group_that_dies_together_is_warned_of_at_the_start
    make_group(500 * MIB).die_together
    master, before = start_running
    warning = master.wait_for("warning", msg: /memory\.oom\.group/)
    assert_match(/an OOM kill of one worker ends all of it/, warning[:msg])
    assert_match(/write 0 to memory\.oom\.group/, warning[:msg])
    assert_operator warning.place, :<, master.wait_for("worker_run").place
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_fs_59_nobody_is_warned_where_each_dies_alone
    make_group(500 * MIB)
    master, before = start_running
    assert_empty master.log.select("warning").map(&:line)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  private

  # The greatest number of workers that were on their way at once, since the first death.
  def most_starting(master)
    later = master.log.events.drop_while { |event| !Master::ENDS.include?(event.name) }
    later.inject([0, 0]) do |(now, most), event|
      now += { "worker_spawning" => 1, "worker_ready" => -1 }.fetch(event.name, 0)
      [now, [now, most].max]
    end.last
  end
end
