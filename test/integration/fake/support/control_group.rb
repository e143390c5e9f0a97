# frozen_string_literal: true

require "securerandom"
require_relative "../../../support/deadline"

# control_group.rb: a control group of the test's own, below the one it runs in.
# It owns that folder and removes it; it must touch no other group.
class ControlGroup
  # Where each kind stands, and the file that shows that the kind is at hand. Version 1, then 2.
  PLACES = {
    memory: [["/sys/fs/cgroup/memory", /^\d+:[^:]*\bmemory\b[^:]*:(.*)$/, "memory.limit_in_bytes"],
             ["/sys/fs/cgroup", /^0::(.*)$/, "memory.max"]],
    # Version 2 lets a frozen process die: only version 1 keeps it.
    freezer: [["/sys/fs/cgroup/freezer", /^\d+:[^:]*\bfreezer\b[^:]*:(.*)$/, "freezer.state"]],
    cpu1: [["/sys/fs/cgroup/cpu", /^\d+:[^:]*\bcpu\b[^:]*:(.*)$/, "cpu.cfs_quota_us"]],
    cpu2: [["/sys/fs/cgroup", /^0::(.*)$/, "cpu.max"]]
  }.freeze

  # Makes one; nil where this machine or this user cannot.
  def self.make(kind)
    PLACES.fetch(kind).each do |root, line, file|
      own = File.read("/proc/self/cgroup")[line, 1] or next
      path = File.join(root, own, "swarm-test-#{SecureRandom.hex(6)}")
      next unless make_folder(path)
      return new(path, file) if File.writable?(File.join(path, file))

      Dir.rmdir(path)
    end
    nil
  end

  def self.make_folder(path)
    Dir.mkdir(path)
  rescue SystemCallError
    false
  end

  attr_reader :path

  def initialize(path, file)
    @path = path
    @file = file
  end

  # Writes the file that this kind is about: a limit in bytes, FROZEN or THAWED, microseconds of each period.
  def set(value)
    File.write(File.join(path, @file), value.to_s)
  end

  def value
    File.read(File.join(path, @file)).strip
  end

  # Keeps what is in it from being swapped out. Returns false where that cannot be had.
  def forbid_swap(limit)
    return true if File.readlines("/proc/swaps").size < 2

    { "memory.swap.max" => 0, "memory.memsw.limit_in_bytes" => limit }.any? do |file, value|
      File.exist?(File.join(path, file)) && File.write(File.join(path, file), value.to_s)
    end
  rescue SystemCallError
    false
  end

  def add(pid)
    File.write(File.join(path, "cgroup.procs"), pid.to_s)
  end

  # To be called when nobody is left in it.
  def remove
    Deadline.wait("an empty control group") do
      Dir.rmdir(path)
      true
    rescue Errno::EBUSY
      false
    end
  end
end
