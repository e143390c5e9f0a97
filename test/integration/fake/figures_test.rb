# frozen_string_literal: true

require "fileutils"
require_relative "support/fake_case"

# figures_test.rb: figures of the kernel that mislead: short spikes (FS-17) and hostile process names (FS-25).
class FiguresTest < FakeCase
  LIMIT = ["--max-rss", "60M", "--check-interval", "0.2"].freeze
  # What follows the first parenthesis would be a state, if names were believed.
  NAMES = ["a) T 1 (b", "x) Z 1", "  ((", "p) (q)\n"].freeze

  def test_fs_17_a_spike_between_two_checks_changes_nothing
    master, before = start_running(*LIMIT)
    # The spike comes and goes while the master stands still, so no check can fall into it.
    master.signal(:STOP)
    Deadline.wait("the stop of the master") { Processes.find(master.pid).state == "T" }
    orders.set("1 pid.#{before[0]} idle eat 200")
    wait_journal("ate", pid: before[0], number: 200)
    orders.set("1 pid.#{before[0]} idle eat 1")
    wait_journal("ate", pid: before[0], number: 1)
    master.signal(:CONT)
    # Another one that stays too large shows that checks went on.
    orders.set("always pid.#{before[1]} idle eat 100")
    assert_equal "rss", master.wait_end(before[1])[:reason]
    assert_empty master.log.select("recycle", slot: 0).map(&:line)
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  NAMES.each_with_index do |name, number|
    define_method("test_fs_25_a_process_name_is_not_taken_for_figures_#{number}") do
      master, before = start_running(*LIMIT, environment: { "SWARM_MOLD" => mold_named(name) })
      assert_equal name, Processes.find(before[0]).name
      orders.set("always pid.#{before[0]} idle eat 100")
      assert_equal "rss", master.wait_end(before[0])[:reason]
      Process.kill(:STOP, before[1])
      assert_equal before[1], master.wait_for("worker_stopped").pid
      assert_equal 1, master.log.select("worker_stopped").size
      master.kill_and_wait(before[1])
      assert_clean_stop(master)
    end
  end

  private

  # The fake mold under another name, which the kernel shows as that of its processes.
  def mold_named(name)
    path = File.join(folder, name)
    FileUtils.cp(Master::FAKE_MOLD, path)
    path
  end
end
