# frozen_string_literal: true

require_relative "support/limits_case"

# spare_test.rb: spares wait at their gates, take places, and cost nobody anything when they or their molds fail.
class SpareTest < LimitsCase
  PROCESSES = 2
  SPARE = PROCESSES

  def test_a19_a_spare_fetches_nothing_and_answers_a_death_at_once
    master, before, spare = start_with_spare
    assert_equal [SPARE.to_s], indices([spare])
    master.kill_and_wait(before[0])
    assert_equal spare, master.running_by_slot[0]
    assert_equal "its slot is filled", master.wait_end(before[0])[:msg].split("; ").last
    moved = master.wait_for("worker_moved", pid: spare)
    assert_equal [SPARE.to_s, "0"], [moved[:from], moved[:slot]]
    # Nothing was started for it, and the next one stands behind the slots again, with the index that is free.
    assert_equal 1, master.log.select("worker_spawning", slot: 0).size
    assert_equal ["0"], indices([wait_spare(master)])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_a19_a_recycle_is_answered_by_the_spare
    master, before, spare = start_with_spare
    assert_equal 0, master.verb("recycle", "1").last
    assert_equal "recycle", master.wait_end(before[1])[:reason]
    assert_equal spare, master.running_by_slot[1]
    assert_equal PROCESSES, master.smallest_capacity(PROCESSES)
    wait_spare(master)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_a19_indices_stay_apart_whoever_takes_which_place
    master, = start_with_spare(processes: 3)
    assert_equal 0, master.verb("recycle", "all").last
    Deadline.wait("three recycles") { master.log.select("worker_gone", reason: "recycle").size == 3 }
    master.kill_and_wait(master.running_by_slot[1])
    present = master.wait_running(3).values << wait_spare(master, processes: 3)
    assert_equal %w[0 1 2 3], indices(present).sort
    assert_operator most_living(master), :<=, 5
    assert_clean_stop(master)
  end

  def test_a19_two_deaths_at_once_are_answered_by_two_spares
    master, before = start_running("--spare", "2")
    spares = [wait_spare(master), wait_spare(master, number: SPARE + 1)]
    before.each_value { |pid| Process.kill(:KILL, pid) }
    endings = before.values.map { |pid| master.wait_end(pid) }
    endings.each { |ending| master.wait_for("worker_run", slot: ending.slot, after: ending) }
    assert_equal spares.sort, master.running_by_slot.values.sort
    assert_clean_stop(master)
  end

  def test_a19_a_crash_loop_waits_and_does_not_eat_spares
    master, before, = start_with_spare
    master.kill_and_wait(before[0])
    spare = wait_spare(master)
    second = master.running_by_slot[0]
    Process.kill(:KILL, second)
    backoff = master.wait_for("slot_backoff", slot: 0)
    run = master.wait_for("worker_run", pid: spare, after: backoff)
    assert_equal "1500", backoff[:wait_ms]
    assert_operator run.time - backoff.time, :>=, 1.4
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_a19_a_slot_that_is_given_up_gets_no_spare
    master, before, spare = start_with_spare("--give-up", "1/1000")
    Process.kill(:KILL, before[1])
    master.wait_for("given_up", slot: 1)
    output, code = master.verb("recycle", "1")
    assert_equal 0, code, output
    assert_equal spare, master.wait_for("worker_run", slot: 1, after: master.wait_end(before[1])).pid
    assert_clean_stop(master)
  end

  def test_a19_spares_that_fail_wait_and_hold_up_nobody
    orders.set("always worker.#{SPARE} after_fork raise 1 broken")
    master, before = start_running("--spare", "1", "--give-up", "2/1000")
    Deadline.wait("three waits") { master.log.select("slot_backoff", slot: SPARE).size >= 3 }
    waits = master.log.select("slot_backoff", slot: SPARE).first(3)
    assert_equal(%w[1000 1500 2250], waits.map { |event| event[:wait_ms] })
    assert_empty master.log.select(%w[given_up give_up]).map(&:line)
    assert_untouched(master, before)
    orders.set
    wait_spare(master)
    assert_clean_stop(master)
  end

  def test_a19_a_spare_that_dies_is_forked_anew
    master, before, spare = start_with_spare
    Process.kill(:KILL, spare)
    lost = master.wait_end(spare)
    assert_equal %w[waiting crashed], [lost[:state], lost[:reason]]
    refute_equal spare, wait_spare(master)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a19_a_spare_that_loses_its_link_is_forked_anew
    master, before, spare = start_with_spare
    orders.set("1 pid.#{spare} gate close")
    assert_equal "waiting", master.wait_end(spare)[:state]
    refute_equal spare, wait_spare(master)
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a19_quiet_keeps_the_spare_and_resume_uses_it
    master, before, spare = start_with_spare
    master.signal(:TSTP)
    before.each_value { |pid| wait_journal("tstp", pid: pid) }
    Process.kill(:KILL, before[0])
    master.wait_status("an empty slot") { |status| current(status, 0).nil? }
    assert Processes.alive?(spare)
    assert_empty master.log.select("worker_run", pid: spare)
    assert_equal 0, master.verb("resume").last
    run = master.wait_for("worker_run", after: master.wait_for("resume"))
    assert_equal spare, run.pid
    Deadline.wait("a whole service") { (master.running_by_slot.values - before.values).size == PROCESSES }
    wait_spare(master)
    assert_empty journal("tstp", pid: spare)
    assert_clean_stop(master)
  end

  def test_a19_no_signal_of_sidekiqs_reaches_a_spare
    master, before, spare = start_with_spare
    master.signal(:TTIN)
    before.each_value { |pid| wait_journal("ttin", pid: pid) }
    master.signal(:TSTP)
    before.each_value { |pid| wait_journal("tstp", pid: pid) }
    assert_clean_stop(master)
    assert_empty %w[ttin tstp term].flat_map { |name| journal(name, pid: spare) }
    assert_equal %w[waiting stop], master.wait_for("worker_kill", pid: spare).keys.values_at("state", "reason")
  end

  def test_a19_a_spare_goes_with_its_master
    master, _before, spare = start_with_spare
    master.signal(:KILL)
    wait_gone(spare)
    wait_nothing_left
  end

  def test_fs_29_a_spare_takes_a_place_while_there_is_no_mold
    master, before, spare = start_with_spare
    orders.set("always mold.2 boot hang")
    Process.kill(:KILL, master.mold_pid)
    hung = wait_journal("hang", generation: 2)["pid"].to_i
    assert Processes.alive?(spare)
    master.kill_and_wait(before[0])
    assert_equal spare, master.running_by_slot[0]
    assert_untouched(master, before, changed: [0])
    orders.set
    Process.kill(:KILL, hung)
    master.wait_for("mold_ready", gen: 3)
    assert_equal "3", master.wait_for("worker_ready", pid: wait_spare(master))[:gen]
    assert_clean_stop(master)
  end

  {
    "before_the_fork" => "spawn", "in_the_middle" => "middle_end", "before_its_answer" => "spawned"
  }.each do |moment, place|
    define_method("test_fs_30_a_mold_that_dies_during_a_spare_s_spawn_#{moment}_costs_nobody") do
      master, before, spare = start_with_spare
      orders.set("1 mold #{place} kill KILL")
      master.kill_and_wait(before[0])
      assert_equal spare, master.running_by_slot[0]
      Deadline.wait("the orders to be taken") { orders.used_up? }
      wait_spare(master)
      assert_untouched(master, before, changed: [0])
      assert_clean_stop(master)
    end
  end

  def test_fs_31_a_stopped_mold_does_not_keep_the_spare_from_its_place
    master, before, spare = start_with_spare("--spawn-timeout", "3")
    Process.kill(:STOP, master.mold_pid)
    master.kill_and_wait(before[0])
    assert_equal spare, master.running_by_slot[0]
    assert_equal "spawn_timeout", master.wait_for("mold_kill", gen: 1)[:reason]
    wait_spare(master)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_32_a_middle_that_fails_costs_the_spare_a_delay
    master, before, spare = start_with_spare
    orders.set("1 mold middle exit 3")
    master.kill_and_wait(before[0])
    assert_equal spare, master.running_by_slot[0]
    master.wait_for("spawn_failed", slot: SPARE)
    wait_spare(master)
    assert_empty master.log.select("mold_gone").map(&:line)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  # FS-35: what a new mold brings forth dies; the spare is the first to show it, and nobody who works is touched.
  def test_fs_35_spares_of_a_mold_whose_workers_die_cost_nobody
    master, before, spare = start_with_spare
    orders.set("always worker.#{SPARE}.2 after_fork raise 1 broken")
    Process.kill(:KILL, master.mold_pid)
    master.wait_for("mold_ready", gen: 2)
    Process.kill(:KILL, spare)
    master.wait_for("slot_backoff", slot: SPARE, gen: 2)
    assert_untouched(master, before)
    orders.set
    wait_spare(master)
    assert_clean_stop(master)
  end

  def test_fs_37_a_mold_that_leaks_is_replaced_beside_a_spare
    master, before, spare = start_with_spare(*QUICK, "--max-mold-rss", "60M")
    orders.set("always mold.1 idle eat 80")
    assert_equal "mold_rss", master.wait_for("mold_kill", gen: 1)[:reason]
    master.wait_for("mold_ready", gen: 2)
    master.kill_and_wait(before[1])
    assert_equal spare, master.running_by_slot[1]
    wait_spare(master)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_38_a_stop_ends_a_spare_that_still_boots
    orders.set("always worker.#{SPARE} boot wait")
    master, = start_running("--spare", "1")
    pid = wait_journal("wait", slot: SPARE)["pid"].to_i
    assert_clean_stop(master)
    assert_equal "stop", master.wait_for("worker_kill", pid: pid)[:reason]
    wait_nothing_left
  end

  def test_fs_38_a_stop_while_the_mold_hangs_over_a_spare_is_a_clean_one
    master, before, = start_with_spare
    orders.set("1 mold spawn hang")
    master.kill_and_wait(before[0])
    wait_journal("hang", who: "mold")
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_fs_03_after_an_oom_kill_the_spare_runs_and_the_next_one_waits
    group = make_group(500 * MIB)
    orders.set("always worker boot eat 20")
    master, before, spare = start_with_spare(*QUICK, "--max-uss", "400M")
    group.charge(used: 100 * MIB)
    group.count_ooms(1)
    assert_equal "yes", master.kill_and_wait(before[0])[:oom]
    assert_equal spare, master.running_by_slot[0]
    pass_cycles(master, before[1])
    assert_equal 1, master.log.select("worker_spawning", slot: SPARE).size
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_a19_without_memory_there_is_no_spare
    group = make_group(200 * MIB)
    group.charge(used: 190 * MIB)
    orders.set("always worker boot eat 40")
    master, before = start_running(*QUICK, "--spare", "1", "--max-uss", "150M")
    pass_cycles(master, before[1])
    assert_empty master.log.select("worker_spawning", slot: SPARE).map(&:line)
    group.charge(used: 20 * MIB)
    wait_spare(master)
    assert_clean_stop(master)
  end

  def test_a19_what_is_no_number_of_spares_is_refused
    %w[-1 17 one 1.5].each do |word|
      output, code = start_and_wait("--spare=#{word}")
      assert_equal 64, code, output
      assert_match(/spare/, output)
    end
  end

  def test_a19_without_a_mold_spares_are_said_to_have_no_effect
    master, = start_running("--no-prefork", "--spare", "1")
    master.wait_for("warning", msg: /spare has no effect/)
    assert_empty master.log.select("worker_spawning", slot: SPARE).map(&:line)
    assert_clean_stop(master)
  end

  private

  # Starts a service with one spare; returns the master, its running workers by slot, and the spare's pid.
  def start_with_spare(*words, processes: PROCESSES)
    master, before = start_running("--spare", "1", *words, processes: processes)
    [master, before, wait_spare(master, processes: processes)]
  end

  # Waits until somebody stands at the gate on that position; returns its pid.
  def wait_spare(master, processes: PROCESSES, number: processes)
    Deadline.wait("a spare at position #{number}") do
      raise Deadline::Missed, "no spare can come: the master left" if master.exited?

      spares(master).key(number)
    end
  end

  # pid → position of those that are ready and were not let through the gate.
  def spares(master)
    master.log.events.each_with_object({}) do |event, waiting|
      case event.name
      when "worker_ready" then waiting[event.pid] = event.slot
      when "worker_moved" then waiting[event.pid] = event.slot if waiting.key?(event.pid)
      when "worker_run", *Master::ENDS then waiting.delete(event.pid)
      end
    end
  end

  # The indices that these workers were given.
  def indices(pids)
    pids.map { |pid| wait_journal("ready", who: "worker", pid: pid)["number"] }
  end

  def start_and_wait(*words)
    master = start(*words)
    code = master.wait_exit.exitstatus
    [master.log.text, code]
  end
end
