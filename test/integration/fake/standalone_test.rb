# frozen_string_literal: true

require_relative "support/fake_case"

# standalone_test.rb: --no-prefork, where each worker boots the application by itself.
class StandaloneTest < FakeCase
  def test_a5_without_prefork_each_worker_is_a_program_of_its_own
    master, before = start_running("--no-prefork")
    assert_empty journal(who: "mold")
    assert_empty master.status["molds"]
    before.each_value { |pid| assert_equal master.pid, Processes.find(pid).parent }
    assert_equal "7.3.0", master.status["application"]["sidekiq"]
    assert_clean_stop(master)
    wait_nothing_left
  end

  def test_fs_02_a_killed_worker_is_replaced
    master, before = start_running("--no-prefork")
    master.kill_and_wait(before[0])
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_16_a_worker_is_replaced_without_a_gap
    master, before = start_running("--no-prefork", "--max-rss", "60M", "--check-interval", "0.2")
    orders.set("always pid.#{before[1]} idle eat 100")
    assert_equal "rss", master.wait_end(before[1])[:reason]
    assert_equal 2, master.smallest_capacity(2)
    assert_clean_stop(master)
  end

  def test_fs_06_a_boot_that_hangs_ends_at_its_deadline
    orders.set("1 worker.0 after_fork hang")
    master = start("--no-prefork", "--boot-timeout", "3")
    assert_equal "boot_timeout", master.wait_for("worker_kill", slot: 0)[:reason]
    master.wait_running(2)
    assert_clean_stop(master)
  end

  def test_fs_33_a_boot_that_raises_in_every_worker_ends_the_service
    orders.set("always worker after_fork raise 1 uninitialized constant Shop")
    master = start("--no-prefork")
    assert_equal 75, master.wait_exit.exitstatus
    assert_includes master.log.text.lines.last(5).join, "uninitialized constant Shop"
    wait_nothing_left
  end

  %w[born hello after_fork gate].each do |place|
    define_method("test_fs_43_nothing_is_left_when_the_master_is_killed_while_a_worker_is_at_#{place}") do
      orders.set("always worker #{place} hang")
      master = start("--no-prefork")
      wait_journal("hang")
      master.signal(:KILL)
      master.wait_exit
      wait_nothing_left
    end
  end

  def test_fs_51_a_stop_is_clean
    master, before = start_running("--no-prefork", processes: 3)
    assert_clean_stop(master)
    before.each_value { |pid| assert_equal "0", master.wait_end(pid)[:code] }
    wait_nothing_left
  end
end
