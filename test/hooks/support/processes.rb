# frozen_string_literal: true

require "fiddle"

# What a test must know of processes: /proc, and being the reaper of grandchildren. Owns nothing.
module Processes
  PR_SET_CHILD_SUBREAPER = 36
  DEADLINE_S = 60

  module_function

  # Makes this process the parent of descendants that lose theirs, as the master is.
  def be_subreaper
    prctl = Fiddle::Function.new(Fiddle::Handle::DEFAULT["prctl"],
                                 [Fiddle::TYPE_INT, *([Fiddle::TYPE_LONG] * 4)], Fiddle::TYPE_INT)
    raise "prctl failed" unless prctl.call(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0).zero?
  end

  # One field of /proc/PID/status, nil for a process that is gone.
  def status(pid, field)
    File.read("/proc/#{pid}/status")[/^#{field}:\s*(.*)$/, 1]
  rescue Errno::ENOENT, Errno::ESRCH
    nil
  end

  def parent(pid)
    status(pid, "PPid")&.to_i
  end

  # A zombie is gone, too: it only waits to be reaped.
  def gone?(pid)
    state = status(pid, "State")
    state.nil? || state.start_with?("Z", "X")
  end

  # The numbers of a mask of /proc/PID/status ("SigBlk", "SigIgn" …).
  def signals(pid, field)
    mask = status(pid, field).to_i(16)
    (1..64).select { |number| mask[number - 1] == 1 }
  end

  # Pids whose environment holds this mark: what a test left behind, wherever it went.
  def marked(mark)
    Dir.children("/proc").grep(/\A\d+\z/).map(&:to_i).select do |pid|
      pid != Process.pid && !gone?(pid) && File.binread("/proc/#{pid}/environ").include?(mark)
    rescue SystemCallError
      false
    end
  end

  # Waits until the block is true; returns what it returned. Looking again costs a hundredth of a second.
  def wait_until(what, seconds: DEADLINE_S)
    until_s = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
    loop do
      found = yield
      return found if found
      raise "not within #{seconds} s: #{what}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > until_s

      IO.select(nil, nil, nil, 0.01)
    end
  end

  # The status of a child, however long it takes to leave.
  def reap(pid, seconds: DEADLINE_S)
    wait_until("the end of #{pid}", seconds: seconds) { Process.wait2(pid, Process::WNOHANG)&.last }
  end
end
