# frozen_string_literal: true

# Reads /proc. It must not signal anybody.
module ProcessTable
  # One process at one moment. The start time, in ticks since the machine's start, tells it from
  # another one that got the same pid.
  Entry = Struct.new(:pid, :state, :ppid, :pgid, :session, :started, keyword_init: true)

  class << self
    # The entry of a pid, or nil.
    def find(pid)
      # The name in parentheses may hold anything, also parentheses.
      fields = File.binread("/proc/#{pid}/stat").rpartition(") ").last.split
      Entry.new(pid: pid, state: fields[0], ppid: Integer(fields[1]), pgid: Integer(fields[2]),
                session: Integer(fields[3]), started: Integer(fields[19]))
    rescue SystemCallError
      nil
    end

    # All processes that began in this session or carry the mark in their environment, zombies too.
    def belonging_to(session, mark)
      everything.select { |entry| entry.session == session || marked?(entry.pid, mark) }
    end

    # True while this very process exists.
    def same?(entry)
      find(entry.pid)&.started == entry.started
    end

    # Resident memory in KiB, or nil.
    def rss_kib(pid)
      File.read("/proc/#{pid}/status")[/^VmRSS:\s+(\d+)/, 1]&.to_i
    rescue SystemCallError
      nil
    end

    private

    def everything
      Dir.children("/proc").grep(/\A\d+\z/).filter_map { |name| find(Integer(name)) }
    end

    def marked?(pid, mark)
      File.binread("/proc/#{pid}/environ").split("\0").include?(mark)
    rescue SystemCallError
      false
    end
  end
end
