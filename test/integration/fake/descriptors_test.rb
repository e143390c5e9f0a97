# frozen_string_literal: true

require "etc"
require "socket"
require_relative "support/fake_case"

# descriptors_test.rb: the master without a free descriptor (FS-42), and its thrift with them.
class DescriptorsTest < FakeCase
  def test_fs_42_without_a_free_descriptor_the_service_goes_on
    master, before = start_running
    limit_to_what_is_open(master)
    refused = UNIXSocket.new(master.control_path)
    Process.kill(:KILL, before[0])
    gone = master.wait_end(before[0])
    master.wait_for("spawn_failed", slot: 0)
    assert_untouched(master, before, changed: [0])
    limit(master, 1024)
    master.wait_for("worker_run", slot: 0, after: gone, within: 60)
    refused.close
    Deadline.wait("an answer") { master.verb("status").last.zero? }
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_42_a_mold_that_finds_no_descriptor_is_tried_again
    master, before = start_running
    limit_to_what_is_open(master)
    Process.kill(:KILL, master.mold_pid)
    master.wait_for("mold_start_failed")
    assert_untouched(master, before)
    limit(master, 1024)
    master.wait_for("mold_ready", gen: ->(number) { number.to_i > 1 }, within: 60)
    master.kill_and_wait(before[1])
    assert_untouched(master, before, changed: [1])
    assert_clean_stop(master)
  end

  def test_fs_42_a_successor_that_finds_no_descriptor_is_tried_again
    master, before = start_running("--max-rss", "60M", "--check-interval", "0.2")
    limit_to_what_is_open(master)
    orders.set("always pid.#{before[0]} idle eat 100")
    Deadline.wait("two failures") { master.log.select("spawn_failed", slot: 0).size >= 2 }
    assert_untouched(master, before)
    limit(master, 1024)
    assert_equal "rss", master.wait_end(before[0], within: 60)[:reason]
    assert_equal 2, master.smallest_capacity(2)
    assert_untouched(master, before, changed: [0])
    assert_clean_stop(master)
  end

  def test_fs_42_a_loop_without_descriptors_does_not_spin
    master, = start_running
    limit_to_what_is_open(master)
    clients = Array.new(3) { UNIXSocket.new(master.control_path) }
    before_ticks = cpu_ticks(master)
    before_s = Deadline.now
    Deadline.wait("two seconds") { Deadline.now - before_s >= 2 }
    spent_s = (cpu_ticks(master) - before_ticks) / Etc.sysconf(Etc::SC_CLK_TCK).to_f
    assert_operator spent_s, :<, 1, "CPU seconds within two idle seconds"
    limit(master, 1024)
    clients.each(&:close)
    assert_clean_stop(master)
  end

  def test_replaced_workers_leave_no_descriptor_behind
    master, = start_running
    replace_all(master)
    # Each verb is a client for a moment: what stays is the smallest count seen.
    first = Array.new(20) { descriptors(master) }.min
    6.times { replace_all(master) }
    Deadline.wait("no more descriptors than before") { descriptors(master) <= first }
    assert_clean_stop(master)
  end

  private

  def replace_all(master)
    before = master.wait_running(2)
    assert_equal 0, master.verb("recycle", "all").last
    before.each_value { |pid| master.wait_end(pid) }
    master.wait_running(2)
  end

  def descriptors(master)
    Dir.children("/proc/#{master.pid}/fd").size
  end

  def limit(master, count)
    system("prlimit", "--pid", master.pid.to_s, "--nofile=#{count}:", exception: true)
  end

  # Up to the first number that is free: what is open stays open, nothing can be added.
  def limit_to_what_is_open(master)
    open = Dir.children("/proc/#{master.pid}/fd").map(&:to_i)
    limit(master, (0..).find { |number| !open.include?(number) })
  end

  def cpu_ticks(master)
    fields = File.read("/proc/#{master.pid}/stat").rpartition(")").last.split
    fields[11].to_i + fields[12].to_i
  end
end
