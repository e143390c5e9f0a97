# frozen_string_literal: true

require_relative "support/fake_case"

# spawn_test.rb: fork fails, and the service waits for better times.
class SpawnTest < FakeCase
  %w[EAGAIN ENOMEM].each do |error|
    define_method("test_fs_41_fork_that_fails_once_with_#{error}_costs_a_delay_and_a_line") do
      master, before = start_running
      orders.set("1 mold spawn errno #{error}")
      master.kill_and_wait(before[0])
      assert_equal 1, master.log.select("spawn_failed", slot: 0).size
      assert_empty master.log.select("mold_gone")
      assert_untouched(master, before, changed: [0])
      assert_clean_stop(master)
    end

    define_method("test_fs_41_fork_that_fails_for_a_while_with_#{error}_is_tried_again") do
      master, before = start_running
      orders.set("always mold spawn errno #{error}")
      Process.kill(:KILL, before[0])
      Deadline.wait("three failures") { master.log.select("spawn_failed").size >= 3 }
      waits = master.log.select("spawn_failed").first(3).map { |event| event[:wait_ms].to_i }
      assert_equal waits.sort, waits
      orders.set
      master.wait_for("worker_run", slot: 0, after: master.wait_end(before[0]))
      assert_untouched(master, before, changed: [0])
      assert_clean_stop(master)
    end
  end

  def test_fs_41_fork_that_fails_from_the_start_does_not_end_the_service
    orders.set("4 mold spawn errno EAGAIN")
    master = start
    master.wait_running(2)
    assert_equal 4, master.log.select("spawn_failed").size
    assert_clean_stop(master)
  end
end
