# frozen_string_literal: true

require_relative "support/fake_case"

# recycle_test.rb: the verbs that people use, and the replacement of workers by hand.
class RecycleTest < FakeCase
  def test_recycle_replaces_one_worker_without_a_gap
    master, before = start_running
    output, code = master.verb("recycle", "1")
    assert_equal 0, code, output
    gone = master.wait_end(before[1])
    assert_equal %w[recycle 0], [gone[:reason], gone[:code]]
    assert_equal 2, master.smallest_capacity(2)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_recycle_all_replaces_every_worker_one_after_the_other
    master, before = start_running(processes: 3)
    assert_equal 0, master.verb("recycle", "all").last
    before.each_value { |pid| master.wait_end(pid) }
    assert_equal 3, master.smallest_capacity(3)
    assert_equal 3, master.wait_running(3).size
    assert_operator most_living(master), :<=, 4
    assert_clean_stop(master)
  end

  def test_recycle_of_what_does_not_exist_is_refused
    master, before = start_running
    ["7", "-1", "banana", "0x1"].each do |word|
      output, code = master.verb("recycle", word)
      refute_equal 0, code, word
      refute_empty output
    end
    refute_equal 0, master.verb("recycle").last
    assert_untouched(master, before)
    assert_clean_stop(master)
  end

  def test_a_busy_worker_drains_and_keeps_its_index
    master, before = start_running
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    master.verb("recycle", "0")
    status = master.wait_status("old and new in one slot") do |answer|
      answer["slots"][0]["workers"].size == 2 && current(answer, 0)["pid"] != before[0]
    end
    old = status["slots"][0]["workers"].find { |worker| worker["pid"] == before[0] }
    assert_equal ["leaving", "quieting", "recycle", 1], old.values_at("role", "state", "reason", "busy")
    assert_equal %w[0 0], journal("ready", who: "worker", slot: 0).map { |entry| entry["number"] }
    assert_empty journal("term", pid: before[0])
    orders.set
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_clean_stop(master)
  end

  def test_a_worker_that_does_not_drain_gets_term_at_the_drain_timeout
    master, before = start_running("--drain-timeout", "1")
    orders.set("always pid.#{before[0]} jobs busy 1")
    wait_busy(master, slot: 0, count: 1)
    master.verb("recycle", "0")
    term = master.wait_for("worker_term", pid: before[0])
    assert_operator term.time - master.wait_for("worker_quiet", pid: before[0]).time, :>=, 0.9
    # It gives its job back at Sidekiq's -t.
    assert_equal "0", master.wait_end(before[0])[:code]
    assert_clean_stop(master)
  end

  def test_stop_by_verb_is_a_clean_stop
    master, = start_running
    assert_equal 0, master.verb("stop").last
    assert_equal 0, master.wait_exit.exitstatus
    wait_nothing_left
  end

  def test_verbs_without_a_service_leave_with_69
    master, = start_running
    assert_clean_stop(master)
    [%w[status], %w[quiet], %w[resume], %w[recycle 0], %w[stop]].each do |words|
      output, code = master.verb(*words)
      assert_equal 69, code, words.inspect
      assert_equal 1, output.lines.size, output
    end
  end

  def test_status_shows_every_slot
    master, before = start_running
    output, code = master.verb("status")
    assert_equal 0, code
    before.each_value { |pid| assert_match(/\b#{pid}\b/, output) }
    assert_operator output.lines.map { |line| line.chomp.size }.max, :<=, 80
    status = master.status
    assert_equal ["running", master.pid, 2], [status["state"], status["pid"], status["totals"]["ready"]]
    assert_equal "7.3.0", status["application"]["sidekiq"]
    assert_clean_stop(master)
  end

  private

  # The greatest number of workers that lived at once, by the log.
  def most_living(master)
    master.log.events.inject([0, 0]) do |(now, most), event|
      now += 1 if event.name == "worker_hello"
      now -= 1 if Master::ENDS.include?(event.name)
      [now, [now, most].max]
    end.last
  end
end
