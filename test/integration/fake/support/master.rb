# frozen_string_literal: true

require "json"
require "open3"
require_relative "../../../support/deadline"
require_relative "event_log"
require_relative "processes"

# master.rb: one real master under test: its process, its log, its control socket.
# It owns the master's process only; what that starts is looked after by FakeCase.
class Master
  ROOT = File.expand_path("../../../..", __dir__)
  BINARY = File.expand_path(ENV.fetch("SWARM_BIN", "build/bin/swarm"), ROOT)
  FAKE_MOLD = File.expand_path(ENV.fetch("SWARM_FAKE_MOLD", "build/bin/fake-mold"), ROOT)
  # Kept from the caller: where programs are, and how sanitizers report.
  KEPT = %w[PATH LD_LIBRARY_PATH ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS].freeze

  # A test that is killed takes its masters with it.
  ROPE = %w[setpriv --pdeathsig KILL --].freeze
  ENDS = %w[worker_gone worker_lost].freeze

  attr_reader :pid, :log, :folder, :status_of_exit

  # `environment` is all that the master gets beside KEPT; `spawn` are options of Process.spawn, `output`
  # is where it may write and `before` is a command put in front (unshare, nice).
  def initialize(folder:, options:, environment:, before: [], output: nil, spawn: {})
    @folder = folder
    @log = EventLog.new(File.join(folder, "swarm.log"))
    # Sanitizers, with which fake molds may be built, do not go with another allocator.
    @environment = ENV.slice(*KEPT).merge("HOME" => folder, "TMPDIR" => folder, "LANG" => "C.UTF-8",
                                          "SWARM_MOLD" => FAKE_MOLD, "SWARM_ALLOCATOR" => "system", **environment)
    output ||= [File.join(folder, "swarm.log"), "a"]
    settings = { chdir: folder, in: File::NULL, unsetenv_others: true, pgroup: true, rlimit_core: 0,
                 %i[out err] => output }
    @pid = Process.spawn(@environment, *ROPE, *before, BINARY, *options, **settings, **spawn)
  end

  # Waits for one event with these keys; returns it. `after` is an event or a place in the log.
  def wait_for(name, after: -1, within: 30, **keys)
    after = after.place if after.respond_to?(:place)
    Deadline.wait("event=#{name} #{keys}", within: within) do
      # Asked before the log is read: what a master wrote before it left is there then.
      over = exited?
      found = log.select(name, after: after, **keys).first
      raise Deadline::Missed, "event=#{name} #{keys} cannot come: the master left" if over && !found

      found
    end
  end

  # Waits for the end of a worker, asked to leave or not.
  def wait_end(pid, after: -1, within: 30)
    wait_for(ENDS, pid: pid, after: after, within: within)
  end

  # Kills a worker and waits until its slot has another one that runs; returns the event of its end.
  def kill_and_wait(pid)
    Process.kill(:KILL, pid)
    wait_end(pid).tap { |ending| wait_for("worker_run", slot: ending.slot, after: ending) }
  end

  # The pid of the mold that was ready last.
  def mold_pid
    log.select("mold_ready").last.pid
  end

  # Waits until `count` workers run, each in a slot of its own; returns their pids by slot.
  def wait_running(count)
    Deadline.wait("#{count} running workers") do
      over = exited?
      running = running_by_slot
      raise Deadline::Missed, "#{count} workers cannot run: the master left" if over

      running if running.size >= count
    end
  end

  # slot → pid of the worker that was let through the gate last and is not gone.
  def running_by_slot
    # A pid may come round: only an end that follows counts.
    last_end = log.select(ENDS).to_h { |event| [event.pid, event.place] }
    log.select("worker_run").reject { |event| last_end.fetch(event.pid, -1) > event.place }
       .to_h { |event| [event.slot, event.pid] }
  end

  # The smallest number of fetching workers since there were `count` of them for the first time.
  def smallest_capacity(count)
    fetching = []
    log.events.each_with_object([]) do |event, sizes|
      case event.name
      when "worker_run" then fetching |= [event.pid]
      when "worker_quiet", "worker_term", *ENDS then fetching -= [event.pid]
      end
      sizes << fetching.size if sizes.any? || fetching.size == count
    end.min
  end

  def signal(name)
    Process.kill(name, pid)
  end

  def exited?
    @status_of_exit ||= Process.wait2(pid, Process::WNOHANG)&.last
    !@status_of_exit.nil?
  end

  # Waits for its end; returns the Process::Status.
  def wait_exit(within: 60)
    Deadline.wait("the end of the master", within: within) { exited? }
    @status_of_exit
  end

  # TERM, and its end.
  def stop(within: 60)
    signal(:TERM) unless exited?
    wait_exit(within: within)
  end

  # Runs a verb against it. Returns what it printed and its exit code.
  def verb(*words)
    run(*words, "--control", control_path)
  end

  # Runs the program once more in the same place. Returns what it printed and its exit code.
  def run(*words)
    output, status = Open3.capture2e(@environment, BINARY, *words, chdir: folder,
                                                                   unsetenv_others: true, stdin_data: "")
    [output, status.exitstatus]
  end

  # The answer of `swarm status --json`.
  def status
    output, code = verb("status", "--json")
    raise "status failed with #{code}: #{output}" unless code.zero?

    JSON.parse(output)
  end

  # Waits until the status fulfils the block.
  def wait_status(what, within: 30)
    Deadline.wait(what, within: within) do
      answer = status
      answer if yield(answer)
    end
  end

  def control_path
    File.join(folder, "c.sock")
  end
end
