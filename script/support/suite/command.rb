# frozen_string_literal: true

require "fileutils"
require_relative "counts"
require_relative "readers"
require_relative "strays"

module Suite
  # One command of the run: a file of tests, a unit test or a check. Owns its process group, its log
  # and its time limit; it prints nothing.
  class Command
    LIMIT_S = 600
    STOP_S = 10

    attr_reader :name, :log, :counts, :seconds, :strays_killed

    # name    what the report calls it
    # argv    the words of the command
    # reader  a method of Readers
    # env     variables to set (nil unsets)
    # again   whether a failure is tried once more, alone, at the end of the run
    def initialize(name, argv, log:, reader:, env: {}, again: false, dir: nil)
      @name = name
      @argv = argv
      @log = log
      @reader = reader
      @env = env
      @again = again
      @dir = dir
    end

    def again?
      @again
    end

    # Runs to the end or to the time limit. Returns its Counts.
    def run
      FileUtils.mkdir_p(File.dirname(log))
      Dir.glob("#{log}.*").each { |old| File.delete(old) }
      started = now
      status = spawn_and_wait
      @seconds = now - started
      @strays_killed = strays.sweep
      @counts = count(status)
    end

    # Ends what runs, from another thread: the group is asked, then made to.
    def stop
      return unless @pid

      signal_group(:TERM)
      signal_group(:KILL) unless @waiter&.join(STOP_S)
      strays.sweep(grace_s: 0)
    end

    def output
      File.read(log, encoding: "UTF-8").scrub
    end

    private

    def strays
      @strays ||= Strays.new("test-run-#{Process.pid}-#{object_id}-")
    end

    def spawn_and_wait
      options = { in: File::NULL, out: log, err: [:child, :out], pgroup: true }
      options[:chdir] = @dir if @dir
      @pid = Process.spawn(@env.merge(sanitizer_env, Strays::MARK => strays.mark), *@argv, options)
      @waiter = Process.detach(@pid)
      in_time = @waiter.join(LIMIT_S)
      stop unless in_time
      in_time ? @waiter.value : nil
    ensure
      @pid = nil
    end

    # Reports go to files beside the log: standard error of a master under test may be a pipe that
    # nobody reads. SEGV stays the kernel's, since tests kill workers by it on purpose.
    def sanitizer_env
      { "ASAN_OPTIONS" => "log_path=#{log}.#{strays.mark}.asan:detect_leaks=1:exitcode=99:handle_segv=0",
        "UBSAN_OPTIONS" => "log_path=#{log}.#{strays.mark}.ubsan:print_stacktrace=1" }
    end

    def count(status)
      counts = Readers.public_send(@reader, output)
      return missing_count(status) unless counts

      counts.trouble!("ended after #{LIMIT_S} s, its time limit") unless status
      failed_quietly = status && !status.success? && !counts.failed?
      failed_by_status(counts, status) if failed_quietly
      add_sanitizer_reports(counts)
    end

    def missing_count(status)
      how = status ? status.to_s.sub(/\Apid \d+ /, "") : "ended after #{LIMIT_S} s, its time limit"
      add_sanitizer_reports(Counts.none.trouble!("no count of tests in its output (#{how})"))
    end

    # A check has nothing but its status, so the one test it stands for is the one that failed.
    def failed_by_status(counts, status)
      counts.passed = 0 if @reader == :check
      counts.trouble!(status.to_s.sub(/\Apid \d+ /, ""))
    end

    def add_sanitizer_reports(counts)
      Dir.glob("#{log}.*.{asan,ubsan}.*").each do |report|
        File.write(log, "\n#{File.basename(report)}:\n#{File.read(report)}", mode: "a")
        counts.trouble!("a sanitizer reported, see #{File.basename(report)}")
      end
      counts
    end

    def signal_group(signal)
      Process.kill(signal, -@pid) if @pid
    rescue Errno::ESRCH
      nil
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
