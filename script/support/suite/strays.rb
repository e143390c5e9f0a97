# frozen_string_literal: true

module Suite
  # The processes that a test started and that outlived it, known by a mark in their environment: in
  # a variable of its own, and in the sanitizers' options, which reach a master that gets no other.
  # Workers leave the process group of their test, so a signal to the group alone would miss them.
  class Strays
    MARK = "TEST_RUN_MARK"
    GRACE_S = 15

    attr_reader :mark

    def initialize(mark)
      @mark = mark
    end

    # Waits for the last of them to leave; those that stay are killed.
    # Returns a line for each that had to be killed.
    def sweep(grace_s: GRACE_S)
      deadline = now + grace_s
      pause until (found = pids).empty? || now > deadline
      found.filter_map { |pid| kill(pid) }
    end

    private

    # A zombie has no environment any more, so only the living are found.
    def pids
      Dir.children("/proc").grep(/\A\d+\z/).map(&:to_i).select { |pid| marked?(pid) }
    end

    def marked?(pid)
      File.binread("/proc/#{pid}/environ").include?(mark)
    rescue SystemCallError
      false
    end

    def kill(pid)
      command = File.binread("/proc/#{pid}/cmdline").tr("\0", " ").strip
      Process.kill(:KILL, pid)
      "#{pid} #{command}"
    rescue SystemCallError
      nil
    end

    def pause
      sleep 0.05
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
