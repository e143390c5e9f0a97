# frozen_string_literal: true

require "etc"

# What /proc says of processes. All sizes are KiB.
module Figures
  class << self
    # The sum of the proportional set sizes: shared pages counted once.
    def pss_kib(pids)
      pids.sum { |pid| rollup(pid).fetch("Pss") }
    end

    # Pages that only this process has and that nobody else would give back.
    def private_dirty_kib(pid)
      rollup(pid).fetch("Private_Dirty")
    end

    def rss_kib(pid)
      Integer(File.read("/proc/#{pid}/status")[/^VmRSS:\s+(\d+)/, 1])
    end

    # How often the threads of a process have gone to sleep by themselves: each of them was a wake-up.
    def wakeups(pid)
      Dir.glob("/proc/#{pid}/task/*/status").sum do |path|
        Integer(File.read(path)[/^voluntary_ctxt_switches:\s+(\d+)/, 1])
      end
    end

    # Open descriptors by what they are, e.g. {"socket" => 20, "pidfd" => 16}.
    def descriptors(pid)
      Dir.glob("/proc/#{pid}/fd/*").map { |path| kind(File.readlink(path)) }.tally
    end

    # The load of the machine over the last minute.
    def load_average
      File.read("/proc/loadavg").split.first
    end

    private

    def rollup(pid)
      File.read("/proc/#{pid}/smaps_rollup").scan(/^(\w+):\s+(\d+) kB/).to_h { |name, kib| [name, Integer(kib)] }
    end

    def kind(target)
      return "memfd" if target.start_with?("/memfd")
      return "file of /proc" if target.start_with?("/proc")

      target[/\Aanon_inode:\[?(\w+)/, 1] || target[/\A(\w+):\[/, 1] || "file"
    end
  end
end
