# frozen_string_literal: true

require_relative "support/limits_case"

# give_up_test.rb: a slot that fails too often is given up, as `if 3 restarts within 5 cycles then timeout` of a
# monitrc asks for (E3).
class GiveUpTest < LimitsCase
  # Restarts in a row wait 1 s and 1.5 s: the third one comes well within five cycles.
  OPTIONS = ["--give-up", "3/5", "--check-interval", "10"].freeze

  def test_a_slot_that_crashes_again_and_again_is_given_up_and_tried_again_by_order
    master, before = start_running(*OPTIONS)
    orders.set("always worker.0 idle kill SEGV")
    given_up = master.wait_for("given_up")
    assert_equal [0, "3"], [given_up.slot, given_up[:restarts]]
    assert_match(/within 5 cycles.*swarm recycle 0/, given_up[:msg])
    assert_equal(3, master.log.select("worker_lost", slot: 0).size)
    status = master.status
    assert_equal [[true, false], "1 of 2 slots given up", 1],
                 [status["slots"].map { |slot| slot["given_up"] }, status["degraded"], status["totals"]["ready"]]
    # The others are looked after as ever.
    assert_untouched(master, before, changed: [0])
    master.kill_and_wait(before[1])
    orders.set
    assert_equal 0, master.verb("recycle", "0").last
    master.wait_for("worker_run", slot: 0, after: given_up)
    status = master.wait_status("a whole service") { |answer| answer["totals"]["ready"] == 2 }
    assert_equal [nil, false], [status["degraded"], status["slots"][0]["given_up"]]
    assert_clean_stop(master)
  end

  def test_a_slot_that_was_tried_again_is_given_up_again
    master, = start_running(*OPTIONS)
    orders.set("always worker.0 idle kill SEGV")
    first = master.wait_for("given_up", slot: 0)
    assert_equal 0, master.verb("recycle", "0").last
    again = master.wait_for("given_up", slot: 0, after: first)
    assert_equal "6", again[:restarts]
    assert_equal 1, master.status["totals"]["ready"]
    assert_clean_stop(master)
  end

  def test_fewer_restarts_within_the_cycles_are_forgiven
    # Each of these restarts comes later than a cycle after the one before.
    master, before = start_running("--give-up", "2/1", "--check-interval", "0.2")
    pid = before[0]
    3.times do
      began_s = Deadline.now
      pass_cycles(master, before[1])
      Deadline.wait("more than a cycle") { Deadline.now - began_s > 0.3 }
      ending = master.kill_and_wait(pid)
      pid = master.wait_for("worker_run", slot: 0, after: ending).pid
    end
    assert_empty master.log.select("given_up").map(&:line)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end
end
