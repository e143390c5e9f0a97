# frozen_string_literal: true

require "time"
require_relative "machine"
require_relative "sample"
require_relative "tree"
require_relative "ways"

module Cow
  # One run of one case: boots its processes afresh, gives them jobs, looks at them in between, ends them.
  class Run
    # The processes did not stay as they were, or jobs were lost: the figures mean nothing.
    class Void < StandardError; end

    BOOT_S = 300
    # A slot of swarm's whose workers have failed so often will fail again.
    FAILURES = 3
    # So long without any progress is no slowness any more.
    STALL_S = 300
    CHECK_S = 1
    PAUSE_S = 0.02
    FIRST_NUMBER = 1_000

    # measured     a Case
    # application  OwnApplication or UserApplication
    # broker       a Broker
    # probe        a Probe
    # folder       an empty folder of this run
    def initialize(measured, application:, broker:, probe:, folder:)
      @case = measured
      @way = Ways.find(measured.way)
      @application = application
      @broker = broker
      @probe = probe
      @folder = folder
    end

    # Returns the results as they are stored. Raises Void, Trouble.
    def call
      boot
      checkpoints = look_at_all
      forks = fork_times
      @tree.stop
      check_jobs
      { "case" => @case.key, "checkpoints" => checkpoints, "boot" => @boot, "fork_ms" => forks }.merge(Machine.moment(Service::ROOT))
    ensure
      @tree&.destroy
    end

    private

    def boot
      @broker.clear
      @application.begin_run(@folder)
      started = now
      @tree = Tree.new(commands, folder: @folder, directory: @application.directory,
                                 env: @application.env(@broker.url))
      @workers = @tree.wait("#{@case.processes} workers that fetch", BOOT_S) { all_fetch || check_boot }
      @boot = { "wall_s" => (now - started).round(3) }
    end

    def commands
      @way.commands(@case.processes, @application.words(@case, @way),
                    swarm: Service::BINARY, control: File.join(@folder, "swarm.sock"))
    end

    # Raises Trouble where swarm's workers fail one after the other. Its log is read once a second.
    def check_boot
      return if @way.kind != :swarm || now - @looked.to_f < CHECK_S

      @looked = now
      failed = @tree.events("slot_backoff").any? { |event| event.number(:failures) >= FAILURES }
      raise Trouble, "workers failed #{FAILURES} times in a row#{@tree.last_lines}" if failed
    end

    # The pids of the workers, once all wait for jobs with each of their threads.
    def all_fetch
      return unless @broker.fetching_count >= @case.processes

      living = @broker.fetching.slice(*@tree.pids)
      return unless living.size == @case.processes && @broker.idle?(living.values.sum)

      @threads = living.values.sum
      living.keys
    end

    def look_at_all
      done = 0
      wall_s = 0.0
      @case.checkpoints.map do |jobs|
        wall_s += work(done * @case.processes, (jobs - done) * @case.processes)
        done = jobs
        look(jobs).merge("wall_s" => wall_s.round(3))
      end
    end

    # Returns how long all these jobs took.
    def work(before, count)
      return 0.0 if count.zero?

      jobs = @application.jobs(@case.job, FIRST_NUMBER + before, count)
      started = now
      @broker.push(jobs)
      wait_until_done
      now - started
    end

    # To look at each process takes long, so it is done only where Redis says that all is done, and once a second.
    def wait_until_done
      last = Struct.new(:queued, :at).new(nil, now)
      looked = now
      loop do
        if @broker.idle?(@threads) || now - looked > CHECK_S
          looked = now
          @tree.check
          found = all_fetch
          return check_workers(found) if found

          watch_progress(last)
        end
        sleep PAUSE_S
      end
    end

    def watch_progress(last)
      queued = @broker.queued
      last.queued, last.at = queued, now if queued != last.queued
      return if now - last.at < STALL_S

      raise Trouble, "#{@case}: nothing was done for #{STALL_S} s; #{queued} jobs wait in the queues#{@tree.last_lines}"
    end

    # Only a way that replaces its workers may have others than it began with.
    def check_workers(pids)
      raise Void, "a worker was replaced" unless pids.sort == @workers.sort || @way.options.include?("--refork-after")

      @workers = pids
    end

    def look(jobs)
      kinds = [0, @case.jobs].include?(jobs)
      found = @probe.look(@tree.pids)
      seen = found.fetch("processes").map { |process| process["pid"] }
      raise Void, "a worker died" unless (@workers - seen).empty?

      sample = Sample.new(found, @workers)
      @boot["cpu_s"] ||= sample.cpu_s.round(3)
      { "jobs" => jobs, "cpu_s" => (sample.cpu_s - @boot["cpu_s"]).round(3) }.merge(sample.to_h(kinds: kinds))
    end

    # From the order to the worker's first word, in ms, in the order of the forks.
    def fork_times
      return [] unless @way.kind == :swarm

      asked = @tree.events("worker_spawning").group_by { |event| event[:slot] }
      @tree.events("worker_hello").filter_map do |event|
        before = asked[event[:slot]]&.shift or next
        ((at(event) - at(before)) * 1_000).round
      end
    end

    def at(event)
      Time.iso8601(event.line[/\A\S+/]).to_f
    end

    # Sidekiq's counts are whole only after its processes have left.
    def check_jobs
      counted = @broker.counted
      wanted = @case.processes * @case.jobs
      raise Trouble, "#{counted["failed"]} jobs failed#{@tree.last_lines}" if counted["failed"].positive?
      raise Void, "#{counted["processed"]} of #{wanted} jobs were done" if counted["processed"] < wanted
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
